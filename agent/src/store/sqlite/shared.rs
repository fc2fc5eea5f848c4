//! What the writer and the readers of one store tell each other.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// Which partitions there are.
#[derive(Debug)]
pub(super) struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Partition and its incarnation: a partition may be removed and made again.
    partitions: BTreeMap<u64, u64>,
    next: u64,
    /// How often one of the other files was replaced.
    renewed: u64,
    /// Partitions that a reader found damaged, and why.
    suspects: HashMap<u64, String>,
}

impl Shared {
    pub(super) fn new(hours: Vec<u64>) -> Self {
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
            let next = state.next;
            state.partitions.entry(hour).or_insert(next);
            state.next += 1;
        });
    }

    pub(super) fn remove(&self, hour: u64) {
        self.with(|state| state.partitions.remove(&hour));
    }

    /// Partitions, oldest first.
    pub(super) fn hours(&self) -> Vec<u64> {
        self.with(|state| state.partitions.keys().copied().collect())
    }

    /// Partitions with their incarnations.
    pub(super) fn partitions(&self) -> BTreeMap<u64, u64> {
        self.with(|state| state.partitions.clone())
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
