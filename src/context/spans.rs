//! Spans: begin, end, and what is known at the end.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{
    Attribute, Encoded, EventWriter, Span, SpanKind, SpanLink, SpanWriter, StackFrame, Status,
};

use super::counts::{Call, Key};
use super::remote;
use super::trace::Trace;
use super::tracer::{self, Context, Left, Open, Tracer};
use crate::zend::frame::Moment;
use crate::zend::unit::Unit;
use crate::zend::{clock, process};

/// A span that has begun: its id, or 0 for none.
pub type Token = u64;

/// An exception or an error.
#[derive(Debug, Clone, Copy, Default)]
pub struct Failure<'a> {
    /// Class of the exception, or another name of the error: `error.type`.
    pub class: &'a str,
    /// Message.
    pub message: &'a str,
    /// It is an exception: it becomes an event, too.
    pub is_exception: bool,
    /// It is a time-out.
    pub is_timeout: bool,
}

impl Failure<'_> {
    /// Nothing is known but a code: the status of the answer or of the process, or what
    /// `afterExecRpc()` was told.
    pub fn is_bare(&self) -> bool {
        self.message.is_empty() && !self.is_exception && !self.is_timeout
    }
}

/// What is known at the end of a span.
#[derive(Debug, Clone, Copy, Default)]
pub struct Finish<'a> {
    /// Name; empty keeps the one from its begin.
    pub name: &'a str,
    /// What is at the other end: `http`, `mysql`, `redis`, …
    pub system: &'a str,
    /// The called address, `host:port[/db]`.
    pub peer: &'a str,
    /// Attributes.
    pub attributes: &'a [Attribute<'a>],
    /// Further ones, that many spans have.
    pub encoded: &'a [&'a Encoded],
    /// Why it failed, if it did.
    pub failure: Option<Failure<'a>>,
    /// Events besides the exception.
    pub events: &'a [EventWriter<'a>],
    /// Result code for the statistics.
    pub code: &'a str,
    /// Call stack, innermost first.
    pub stack: &'a [StackFrame<'a>],
    /// Other spans that it has to do with.
    pub links: &'a [SpanLink],
}

impl Finish<'_> {
    /// Nothing is known.
    pub const NOTHING: Finish<'static> = Finish {
        name: "",
        system: "",
        peer: "",
        attributes: &[],
        encoded: &[],
        failure: None,
        events: &[],
        code: "",
        stack: &[],
        links: &[],
    };
}

/// Begins a span in the unit that runs. 0 where nothing is traced.
#[inline]
pub fn begin(kind: SpanKind, name: impl Into<Cow<'static, str>>) -> Token {
    open(kind, name, clock::monotonic_ns)
}

/// Begins one that is known only now to be one, as of `start_ns` of the monotonic clock:
/// nothing else may have begun in the unit since, and be open.
pub fn begin_at(kind: SpanKind, name: &'static str, start_ns: u64) -> Token {
    open(kind, name, || start_ns)
}

#[inline]
fn open(
    kind: SpanKind,
    name: impl Into<Cow<'static, str>>,
    start_ns: impl FnOnce() -> u64,
) -> Token {
    let unit = Unit::current();
    tracer::with(|tracer| {
        let Some(context) = tracer.context(unit) else {
            return 0;
        };
        // Calls that lead out are counted all the same, when they end.
        if !kind.is_exit() && context.trace.borrow_mut().turns_away() {
            return 0;
        }
        Tracer::mark_used(context);
        let id = remote::new_span_id();
        context.open.push(Open {
            id,
            start_ns: start_ns(),
            kind,
            name: name.into(),
            by_hand: false,
        });
        id
    })
    .unwrap_or(0)
}

/// Frames to record per span, SQL with literals: the settings that a library
/// asks for.
pub fn wants_literals() -> bool {
    tracer::with(|tracer| tracer.config.as_ref().is_some_and(|c| c.sql_literals)).unwrap_or(false)
}

/// Forgets a span that turned out not to be one. What began in it stays.
pub fn cancel(token: Token) {
    let unit = Unit::current();
    tracer::with(|tracer| {
        if let Some(context) = tracer.context(unit)
            && let Some(place) = context.open.iter().rposition(|open| open.id == token)
        {
            context.open.remove(place);
        }
    });
}

