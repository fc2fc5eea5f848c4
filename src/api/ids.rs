//! Functions for programs that carry the trace along by hand, and that name
//! themselves.

use ext_php_rs::prelude::*;
use ext_php_rs::types::Zval;
use tracker_core::trace::ids::SpanId;

use super::{given, tracing};
use crate::context::{by_hand, remote, roots};

fn hex(id: u64) -> String {
    SpanId::new(id).map_or_else(String::new, |id| id.hex().as_str().to_owned())
}

/// The trace that runs, as the header `x-swoole-traceid` has it: 16 digits. Empty
/// where nothing is traced.
#[php_function]
#[php(name = "getSwooleTrackerTraceId")]
pub fn get_swoole_tracker_trace_id() -> String {
    roots::ids().map_or_else(String::new, |(id, _)| id.right_hex().as_str().to_owned())
}

/// The span that runs, as the header `x-swoole-spanid` has it: 16 digits. Empty
/// where nothing is traced.
#[php_function]
#[php(name = "getSwooleTrackerSpanId")]
pub fn get_swoole_tracker_span_id() -> String {
    roots::ids().map_or_else(String::new, |(_, span)| hex(span))
}

/// A new span id: 16 digits. Empty while tracing is off.
#[php_function]
#[php(name = "genSwooleTrackerSpanId")]
pub fn gen_swoole_tracker_span_id() -> String {
    if tracing::is_on() {
        hex(remote::new_span_id())
    } else {
        String::new()
    }
}

/// Names the application, before any setting: of the trace that runs and of all
/// later ones of this process; under FPM until the request ends. An empty name
/// gives the naming back.
#[php_function]
#[php(name = "tracker_set_service_name")]
pub fn tracker_set_service_name(name: &Zval) {
    by_hand::set_service_name(&given::text(name));
}

/// Adds this file's functions to the module.
pub fn functions(module: ModuleBuilder<'_>) -> ModuleBuilder<'_> {
    module
        .function(wrap_function!(get_swoole_tracker_trace_id))
        .function(wrap_function!(get_swoole_tracker_span_id))
        .function(wrap_function!(gen_swoole_tracker_span_id))
        .function(wrap_function!(tracker_set_service_name))
}
