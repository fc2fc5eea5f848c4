//! Births and ends of coroutines and fibers.

use std::cell::Cell;
use std::rc::Rc;

use super::lane::Lane;
use super::remote;
use super::roots;
use super::tracer::{self, Context};
use super::turns;
use crate::zend::cell::Global;
use crate::zend::clock;
use crate::zend::fiber::{self, Fiber, FiberEvents};
use crate::zend::swoole::{self, Cid, CoroutineEvents};
use crate::zend::unit::{Ear, Unit};

/// Listens to the births and ends of units from now on.
/// `starts`: called when a worker or a coroutine begins.
pub fn listen(starts: fn(), worker_stops: fn()) {
    STARTS.with(|slot| *slot = Some(starts));
    fiber::listen(
        Ear::Trace,
        FiberEvents {
            started: |fiber, parent| {
                let coroutine = swoole::current();
                started(
                    Unit {
                        coroutine,
                        fiber: Some(fiber),
                    },
                    Unit {
                        coroutine,
                        fiber: parent,
                    },
                );
            },
            switched: || {},
            destroyed: fiber_destroyed,
        },
    );
    swoole::listen(
        Ear::Trace,
        CoroutineEvents {
            started: coroutine_started,
            stopped: |cid| ended(of(Some(cid))),
            worker_starts: starts,
            worker_stops,
        },
    );
}

/// See [`listen`].
static STARTS: Global<Option<fn()>> = Global::new(None);

fn coroutine_started(cid: Cid, parent: Option<Cid>) {
    if let Some(starts) = STARTS.with(|slot| *slot) {
        starts();
    }
    started(of(Some(cid)), of(parent));
}

fn of(coroutine: Option<Cid>) -> Unit {
    Unit {
        coroutine,
        fiber: None,
    }
}

fn fiber_destroyed(fiber: Fiber) {
    ended(Unit {
        coroutine: swoole::current(),
        fiber: Some(fiber),
    });
}

/// A unit begins: it belongs to the trace that its parent is in.
fn started(unit: Unit, parent: Unit) {
    tracer::with(|tracer| {
        let Some(context) = tracer.context(parent) else {
            return;
        };
        if context.trace.borrow().is_dropped {
            return;
        }
        let coroutine = unit.coroutine.filter(|_| unit.fiber.is_none());
        let lane = Lane {
            id: remote::new_span_id(),
            parent_span: context.top(),
            parent: context.lane.clone().filter(|_| context.open.is_empty()),
            start_ns: clock::monotonic_ns(),
            end_ns: Cell::new(0),
            coroutine: coroutine.unwrap_or(-1),
            is_used: Cell::new(false),
            is_rest: false,
        };
        let child = Context {
            trace: Rc::clone(&context.trace),
            lane: Some(Rc::new(lane)),
            open: Vec::new(),
            coroutine: unit.coroutine.unwrap_or(-1),
            outer: None,
            is_turn: false,
        };
        if let Some(stale) = tracer.insert(unit, child) {
            tracer.end_child(stale);
        }
    });
}

/// A unit is over.
pub fn ended(unit: Unit) {
    let root = tracer::with(|tracer| {
        let context = tracer.remove(unit)?;
        if context.lane.is_none() {
            tracer.insert(unit, context);
            return Some(());
        }
        tracer.end_child(context);
        None
    });
    if root.flatten().is_some() {
        turns::unit_ends(unit);
        roots::interrupt(unit);
        // What a root that began by hand had been laid over.
        tracer::with(|tracer| {
            if let Some(context) = tracer.remove(unit) {
                tracer.end_child(context);
            }
        });
    }
}
