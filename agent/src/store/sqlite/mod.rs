//! The store in SQLite files.
//!
//! | file | what |
//! |---|---|
//! | `meta.db` | processes, aliases; its position is that of the last complete write |
//! | `roll.db` | statistics by minute and hour, losses that processes reported |
//! | `leak.db` | loops of the leak finder |
//! | `seg/YYYYMMDDHH.db` | segments by the hour of their begin; removed as a whole |
//!
//! Each file has its own names, version and position, so it can be removed, put aside or
//! copied without the others. A write commits file by file, `meta.db` last; what a file has is
//! skipped when the journal is replayed.

mod file;
mod filter;
mod leaks;
mod meta;
mod partition;
mod partition_read;
mod reader;
mod roll;
mod roll_read;
mod shared;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::file::{File, Schema};
use self::filter::Filter;
use self::shared::Shared;
use super::{LossRow, Pending, Result, SegmentRow, Size, Store, StoreError};
use crate::stats::BucketRow;

pub(crate) use self::partition_read::text_of;
pub use self::reader::SqliteReader;

/// Partitions that the writer has open at the same time.
const OPEN: usize = 4;
/// Seconds after which a partition whose hour is over gets a filter: few segments are that late.
const SETTLED: u64 = 600;
/// Time for making filters, each time that old data is removed.
const FILTER_TIME: Duration = Duration::from_millis(100);
/// Bytes of all filters; partitions beyond that, the oldest ones, are opened.
const FILTER_BYTES: usize = 64 << 20;
/// A decompressed body is at most what a frame can carry.
const MAX_BODY: usize = tracker_protocol::limits::MAX_FRAME;

/// How much is kept, and for how long. Of age and bytes the first that is reached counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Age of traces, seconds.
    pub trace_seconds: u64,
    /// Bytes of traces.
    pub trace_bytes: u64,
    /// Age of minutes, of processes and of leak records, seconds.
    pub minute_seconds: u64,
    /// Age of hours, seconds.
    pub hour_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self {
            trace_seconds: 3 * DAY,
            trace_bytes: 2 << 30,
            minute_seconds: 7 * DAY,
            hour_seconds: 90 * DAY,
        }
    }
}

/// The writing side.
#[derive(Debug)]
pub struct SqliteStore {
    folder: PathBuf,
    limits: Limits,
    meta: File,
    roll: File,
    leak: File,
    /// Open partitions, the one used last behind.
    open: Vec<(u64, File)>,
    newest: u64,
    corrupt: Vec<String>,
    shared: Arc<Shared>,
}

impl SqliteStore {
    /// Opens the store in `folder`, which exists. Damaged files are put aside, told in the
    /// log and in [`Size::corrupt`], and replaced by empty ones.
    ///
    /// # Errors
    /// When a file can be neither used nor replaced.
    pub fn open(folder: &Path, limits: Limits) -> Result<Self> {
        let seg = folder.join("seg");
        fs::create_dir_all(&seg).map_err(|e| other(&seg, &e))?;
        let mut corrupt = Vec::new();
        let mut open =
            |name: &str, schema| open_or_replace(&folder.join(name), schema, &mut corrupt);
        let meta = open("meta.db", meta::SCHEMA)?;
        let roll = open("roll.db", roll::SCHEMA)?;
        let leak = open("leak.db", leaks::SCHEMA)?;
        let mut newest = [&meta, &roll, &leak]
            .map(File::position)
            .into_iter()
            .max()
            .unwrap_or(0);
        let mut hours = Vec::new();
        for entry in fs::read_dir(&seg).map_err(|e| other(&seg, &e))? {
            let entry = entry.map_err(|e| other(&seg, &e))?;
            let Some(hour) = entry.file_name().to_str().and_then(partition::hour_in) else {
                continue;
            };
            // Opening checks what was not closed, and tells the position.
            let path = entry.path();
            match File::open(&path, partition::SCHEMA) {
                Ok(file) => {
                    newest = newest.max(file.position());
                    hours.push((hour, file.position()));
                    file.close();
                }
                Err(StoreError::Corrupt(path, why)) => put_aside(&path, &why, &mut corrupt)?,
                Err(e) => return Err(e),
            }
        }
        let shared = Shared::new(hours.iter().map(|&(hour, _)| hour));
        for (hour, position) in hours {
            let kept = filter::get(meta.connection(), hour, position);
            shared.set_filter(hour, kept.map_err(|e| file::failure(folder, &e))?);
        }
        Ok(Self {
            folder: folder.to_owned(),
            limits,
            meta,
            roll,
            leak,
            open: Vec::new(),
            newest,
            corrupt,
            shared: Arc::new(shared),
        })
    }

    fn seg(&self) -> PathBuf {
        self.folder.join("seg")
    }

