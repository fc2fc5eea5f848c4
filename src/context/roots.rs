//! Roots: begin, end, and whether the trace is sent.

use std::cell::RefCell;
use std::hash::Hasher;
use std::rc::Rc;

use rustc_hash::FxHasher;
use tracker_core::trace::ids::TraceId;
use tracker_core::trace::propagation::Remote;
use tracker_core::trace::sampling;
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{SegmentFlags, SpanKind, UnitKind};

use super::config::Config;
use super::counts::{Call, Counts, Key};
use super::outlet::Outlet;
use super::spans::{Failure, Finish, Written};
use super::trace::{Decision, Trace};
use super::tracer::{self, Context, Left, Open, TRACER, Tracer};
use super::{failures, remote, routes};
use crate::zend::clock;
use crate::zend::unit::Unit;

/// An endpoint that was not kept for that long is rare: seconds.
const RARE_AFTER: u64 = 3_600;
/// Endpoints remembered for that.
const MAX_SEEN: usize = 2_000;

/// Result code of an entry that the program begins and never ends, as the
/// original had it.
const UNFINISHED: &str = "4444";

/// What a root is.
#[derive(Debug, Default)]
pub struct Root<'a> {
    /// What kind of work.
    pub unit: UnitKind,
    /// Kind of its span.
    pub kind: SpanKind,
    /// Application; empty leaves it to the setting.
    pub app: &'a str,
    /// Endpoint, as far as it is known.
    pub endpoint: &'a str,
    /// What the caller sent along.
    pub remote: Option<Remote>,
}

/// Tracing is on from now on.
pub fn start(config: Config, outlet: Outlet) {
    TRACER.with(|slot| *slot = Some(Tracer::new(config, outlet)));
}

/// The statistics, for the sender.
pub fn counts() -> Option<Counts> {
    tracer::counts()
}

/// Begins a root in the unit that runs; false if the agent does not want any.
/// What was open there is ended: it was left by a fatal error.
pub fn begin(root: Root<'_>) -> bool {
    let unit = Unit::current();
    interrupt(unit);
    tracer::with(|tracer| {
        let Some(context) = tracer.root(root, unit) else {
            return false;
        };
        if let Some(child) = tracer.insert(unit, context) {
            tracer.end_child(child);
        }
        true
    })
    .unwrap_or(false)
}

/// Begins a root over what the unit that runs is doing, which goes on when it
/// ends; false if the agent does not want any.
pub fn begin_over(root: Root<'_>) -> bool {
    let unit = Unit::current();
    tracer::with(|tracer| {
        let Some(mut context) = tracer.root(root, unit) else {
            return false;
        };
        if let Some(outer) = tracer.remove(unit) {
            let mut trace = context.trace.borrow_mut();
            if trace.app.is_empty() {
                trace.app.clone_from(&outer.trace.borrow().app);
            }
            drop(trace);
            context.outer = Some(Box::new(outer));
        }
        tracer.insert(unit, context);
        true
    })
    .unwrap_or(false)
}

/// Ends a root that began over what `unit` was doing, by the id of its span. What
/// began over it in turn goes on.
pub fn end_over(unit: Unit, id: u64, ending: &Ending<'_>) {
    let is_it = |context: &Context| context.open.first().is_some_and(|open| open.id == id);
    tracer::with(|tracer| {
        let mut above = tracer.context(unit)?;
        if is_it(above) {
            return tracer.end_root(unit, ending);
        }
        while !above.outer.as_deref().is_some_and(is_it) {
            above = above.outer.as_deref_mut()?;
        }
        let mut context = *above.outer.take()?;
        above.outer = context.outer.take();
        tracer.close_root(context, ending);
        Some(())
    });
}

/// How a root ended.
#[derive(Debug, Default)]
pub struct Ending<'a> {
    /// Span and statistics. An empty name stands for the endpoint.
    pub finish: Finish<'a>,
    /// The moment at which the caller had its answer, if not now: monotonic.
    pub answered_ns: Option<u64>,
    /// Not by itself: fatal error, exit, end of the process.
    pub interrupted: bool,
}

/// Not ended by itself.
const INTERRUPTED: Ending<'static> = Ending {
    finish: Finish::NOTHING,
    answered_ns: None,
    interrupted: true,
};

/// Ends the root of the unit that runs, if it has one, and before it those that
/// began over it and were not ended.
pub fn end(ending: &Ending<'_>) {
    let unit = Unit::current();
    tracer::with(|tracer| {
        while tracer.context(unit)?.outer.is_some() {
            tracer.end_root(unit, &INTERRUPTED)?;
        }
        tracer.end_root(unit, ending)
    });
}

/// Ends the root of a unit whose program was left without ending it, and what
/// it was laid over.
pub fn interrupt(unit: Unit) {
    tracer::with(|tracer| while tracer.end_root(unit, &INTERRUPTED).is_some() {});
}

