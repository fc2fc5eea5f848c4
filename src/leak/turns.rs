//! From calls to loops: which call begins one, and what ends it.

use super::recorder::SLOT;
use super::session::SESSION;
use super::settling;
use crate::zend::fiber::{self, Fiber, FiberEvents};
use crate::zend::frame::MainFrame;
use crate::zend::swoole::{self, Cid, CoroutineEvents};
use crate::zend::unit::{Ear, Unit};

/// Hears of units from now on.
pub fn listen() {
    fiber::listen(
        Ear::Leak,
        FiberEvents {
            started: fiber_started,
            switched: fiber_switched,
            destroyed: fiber_destroyed,
        },
    );
    swoole::listen(
        Ear::Leak,
        CoroutineEvents {
            worker_starts: || {},
            started: coroutine_started,
            stopped: coroutine_stopped,
            worker_stops: settling::worker_stops,
        },
    );
}

/// Ends the loops of main functions that were left unnoticed.
pub fn sweep() {
    SLOT.with(|r| {
        for number in r.units.sweep() {
            r.end(number);
        }
    });
}

/// [`sweep`], unless that would cost too much here; see `Units::is_sweep_due`.
pub fn sweep_if_due() {
    if SLOT.with(|r| r.units.is_sweep_due()) == Some(true) {
        sweep();
    }
}

/// A call of the function at `main`: ends the loop that its unit was in and
/// begins the next.
pub fn turn(main: MainFrame) {
    let unit = Unit::current();
    let ignore = SLOT.with(|r| {
        if let Some(number) = r.units.guarded(unit, &main) {
            r.end(number);
        }
        let root = r.units.root(unit);
        let nested = r
            .units
            .open(root)
            .and_then(|open| open.main)
            .is_some_and(|open| {
                // Called by the main function's own callees (or by a child of the
                // unit): the outermost call owns the loop.
                !open.is_same_place(&main)
                    && if open.is_generator() {
                        open.is_on_call_chain()
                    } else {
                        open.is_running()
                    }
            });
        let is_child = root != unit && r.units.open(root).is_some();
        if !nested
            && !is_child
            && let Some(number) = r.units.close(unit)
        {
            r.end(number);
        }
        nested || is_child
    });
    if ignore != Some(false) {
        return;
    }
    settling::record_ended();
    settling::plan(unit);
    SLOT.with(|r| r.begin(unit, main));
    SLOT.watch(main.block());
}

fn fiber_started(fiber: Fiber, parent: Option<Fiber>) {
    SESSION.with(|s| s.has_fibers = true);
    let coroutine = swoole::current();
    SLOT.with(|r| {
        r.units.started(
            Unit {
                coroutine,
                fiber: Some(fiber),
            },
            Unit {
                coroutine,
                fiber: parent,
            },
        );
    });
}

fn fiber_switched() {
    SLOT.with(|r| r.look_again());
}

fn fiber_destroyed(fiber: Fiber) {
    let coroutine = swoole::current();
    unit_ended(Unit {
        coroutine,
        fiber: Some(fiber),
    });
}

fn coroutine_started(cid: Cid, parent: Option<Cid>) {
    SLOT.with(|r| {
        let unit = |coroutine| Unit {
            coroutine,
            fiber: None,
        };
        r.units.started(unit(Some(cid)), unit(parent));
        r.look_again();
    });
}

fn coroutine_stopped(cid: Cid) {
    unit_ended(Unit {
        coroutine: Some(cid),
        fiber: None,
    });
}

fn unit_ended(unit: Unit) {
    let over = SLOT.with(|r| {
        let over = r.units.ended(unit);
        r.look_again();
        if let Some(number) = over {
            r.end_unasked(number);
        }
        over.is_some()
    });
    if over == Some(true) && unit.fiber.is_none() {
        settling::unit_is_over();
    }
}
