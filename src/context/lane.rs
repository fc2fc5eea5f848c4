//! A coroutine or fiber within a trace.

use std::cell::Cell;
use std::rc::Rc;

/// A child unit. It becomes a span only if there is a span in it, or in a unit
/// that it started, which may turn out after its own end.
#[derive(Debug)]
pub struct Lane {
    /// Span id, drawn at birth: children refer to it.
    pub id: u64,
    /// Span that was open in the parent.
    pub parent_span: u64,
    /// The lane of the parent, where it has one.
    pub parent: Option<Rc<Lane>>,
    /// Birth.
    pub start_ns: u64,
    /// End; 0 while it runs.
    pub end_ns: Cell<u64>,
    /// Coroutine, -1 for a fiber.
    pub coroutine: i64,
    /// There is a span in it.
    pub is_used: Cell<bool>,
    /// It is no span: what runs on in a root's own unit when the root has ended.
    pub is_rest: bool,
}

impl Lane {
    /// What runs on in the unit of a root that has just ended, by the id of its span,
    /// whose children its spans are.
    pub fn after_root(root: u64, now: u64) -> Self {
        Self {
            id: root,
            parent_span: 0,
            parent: None,
            start_ns: now,
            end_ns: Cell::new(0),
            coroutine: -1,
            is_used: Cell::new(true),
            is_rest: true,
        }
    }

    /// A span was made in it. The lanes that must be written now, because they
    /// have ended already, come out.
    pub fn mark_used(self: &Rc<Self>) -> Vec<Rc<Lane>> {
        let mut late = Vec::new();
        let mut lane = Some(self);
        while let Some(l) = lane
            && !l.is_used.replace(true)
        {
            if l.end_ns.get() != 0 {
                late.push(Rc::clone(l));
            }
            lane = l.parent.as_ref();
        }
        late
    }
}
