//! What the writer and the readers of one store tell each other.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use super::filter::Filter;

/// Which partitions there are.
#[derive(Debug)]
pub(super) struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    partitions: BTreeMap<u64, Partition>,
    next: u64,
    /// How often a partition was removed.
    removed: u64,
    /// How often one of the other files was replaced.
    renewed: u64,
    /// Partitions that a reader found damaged, and why.
    suspects: HashMap<u64, String>,
}

#[derive(Debug)]
struct Partition {
    /// Its incarnation: a partition may be removed and made again.
    made: u64,
    /// Which traces it may hold; none while it is written to.
    filter: Option<Filter>,
}

impl Partition {
    fn may_hold(&self, right: i64) -> bool {
        let filter = self.filter.as_ref();
        filter.is_none_or(|filter| filter.may_hold(right))
    }
}

impl Shared {
    pub(super) fn new(hours: impl Iterator<Item = u64>) -> Self {
        let shared = Self(Mutex::default());
        for hour in hours {
            shared.add(hour);
        }
        shared
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn add(&self, hour: u64) {
        self.with(|state| {
            let made = state.next;
            let new = || Partition { made, filter: None };
            state.partitions.entry(hour).or_insert_with(new);
            state.next += 1;
        });
    }

    pub(super) fn remove(&self, hour: u64) {
        self.with(|state| {
            state.partitions.remove(&hour);
            state.removed += 1;
        });
    }

    /// Changes when a reader has to look which of its partitions are still there.
    pub(super) fn removed(&self) -> u64 {
        self.with(|state| state.removed)
    }

    /// Partitions, oldest first.
    pub(super) fn hours(&self) -> Vec<u64> {
        self.with(|state| state.partitions.keys().copied().collect())
    }

    /// The incarnation of a partition, if it is there.
    pub(super) fn made(&self, hour: u64) -> Option<u64> {
        self.with(|state| state.partitions.get(&hour).map(|p| p.made))
    }

    /// Partitions that may hold a trace with this right half, newest first.
    pub(super) fn hours_of(&self, right: i64) -> Vec<u64> {
        self.with(|state| {
            let all = state.partitions.iter().rev();
            all.filter(|(_, partition)| partition.may_hold(right))
                .map(|(&hour, _)| hour)
                .collect()
        })
    }

    /// Whether a partition may hold a trace with this right half.
    pub(super) fn may_hold(&self, hour: u64, right: i64) -> bool {
        let partition = |state: &mut State| {
            let found = state.partitions.get(&hour);
            found.is_some_and(|partition| partition.may_hold(right))
        };
        self.with(partition)
    }

    /// Sets the filter of a partition; none before it is written to.
    pub(super) fn set_filter(&self, hour: u64, filter: Option<Filter>) {
        self.with(|state| {
            if let Some(partition) = state.partitions.get_mut(&hour) {
                partition.filter = filter;
            }
        });
    }

    /// Partitions without a filter, newest first.
    pub(super) fn unfiltered(&self) -> Vec<u64> {
        self.with(|state| {
            let all = state.partitions.iter().rev();
            all.filter(|(_, partition)| partition.filter.is_none())
                .map(|(&hour, _)| hour)
                .collect()
        })
    }

    /// Number of the filters, and their bytes.
    pub(super) fn filters(&self) -> (u64, usize) {
        self.with(|state| {
            let filters = state.partitions.values().filter_map(|p| p.filter.as_ref());
            filters.fold((0, 0), |(n, bytes), f| (n + 1, bytes + f.bytes()))
        })
    }

    /// One of the files that are no partitions was replaced.
    pub(super) fn renew(&self) {
        self.with(|state| state.renewed += 1);
    }

    /// Changes when a reader has to open its files again.
    pub(super) fn renewed(&self) -> u64 {
        self.with(|state| state.renewed)
    }

    pub(super) fn suspect(&self, hour: u64, why: String) {
        self.with(|state| state.suspects.insert(hour, why));
    }

    pub(super) fn take_suspects(&self) -> HashMap<u64, String> {
        self.with(|state| std::mem::take(&mut state.suspects))
    }
}