    /// The partition of `hour`, opened if it is not; older ones are closed.
    fn partition(&mut self, hour: u64) -> Result<&mut File> {
        let opened = match self.open.iter().position(|(open, _)| *open == hour) {
            Some(at) => self.open.remove(at),
            None => {
                let path = partition::path(&self.seg(), hour);
                let file = open_or_replace(&path, partition::SCHEMA, &mut self.corrupt)?;
                self.shared.add(hour);
                if self.open.len() >= OPEN {
                    self.open.remove(0).1.close();
                }
                (hour, file)
            }
        };
        self.open.push(opened);
        let last = self.open.len() - 1;
        Ok(&mut self.open[last].1)
    }

    fn remove(&mut self, hour: u64) -> Result<()> {
        self.open.retain(|(open, _)| *open != hour);
        self.shared.remove(hour);
        let path = partition::path(&self.seg(), hour);
        match file::remove(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(other(&path, &e)),
            _ => {}
        }
        // On a full disk it stays; it is of no file then, and small.
        match filter::remove(&mut self.meta, hour) {
            Err(StoreError::Full(_)) => Ok(()),
            done => done,
        }
    }

    /// Removes the oldest partition, unless it is the only one.
    fn remove_oldest(&mut self) -> Result<bool> {
        match self.shared.hours().as_slice() {
            [oldest, _, ..] => self.remove(*oldest).map(|()| true),
            _ => Ok(false),
        }
    }

    /// Puts aside a partition that turned out to be damaged while it was in use.
    fn set_aside(&mut self, hour: u64, why: &str) -> Result<()> {
        self.open.retain(|(open, _)| *open != hour);
        self.shared.remove(hour);
        put_aside(&partition::path(&self.seg(), hour), why, &mut self.corrupt)
    }

