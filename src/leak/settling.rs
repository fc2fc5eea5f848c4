//! When a loop that is over is recorded: at the first safe point after it.
//!
//! Cycles must be collected before, which runs destructors, so PHP code. Safe
//! points are, whichever comes first:
//!
//! - a call of `trackerHookMalloc()` or of one of the readers;
//! - a check point of the VM, for which an interrupt is raised when a heap event
//!   notices that a loop is over;
//! - the call of a function that waits: nothing may come before it that
//!   notices anything;
//! - where Swoole's event loop runs, the end of its present turn instead: a
//!   destructor may yield, and should do so in a coroutine of ours, not in the
//!   midst of somebody else's work;
//! - the end of a worker, and of the request.

use std::time::{Duration, Instant};

use tracker_core::leak::log::record::LoopEnd;

use super::recorder::SLOT;
use super::records;
use super::session::SESSION;
use super::turns;
use crate::zend::cell::Global;
use crate::zend::frame::MainFrame;
use crate::zend::interrupt::{self, Reason};
use crate::zend::swoole::event_loop;
use crate::zend::unit::Unit;
use crate::zend::{engine, exceptions, waits};

/// Safe points that turn out not to be safe, in a row, after which one waits
/// for another occasion.
const PATIENCE: u32 = 10_000;

/// How long loops wait to be recorded while a destructor waits; then they are
/// recorded without it, as it may wait for ever.
const STALLED: Duration = Duration::from_secs(5);

/// Makes safe points from now on.
pub fn listen() {
    interrupt::listen(check_point);
    waits::listen(before_wait);
}

/// A worker is about to stop.
pub fn worker_stops() {
    SESSION.with(|s| s.stopping = true);
    settle();
}

/// A coroutine or one of its children was the last that a loop waited for. It
/// has not quite ended (its context is freed later), and maybe no PHP code runs
/// after it.
pub fn unit_is_over() {
    if engine::is_calm() {
        call_soon();
    }
}

/// A loop of `unit` begins. If it is not a coroutine's, it is over when the
/// event loop's turn is: a callback that is not a coroutine cannot wait.
pub fn plan(unit: Unit) {
    if unit.coroutine.is_none() && event_loop::is_running() && engine::is_calm() {
        call_soon();
    }
}

/// Leaves the rest to the end of the event loop's turn; false if none runs.
fn call_soon() -> bool {
    if !event_loop::is_running() {
        return false;
    }
    if !SESSION.with(|s| s.stopping) {
        unbooked(|| event_loop::call_soon(settle_some));
    }
    true
}

/// The VM's check point.
fn check_point() {
    /// Check points in a row that were not safe.
    static UNSAFE: Global<u32> = Global::new(0);
    if !engine::is_calm() {
        let so_far = UNSAFE.with(|n| {
            *n += 1;
            *n
        });
        if so_far < PATIENCE {
            interrupt::raise(Reason::LoopOver);
        }
        return;
    }
    UNSAFE.with(|n| *n = 0);
    if !call_soon() {
        settle_some();
    }
}

/// A function that waits is called.
fn before_wait() {
    turns::sweep_if_due();
    // A main function without a guard is seen to be gone only here. But not a
    // generator: it may be suspended.
    end_own(|main| !main.is_generator());
    if has_pending() && engine::is_calm() && !call_soon() {
        settle_some();
    }
}

fn has_pending() -> bool {
    SLOT.with(|r| !r.pending.is_empty()) == Some(true)
}

/// Ends loops whose main function is gone, and records every loop that is over.
/// What destructors throw is kept; whoever calls this for a function that PHP
/// code called throws it as the last thing that it does.
pub fn settle() {
    turns::sweep();
    settle_own();
}

/// [`settle`] without a look at every single loop where many are open.
fn settle_some() {
    turns::sweep_if_due();
    settle_own();
}

fn settle_own() {
    end_own(|_| true);
    record_ended();
}

