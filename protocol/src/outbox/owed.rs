//! What a process owes the agent, as a thread reads it that must not wait for the one
//! that sends.

use super::losses::{Counters, Loss, Losses, Tally};

/// Everything that was queued or counted, and what of it is settled: each a total since
/// the process began.
#[derive(Debug, Default)]
pub struct Owed {
    queued: Counters,
    settled: Counters,
}

impl Owed {
    /// A record was queued; what is lost if it is.
    pub fn queue(&self, otherwise: Loss) {
        self.queued.add(otherwise, 1);
    }

    /// All that is settled by now: the system or the agent has it, or it was counted as a
    /// loss, which is told like any other. Less than before where a connection broke with
    /// what was on its way.
    pub fn settle(&self, all: &Tally) {
        self.settled.set(all);
    }

    /// What is owed now, by a process that has counted so many `calls`. What is sent in
    /// this very moment is owed until that is over.
    #[must_use]
    pub fn now(&self, losses: &Losses, calls: u64) -> Tally {
        // First: what is settled meanwhile is told once too often, never too seldom.
        let settled = self.settled.get();
        let mut all = self.queued.get();
        all.add(&Tally::of(Loss::StatsFull, calls));
        all.add(&losses.total());
        all.less(&settled)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::outbox::Batches;

    #[test]
    fn what_is_neither_gone_nor_told_is_owed() {
        let (owed, losses) = (Owed::default(), Losses::default());
        assert!(owed.now(&losses, 0).is_empty());
        owed.queue(Loss::Exit);
        owed.queue(Loss::Exit);
        owed.queue(Loss::LeakLoop);
        losses.add(Loss::QueueFull, 4);
        let reasons = |calls| owed.now(&losses, calls).reasons();
        let all = [
            ("queue_full", 4),
            ("stats_calls", 9),
            ("leak_loops", 1),
            ("exit", 2),
        ];
        assert_eq!(reasons(9), all);

        // A sender takes them; as long as nothing has gone, nothing is settled.
        let mut batches = Batches::default();
        let mut taken = Tally::NOTHING;
        for holds in [
            Tally::of(Loss::Exit, 1),
            Tally::of(Loss::StatsFull, 9),
            losses.take(),
        ] {
            batches.add(b"x", &holds, Instant::now()).unwrap();
            batches.close();
            taken.add(&holds);
            owed.settle(&taken.less(&batches.holds_after(0)));
        }
        assert_eq!(reasons(9), all);

        // Two have gone, and come back with the connection that breaks.
        owed.settle(&taken.less(&batches.holds_after(2)));
        assert_eq!(
            reasons(9),
            [("queue_full", 4), ("leak_loops", 1), ("exit", 1)]
        );
        owed.settle(&taken.less(&batches.holds_after(0)));
        assert_eq!(reasons(9), all);

        batches.acknowledged(3).unwrap();
        owed.settle(&taken.less(&batches.holds_after(3)));
        assert_eq!(
            reasons(10),
            [("stats_calls", 1), ("leak_loops", 1), ("exit", 1)]
        );

        // A record that turns into a loss is owed as that.
        losses.add(Loss::TooLarge, 1);
        taken.add(&Tally::of(Loss::Exit, 1));
        owed.settle(&taken.less(&batches.holds_after(3)));
        assert_eq!(reasons(9), [("leak_loops", 1), ("too_large", 1)]);
    }
}
