//! Work that the program itself begins and ends: entries of the compatible API,
//! spans made by hand.
//!
//! An entry that begins in a request, a task or another unit that is one already
//! *is* that unit: it names it and says how it went, so that the work is counted
//! once. Only the first entry of a unit can be; any further one, and one in a
//! script or a coroutine of its own, is a root by itself.

use std::cell::RefCell;
use std::rc::Rc;

use tracker_core::trace::propagation::{Format, Remote, TraceState};
use tracker_protocol::record::{SpanKind, UnitKind};

use super::notes::Notes;
use super::roots::{self, Ending, Root};
use super::routes;
use super::spans::{Detached, Finish};
use super::trace::Trace;
use super::tracer::{self, Tracer};
use crate::zend::process;
use crate::zend::unit::Unit;

/// An entry as a program tells of it.
#[derive(Debug, Default)]
pub struct Entry<'a> {
    /// Endpoint.
    pub name: &'a str,
    /// Application, unless a setting or the program names it.
    pub app: &'a str,
    /// The trace that it continues.
    pub remote: Option<Remote>,
}

enum Place {
    /// The unit's own entry, which its owner ends.
    Entry,
    /// A root begun by us, by the id of its span.
    Root(u64),
    /// A span in a trace.
    Span(Box<Detached>),
}

/// Work that has begun.
pub struct Work {
    unit: Unit,
    generation: u32,
    trace: Rc<RefCell<Trace>>,
    place: Place,
    /// What the program tells of it.
    pub notes: Notes,
}

/// Begins an entry. `None` where nothing is traced.
pub fn entry(entry: Entry<'_>) -> Option<Work> {
    let unit = Unit::current();
    let mut entry = entry;
    let claimed = tracer::with(|tracer| {
        let is_named = tracer.service_name().is_some();
        let context = tracer.context(unit)?;
        let trace = Rc::clone(&context.trace);
        let mut open = trace.borrow_mut();
        let is_entry = !matches!(
            open.unit,
            UnitKind::Script | UnitKind::Manual | UnitKind::Process | UnitKind::Unknown
        );
        if !is_entry || open.decision.is_some() {
            return None;
        }
        if open.is_claimed {
            entry.remote = entry.remote.take().or(Some(Remote {
                trace_id: open.id,
                span_id: tracker_core::trace::ids::SpanId::new(context.top()),
                sampled: Some(open.sampled),
                random: open.remote.as_ref().is_none_or(|r| r.random),
                state: TraceState::default(),
                caller: None,
                format: Format::W3c,
            }));
            return None;
        }
        routes::claim(&mut open, entry.name);
        if !is_named && !entry.app.is_empty() {
            entry.app.clone_into(&mut open.app);
        }
        if let Some(remote) = entry.remote.take().filter(|_| open.remote.is_none()) {
            open.id = remote.trace_id;
            open.remote = Some(remote);
        }
        drop(open);
        Some(Work::new(unit, trace, Place::Entry))
    })
    .flatten();
    claimed.or_else(|| {
        root(
            unit,
            Root {
                unit: UnitKind::Manual,
                kind: SpanKind::Server,
                app: entry.app,
                endpoint: entry.name,
                remote: entry.remote,
            },
        )
    })
}

/// Begins a span: within the trace of the unit that runs, else as a root.
pub fn span(kind: SpanKind, name: &str) -> Option<Work> {
    let unit = Unit::current();
    let within = Detached::begin_by_hand(kind, name.to_owned());
    if let Some(span) = within {
        let trace = span.trace();
        return Some(Work::new(unit, trace, Place::Span(Box::new(span))));
    }
    root(
        unit,
        Root {
            unit: UnitKind::Manual,
            kind,
            app: "",
            endpoint: name,
            remote: None,
        },
    )
}

fn root(unit: Unit, root: Root<'_>) -> Option<Work> {
    if !roots::begin_over(root) {
        return None;
    }
    tracer::with(|tracer| {
        let context = tracer.context(unit)?;
        let id = context.open.first()?.id;
        Some(Work::new(unit, Rc::clone(&context.trace), Place::Root(id)))
    })
    .flatten()
}

impl Work {
    fn new(unit: Unit, trace: Rc<RefCell<Trace>>, place: Place) -> Self {
        Self {
            unit,
            generation: process::generation(),
            trace,
            place,
            notes: Notes::default(),
        }
    }

    /// Ends it, from whatever unit. Nothing happens in a child of the process that
    /// began it, and if it was ended because its unit was.
    pub fn end(self) {
        if self.generation != process::generation() {
            return;
        }
        match self.place {
            Place::Entry => {
                let mut trace = self.trace.borrow_mut();
                if trace.decision.is_none() {
                    trace.notes = Some(Box::new(self.notes));
                }
            }
            Place::Root(id) => {
                self.trace.borrow_mut().notes = Some(Box::new(self.notes));
                roots::end_over(self.unit, id, &Ending::default());
            }
            Place::Span(span) => {
                let trace = Rc::clone(&self.trace);
                let offset = |ns| trace.borrow().offset_us(ns);
                self.notes.with(&Finish::default(), offset, |finish| {
                    span.end_by_hand(self.unit, finish)
                });
            }
        }
    }
}

/// Names the application from now on: of the trace that runs, and of all that
/// begin in this process; under FPM until the request ends.
pub fn set_service_name(name: &str) {
    tracer::with(|tracer| tracer.named = (!name.is_empty()).then(|| name.to_owned()));
    if !name.is_empty() {
        roots::set_app(name);
    }
}

/// A request ends: the name that it set goes.
pub fn request_ends() {
    tracer::with(|tracer| tracer.named = None);
}

impl Tracer {
    /// The application's name, where the program or a setting gives it.
    pub fn service_name(&self) -> Option<&str> {
        let setting = || self.config.as_ref().map(|c| c.service_name.as_str());
        self.named
            .as_deref()
            .or_else(setting)
            .filter(|name| !name.is_empty())
    }
}
