//! How many loops it takes until an undecided line is decided.

use super::{FLAT_LOOPS, History, MIN_RECORDS};

/// Fewer loops are never asked for.
const LEAST: u64 = 20;

impl History {
    /// Loops to run, in all, after which an undecided line is decided: whether it is quiet
    /// from now on, or goes on setting records at its slowest pace so far. One that does
    /// neither may take longer. In tens.
    #[must_use]
    pub fn loops_to_decide(&self) -> u64 {
        let quiet = FLAT_LOOPS.max(2 * self.longest_wait.max(self.page_wait) + 1);
        let pace = self.longest_wait.max(1);
        let missing = u64::from(MIN_RECORDS.saturating_sub(self.records));
        let last = (self.last_record + quiet.max(pace * missing))
            // A third without a record in it cannot lie above another.
            .max(self.era + 3 * (pace + 1));
        // Loops count from 0, and the newest does not count.
        let loops = (last + 2).saturating_sub(self.origin);
        loops.max(LEAST).next_multiple_of(10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leak::model::Verdict;

    /// The history of `values`, and the verdict when it has gone on by `next` for as long
    /// as it is said to take.
    fn decided(values: &[i64], next: impl Fn(i64, u64) -> i64) -> (u64, Verdict) {
        let mut history = History::new(0);
        for (number, live) in values.iter().enumerate() {
            history.sample(number as u64, *live);
        }
        let begun = values.len() as u64;
        assert_eq!(history.verdict(begun - 1), Verdict::Undecided, "{values:?}");
        let loops = history.loops_to_decide();
        let mut live = values[values.len() - 1];
        for number in begun..loops - 1 {
            live = next(live, number);
            history.sample(number, live);
        }
        (loops, history.verdict(loops - 2))
    }

    #[test]
    fn the_loops_asked_for_decide_a_line_that_goes_on_and_one_that_stops() {
        let quiet = |live, _| live;
        let grows = |live, _| live + 100;
        for few in [&[100, 200, 300, 400][..], &[0, 0, 0, 100], &[100, 100]] {
            assert_eq!(decided(few, grows), (20, Verdict::Grows), "{few:?}");
            let (loops, verdict) = decided(few, quiet);
            assert_eq!(loops, 20, "{few:?}");
            assert_ne!(verdict, Verdict::Undecided, "{few:?}");
        }
        // A record every twelve loops.
        let seldom: Vec<i64> = (0..30).map(|k| k / 12 * 100).collect();
        assert_eq!(decided(&seldom, quiet), (60, Verdict::Flat));
        let slowly = |live, number| live + i64::from(number % 12 == 0) * 100;
        assert_eq!(decided(&seldom, slowly), (60, Verdict::Grows));
    }
}
