//! A piece of work that a script takes out of a queue: a root of its own, since the
//! script may go on for weeks.

use tracker_protocol::record::{SpanKind, UnitKind};

use super::roots::{self, Ending, Root};
use super::spans::{Finish, Token};
use super::tracer;
use crate::zend::unit::Unit;

/// Begins one over what the unit that runs is doing; 0 if nothing is traced.
pub fn begin(name: &str) -> Token {
    let is_begun = roots::begin_over(Root {
        unit: UnitKind::Task,
        kind: SpanKind::Consumer,
        app: "",
        endpoint: name,
        remote: None,
    });
    if !is_begun {
        return 0;
    }
    let unit = Unit::current();
    tracer::with(|tracer| Some(tracer.context(unit)?.open.first()?.id))
        .flatten()
        .unwrap_or(0)
}

/// The one that the unit is busy with, 0 for none.
pub fn running() -> Token {
    let unit = Unit::current();
    tracer::with(|tracer| {
        let mut context = &*tracer.context(unit)?;
        while context.lane.is_some() || context.trace.borrow().unit != UnitKind::Task {
            context = context.outer.as_deref()?;
        }
        Some(context.open.first()?.id)
    })
    .flatten()
    .unwrap_or(0)
}

/// Ends it; what began over it and was not ended goes on.
pub fn end(token: Token, finish: &Finish<'_>) {
    roots::end_over(
        Unit::current(),
        token,
        &Ending {
            finish: *finish,
            ..Ending::default()
        },
    );
}
