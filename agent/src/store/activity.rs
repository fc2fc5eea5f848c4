//! What the writer tells of itself.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::Size;
use crate::pipeline::Metric;
use crate::stats::Totals;

/// What the writer does, for the metrics.
#[derive(Debug, Default)]
pub struct Activity {
    /// Spans written.
    pub spans: AtomicU64,
    /// Segments written.
    pub segments: AtomicU64,
    /// Calls counted.
    pub calls: AtomicU64,
    /// Statistics rows that found no room under a key of their own.
    pub folded: AtomicU64,
    /// Writes that failed.
    pub errors: AtomicU64,
    /// 1 while the disk has no room for traces.
    pub shedding: AtomicU64,
    /// What was counted.
    pub totals: Totals,
    /// What the store holds, as of the last look.
    size: std::sync::Mutex<Size>,
}

impl Activity {
    /// What the store holds, as of the last look.
    #[must_use]
    pub fn size(&self) -> Size {
        let size = self.size.lock();
        size.unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// All numbers; those of one name stand together.
    #[must_use]
    pub fn metrics(&self) -> Vec<Metric> {
        let size = self.size();
        let counter = |name, help, n: &AtomicU64| Metric::counter(name, help, n.load(Relaxed));
        #[rustfmt::skip]
        let all = vec![
            counter("spans_stored_total", "Spans written to the store", &self.spans),
            counter("segments_stored_total", "Segments written to the store", &self.segments),
            counter("calls_counted_total", "Calls in statistics taken", &self.calls),
            counter("statistics_overflow_total", "Statistics rows added to an overflow row", &self.folded),
            counter("store_errors_total", "Writes to the store that failed", &self.errors),
            Metric::gauge("store_shedding", "1 while there is no room for traces", self.shedding.load(Relaxed)),
            Metric::gauge("store_trace_bytes", "Size of the traces, which trace_mb bounds", size.trace_bytes),
            Metric::gauge("store_partitions", "Files that hold traces", size.partitions),
            Metric::gauge("store_filters", "Those with a filter of their traces", size.filters),
            Metric::gauge("store_corrupt_files", "Damaged files put aside", size.corrupt.len() as u64),
        ];
        all
    }

    pub(super) fn set_size(&self, size: Size) {
        let slot = self.size.lock();
        *slot.unwrap_or_else(std::sync::PoisonError::into_inner) = size;
    }
}
