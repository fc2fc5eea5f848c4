//! What was counted since the agent started: for Prometheus, which wants numbers that only grow.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{BucketRow, Figures, OVERFLOW};

/// Application, number of the kind, system.
pub type TotalKey = (Arc<str>, u8, Arc<str>);

/// Series; others are counted as [`OVERFLOW`].
const SERIES: usize = 2_000;

/// Totals by application, kind and system.
#[derive(Debug, Default)]
pub struct Totals(Mutex<BTreeMap<TotalKey, Figures>>);

impl Totals {
    /// Adds rows that went to the store.
    pub fn add(&self, rows: &[BucketRow]) {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let mut key = (row.key.app.clone(), row.key.kind, row.key.system.clone());
            if totals.len() >= SERIES && !totals.contains_key(&key) {
                key = (OVERFLOW.into(), row.key.kind, OVERFLOW.into());
            }
            totals.entry(key).or_default().merge(&row.figures);
        }
    }

    /// The totals of now.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<TotalKey, Figures> {
        let totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        totals.clone()
    }
}
