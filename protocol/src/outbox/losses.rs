//! What is lost, by reason. Every loss is counted and told to the agent.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why something was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Loss {
    /// A segment: the queue was full.
    QueueFull,
    /// Spans of a segment that had too many of them.
    SpanLimit,
    /// Calls whose statistics found no room while the agent was away.
    StatsFull,
    /// A closed loop of the leak finder: the queue was full.
    LeakLoop,
    /// A record that no frame can hold.
    TooLarge,
}

const REASONS: [&str; 5] = [
    "queue_full",
    "span_limit",
    "stats_calls",
    "leak_loops",
    "too_large",
];
const _: () = assert!(REASONS.len() <= crate::limits::MAX_REASONS as usize);

/// Counters of this process.
#[derive(Debug, Default)]
pub struct Losses {
    /// Not told yet.
    new: [AtomicU64; REASONS.len()],
    /// Told.
    told: [AtomicU64; REASONS.len()],
}

impl Losses {
    /// Counts.
    pub fn add(&self, why: Loss, count: u64) {
        self.new[why as usize].fetch_add(count, Ordering::Relaxed);
    }

    /// Whether there is anything to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new.iter().all(|n| n.load(Ordering::Relaxed) == 0)
    }

    /// What is to be told now; it counts as told.
    #[must_use]
    pub fn take(&self) -> Vec<(&'static str, u64)> {
        let mut taken = Vec::new();
        for (index, reason) in REASONS.iter().enumerate() {
            let count = self.new[index].swap(0, Ordering::Relaxed);
            if count > 0 {
                self.told[index].fetch_add(count, Ordering::Relaxed);
                taken.push((*reason, count));
            }
        }
        taken
    }

    /// All since the process began.
    #[must_use]
    pub fn total(&self) -> Vec<(&'static str, u64)> {
        REASONS
            .iter()
            .enumerate()
            .map(|(index, reason)| {
                let new = self.new[index].load(Ordering::Relaxed);
                (*reason, new + self.told[index].load(Ordering::Relaxed))
            })
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_told_once_and_summed_for_ever() {
        let losses = Losses::default();
        assert!(losses.is_empty());
        losses.add(Loss::QueueFull, 2);
        losses.add(Loss::TooLarge, 1);
        assert!(!losses.is_empty());
        assert_eq!(losses.take(), [("queue_full", 2), ("too_large", 1)]);
        assert!(losses.is_empty());
        losses.add(Loss::QueueFull, 3);
        assert_eq!(losses.take(), [("queue_full", 3)]);
        assert_eq!(losses.total(), [("queue_full", 5), ("too_large", 1)]);
    }
}
