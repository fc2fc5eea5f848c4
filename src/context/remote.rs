//! Ids, and what we send along to whom we call.

use std::ffi::CStr;

use tracker_core::trace::ids::{Ids, SpanId, TraceId};
use tracker_core::trace::propagation::{
    B3, Outgoing, Remote, SWOOLE_SPAN, SWOOLE_TRACE, TRACEPARENT, TRACESTATE, read,
};

use super::tracer;
use crate::zend::cell::Global;
use crate::zend::unit::Unit;

/// The generator; none before the first id.
static IDS: Global<Option<Ids>> = Global::new(None);

/// Ids are drawn anew: this is a child of a fork, which must not draw those of
/// its parent.
pub fn reseed() {
    IDS.with(|ids| *ids = None);
}

/// A span id, not 0.
#[inline]
pub fn new_span_id() -> u64 {
    IDS.with(|ids| ids.get_or_insert_with(Ids::new).span().get())
}

/// A trace id.
pub fn new_trace_id() -> TraceId {
    IDS.with(|ids| ids.get_or_insert_with(Ids::new).trace())
}

/// A header: its name in lower case, and the variable in which a web server
/// hands it on.
#[derive(Debug, Clone, Copy)]
pub struct Header {
    /// Name.
    pub name: &'static str,
    /// Variable.
    pub variable: &'static CStr,
}

const fn header(name: &'static str, variable: &'static CStr) -> Header {
    Header { name, variable }
}

/// Every header that may tell of a caller's trace.
pub const HEADERS: [Header; 9] = [
    header(TRACEPARENT, c"HTTP_TRACEPARENT"),
    header(TRACESTATE, c"HTTP_TRACESTATE"),
    header(SWOOLE_TRACE, c"HTTP_X_SWOOLE_TRACEID"),
    header(SWOOLE_SPAN, c"HTTP_X_SWOOLE_SPANID"),
    header(B3, c"HTTP_B3"),
    header("x-b3-traceid", c"HTTP_X_B3_TRACEID"),
    header("x-b3-spanid", c"HTTP_X_B3_SPANID"),
    header("x-b3-sampled", c"HTTP_X_B3_SAMPLED"),
    header("x-b3-flags", c"HTTP_X_B3_FLAGS"),
];

/// What the headers of a request say; `value` gives that of one.
pub fn caller(value: impl Fn(&Header) -> Option<Vec<u8>>) -> Option<Remote> {
    let with_b3 = tracer::with(|t| t.config.as_ref().is_some_and(|c| c.b3)).unwrap_or(false);
    let names = &HEADERS[..if with_b3 { HEADERS.len() } else { 4 }];
    let values: Vec<(&str, Vec<u8>)> = names
        .iter()
        .filter_map(|header| Some((header.name, value(header)?)))
        .collect();
    if values.is_empty() {
        return None;
    }
    read(
        |name| {
            let (_, value) = values.iter().find(|(n, _)| *n == name)?;
            Some(value.as_slice())
        },
        with_b3,
    )
}

/// The headers for a call made by `span`, without those that are not wanted.
pub fn headers(span: u64, is_wanted: fn(&str) -> bool) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    inject(span, &mut |name, value| {
        let known = HEADERS.iter().find(|known| known.name == name);
        if let Some(known) = known.filter(|known| is_wanted(known.name)) {
            all.push((known.name, value.to_owned()));
        }
    });
    all
}

/// Gives the headers for a call made by `span` to `set`, name and value.
pub fn inject(span: u64, set: &mut dyn FnMut(&str, &str)) {
    let unit = Unit::current();
    tracer::with(|tracer| {
        let b3 = tracer.config.as_ref().is_some_and(|c| c.b3);
        let trace = tracer.context(unit)?.trace.borrow();
        let out = Outgoing {
            trace_id: trace.id,
            span_id: SpanId::new(span)?,
            sampled: trace.sampled,
            random: trace.remote.as_ref().is_none_or(|r| r.random),
            state: trace.remote.as_ref().map(|r| &r.state),
            app: &trace.app,
        };
        set(TRACEPARENT, &out.traceparent());
        let state = out.tracestate();
        if !state.is_empty() {
            set(TRACESTATE, &state);
        }
        let (trace_id, span_id) = out.swoole();
        set(SWOOLE_TRACE, trace_id.as_str());
        set(SWOOLE_SPAN, span_id.as_str());
        if b3 {
            set(B3, &out.b3());
        }
        Some(())
    });
}
