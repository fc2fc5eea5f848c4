//! All contexts of this process.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;

use rustc_hash::FxHasher;
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{SegmentFlags, Span, SpanKind, SpanWriter, Status};

use super::config::Config;
use super::counts::{Call, Counts, Key};
use super::lane::Lane;
use super::outlet::Outlet;
use super::trace::Trace;
use crate::zend::cell::Global;
use crate::zend::unit::Unit;
use crate::zend::{clock, process};

/// A span that has begun.
pub struct Open {
    /// Identity.
    pub id: u64,
    /// Begin.
    pub start_ns: u64,
    /// Kind.
    pub kind: SpanKind,
    /// Name, if it is not given a better one at its end.
    pub name: Cow<'static, str>,
    /// The program ends it by hand, even after the unit that it began in.
    pub by_hand: bool,
}

/// How a program left a span that it did not end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// By a fatal error, an exit or a cancellation.
    Cut,
    /// Not yet: what the span belongs to is over, and its function runs on.
    RunsOn,
}

/// What one unit is doing.
pub struct Context {
    /// The trace.
    pub trace: Rc<RefCell<Trace>>,
    /// None for the root.
    pub lane: Option<Rc<Lane>>,
    /// Spans that have begun, the innermost last. The first of a root is the
    /// root's own.
    pub open: Vec<Open>,
    /// Coroutine, -1 outside of coroutines.
    pub coroutine: i64,
    /// What the unit was doing when a root began over it by hand; it goes on
    /// when that one ends.
    pub outer: Option<Box<Context>>,
    /// It is over when its unit waits for the next message: see [`super::turns`].
    pub is_turn: bool,
}

impl Context {
    /// The span that is open now: parent of what begins.
    pub fn top(&self) -> u64 {
        match self.open.last() {
            Some(open) => open.id,
            None => self.lane.as_ref().map_or(0, |lane| lane.id),
        }
    }
}

/// State of tracing in this process.
pub struct Tracer {
    /// Settings; none before tracing is on.
    pub config: Option<Config>,
    /// Where finished work goes.
    pub outlet: Option<Outlet>,
    /// Contexts of coroutines and fibers.
    others: HashMap<Unit, Context, BuildHasherDefault<FxHasher>>,
    /// That of the main program.
    main: Option<Context>,
    /// Name of the application as the program gave it.
    pub named: Option<String>,
    /// Statistics.
    pub counts: Counts,
    /// See [`process::generation`].
    pub generation: u32,
    /// Room of a trace that is over, for the next.
    pub spare: Vec<u8>,
    /// When an endpoint was last kept for being rare, by its hash.
    pub seen: HashMap<u64, u64, BuildHasherDefault<FxHasher>>,
}

/// The statistics once more, for the sender: it is begun from within the tracer,
/// which must not be entered twice.
static COUNTS: Global<Option<Counts>> = Global::new(None);

/// The statistics of this process, if tracing is on.
pub fn counts() -> Option<Counts> {
    COUNTS.with(|slot| slot.clone())
}

/// The tracer. Its closures call no engine function.
pub static TRACER: Global<Option<Tracer>> = Global::new(None);

/// Gives access to the tracer, if tracing is on.
#[inline]
pub fn with<R>(f: impl FnOnce(&mut Tracer) -> R) -> Option<R> {
    TRACER.with(|slot| {
        let tracer = slot.as_mut()?;
        if tracer.generation != process::generation() {
            tracer.forked();
        }
        Some(f(tracer))
    })
}

impl Tracer {
    /// A tracer without work.
    pub fn new(config: Config, outlet: Outlet) -> Self {
        let counts = Counts::default();
        COUNTS.with(|slot| *slot = Some(counts.clone()));
        Self {
            config: Some(config),
            outlet: Some(outlet),
            others: HashMap::default(),
            main: None,
            named: None,
            counts,
            generation: process::generation(),
            spare: Vec::new(),
            seen: HashMap::default(),
        }
    }

    /// This is a child of a fork: what was open is the parent's, and the sender
    /// may have held the lock of the counts.
    #[cold]
    fn forked(&mut self) {
        self.generation = process::generation();
        self.others.clear();
        self.main = None;
        std::mem::forget(std::mem::take(&mut self.counts));
        let parents = COUNTS.with(|slot| slot.replace(self.counts.clone()));
        std::mem::forget(parents);
        super::remote::reseed();
    }

    /// The context of a unit.
    #[inline]
    pub fn context(&mut self, unit: Unit) -> Option<&mut Context> {
        if unit == Unit::default() {
            self.main.as_mut()
        } else {
            self.others.get_mut(&unit)
        }
    }