/// Ends the loop of the running unit if its main function is gone, of those that
/// `may_end` accepts.
fn end_own(may_end: impl Fn(&MainFrame) -> bool) {
    let unit = Unit::current();
    SLOT.with(|r| {
        let root = r.units.root(unit);
        let main = r
            .units
            .open(root)
            .filter(|_| root == unit)
            .and_then(|open| open.main);
        let is_gone = |main: &MainFrame| *main != MainFrame::never() && !main.is_running();
        if main.is_some_and(|main| may_end(&main) && is_gone(&main))
            && let Some(number) = r.units.left(root)
        {
            r.end(number);
        }
    });
}

/// Collects cycles, and records every loop that was over by then.
pub fn record_ended() {
    // Those of a trial are nobody's.
    if !has_pending() || SESSION.with(|s| s.trial) {
        return;
    }
    let collector = SESSION.with(|s| s.busy);
    if collector.is_some() {
        if collector == Some(Unit::current()) {
            return;
        }
        let goes_on = SESSION.with(|s| {
            s.has_waited = true;
            !s.stopping && s.busy_since.is_some_and(|since| since.elapsed() < STALLED)
        });
        if goes_on {
            return;
        }
    }
    if !is_own() {
        return;
    }
    let ended = SLOT.with(|r| r.pending.len()).unwrap_or(0);
    let cycles = if collector.is_some() || must_not_collect() || engine::a_heap_compares() {
        (0, 0)
    } else {
        match collect_for_loops() {
            Some(cycles) => cycles,
            None if waits_for_collector() => return,
            None => (0, 0),
        }
    };
    if !is_own() {
        // A destructor forked, and this is the child.
        return;
    }
    // A destructor may have let others run, whose loops ended meanwhile: their
    // cycles have not been looked for.
    let pending = SLOT
        .with(|r| {
            let ended = ended.min(r.pending.len());
            r.pending.drain(..ended).collect::<Vec<_>>()
        })
        .unwrap_or_default();
    let mut cycles = Some(cycles);
    for number in pending {
        if let Some(Some(closed)) = SLOT.with(|r| r.ledger.record(number)) {
            let cycles = cycles.take().unwrap_or_default();
            records::record(&closed, LoopEnd::Returned, cycles);
        }
    }
    records::complain();
    if has_pending() {
        interrupt::raise(Reason::LoopOver);
        unit_is_over();
    }
}

/// Whether the loops are this process's: in a child of a fork they are the
/// parent's.
fn is_own() -> bool {
    let own = std::process::id();
    SESSION.with(|s| s.pid) == own && SLOT.with(|r| r.pid) == Some(own)
}

/// While a destructor runs, the engine lets nobody switch fibers, not even in other
/// coroutines. Where both are met, the collector is left to the engine.
fn must_not_collect() -> bool {
    SESSION.with(|s| s.has_waited && s.has_fibers)
}

/// The program's own collection is not over: one of its destructors waits, maybe in
/// another coroutine. Whether the loops wait for it, till another occasion.
fn waits_for_collector() -> bool {
    SESSION.with(|s| {
        s.has_waited = true;
        let since = *s.turned_away.get_or_insert_with(Instant::now);
        !s.stopping && since.elapsed() < STALLED
    })
}

/// Collects cycles on behalf of the loops that are over; `None` if that cannot be
/// now.
fn collect_for_loops() -> Option<(u64, u64)> {
    SESSION.with(|s| {
        s.busy = Some(Unit::current());
        s.busy_since = Some(Instant::now());
    });
    let cycles = unbooked(|| {
        let is_ours = !engine::has_exception();
        let cycles = records::collect();
        if is_ours {
            exceptions::keep();
        }
        cycles
    });
    SESSION.with(|s| {
        s.busy = None;
        if cycles.is_some() {
            s.turned_away = None;
        }
    });
    cycles
}

/// Runs what is not the program's own doing: what it allocates in the running
/// unit is not booked.
fn unbooked<R>(run: impl FnOnce() -> R) -> R {
    let unit = Unit::current();
    let before = SLOT.with(|r| r.exclude(Some(unit))).flatten();
    let result = run();
    SLOT.with(|r| r.exclude(before));
    result
}