/// Ends a span, and those that began in it and are still open. Nothing happens
/// if it has been ended.
pub fn end(token: Token, finish: &Finish<'_>) {
    let depth = stack_depth();
    if depth == 0 || token == 0 {
        return end_here(token, finish);
    }
    let frames = Moment::new(std::ptr::null()).stack(depth);
    let stack: Vec<StackFrame<'_>> = frames
        .iter()
        .map(|frame| StackFrame {
            file: &frame.file,
            line: frame.line,
            function: &frame.function,
        })
        .collect();
    end_here(
        token,
        &Finish {
            stack: &stack,
            ..*finish
        },
    );
}

/// Most frames of a span, whoever wishes for more.
const MAX_STACK: u32 = 64;

/// Frames to record per span: the agent's wish, else the setting.
fn stack_depth() -> usize {
    let depth = tracer::with(|tracer| {
        let wish = tracer
            .outlet
            .as_ref()
            .and_then(|outlet| (outlet.wishes)().stack_depth);
        wish.unwrap_or_else(|| tracer.config.as_ref().map_or(0, |c| c.stack_depth))
    });
    depth.unwrap_or(0).min(MAX_STACK) as usize
}

fn end_here(token: Token, finish: &Finish<'_>) {
    let unit = Unit::current();
    tracer::with(|tracer| {
        let Some((context, place)) = tracer.context(unit).and_then(|c| opened(c, token)) else {
            return;
        };
        let now = clock::monotonic_ns();
        if place + 1 < context.open.len() {
            Tracer::abandon(context, place + 1, now, Left::Cut);
        }
        let Some(open) = context.open.pop() else {
            return;
        };
        let parent = context.top();
        let coroutine = context.coroutine;
        let trace = std::rc::Rc::clone(&context.trace);
        let mut trace = trace.borrow_mut();
        let written = Written {
            open: &open,
            parent,
            coroutine,
            offset_us: trace.offset_us(open.start_ns),
            duration_us: now.saturating_sub(open.start_ns) / 1_000,
            finish,
        };
        written.write(|span| trace.add(span, now, false));
        count(tracer, &trace.app, &written);
    });
}

/// Where a span is open in a unit: mostly in what that does, else in what it did before
/// a root began over it.
fn opened(context: &mut Context, token: Token) -> Option<(&mut Context, usize)> {
    let mut context = context;
    loop {
        let place = context.open.iter().rposition(|open| open.id == token);
        match place {
            Some(place) => return Some((context, place)),
            None => context = context.outer.as_deref_mut()?,
        }
    }
}

fn name<'a>(open: &'a Open, finish: &Finish<'a>) -> &'a str {
    if finish.name.is_empty() {
        &open.name
    } else {
        finish.name
    }
}

/// A finished span on its way to the wire.
pub(super) struct Written<'a> {
    /// As it began.
    pub open: &'a Open,
    /// Parent.
    pub parent: u64,
    /// Coroutine.
    pub coroutine: i64,
    /// Begin within the trace.
    pub offset_us: i64,
    /// Duration.
    pub duration_us: u64,
    /// What is known.
    pub finish: &'a Finish<'a>,
}

impl Written<'_> {
    /// Gives the span to `write`.
    pub fn write<R>(&self, write: impl FnOnce(&SpanWriter<'_>) -> R) -> R {
        let finish = self.finish;
        let failure = finish.failure.unwrap_or_default();
        let details = [
            ("exception.type", Value::Str(failure.class)),
            ("exception.message", Value::Str(failure.message)),
        ];
        let event = [EventWriter {
            name: "exception",
            offset_us: self.offset_us + self.duration_us.cast_signed(),
            attributes: &details,
        }];
        let (both, more): (Vec<EventWriter<'_>>, Vec<Attribute<'_>>);
        let mut attributes = finish.attributes;
        if finish.failure.is_some() {
            let class = ("error.type", Value::Str(failure.class));
            more = [class]
                .into_iter()
                .chain(attributes.iter().copied())
                .collect();
            attributes = &more;
        }
        let mut span = Span::default();
        span.span_id = self.open.id;
        span.parent_span_id = self.parent;
        span.name = name(self.open, finish);
        span.kind = self.open.kind;
        span.offset_us = self.offset_us;
        span.duration_us = self.duration_us;
        span.status = if finish.failure.is_some() {
            Status::Error
        } else {
            Status::Unset
        };
        span.status_message = failure.message;
        span.coroutine_id = self.coroutine;
        span.system = finish.system;
        span.peer = finish.peer;
        write(&SpanWriter {
            span,
            attributes,
            encoded: finish.encoded,
            events: match (failure.is_exception, finish.events) {
                (true, []) => &event,
                (true, others) => {
                    both = others.iter().chain(&event).copied().collect();
                    &both
                }
                (false, others) => others,
            },
            stack: finish.stack,
            links: finish.links,
        })
    }
}

