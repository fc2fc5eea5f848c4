//! Messages that a program waits for by itself, in a loop over a connection that may
//! live for weeks: what it does from one to the next is a *turn*, a root of its own.
//!
//! A turn is over when its unit waits again, or ends. What the loop does while it has
//! no message belongs to whatever runs there otherwise.

use std::rc::Rc;

use tracker_protocol::record::UnitKind;

use super::failures;
use super::lane::Lane;
use super::roots::{self, Ending, Root};
use super::spans::{Failure, Finish};
use super::tracer::{self, Context, Tracer};
use crate::zend::clock;
use crate::zend::unit::Unit;

/// A message has come: begins its turn in the unit that runs, which waited before.
pub fn begin(root: Root<'_>) {
    if !roots::begin_over(root) {
        return;
    }
    let unit = Unit::current();
    tracer::with(|tracer| {
        if let Some(context) = tracer.context(unit) {
            context.is_turn = true;
        }
    });
}

/// The unit that runs waits for the next message: its turn is over, if it has one.
pub fn wait() {
    let unit = Unit::current();
    end(unit, None);
    tracer::with(|tracer| tracer.send_rest(unit));
}

/// The program has left the loop.
pub fn leave(failure: Option<Failure<'_>>) {
    end(Unit::current(), failure);
}

/// A unit ends, and with it its turn; by an exception that nobody caught, if there is
/// a fatal error.
pub(super) fn unit_ends(unit: Unit) {
    failures::fatal(|failure| end(unit, failure));
}

fn end(unit: Unit, failure: Option<Failure<'_>>) {
    let Some(id) = tracer::with(|tracer| tracer.turn(unit)).flatten() else {
        return;
    };
    let finish = Finish {
        system: failures::system(UnitKind::WebSocket),
        failure,
        ..Finish::default()
    };
    roots::end_over(
        unit,
        id,
        &Ending {
            finish,
            ..Ending::default()
        },
    );
}

/// Ends the root of the unit that runs while its program goes on: what that does
/// outside of turns still belongs to the root's trace, and is sent later. Nothing
/// happens where something began over the root by hand.
pub fn hand_over(ending: &Ending<'_>) {
    let unit = Unit::current();
    tracer::with(|tracer| {
        let context = tracer.context(unit)?;
        if context.lane.is_some() || context.outer.is_some() {
            return None;
        }
        let lane = Lane::after_root(context.open.first()?.id, clock::monotonic_ns());
        let rest = Context {
            trace: Rc::clone(&context.trace),
            lane: Some(Rc::new(lane)),
            // The functions that are running end later.
            open: context.open.split_off(1),
            coroutine: context.coroutine,
            outer: None,
            is_turn: false,
        };
        tracer.end_root(unit, ending)?;
        tracer.insert(unit, rest);
        Some(())
    });
}

impl Tracer {
    /// The turn of a unit: id of its span.
    fn turn(&mut self, unit: Unit) -> Option<u64> {
        let mut context = &*self.context(unit)?;
        while !context.is_turn {
            context = context.outer.as_deref()?;
        }
        Some(context.open.first()?.id)
    }

    /// Sends what a unit did after its root had ended.
    fn send_rest(&mut self, unit: Unit) {
        let rest = self.context(unit).and_then(|context| {
            let is_rest = context.lane.as_ref().is_some_and(|lane| lane.is_rest);
            let trace = Rc::clone(&context.trace);
            (is_rest && trace.borrow().has_spans()).then_some(trace)
        });
        if let Some(trace) = rest {
            self.ship(&trace, 0);
        }
    }
}
