//! Roots: begin, end, and whether the trace is sent.

use std::cell::RefCell;
use std::hash::Hasher;
use std::rc::Rc;

use rustc_hash::FxHasher;
use tracker_core::trace::ids::TraceId;
use tracker_core::trace::propagation::Remote;
use tracker_core::trace::sampling;
use tracker_protocol::record::{SegmentFlags, SpanKind, UnitKind};

use super::config::Config;
use super::counts::{Call, Counts, Key};
use super::outlet::Outlet;
use super::remote;
use super::spans::{Finish, Written};
use super::trace::{Decision, Trace};
use super::tracer::{self, Context, Open, TRACER, Tracer};
use crate::zend::clock;
use crate::zend::unit::Unit;

/// An endpoint that was not kept for that long is rare: seconds.
const RARE_AFTER: u64 = 3_600;
/// Endpoints remembered for that.
const MAX_SEEN: usize = 2_000;

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
    tracer::with(|tracer| tracer.counts.clone())
}

/// Begins a root in the unit that runs; false if the agent does not want any.
/// What was open there is ended: it was left by a fatal error.
pub fn begin(root: Root<'_>) -> bool {
    let unit = Unit::current();
    interrupt(unit);
    tracer::with(|tracer| {
        let wishes = tracer.outlet.as_ref().map(|outlet| (outlet.wishes)());
        if wishes.is_some_and(|wishes| !wishes.probe) {
            return false;
        }
        if let Some(child) = tracer.remove(unit) {
            tracer.end_child(child);
        }
        let now = clock::monotonic_ns();
        let id = root
            .remote
            .as_ref()
            .map_or_else(remote::new_trace_id, |r| r.trace_id);
        let spare = std::mem::take(&mut tracer.spare);
        let mut trace =
            Trace::new(id, root.remote, root.unit, (now, clock::unix_us())).with_room(spare);
        trace.sampled = trace
            .remote
            .as_ref()
            .and_then(|r| r.sampled)
            .unwrap_or_else(|| sampling::keeps(id, tracer.sampling()));
        root.endpoint.clone_into(&mut trace.endpoint);
        match &tracer.config {
            Some(config) if !config.service_name.is_empty() => &config.service_name,
            _ => root.app,
        }
        .clone_into(&mut trace.app);
        let mut open = Vec::with_capacity(16);
        open.push(Open {
            id: remote::new_span_id(),
            start_ns: now,
            kind: root.kind,
            name: "",
        });
        let context = Context {
            trace: Rc::new(RefCell::new(trace)),
            lane: None,
            open,
            coroutine: unit.coroutine.unwrap_or(-1),
        };
        tracer.insert(unit, context);
        true
    })
    .unwrap_or(false)
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

/// Ends the root of the unit that runs, if it has one.
pub fn end(ending: &Ending<'_>) {
    end_of(Unit::current(), ending);
}

/// Ends the root of a unit whose program was left without ending it.
pub fn interrupt(unit: Unit) {
    end_of(
        unit,
        &Ending {
            interrupted: true,
            ..Ending::default()
        },
    );
}

fn end_of(unit: Unit, ending: &Ending<'_>) {
    tracer::with(|tracer| {
        if tracer.context(unit).is_none_or(|c| c.lane.is_some()) {
            return;
        }
        let Some(mut context) = tracer.remove(unit) else {
            return;
        };
        let now = clock::monotonic_ns();
        Tracer::abandon(&mut context, 1, now);
        let Some(open) = context.open.pop() else {
            return;
        };
        let shared = Rc::clone(&context.trace);
        {
            let mut trace = shared.borrow_mut();
            if trace.is_dropped {
                return;
            }
            let answered = ending.answered_ns.unwrap_or(now);
            let us = answered.saturating_sub(open.start_ns) / 1_000;
            let endpoint = std::mem::take(&mut trace.endpoint);
            let mut finish = ending.finish;
            if finish.name.is_empty() {
                finish.name = &endpoint;
            }
            let caller = trace.remote.as_ref().and_then(|r| r.caller.clone());
            if let Some(caller) = &caller {
                finish.peer = caller;
            }
            let failed = finish.failure.is_some();
            let decision = tracer.decide(&trace, &endpoint, us, failed);
            let parent = trace.remote.as_ref().and_then(|r| r.span_id);
            let parent = parent.map_or(0, |id| id.get());
            let written = Written {
                open: &open,
                parent,
                coroutine: context.coroutine,
                offset_us: 0,
                duration_us: now.saturating_sub(open.start_ns) / 1_000,
                finish: &finish,
            };
            if decision.keep {
                written.write(|span| trace.add(span, now, true));
            }
            trace.decision = Some(decision);
            tracer.count(
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
                    slow: us > tracer.slow_us(),
                    code: finish.code,
                },
            );
            trace.endpoint = endpoint;
        }
        let flags = if ending.interrupted {
            SegmentFlags::INTERRUPTED
        } else {
            0
        };
        tracer.ship(&shared, flags);
    });
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
    }
}

/// Names the application of the trace that runs.
#[allow(dead_code, reason = "for user-land functions and the API of PHP")]
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

/// Names the endpoint of the trace that runs.
#[allow(dead_code, reason = "for user-land functions and the API of PHP")]
pub fn set_endpoint(endpoint: &str) {
    change(|trace| endpoint.clone_into(&mut trace.endpoint));
}

fn change(f: impl FnOnce(&mut Trace)) {
    let unit = Unit::current();
    tracer::with(|tracer| {
        if let Some(context) = tracer.context(unit) {
            f(&mut context.trace.borrow_mut());
        }
    });
}

/// Trace id and open span of the unit that runs.
#[allow(dead_code, reason = "for user-land functions and the API of PHP")]
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