/// A root that is over.
struct Ended {
    open: Open,
    coroutine: i64,
    now: u64,
    answered_ns: Option<u64>,
}

/// The trace of the unit that runs is not to be sent, nor is anything that its
/// children do: what they begin later has roots of its own.
pub fn discard() {
    let unit = Unit::current();
    tracer::with(|tracer| {
        if let Some(context) = tracer.remove(unit) {
            let mut trace = context.trace.borrow_mut();
            trace.is_dropped = true;
            trace.forget();
        }
    });
}

/// Ends everything that is open: the process, or the request, ends.
pub fn end_all() {
    let units = tracer::with(|tracer| tracer.units()).unwrap_or_default();
    // Children first: their spans belong into the root's segment.
    let is_root = |unit: &Unit| {
        tracer::with(|t| t.context(*unit).is_some_and(|c| c.lane.is_none())).unwrap_or(false)
    };
    let (roots, children): (Vec<_>, Vec<_>) = units.into_iter().partition(is_root);
    for unit in children {
        super::units::ended(unit);
    }
    for unit in roots {
        interrupt(unit);
        // What it was laid over.
        super::units::ended(unit);
    }
}

/// Names the application of the trace that runs.
pub fn set_app(app: &str) {
    change(|trace| app.clone_into(&mut trace.app));
}

/// Notes the status that the program gives the answer.
pub fn set_status(status: u16) {
    change(|trace| trace.status = status);
}

/// The status so noted, 0 for none.
pub fn status() -> u16 {
    let mut status = 0;
    change(|trace| status = trace.status);
    status
}

pub(super) fn change(f: impl FnOnce(&mut Trace)) {
    let unit = Unit::current();
    tracer::with(|tracer| {
        if let Some(context) = tracer.context(unit) {
            f(&mut context.trace.borrow_mut());
        }
    });
}

/// Trace id and open span of the unit that runs.
pub fn ids() -> Option<(TraceId, u64)> {
    let unit = Unit::current();
    tracer::with(|tracer| {
        let context = tracer.context(unit)?;
        let id = context.trace.borrow().id;
        Some((id, context.top()))
    })
    .flatten()
}

impl Tracer {
    /// A root's context; none if the agent does not want any.
    fn root(&mut self, root: Root<'_>, unit: Unit) -> Option<Context> {
        let wishes = self.outlet.as_ref().map(|outlet| (outlet.wishes)());
        if wishes.is_some_and(|wishes| !wishes.probe) {
            return None;
        }
        let now = clock::monotonic_ns();
        let id = root
            .remote
            .as_ref()
            .map_or_else(remote::new_trace_id, |r| r.trace_id);
        let spare = std::mem::take(&mut self.spare);
        let mut trace =
            Trace::new(id, root.remote, root.unit, (now, clock::unix_us())).with_room(spare);
        trace.sampled = trace
            .remote
            .as_ref()
            .and_then(|r| r.sampled)
            .unwrap_or_else(|| sampling::keeps(id, self.sampling()));
        root.endpoint.clone_into(&mut trace.endpoint);
        self.service_name()
            .unwrap_or(root.app)
            .clone_into(&mut trace.app);
        let mut open = Vec::with_capacity(16);
        open.push(Open {
            id: remote::new_span_id(),
            start_ns: now,
            kind: root.kind,
            name: "".into(),
            by_hand: false,
        });
        Some(Context {
            trace: Rc::new(RefCell::new(trace)),
            lane: None,
            open,
            coroutine: unit.coroutine.unwrap_or(-1),
            outer: None,
            is_turn: false,
        })
    }

    /// Ends the root of a unit, if it is in one; what it was laid over goes on.
    pub(super) fn end_root(&mut self, unit: Unit, ending: &Ending<'_>) -> Option<()> {
        if self.context(unit)?.lane.is_some() {
            return None;
        }
        let mut context = self.remove(unit)?;
        if let Some(outer) = context.outer.take() {
            self.insert(unit, *outer);
        }
        self.close_root(context, ending);
        Some(())
    }

