//! Which application stands behind an address.
//!
//! A caller knows only the address that it called. When the callee's segment names the
//! caller's span as its parent, the two are the ends of one call: from then on the
//! address is drawn as that application. No guess by names or ports, so it is right
//! behind NAT and proxies as well.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Ends of calls that wait for their other end.
const WAITING: usize = 16_384;

/// Finds the two ends of calls.
#[derive(Debug, Default)]
pub struct Aliases {
    /// By span id of the caller: the address that it called.
    callers: Ring,
    /// By span id of the caller: the application that answered.
    callees: Ring,
}

impl Aliases {
    /// A call to `peer`, whose span is `span_id`. The alias, if the other end is known.
    pub fn called(&mut self, span_id: u64, peer: &str) -> Option<(Arc<str>, Arc<str>)> {
        if let Some(app) = self.callees.get(span_id) {
            return Some((peer.into(), app));
        }
        self.callers.put(span_id, peer);
        None
    }

    /// Work of `app` whose parent is the span `parent_span_id` of another process.
    pub fn answered(&mut self, parent_span_id: u64, app: &str) -> Option<(Arc<str>, Arc<str>)> {
        if let Some(peer) = self.callers.get(parent_span_id) {
            return Some((peer, app.into()));
        }
        self.callees.put(parent_span_id, app);
        None
    }
}

/// The last [`WAITING`] entries. Texts repeat, so they are shared.
#[derive(Debug, Default)]
struct Ring {
    texts: FxHashMap<u64, Arc<str>>,
    order: VecDeque<u64>,
    last: Option<Arc<str>>,
}

impl Ring {
    fn get(&self, id: u64) -> Option<Arc<str>> {
        self.texts.get(&id).cloned()
    }

    fn put(&mut self, id: u64, text: &str) {
        let text = match &self.last {
            Some(last) if **last == *text => last.clone(),
            _ => self.last.insert(text.into()).clone(),
        };
        if self.texts.insert(id, text).is_some() {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > WAITING
            && let Some(oldest) = self.order.pop_front()
        {
            self.texts.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_meet_in_either_order_and_the_ring_is_bounded() {
        let mut aliases = Aliases::default();
        assert_eq!(aliases.called(1, "10.0.0.1:80"), None);
        let (peer, app) = aliases.answered(1, "stock").unwrap();
        assert_eq!((&*peer, &*app), ("10.0.0.1:80", "stock"));
        assert_eq!(aliases.answered(2, "cart"), None);
        let (peer, app) = aliases.called(2, "10.0.0.2:80").unwrap();
        assert_eq!((&*peer, &*app), ("10.0.0.2:80", "cart"));
        for id in 10..100_000 {
            aliases.called(id, "10.0.0.1:80");
        }
        assert_eq!(aliases.callers.texts.len(), WAITING);
        assert_eq!(aliases.answered(1, "stock"), None);
    }
}
