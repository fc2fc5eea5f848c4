//! Memory for frames that have not arrived whole, of all connections together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The memory that is left.
#[derive(Debug, Clone)]
pub struct Budget(Arc<AtomicUsize>);

/// A share of it, given back when dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    bytes: usize,
}

impl Budget {
    /// A budget of `bytes`.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// A share of `bytes`, if there is as much left.
    #[must_use]
    pub fn take(&self, bytes: usize) -> Option<Share> {
        let take = |left: usize| left.checked_sub(bytes);
        self.0.fetch_update(Relaxed, Relaxed, take).ok()?;
        Some(Share {
            budget: self.clone(),
            bytes,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.fetch_add(self.bytes, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_exceed_the_budget_and_come_back() {
        let budget = Budget::new(10);
        let six = budget.take(6).unwrap();
        assert!(budget.take(5).is_none());
        drop(six);
        assert!(budget.take(10).is_some());
    }
}