    /// Gives a unit a context; the one that it had comes out.
    pub fn insert(&mut self, unit: Unit, context: Context) -> Option<Context> {
        if unit == Unit::default() {
            self.main.replace(context)
        } else {
            self.others.insert(unit, context)
        }
    }

    /// Takes the context of a unit away.
    pub fn remove(&mut self, unit: Unit) -> Option<Context> {
        if unit == Unit::default() {
            self.main.take()
        } else {
            self.others.remove(&unit)
        }
    }

    /// All units with a context, the main program last.
    pub fn units(&self) -> Vec<Unit> {
        let mut units: Vec<Unit> = self.others.keys().copied().collect();
        units.extend(self.main.as_ref().map(|_| Unit::default()));
        units
    }

    /// Counts a call in the statistics.
    #[inline]
    pub fn count(&self, key: &Key<'_>, call: &Call<'_>) {
        if self.counts.add(clock::unix_us(), key, call)
            && let Some(outlet) = &self.outlet
        {
            (outlet.nudge)();
        }
    }

    /// Settings in force.
    pub fn slow_us(&self) -> u64 {
        self.config.as_ref().map_or(u64::MAX, |c| c.slow_us)
    }

    /// Writes a lane that has ended.
    pub fn write_lane(trace: &Rc<RefCell<Trace>>, lane: &Lane) {
        let mut trace = trace.borrow_mut();
        let mut span = Span::default();
        span.span_id = lane.id;
        span.parent_span_id = lane.parent_span;
        span.name = if lane.coroutine < 0 { "fiber" } else { "go" };
        span.kind = SpanKind::Internal;
        span.offset_us = trace.offset_us(lane.start_ns);
        span.duration_us = (lane.end_ns.get() - lane.start_ns) / 1_000;
        span.coroutine_id = lane.coroutine;
        let span = SpanWriter {
            span,
            attributes: &[],
            encoded: &[],
            events: &[],
            stack: &[],
            links: &[],
        };
        trace.add(&span, lane.end_ns.get(), false);
    }

    /// A span is made in a unit: its lane, and those around it, show from now on.
    pub fn mark_used(context: &Context) {
        if let Some(lane) = &context.lane
            && !lane.is_used.get()
        {
            for late in lane.mark_used() {
                Self::write_lane(&context.trace, &late);
            }
        }
    }

    /// Ends every span of a context from place `from` on, which the program
    /// left without ending it, and how.
    pub fn abandon(context: &mut Context, from: usize, now: u64, left: Left) {
        while context.open.len() > from {
            let Some(open) = context.open.pop() else {
                return;
            };
            if open.by_hand {
                continue;
            }
            let parent = context.top();
            let mut trace = context.trace.borrow_mut();
            let mut span = Span::default();
            span.span_id = open.id;
            span.parent_span_id = parent;
            span.name = &open.name;
            span.kind = open.kind;
            span.offset_us = trace.offset_us(open.start_ns);
            span.duration_us = now.saturating_sub(open.start_ns) / 1_000;
            let mut attributes: &[_] = &[];
            if left == Left::Cut {
                span.status = Status::Error;
                span.status_message =
                    "not ended: the program was left by a fatal error, an exit or a cancellation";
                attributes = &[("swoole_tracker.interrupted", Value::Bool(true))];
            }
            span.coroutine_id = context.coroutine;
            let span = SpanWriter {
                span,
                attributes,
                encoded: &[],
                events: &[],
                stack: &[],
                links: &[],
            };
            trace.add(&span, now, false);
        }
    }

    /// A child unit ended, or its context is replaced.
    pub fn end_child(&mut self, mut context: Context) {
        let now = clock::monotonic_ns();
        Self::abandon(&mut context, 0, now, Left::Cut);
        let Some(lane) = context.lane.take() else {
            return;
        };
        lane.end_ns.set(now);
        if lane.is_used.get() && !lane.is_rest {
            Self::write_lane(&context.trace, &lane);
        }
        if context.trace.borrow().decision.is_some() {
            self.ship(&context.trace, 0);
        }
    }

    /// Sends what is there of a trace that is decided on.
    pub fn ship(&mut self, trace: &Rc<RefCell<Trace>>, flags: u32) {
        let mut trace = trace.borrow_mut();
        let keep = !trace.is_dropped && trace.decision.is_some_and(|d| d.keep);
        if keep
            && trace.has_spans()
            && let Some(outlet) = &self.outlet
            && (outlet.permit)()
        {
            let mut lost = 0;
            (outlet.send)(&mut |out| {
                lost = trace.take_record(flags & SegmentFlags::INTERRUPTED, out);
            });
            if lost > 0 {
                (outlet.lost_spans)(lost);
            }
        }
        let room = trace.take_room();
        if room.capacity() > self.spare.capacity() && room.capacity() <= 1 << 20 {
            self.spare = room;
        }
    }
}
