//! Which batch of each process is the newest that is kept: what came before comes again
//! after a reconnect, and is not taken twice.
//!
//! The table stands at the begin of every journal file: it lasts as long as the journal,
//! whatever was cut.

use std::collections::HashMap;

use super::entry::Process;

/// Processes that are remembered. Beyond, those that were silent longest are forgotten.
pub const MAX_PROCESSES: usize = 65_536;
/// Seconds of silence after which a process is forgotten.
const MAX_SILENCE: u64 = 24 * 3600;

/// The table.
#[derive(Debug, Default)]
pub struct Seen {
    newest: HashMap<Process, (u64, u64)>,
}

impl Seen {
    /// Number of the newest batch of `process`; 0 is none.
    #[must_use]
    pub fn newest(&self, process: Process) -> u64 {
        self.newest.get(&process).map_or(0, |&(number, _)| number)
    }

    /// Notes that batch `number` came at `moment` (Unix seconds).
    pub fn note(&mut self, process: Process, number: u64, moment: u64) {
        let row = self.newest.entry(process).or_default();
        *row = (row.0.max(number), row.1.max(moment));
    }

    /// Forgets whom it may, at `now` (Unix seconds).
    pub fn prune(&mut self, now: u64) {
        self.newest
            .retain(|_, (_, moment)| moment.saturating_add(MAX_SILENCE) >= now);
        if self.newest.len() > MAX_PROCESSES {
            let mut moments: Vec<u64> = self.newest.values().map(|&(_, m)| m).collect();
            // A quarter goes at once, so that this is seldom.
            let (_, &mut bound, _) = moments.select_nth_unstable(MAX_PROCESSES / 4);
            let mut excess = self.newest.len() - MAX_PROCESSES / 4 * 3;
            self.newest.retain(|_, &mut (_, moment)| {
                let is_kept = moment > bound || excess == 0;
                excess -= usize::from(!is_kept);
                is_kept
            });
        }
    }

    /// Process, newest number, moment.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (Process, u64, u64)> {
        self.newest.iter().map(|(&p, &(n, m))| (p, n, m))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_only_grow() {
        let mut seen = Seen::default();
        assert_eq!(seen.newest((1, 1)), 0);
        seen.note((1, 1), 5, 100);
        seen.note((1, 1), 3, 90);
        assert_eq!(seen.newest((1, 1)), 5);
        assert_eq!(seen.newest((2, 1)), 0, "another user's");
    }

    #[test]
    fn the_silent_are_forgotten_first() {
        let mut seen = Seen::default();
        seen.note((1, 1), 1, 100);
        seen.note((1, 2), 1, 100 + MAX_SILENCE);
        seen.prune(101 + MAX_SILENCE);
        assert_eq!((seen.newest((1, 1)), seen.newest((1, 2))), (0, 1));
        let mut seen = Seen::default();
        for n in 0..=MAX_PROCESSES as u64 {
            seen.note((1, n), 1, 1_000 + n);
        }
        seen.prune(1_000);
        assert_eq!(seen.rows().len(), MAX_PROCESSES / 4 * 3);
        assert_eq!(seen.newest((1, 0)), 0);
        assert_eq!(seen.newest((1, MAX_PROCESSES as u64)), 1);
    }

    #[test]
    fn a_flood_within_one_second_is_bounded_too() {
        let mut seen = Seen::default();
        for n in 0..=MAX_PROCESSES as u64 {
            seen.note((1, n), 1, 5);
        }
        seen.prune(5);
        assert_eq!(seen.rows().len(), MAX_PROCESSES / 4 * 3);
    }
}
