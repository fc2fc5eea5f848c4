//! The reading side: own connections, which never write.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use super::file::{failure, name_text, open_reading};
use super::partition_read::{self as read, Bound, Candidate};
use super::shared::Shared;
use super::{leaks, meta, partition, roll_read};
use crate::store::{
    Counted, Cursor, LeakProcess, LossRow, Point, ProcessRow, Range, Reader, Result, SeriesFilter,
    StoreError, StoredSegment, TraceFilter, TracePage, TraceRow,
};

/// Segments that one page may look at: with a filter that hits seldom, a page ends there.
const BUDGET: usize = 20_000;
/// Partitions that a reader has open at the same time.
const OPEN: usize = 24;
/// Cache of a partition's connection, KiB. Many are open, and the system caches as well.
const CACHE: i64 = 256;

/// Answers questions from SQLite files.
#[derive(Debug)]
pub struct SqliteReader {
    folder: PathBuf,
    shared: Arc<Shared>,
    /// See [`Shared::renewed`].
    renewed: u64,
    meta: Connection,
    roll: Connection,
    leak: Connection,
    /// See [`Shared::removed`].
    removed: u64,
    /// By partition.
    open: HashMap<u64, Opened>,
    /// Uses of partitions so far.
    uses: u64,
}

#[derive(Debug)]
struct Opened {
    /// The partition's incarnation.
    made: u64,
    /// When it was used last, counted in uses.
    used: u64,
    connection: Connection,
}

impl SqliteReader {
    pub(super) fn open(folder: &Path, shared: Arc<Shared>) -> Result<Self> {
        let open = |name: &str| {
            let path = folder.join(name);
            open_reading(&path, 4_096).map_err(|e| failure(&path, &e))
        };
        Ok(Self {
            renewed: shared.renewed(),
            folder: folder.to_owned(),
            meta: open("meta.db")?,
            roll: open("roll.db")?,
            leak: open("leak.db")?,
            removed: shared.removed(),
            open: HashMap::new(),
            uses: 0,
            shared,
        })
    }

    /// Opens the files again when one was replaced.
    fn refresh(&mut self) -> Result<()> {
        if self.renewed != self.shared.renewed() {
            *self = Self::open(&self.folder, self.shared.clone())?;
        }
        Ok(())
    }

