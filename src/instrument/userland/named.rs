//! The functions that `trace_functions` names: internal spans under their full
//! name; arguments where they are asked for.

use tracker_protocol::record::SpanKind;

use super::row::{SpanRow, nothing_at_begin, nothing_at_end};
use super::spans::{Label, Span};
use crate::zend::ast::Call;
use crate::zend::value::Value;

/// Most arguments that are recorded of one call.
const MOST_ARGUMENTS: usize = 16;

/// Without arguments.
pub static PLAIN: SpanRow = row(nothing_at_begin);
/// With arguments.
pub static WITH_ARGUMENTS: SpanRow = row(arguments);

const fn row(begin: fn(&Call<'_>, Span<'_>)) -> SpanRow {
    SpanRow {
        kind: SpanKind::Internal,
        system: "",
        name: full_name,
        begin,
        end: nothing_at_end,
    }
}

/// `Class::method` or the function's name.
pub fn full_name(call: &Call<'_>, name: &mut Label) {
    if let Some(class) = call.class() {
        // What the engine adds to the name of a class without one is behind a
        // NUL: the file and a number.
        name.push_bytes(class.split(|&byte| byte == 0).next().unwrap_or(class));
        name.push("::");
    }
    name.push_bytes(call.function());
}

fn arguments(call: &Call<'_>, span: Span<'_>) {
    for position in 0..call.argument_count().min(MOST_ARGUMENTS) {
        let mut key = Label::default();
        key.push("code.argument.");
        key.push_number(i64::try_from(position).unwrap_or_default());
        if let Some(value) = call.argument(position) {
            argument(span, key.as_str(), value);
        }
    }
}

/// Scalars as they are, cut; of arrays and objects only what they are.
fn argument(span: Span<'_>, key: &str, value: Value<'_>) {
    let mut text = Label::default();
    if let Some(bytes) = value.bytes() {
        text.push_bytes(bytes);
    } else if let Some(number) = value.long() {
        span.number(key, Some(number));
        return;
    } else if let Some(number) = value.double() {
        text.push(&number.to_string());
    } else if let Some(object) = value.object() {
        text.push(object.class_name());
    } else if value.is_null() {
        text.push("null");
    } else if value.is_true() {
        text.push("true");
    } else if value.is_false() {
        text.push("false");
    } else {
        text.push("array(");
        text.push_number(i64::try_from(value.len()).unwrap_or(i64::MAX));
        text.push(")");
    }
    span.text(key, Some(text.as_str()));
}
