//! The store: what happens to batches in the end.
//!
//! A [`Store`] belongs to the writer thread alone. It takes what waits ([`Pending`]) and
//! merged statistics, each with the position in the journal up to which it is complete,
//! and skips at a replay what it has already. Any number of [`Reader`]s answer
//! questions meanwhile.
//!
//! There is one implementation, [`sqlite`]. Another has to pass `conformance`.

mod activity;
#[cfg(test)]
mod conformance;
mod pending;
mod query;
pub mod sqlite;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

pub use activity::Activity;
pub use pending::{LeakRow, Pending, ProcessRow, SegmentRow, row_flags};
pub use query::{
    Counted, Cursor, LeakProcess, LossRow, Point, Range, SeriesFilter, Status, StoredSegment,
    TraceFilter, TracePage, TraceRow,
};
pub use sqlite::{Limits, SqliteStore};
pub use writer::{Writer, WriterOptions};

use crate::stats::{BucketRow, Figures, Key};

#[cfg(test)]
mod tests;

/// Why the store cannot do what it was asked to.
#[derive(Debug)]
pub enum StoreError {
    /// The disk, or a limit on files, is full. Nothing was written.
    Full(String),
    /// This file is damaged. It will be put aside.
    Corrupt(PathBuf, String),
    /// Anything else.
    Other(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full(why) => write!(f, "no room: {why}"),
            Self::Corrupt(path, why) => write!(f, "{} is damaged: {why}", path.display()),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for StoreError {}

/// Result of the store's calls.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Where everything is kept. Positions are those of the journal.
pub trait Store: Send + 'static {
    /// What answers questions.
    type Reader: Reader;

    /// Opens another reader.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn reader(&self) -> Result<Self::Reader>;

    /// Writes what waits, complete up to position `at`, durably against the death of the
    /// agent. Rows whose position is in the store already are skipped. After an error `pending`
    /// may be offered again: none is written twice. Segments that were written before the error are
    /// not in it any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn write(&mut self, at: u64, pending: &mut Pending) -> Result<()>;

    /// Adds statistics, complete up to position `at`, to minutes and hours, and `losses`
    /// that processes reported. All of it or nothing.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn checkpoint(&mut self, at: u64, rows: &[BucketRow], losses: &[LossRow]) -> Result<()>;

    /// Records which application answers at an address.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn alias(&mut self, peer: &str, app: &str) -> Result<()>;

    /// Position up to which the statistics are complete.
    fn counted(&self) -> u64;

    /// Position up to which everything is complete.
    fn durable(&self) -> u64;

    /// Highest position that anything in the store has.
    fn newest(&self) -> u64;

    /// Makes room on the disk, by giving up the oldest traces if need be; false when
    /// that is of no use.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn make_room(&mut self) -> Result<bool>;

    /// Whether the disk has room to spare.
    fn has_room(&self) -> bool;

    /// Keeps so much from now on.
    fn set_limits(&mut self, limits: Limits);

    /// Removes what is too old or too much, puts damaged files aside. `now_us`: Unix µs.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn retain(&mut self, now_us: u64) -> Result<()>;

    /// What is there, for the metrics.
    fn size(&self) -> Size;

    /// Ends cleanly.
    fn close(self)
    where
        Self: Sized;
}

/// What a store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes on disk, all files.
    pub bytes: u64,
    /// Bytes of the traces among them.
    pub trace_bytes: u64,
    /// Partitions of traces.
    pub partitions: u64,
    /// Those of them that a question for a trace that they do not hold need not open.
    pub filters: u64,
    /// Files that were found damaged and put aside.
    pub corrupt: Vec<String>,
}

/// Answers questions. Each thread has its own.
pub trait Reader: Send + 'static {
    /// Statistics between two moments, merged over time, by key; of one application, or
    /// of all.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn statistics(&mut self, range: Range, app: Option<&str>) -> Result<Vec<Counted>>;

    /// The same without endpoints: the edges of the topology.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn edges(&mut self, range: Range) -> Result<Vec<Counted>>;

    /// Statistics over time, by application and in steps of `step` seconds, a multiple of 60
    /// that divides a day or is one of several days. Steps without calls are left out; those in
    /// which the range begins and ends count as a whole. Whole hours are read from the hours,
    /// which are kept longer.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn series(&mut self, range: Range, step: u64, filter: &SeriesFilter) -> Result<Vec<Point>>;

    /// Which application answers at which address.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn aliases(&mut self) -> Result<Vec<(Arc<str>, Arc<str>)>>;

    /// Traces, newest first, or the slowest.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn traces(&mut self, filter: &TraceFilter) -> Result<TracePage>;

    /// All segments of a trace, none when it is not known.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn trace(&mut self, trace_id: [u8; 16]) -> Result<Vec<StoredSegment>>;

    /// Processes, the latest seen first.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn processes(&mut self, limit: usize) -> Result<Vec<ProcessRow>>;

    /// Loops of the leak finder by process, the latest seen first; of one application, or
    /// of all.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn leaks(&mut self, app: Option<&str>, limit: usize) -> Result<Vec<LeakProcess>>;

    /// What processes could not send.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn losses(&mut self) -> Result<Vec<LossRow>>;
}

/// Merges rows that `group` gives the same key.
pub fn grouped<K: std::hash::Hash + Eq + Ord>(
    rows: &[Counted],
    mut group: impl FnMut(&Key<Arc<str>>) -> Option<K>,
) -> std::collections::BTreeMap<K, Figures> {
    let mut groups = std::collections::BTreeMap::new();
    for row in rows {
        if let Some(key) = group(&row.key) {
            let figures: &mut Figures = groups.entry(key).or_default();
            figures.merge(&row.figures);
        }
    }
    groups
}
