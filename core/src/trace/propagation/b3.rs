//! B3 of Zipkin: <https://github.com/openzipkin/b3-propagation>.

use super::{Format, Outgoing, Remote};
use crate::trace::ids::{Case, SpanId, TraceId};

/// Reads `b3`, else the headers `x-b3-…`.
///
/// A mere decision without ids (`b3: 0`) tells of no trace and is `None`.
pub fn read<'h>(get: &impl Fn(&str) -> Option<&'h [u8]>) -> Option<Remote> {
    get("b3").and_then(single).or_else(|| {
        let mut remote = with_ids(get("x-b3-traceid")?, get("x-b3-spanid")?)?;
        remote.sampled = if get("x-b3-flags") == Some(b"1") {
            Some(true)
        } else {
            get("x-b3-sampled").and_then(decision)
        };
        Some(remote)
    })
}

/// `{trace}-{span}[-{decision}[-{parent}]]`.
fn single(value: &[u8]) -> Option<Remote> {
    let mut parts = value.splitn(5, |b| *b == b'-');
    let mut remote = with_ids(parts.next()?, parts.next()?)?;
    if let Some(part) = parts.next() {
        remote.sampled = Some(decision(part)?);
    }
    if let Some(parent) = parts.next() {
        SpanId::parse(parent, Case::Any)?;
    }
    parts.next().is_none().then_some(remote)
}

fn with_ids(trace: &[u8], span: &[u8]) -> Option<Remote> {
    let mut remote = Remote::new(TraceId::parse(trace, Case::Any)?, Format::B3);
    remote.span_id = Some(SpanId::parse(span, Case::Any)?);
    Some(remote)
}

fn decision(value: &[u8]) -> Option<bool> {
    match value {
        // Debug means: keep it whatever else is said.
        b"1" | b"d" | b"true" => Some(true),
        b"0" | b"false" => Some(false),
        _ => None,
    }
}

/// The single form.
pub fn write(out: &Outgoing<'_>) -> String {
    let decision = if out.sampled { '1' } else { '0' };
    format!("{}-{}-{decision}", out.trace_id.hex(), out.span_id.hex())
}