    /// Makes filters of partitions whose hour is over, the newest first.
    fn make_filters(&mut self, now_us: u64) -> Result<()> {
        let end = Instant::now() + FILTER_TIME;
        let settled = now_us.saturating_sub(SETTLED * 1_000_000);
        let wanted = self.shared.unfiltered().into_iter();
        for hour in wanted.filter(|&hour| partition::end_us(hour) <= settled) {
            if Instant::now() >= end || self.shared.filters().1 >= FILTER_BYTES {
                break;
            }
            match Filter::of(&partition::path(&self.seg(), hour)) {
                Ok(filter) => {
                    filter::put(&mut self.meta, hour, &filter)?;
                    self.shared.set_filter(hour, Some(filter));
                }
                Err(StoreError::Corrupt(_, why)) => self.set_aside(hour, &why)?,
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn write_partition(&mut self, hour: u64, at: u64, rows: &[&SegmentRow]) -> Result<()> {
        // Before the rows are there: no reader may be told that they are not.
        self.shared.set_filter(hour, None);
        let file = self.partition(hour)?;
        match partition::write(file, at, rows.iter().copied()) {
            Err(StoreError::Corrupt(_, why)) => {
                self.set_aside(hour, &why)?;
                let file = self.partition(hour)?;
                partition::write(file, at, rows.iter().copied())
            }
            done => done,
        }
    }

    /// When a file turned out to be damaged, an empty one takes its place; what was to be
    /// written can be offered again.
    pub(super) fn heal<T>(&mut self, result: Result<T>) -> Result<T> {
        let Err(StoreError::Corrupt(path, why)) = result else {
            return result;
        };
        for (name, schema, file) in [
            ("meta.db", meta::SCHEMA, &mut self.meta),
            ("roll.db", roll::SCHEMA, &mut self.roll),
            ("leak.db", leaks::SCHEMA, &mut self.leak),
        ] {
            if path == self.folder.join(name) {
                put_aside(&path, &why, &mut self.corrupt)?;
                *file = File::open(&path, schema)?;
                self.shared.renew();
            }
        }
        Err(StoreError::Other(format!(
            "{} was put aside",
            path.display()
        )))
    }

    fn write_all(&mut self, at: u64, pending: &mut Pending) -> Result<()> {
        let mut written = Vec::new();
        let segments = self.write_segments(at, &pending.segments, &mut written);
        let done = segments.and_then(|()| self.write_others(at, pending));
        if done.is_err() {
            // What is written does not wait any more, and cannot be given up.
            pending.forget(|row| written.contains(&partition::hour_of(row.start_us)));
        }
        done
    }

    fn write_segments(
        &mut self,
        at: u64,
        rows: &[SegmentRow],
        written: &mut Vec<u64>,
    ) -> Result<()> {
        let mut hours: BTreeMap<u64, Vec<&SegmentRow>> = BTreeMap::new();
        for row in rows {
            let hour = partition::hour_of(row.start_us);
            hours.entry(hour).or_default().push(row);
        }
        for (hour, rows) in hours {
            self.write_partition(hour, at, &rows)?;
            written.push(hour);
        }
        Ok(())
    }

    fn write_others(&mut self, at: u64, pending: &Pending) -> Result<()> {
        if !pending.leaks.is_empty() {
            let has = self.leak.position();
            self.leak.commit(Some(at.max(has)), |work| {
                let mut new = pending.leaks.iter().filter(|row| row.position > has);
                new.try_for_each(|row| leaks::put(work, row))
            })?;
        }
        let at = at.max(self.meta.position());
        self.meta.commit(Some(at), |work| {
            let mut rows = pending.processes.values();
            rows.try_for_each(|row| meta::put_process(work, row))
        })?;
        self.newest = self.newest.max(at);
        Ok(())
    }

    fn retain_all(&mut self, now_us: u64) -> Result<()> {
        for (hour, why) in self.shared.take_suspects() {
            self.set_aside(hour, &why)?;
        }
        let age = |seconds: u64| now_us.saturating_sub(seconds.saturating_mul(1_000_000));
        for hour in self.shared.hours() {
            if partition::end_us(hour) <= age(self.limits.trace_seconds) {
                self.remove(hour)?;
            }
        }
        while self.size().trace_bytes > self.limits.trace_bytes && self.remove_oldest()? {}
        let (minutes, hours) = (self.limits.minute_seconds, self.limits.hour_seconds);
        let seconds = |us: u64| us / 1_000_000;
        roll::retain(&mut self.roll, seconds(age(minutes)), seconds(age(hours)))?;
        leaks::retain(&mut self.leak, age(minutes))?;
        meta::retain(&mut self.meta, age(minutes))?;
        self.make_filters(now_us)
    }

    fn free(&self) -> Option<(u64, u64)> {
        let stat = nix::sys::statvfs::statvfs(&self.folder).ok()?;
        let unit = stat.fragment_size();
        Some((stat.blocks_available() * unit, stat.blocks() * unit))
    }
}

impl Store for SqliteStore {
    type Reader = SqliteReader;

    fn reader(&self) -> Result<SqliteReader> {
        SqliteReader::open(&self.folder, self.shared.clone())
    }

    fn write(&mut self, at: u64, pending: &mut Pending) -> Result<()> {
        let done = self.write_all(at, pending);
        self.heal(done)
    }

    fn checkpoint(&mut self, at: u64, rows: &[BucketRow], losses: &[LossRow]) -> Result<()> {
        let done = roll::checkpoint(&mut self.roll, at, rows, losses);
        self.heal(done)?;
        self.newest = self.newest.max(at);
        Ok(())
    }

    fn alias(&mut self, peer: &str, app: &str) -> Result<()> {
        let done = meta::put_alias(&mut self.meta, peer, app);
        self.heal(done)
    }

    fn counted(&self) -> u64 {
        self.roll.position()
    }

    fn durable(&self) -> u64 {
        self.meta.position().min(self.roll.position())
    }

    fn newest(&self) -> u64 {
        self.newest
    }

    fn make_room(&mut self) -> Result<bool> {
        let before = self.size().bytes;
        let partitions = self.open.iter().map(|(_, file)| file);
        for file in partitions.chain([&self.meta, &self.roll, &self.leak]) {
            file.compact();
        }
        if self.size().bytes < before {
            return Ok(true);
        }
        // It may be a limit on the size of a file: then older traces are not in the way.
        Ok(!self.has_room() && self.remove_oldest()?)
    }

    fn has_room(&self) -> bool {
        // On a small disk a tenth, on a large one 256 MiB.
        self.free()
            .is_none_or(|(free, all)| free >= (all / 10).min(256 << 20))
    }

    fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    fn retain(&mut self, now_us: u64) -> Result<()> {
        let done = self.retain_all(now_us);
        self.heal(done)
    }

    fn size(&self) -> Size {
        let hours = self.shared.hours();
        let seg = self.seg();
        let sizes = hours
            .iter()
            .map(|&hour| file::bytes(&partition::path(&seg, hour)));
        let trace_bytes = sizes.sum();
        let others =
            ["meta.db", "roll.db", "leak.db"].map(|name| file::bytes(&self.folder.join(name)));
        Size {
            bytes: trace_bytes + others.iter().sum::<u64>(),
            trace_bytes,
            partitions: hours.len() as u64,
            filters: self.shared.filters().0,
            corrupt: self.corrupt.clone(),
        }
    }

    fn close(self) {
        for (_, file) in self.open {
            file.close();
        }
        for file in [self.leak, self.roll, self.meta] {
            file.close();
        }
    }
}

fn open_or_replace(path: &Path, schema: Schema, corrupt: &mut Vec<String>) -> Result<File> {
    match File::open(path, schema) {
        Err(StoreError::Corrupt(path, why)) => {
            put_aside(&path, &why, corrupt)?;
            File::open(&path, schema)
        }
        opened => opened,
    }
}

fn put_aside(path: &Path, why: &str, corrupt: &mut Vec<String>) -> Result<()> {
    let target = file::put_aside(path).map_err(|e| other(path, &e))?;
    tracing::error!(file = %path.display(), kept = %target.display(), why, "a damaged file was put aside");
    corrupt.push(target.display().to_string());
    Ok(())
}

fn other(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Other(format!("{}: {error}", path.display()))
}

/// Decompresses a body, which says how long it is.
fn unpack(bytes: &[u8]) -> std::result::Result<Vec<u8>, &'static str> {
    let (len, packed) = lz4_flex::block::uncompressed_size(bytes).map_err(|_| "too short")?;
    if len > MAX_BODY {
        return Err("too long");
    }
    lz4_flex::decompress(packed, len).map_err(|_| "not lz4")
}