/// Spans of a unit that may be open before one that is begun by hand is nobody's parent:
/// a program that keeps its spans must not make every end slow.
const MAX_OPEN: usize = 1_024;

/// A span that does not end where it began: a transfer among others.
pub struct Detached {
    open: Open,
    parent: u64,
    coroutine: i64,
    /// It is the parent of what begins in its unit.
    is_stacked: bool,
    trace: Rc<RefCell<Trace>>,
    /// See [`process::generation`].
    generation: u32,
}

impl Detached {
    /// Begins one in the unit that runs.
    pub fn begin(kind: SpanKind, name: &'static str) -> Option<Self> {
        Self::begin_one(kind, name.into(), false)
    }

    /// Begins one that is the parent of what begins in this unit from now on,
    /// until it ends or the unit does; not where [`MAX_OPEN`] are open.
    pub fn begin_by_hand(kind: SpanKind, name: String) -> Option<Self> {
        Self::begin_one(kind, name.into(), true)
    }

    fn begin_one(kind: SpanKind, name: Cow<'static, str>, by_hand: bool) -> Option<Self> {
        let unit = Unit::current();
        tracer::with(|tracer| {
            let context = tracer.context(unit)?;
            Tracer::mark_used(context);
            let open = Open {
                id: remote::new_span_id(),
                start_ns: clock::monotonic_ns(),
                kind,
                name,
                by_hand,
            };
            let parent = context.top();
            let is_stacked = by_hand && context.open.len() < MAX_OPEN;
            if is_stacked {
                context.open.push(Open {
                    name: Cow::Borrowed(""),
                    ..open
                });
            }
            Some(Self {
                open,
                parent,
                coroutine: context.coroutine,
                is_stacked,
                trace: Rc::clone(&context.trace),
                generation: process::generation(),
            })
        })?
    }

    /// The trace that it belongs to.
    pub(super) fn trace(&self) -> Rc<RefCell<Trace>> {
        Rc::clone(&self.trace)
    }

    /// Ends one that began by hand in `unit`.
    pub fn end_by_hand(self, unit: Unit, finish: &Finish<'_>) {
        tracer::with(|tracer| {
            let mut context = tracer.context(unit).filter(|_| self.is_stacked);
            while let Some(c) = context {
                // What began last mostly ends first.
                if let Some(place) = c.open.iter().rposition(|open| open.id == self.open.id) {
                    c.open.remove(place);
                    break;
                }
                context = c.outer.as_deref_mut();
            }
        });
        self.end(finish);
    }

    /// Its id.
    pub fn id(&self) -> Token {
        self.open.id
    }

    /// Ends it, in whatever unit. It is sent by itself if its trace was sent
    /// meanwhile.
    pub fn end(self, finish: &Finish<'_>) {
        if self.generation != process::generation() {
            // It is the parent's, which ends it, too.
            return;
        }
        tracer::with(|tracer| {
            let now = clock::monotonic_ns();
            let mut trace = self.trace.borrow_mut();
            let written = Written {
                open: &self.open,
                parent: self.parent,
                coroutine: self.coroutine,
                offset_us: trace.offset_us(self.open.start_ns),
                duration_us: now.saturating_sub(self.open.start_ns) / 1_000,
                finish,
            };
            written.write(|span| trace.add(span, now, false));
            count(tracer, &trace.app, &written);
            let is_late = trace.decision.is_some();
            drop(trace);
            if is_late {
                tracer.ship(&self.trace, 0);
            }
        });
    }
}

/// Counts an exit in the statistics.
fn count(tracer: &Tracer, app: &str, span: &Written<'_>) {
    if !span.open.kind.is_exit() {
        return;
    }
    let finish = span.finish;
    tracer.count(
        &Key {
            app,
            endpoint: name(span.open, finish),
            kind: span.open.kind,
            system: finish.system,
            peer: finish.peer,
        },
        &Call {
            us: span.duration_us,
            failed: finish.failure.is_some(),
            timed_out: finish.failure.is_some_and(|f| f.is_timeout),
            slow: span.duration_us > tracer.slow_us(),
            code: finish.code,
        },
    );
}
