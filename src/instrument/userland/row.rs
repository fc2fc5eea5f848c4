//! What a library's table says of one of its functions.

use tracker_protocol::record::SpanKind;

use super::spans::{Label, Span};
use crate::zend::ast::{Call, Outcome};
use crate::zend::value::Object;

/// One function.
pub struct Row {
    /// `Class::method`. A method of a trait goes by the trait's name.
    pub function: &'static str,
    /// What its calls are.
    pub what: What,
}

/// What the calls of a function are.
pub enum What {
    /// They tell the route when they begin.
    RouteAtEnter(fn(&Call<'_>, &mut Label)),
    /// They tell the route when they end, unless by an exception.
    RouteAtLeave(fn(&Call<'_>, &mut Label)),
    /// They tell the route when they end, from the one that is known so far.
    RouteWithin(fn(&Call<'_>, &str, &mut Label)),
    /// They look for the route, and tell it when they end: one that throws has found
    /// none.
    FindsRoute(fn(&Call<'_>, &mut Label)),
    /// They answer where no route fits.
    NoRoute,
    /// They make an answer of an exception, the argument at that position.
    Caught(usize),
    /// They tell the command that a script runs, when they begin.
    Command(fn(&Call<'_>, &mut Label)),
    /// They are spans.
    Span(SpanRow),
    /// Each is a piece of work out of a queue, with a trace of its own.
    Work(SpanRow),
    /// They name the piece of work that runs, when they begin.
    WorkName(fn(&Call<'_>, &mut Label)),
    /// They tell, when they begin, of the exception by which the piece of work fails that
    /// runs: whoever runs it catches it.
    WorkFails(for<'a> fn(&Call<'a>) -> Option<Object<'a>>),
    /// They serve from then on: `$this` has host and port.
    Serves,
    /// They wait for a packet, and return it; what is done until the next call is that
    /// packet's.
    Receives,
}

/// How a call becomes a span.
pub struct SpanRow {
    /// Kind.
    pub kind: SpanKind,
    /// What is at the other end, empty for nothing.
    pub system: &'static str,
    /// Its name; where nothing is written, the function's.
    pub name: fn(&Call<'_>, &mut Label),
    /// Reads what is known at the begin.
    pub begin: fn(&Call<'_>, Span<'_>),
    /// Reads what is known at the end. Exceptions are recorded for all.
    pub end: fn(&Call<'_>, &Outcome<'_>, Span<'_>),
}

/// For rows without anything to read.
pub fn nothing_at_begin(_call: &Call<'_>, _span: Span<'_>) {}

/// For rows without anything to read.
pub fn nothing_at_end(_call: &Call<'_>, _outcome: &Outcome<'_>, _span: Span<'_>) {}
