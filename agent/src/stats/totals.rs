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
    /// Adds rows that went to the store. Applications that are no regulars have half of the
    /// series at most.
    pub fn add(&self, rows: &[BucketRow], is_regular: impl Fn(&str) -> bool) {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let mut key = (row.key.app.clone(), row.key.kind, row.key.system.clone());
            let cap = if is_regular(&key.0) {
                SERIES
            } else {
                SERIES / 2
            };
            if totals.len() >= cap && !totals.contains_key(&key) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Key;

    #[test]
    fn made_up_names_leave_room_for_what_comes_later() {
        let totals = Totals::default();
        let row = |app: &str| BucketRow {
            bucket: 0,
            key: Key {
                app: app.into(),
                ..Key::default()
            },
            figures: Figures {
                calls: 1,
                ..Figures::default()
            },
        };
        let junk: Vec<_> = (0..SERIES * 2).map(|n| row(&format!("junk{n}"))).collect();
        totals.add(&junk, |_| false);
        totals.add(&[row("shop")], |app| app == "shop");
        let series = totals.snapshot();
        assert_eq!(series.len(), SERIES / 2 + 2);
        assert_eq!(series[&("shop".into(), 0, "".into())].calls, 1);
        let all: u64 = series.values().map(|figures| figures.calls).sum();
        assert_eq!(all, SERIES as u64 * 2 + 1);
    }
}