    /// Runs `work` on the partition of `hour`; `None` when there is none, or it is
    /// damaged, which the writer is told.
    fn with<T>(
        &mut self,
        hour: u64,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        self.close_removed();
        let Some(made) = self.shared.made(hour) else {
            return Ok(None);
        };
        let path = partition::path(&self.folder.join("seg"), hour);
        let result = self.opened(hour, made, &path).and_then(work);
        match result.map_err(|e| failure(&path, &e)) {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Corrupt(_, why)) => {
                self.open.remove(&hour);
                self.shared.suspect(hour, why);
                Ok(None)
            }
            // Removed between the look and the opening.
            Err(_) if !path.exists() => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn opened(&mut self, hour: u64, made: u64, path: &Path) -> rusqlite::Result<&Connection> {
        self.uses += 1;
        let used = self.uses;
        if self.open.len() >= OPEN && !self.open.contains_key(&hour) {
            let oldest = self.open.iter().min_by_key(|(_, opened)| opened.used);
            let oldest = oldest.map(|(&hour, _)| hour);
            oldest.and_then(|hour| self.open.remove(&hour));
        }
        let opened = match self.open.entry(hour) {
            Entry::Occupied(opened) => opened.into_mut(),
            Entry::Vacant(slot) => slot.insert(Opened {
                made,
                used,
                connection: open_reading(path, CACHE)?,
            }),
        };
        opened.used = used;
        Ok(&opened.connection)
    }

    /// Partitions that are open now.
    #[cfg(test)]
    pub(crate) fn partitions_open(&self) -> usize {
        self.open.len()
    }

    /// Partitions that are removed take their disk space until the last connection closes.
    fn close_removed(&mut self) {
        let removed = self.shared.removed();
        if self.removed != removed {
            self.removed = removed;
            let shared = &self.shared;
            self.open
                .retain(|&hour, opened| shared.made(hour) == Some(opened.made));
        }
    }

    /// The partitions of a stretch of time, newest first.
    fn hours_in(&self, range: Range) -> impl Iterator<Item = u64> + use<> {
        let wanted = partition::hour_of(range.from_us)..=partition::hour_of(range.to_us);
        let hours = self.shared.hours().into_iter().rev();
        hours.filter(move |hour| wanted.contains(hour))
    }

    /// The slowest traces: of each hour those that may be among them, then the first.
    fn slowest(&mut self, filter: &TraceFilter) -> Result<TracePage> {
        // Of a trace one segment is listed; the others stood in the way of further ones.
        let of_hour = (filter.limit * 4 + 64).min(BUDGET);
        let mut all = Vec::new();
        for hour in self.hours_in(filter.range) {
            let found = self.with(hour, |connection| {
                match Bound::new(connection, filter, is_indexed)? {
                    Some(bound) => bound.slowest(connection, of_hour),
                    None => Ok(Vec::new()),
                }
            })?;
            all.extend(found.unwrap_or_default().into_iter().map(|row| (hour, row)));
            all.sort_by_key(|(_, row)| std::cmp::Reverse(row.duration_us));
            all.truncate(of_hour);
        }
        let mut page = TracePage::default();
        for (hour, candidate) in all {
            if page.traces.len() < filter.limit
                && let Some(row) = self.listed(filter, hour, &candidate)?
            {
                page.traces.push(row);
            }
        }
        Ok(page)
    }

    fn meta<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|e| failure(&self.folder.join("meta.db"), &e))
    }

    fn roll_path(&self) -> PathBuf {
        self.folder.join("roll.db")
    }

    /// The row under which `candidate`'s trace is listed, unless another segment stands for
    /// the trace.
    fn listed(
        &mut self,
        filter: &TraceFilter,
        hour: u64,
        candidate: &Candidate,
    ) -> Result<Option<TraceRow>> {
        let (mut spans, mut errors) = (0, 0);
        // A trace that crosses the hour has segments in two partitions.
        for near in [hour.saturating_sub(1), hour, hour + 1] {
            if !self.shared.may_hold(near, candidate.trace.1) {
                continue;
            }
            let best = self.with(near, |connection| {
                let Some(bound) = Bound::new(connection, filter, is_indexed)? else {
                    let all = read::of_trace(connection, candidate.trace)?;
                    return Ok((None, all));
                };
                let all = read::of_trace(connection, candidate.trace)?;
                let mut best: Option<Candidate> = None;
                for row in &all {
                    let better = best.as_ref().is_none_or(|b| row.order() < b.order());
                    if better && bound.admits(connection, row)? {
                        best = Some(row.clone());
                    }
                }
                Ok((best, all))
            })?;
            let Some((best, all)) = best else { continue };
            spans += all.iter().map(|row| row.spans).sum::<u64>();
            errors += all.iter().map(|row| row.errors).sum::<u64>();
            let other = best.is_some_and(|best| {
                best.order() < candidate.order() && (near, best.id) != (hour, candidate.id)
            });
            if other {
                return Ok(None);
            }
        }
        let (hi, lo) = candidate.trace;
        let id = u128::from(hi.cast_unsigned()) << 64 | u128::from(lo.cast_unsigned());
        let row = self.with(hour, |connection| {
            Ok(TraceRow {
                trace_id: id.to_be_bytes(),
                app: name_text(connection, candidate.app)?,
                endpoint: name_text(connection, candidate.endpoint)?,
                start_us: super::file::count(candidate.start_us),
                duration_us: super::file::count(candidate.duration_us),
                status: candidate.status(),
                spans,
                errors,
            })
        })?;
        Ok(row)
    }
}

