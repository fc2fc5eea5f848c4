//! What is lost, by reason. Every loss is counted and told to the agent.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::record::Record;

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
    /// A segment that the end of the process left behind.
    Exit,
}

const REASONS: [&str; 6] = [
    "queue_full",
    "span_limit",
    "stats_calls",
    "leak_loops",
    "too_large",
    "exit",
];
const _: () = assert!(REASONS.len() <= crate::limits::MAX_REASONS as usize);

/// Counts by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally([u64; REASONS.len()]);

impl Tally {
    /// No count at all.
    pub const NOTHING: Self = Self([0; REASONS.len()]);

    /// One reason.
    #[must_use]
    pub fn of(why: Loss, count: u64) -> Self {
        let mut tally = Self::default();
        tally.0[why as usize] = count;
        tally
    }

    /// What is lost if this record is: a segment or a closed loop.
    #[must_use]
    pub fn of_record(record: &[u8]) -> Self {
        let is_loop = Record::is_leak_loop(record);
        Self::of(if is_loop { Loss::LeakLoop } else { Loss::Exit }, 1)
    }

    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own += other;
        }
    }

    /// What is left of it without another.
    #[must_use]
    pub fn less(&self, other: &Self) -> Self {
        let mut left = *self;
        for (own, other) in left.0.iter_mut().zip(other.0) {
            *own = own.saturating_sub(other);
        }
        left
    }

    /// Whether nothing is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reasons with a count, as [`crate::record::Drops`] has them.
    #[must_use]
    pub fn reasons(&self) -> Vec<(&'static str, u64)> {
        let all = REASONS.into_iter().zip(self.0);
        all.filter(|(_, count)| *count > 0).collect()
    }
}

/// A tally that threads share.
#[derive(Debug, Default)]
pub(super) struct Counters([AtomicU64; REASONS.len()]);

impl Counters {
    /// Counts.
    pub(super) fn add(&self, why: Loss, count: u64) {
        self.0[why as usize].fetch_add(count, Ordering::Relaxed);
    }

    /// Takes all counts from a tally.
    pub(super) fn set(&self, to: &Tally) {
        for (own, to) in self.0.iter().zip(to.0) {
            own.store(to, Ordering::Relaxed);
        }
    }

    /// The counts.
    pub(super) fn get(&self) -> Tally {
        Tally(std::array::from_fn(|n| self.0[n].load(Ordering::Relaxed)))
    }
}

/// Counters of this process.
#[derive(Debug, Default)]
pub struct Losses {
    /// Since the process began.
    all: Counters,
    /// What was taken of that, to be told; by one thread at a time.
    told: Counters,
}

impl Losses {
    /// Counts.
    pub fn add(&self, why: Loss, count: u64) {
        self.all.add(why, count);
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.get() == self.told.get()
    }

    /// What is to be told now; it counts as told.
    #[must_use]
    pub fn take(&self) -> Tally {
        let all = self.all.get();
        let taken = all.less(&self.told.get());
        self.told.set(&all);
        taken
    }

    /// All since the process began.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.all.get()
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
        assert_eq!(
            losses.take().reasons(),
            [("queue_full", 2), ("too_large", 1)]
        );
        assert!(losses.is_empty());
        losses.add(Loss::QueueFull, 3);
        assert_eq!(losses.take().reasons(), [("queue_full", 3)]);
        let total = losses.total().reasons();
        assert_eq!(total, [("queue_full", 5), ("too_large", 1)]);
    }

    #[test]
    fn a_tally_tells_segments_from_loops() {
        let mut out = Vec::new();
        crate::record::LeakLoop {
            app: "",
            record: b"x",
        }
        .write(&mut out);
        let mut tally = Tally::default();
        assert!(tally.is_empty());
        tally.add(&Tally::of_record(&out));
        out.clear();
        crate::record::Segment::default().write(&mut out, 0, &[]);
        tally.add(&Tally::of_record(&out));
        tally.add(&Tally::of_record(&out));
        tally.add(&Tally::of(Loss::StatsFull, 9));
        let expected = [("stats_calls", 9), ("leak_loops", 1), ("exit", 2)];
        assert_eq!(tally.reasons(), expected);
    }
}
