//! The caller's trace, read from headers, and ours, written for the callee.
//!
//! Three ways of writing exist. Read are, the first valid one winning: W3C trace context
//! (level 2), the original tracker's headers, B3 (only on request). Written are the
//! first two, and B3 on request. W3C's `baggage` is the application's: neither read nor
//! written here.

mod b3;
mod state;
mod w3c;

use super::ids::{Case, Hex, SpanId, TraceId};

pub use state::{OUR_KEY, TraceState};
pub use w3c::parse as parse_traceparent;

/// Header of W3C trace context.
pub const TRACEPARENT: &str = "traceparent";
/// Header of W3C trace context.
pub const TRACESTATE: &str = "tracestate";
/// Header of the original tracker: the trace, 16 digits.
pub const SWOOLE_TRACE: &str = "x-swoole-traceid";
/// Header of the original tracker: the caller's span, 16 digits.
pub const SWOOLE_SPAN: &str = "x-swoole-spanid";
/// Header of Zipkin's B3, single form.
pub const B3: &str = "b3";

/// Which headers told of the caller's trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `traceparent`.
    W3c,
    /// `x-swoole-traceid`.
    Swoole,
    /// `b3` or `x-b3-…`.
    B3,
}

/// What a caller says of its trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The trace.
    pub trace_id: TraceId,
    /// The caller's span; the original's callers may not send it.
    pub span_id: Option<SpanId>,
    /// Whether the caller keeps its trace; `None` when it does not say.
    pub sampled: Option<bool>,
    /// Whether the caller says that the id's right 7 bytes are random (level 2).
    pub random: bool,
    /// What other systems want to be handed on.
    pub state: TraceState,
    /// Name of the calling application, when it is one of ours.
    pub caller: Option<String>,
    /// Where all this was found.
    pub format: Format,
}

impl Remote {
    fn new(trace_id: TraceId, format: Format) -> Self {
        Self {
            trace_id,
            span_id: None,
            sampled: None,
            random: false,
            state: TraceState::default(),
            caller: None,
            format,
        }
    }
}

/// Removes the white space that HTTP allows around a value.
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |b: &u8| matches!(b, b' ' | b'\t');
    let begin = value
        .iter()
        .position(|b| !is_space(b))
        .unwrap_or(value.len());
    let end = value
        .iter()
        .rposition(|b| !is_space(b))
        .map_or(begin, |at| at + 1);
    &value[begin..end]
}

/// Reads the caller's trace. `header` gives the value of a header by its name in lower
/// case; several of one name are joined by commas. B3 is read only with `with_b3`.
pub fn read<'h>(header: impl Fn(&str) -> Option<&'h [u8]>, with_b3: bool) -> Option<Remote> {
    let get = |name: &str| header(name).map(trim).filter(|value| !value.is_empty());
    w3c(&get)
        .or_else(|| swoole(get(SWOOLE_TRACE)?, get(SWOOLE_SPAN)))
        .or_else(|| with_b3.then(|| b3::read(&get)).flatten())
}

fn w3c<'h>(get: &impl Fn(&str) -> Option<&'h [u8]>) -> Option<Remote> {
    let mut remote = w3c::parse(get(TRACEPARENT)?)?;
    if let Some(value) = get(TRACESTATE) {
        (remote.state, remote.caller) = TraceState::parse(value);
    }
    Some(remote)
}

/// Reads the values of the original tracker's headers, also as `beforeExecRpc()` gets
/// them. A trace id of 32 digits is taken too.
#[must_use]
pub fn swoole(trace: &[u8], span: Option<&[u8]>) -> Option<Remote> {
    let trace_id = TraceId::parse(trim(trace), Case::Any)?;
    let mut remote = Remote::new(trace_id, Format::Swoole);
    remote.span_id = span.and_then(|digits| SpanId::parse(trim(digits), Case::Any));
    Some(remote)
}

/// What a callee is told.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The trace.
    pub trace_id: TraceId,
    /// The span that the call is.
    pub span_id: SpanId,
    /// Whether this side keeps the trace.
    pub sampled: bool,
    /// Whether the id's right 7 bytes are random: ours are, others' as they said.
    pub random: bool,
    /// What came with the trace.
    pub state: Option<&'a TraceState>,
    /// Name of this application.
    pub app: &'a str,
}

impl Outgoing<'_> {
    /// Value of [`TRACEPARENT`].
    #[must_use]
    pub fn traceparent(&self) -> String {
        w3c::write(self)
    }

    /// Value of [`TRACESTATE`]: this application in front, the rest as it came.
    #[must_use]
    pub fn tracestate(&self) -> String {
        state::write(self.state, self.app)
    }

    /// Values of [`SWOOLE_TRACE`] and [`SWOOLE_SPAN`].
    #[must_use]
    pub fn swoole(&self) -> (Hex<16>, Hex<16>) {
        (self.trace_id.right_hex(), self.span_id.hex())
    }

    /// Value of [`B3`].
    #[must_use]
    pub fn b3(&self) -> String {
        b3::write(self)
    }
}

#[cfg(test)]
mod tests;