    fn close_root(&mut self, mut context: Context, ending: &Ending<'_>) {
        let now = clock::monotonic_ns();
        let left = if context.is_turn && !ending.interrupted {
            Left::RunsOn
        } else {
            Left::Cut
        };
        Self::abandon(&mut context, 1, now, left);
        let Some(open) = context.open.pop() else {
            return;
        };
        let shared = Rc::clone(&context.trace);
        let (notes, start_ns, unit) = {
            let mut trace = shared.borrow_mut();
            if trace.is_dropped {
                return;
            }
            (trace.notes.take(), trace.start_ns, trace.unit)
        };
        let mut finish = ending.finish;
        if finish.system.is_empty() {
            finish.system = failures::system(unit);
        }
        let offset = |ns: u64| (ns.cast_signed() - start_ns.cast_signed()) / 1_000;
        let root = Ended {
            open,
            coroutine: context.coroutine,
            now,
            answered_ns: ending.answered_ns,
        };
        let write = |finish: &Finish<'_>| match notes {
            Some(notes) => notes.with(finish, offset, |f| self.write_root(root, &shared, f)),
            None => self.write_root(root, &shared, finish),
        };
        if !ending.interrupted || finish.failure.is_some() {
            write(&finish);
        } else if unit == UnitKind::Manual {
            finish.code = UNFINISHED;
            finish.failure = Some(Failure {
                class: UNFINISHED,
                message: "not ended by the program",
                is_timeout: true,
                ..Failure::default()
            });
            write(&finish);
        } else {
            failures::cut_off(unit, |failure| write(&Finish { failure, ..finish }));
        }
        let flags = if ending.interrupted {
            SegmentFlags::INTERRUPTED
        } else {
            0
        };
        self.ship(&shared, flags);
    }

    /// Writes a root's span, decides on its trace, and counts it.
    fn write_root(&mut self, root: Ended, shared: &Rc<RefCell<Trace>>, finish: &Finish<'_>) {
        let mut open = root.open;
        let mut trace = shared.borrow_mut();
        if trace.is_claimed {
            open.kind = SpanKind::Server;
        }
        let answered = root.answered_ns.unwrap_or(root.now);
        let us = answered.saturating_sub(open.start_ns) / 1_000;
        let endpoint = std::mem::take(&mut trace.endpoint);
        let mut finish = *finish;
        if finish.name.is_empty() {
            finish.name = &endpoint;
        }
        let caller = trace.remote.as_ref().and_then(|r| r.caller.clone());
        if let Some(caller) = &caller {
            finish.peer = caller;
        }
        let caught = trace.caught.take();
        if let (Some(failure), Some(caught)) = (&mut finish.failure, &caught)
            && failure.is_bare()
        {
            (failure.class, failure.message) = (&caught.0, &caught.1);
            failure.is_exception = true;
        }
        let failed = finish.failure.is_some();
        let decision = self.decide(&trace, &endpoint, us, failed);
        let parent = trace.remote.as_ref().and_then(|r| r.span_id);
        let route = routes::template(&endpoint).filter(|_| trace.is_routed);
        let with_route: Vec<_>;
        if let Some(route) = route {
            let route = ("http.route", Value::Str(route));
            with_route = finish.attributes.iter().copied().chain([route]).collect();
            finish.attributes = &with_route;
        }
        let written = Written {
            open: &open,
            parent: parent.map_or(0, |id| id.get()),
            coroutine: root.coroutine,
            offset_us: 0,
            duration_us: root.now.saturating_sub(open.start_ns) / 1_000,
            finish: &finish,
        };
        if decision.keep {
            written.write(|span| trace.add(span, root.now, true));
        }
        trace.decision = Some(decision);
        self.count(
            &Key {
                app: &trace.app,
                endpoint: &endpoint,
                kind: open.kind,
                system: finish.system,
                peer: finish.peer,
            },
            &Call {
                us,
                failed,
                timed_out: finish.failure.is_some_and(|f| f.is_timeout),
                slow: us > self.slow_us(),
                code: finish.code,
            },
        );
        trace.endpoint = endpoint;
    }

    /// Share of ordinary traces, hundredths of a percent.
    fn sampling(&self) -> u32 {
        let own = self.config.as_ref().map_or(10_000, |c| c.sampling);
        let outlet = self.outlet.as_ref();
        outlet.map_or(own, |outlet| (outlet.wishes)().sampling_of(own))
    }

    fn decide(&mut self, trace: &Trace, endpoint: &str, us: u64, failed: bool) -> Decision {
        let mut flags = 0;
        if failed {
            flags |= SegmentFlags::ERROR;
        }
        if us > self.slow_us() {
            flags |= SegmentFlags::SLOW;
        }
        match trace.remote.as_ref().and_then(|r| r.sampled) {
            Some(true) => flags |= SegmentFlags::PARENT,
            None if trace.sampled => flags |= SegmentFlags::SAMPLED,
            _ => {}
        }
        if self.is_rare(&trace.app, endpoint, trace.start_us / 1_000_000) {
            flags |= SegmentFlags::RARE;
        }
        Decision {
            keep: flags != 0,
            flags,
            sampling: self.sampling(),
        }
    }

    fn is_rare(&mut self, app: &str, endpoint: &str, now: u64) -> bool {
        let mut hasher = FxHasher::default();
        hasher.write(app.as_bytes());
        hasher.write_u8(0);
        hasher.write(endpoint.as_bytes());
        let key = hasher.finish();
        if self.seen.len() >= MAX_SEEN {
            self.seen.clear();
        }
        let last = self.seen.entry(key).or_insert(0);
        let is_rare = now >= *last + RARE_AFTER;
        if is_rare {
            *last = now;
        }
        is_rare
    }
}