/// Whether an attribute is searched by the index.
fn is_indexed(key: &str) -> bool {
    crate::store::writer::INDEXED.contains(&key)
}

impl Reader for SqliteReader {
    fn statistics(&mut self, range: Range, app: Option<&str>) -> Result<Vec<Counted>> {
        self.refresh()?;
        roll_read::read(&self.roll, &self.roll_path(), range, app, false)
    }

    fn edges(&mut self, range: Range) -> Result<Vec<Counted>> {
        self.refresh()?;
        roll_read::read(&self.roll, &self.roll_path(), range, None, true)
    }

    fn series(&mut self, range: Range, step: u64, filter: &SeriesFilter) -> Result<Vec<Point>> {
        self.refresh()?;
        let points = roll_read::series(&self.roll, range, step, filter);
        points.map_err(|e| failure(&self.roll_path(), &e))
    }

    fn aliases(&mut self) -> Result<Vec<(Arc<str>, Arc<str>)>> {
        self.refresh()?;
        self.meta(meta::aliases(&self.meta))
    }

    fn traces(&mut self, filter: &TraceFilter) -> Result<TracePage> {
        if filter.slowest {
            return self.slowest(filter);
        }
        let mut page = TracePage::default();
        let mut looked_at = 0;
        let range = filter.range;
        for hour in self.hours_in(range) {
            let mut before = match filter.cursor {
                Some(cursor) if hour > cursor.hour => continue,
                Some(cursor) if hour == cursor.hour => (cursor.start_us, cursor.id),
                _ => (super::file::int(range.to_us), i64::MIN),
            };
            loop {
                let chunk = (filter.limit * 2).clamp(16, 512);
                let candidates = self.with(hour, |connection| {
                    match Bound::new(connection, filter, is_indexed)? {
                        Some(bound) => bound.candidates(connection, before, chunk),
                        None => Ok(Vec::new()),
                    }
                })?;
                let candidates = candidates.unwrap_or_default();
                for candidate in &candidates {
                    if page.traces.len() >= filter.limit || looked_at >= BUDGET {
                        page.next = Some(Cursor {
                            hour,
                            start_us: before.0,
                            id: before.1,
                        });
                        return Ok(page);
                    }
                    looked_at += 1;
                    before = (candidate.start_us, candidate.id);
                    let admitted = self.with(hour, |connection| {
                        match Bound::new(connection, filter, is_indexed)? {
                            Some(bound) => bound.admits(connection, candidate),
                            None => Ok(false),
                        }
                    })?;
                    if admitted == Some(true)
                        && let Some(row) = self.listed(filter, hour, candidate)?
                    {
                        page.traces.push(row);
                    }
                }
                if candidates.len() < chunk {
                    break;
                }
            }
        }
        Ok(page)
    }

    fn trace(&mut self, trace_id: [u8; 16]) -> Result<Vec<StoredSegment>> {
        let halves = partition::halves(trace_id);
        let mut found = Vec::new();
        for hour in self.shared.hours_of(halves.1) {
            self.with(hour, |c| read::bodies(c, halves, &mut found))?;
        }
        Ok(found)
    }

    fn processes(&mut self, limit: usize) -> Result<Vec<ProcessRow>> {
        self.refresh()?;
        self.meta(meta::processes(&self.meta, limit))
    }

    fn leaks(&mut self, app: Option<&str>, limit: usize) -> Result<Vec<LeakProcess>> {
        self.refresh()?;
        leaks::read(&self.leak, app, limit).map_err(|e| failure(&self.folder.join("leak.db"), &e))
    }

    fn losses(&mut self) -> Result<Vec<LossRow>> {
        self.refresh()?;
        roll_read::losses(&self.roll).map_err(|e| failure(&self.roll_path(), &e))
    }
}
