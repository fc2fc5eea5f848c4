//! The journal: every batch is written here before it is acknowledged, and stays until
//! the store has it for good.
//!
//! Files of entries with check sums ([`entry`]) in `<data dir>/journal`, named by the first
//! position they may hold. Each stands for itself: it begins with the table of what was
//! [seen], and names each origin before its first batch. A start always begins a new
//! file, and never writes to an old one. Writes go to the page cache: they survive the death of
//! the agent (`kill -9`), not a power failure.
//!
//! # When room is short
//! There are three [states](State). *Bodies are shed* when the file system has less than
//! `min_free` bytes, when the journal is fuller than three quarters of its limit, or when
//! a write fails; then only statistics and reports of losses are taken of a batch, which is
//! acknowledged, and what went is counted (`dropped_total{reason="shed"}`). For these there
//! is a [reserve] on the disk. When that is used up, or the journal is at its limit, *nothing* is
//! taken: no batch is acknowledged, no connection read, and the senders keep what they can, new
//! bodies going first there as well. All recovers by itself.

mod entry;
mod file;
mod replay;
mod reserve;
mod seen;
mod shed;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{SystemTime, UNIX_EPOCH};

pub use replay::Replay;

use crate::pipeline::{Counters, Loss, Origin};
use entry::Process;
use file::Writer;
use reserve::Reserve;
use seen::Seen;

/// How large the journal may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files; at three quarters of it bodies are shed.
    pub bytes: u64,
    /// Free bytes of the file system below which bodies are shed.
    pub min_free: u64,
}

impl Limits {
    /// Bytes at which a new file is begun.
    fn file(&self) -> u64 {
        (self.bytes / 16).clamp(64 << 10, 16 << 20)
    }

    /// Bytes of the room set aside for statistics.
    fn reserve(&self) -> u64 {
        (self.bytes / 64).clamp(64 << 10, 4 << 20)
    }
}

/// What is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Everything.
    All = 0,
    /// Statistics and losses; bodies are shed.
    Shed = 1,
    /// Nothing.
    Full = 2,
}

/// What became of a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Append {
    /// It is kept at this position.
    Kept(u64),
    /// It is kept at this position without its bodies: this is what remained.
    Reduced(u64, Vec<u8>),
    /// There is no room: it is not kept.
    Full,
}

/// See the [module](self).
#[derive(Debug)]
pub struct Journal {
    dir: PathBuf,
    limits: Limits,
    counters: Arc<Counters>,
    /// Files that are complete: path, bytes, last position.
    closed: VecDeque<(PathBuf, u64, u64)>,
    closed_bytes: u64,
    writer: Writer,
    /// Origins that the present file names.
    named: HashMap<Process, Arc<Origin>>,
    next: u64,
    seen: Seen,
    state: State,
    reserve: Reserve,
    /// Bytes that may be written until the free room is looked at again.
    unchecked: u64,
}

/// Bytes written between two looks at the free room.
const CHECK_EVERY: u64 = 4 << 20;

impl Journal {
    /// Opens the journal in `dir`, which is made if it is not there. Positions begin behind
    /// all that it holds and behind `newest`. Also gives the reader of what it holds.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(
        dir: &Path,
        limits: Limits,
        newest: u64,
        counters: Arc<Counters>,
    ) -> io::Result<(Self, Replay)> {
        std::fs::create_dir_all(dir)?;
        let mut reserve = Reserve::new(dir, limits.reserve());
        let mut seen = Seen::default();
        let mut scanned = replay::scan(dir, &mut seen, &counters)?;
        let last = scanned.back().map_or(0, |&(_, _, last)| last);
        let next = last.max(newest) + 1;
        // One without a batch is replaced by the new file.
        scanned.retain(|(path, ..)| *path != file::path(dir, next));
        let replay = Replay::new(scanned.iter().map(|(path, ..)| path.clone()).collect());
        // A full disk must not keep the agent from starting: the reserve is for that.
        reserve.release();
        seen.prune(now());
        let writer = begin(dir, next, &seen)?;
        let mut journal = Self {
            dir: dir.to_owned(),
            limits,
            counters,
            closed_bytes: scanned.iter().map(|&(_, bytes, _)| bytes).sum(),
            closed: scanned,
            writer,
            named: HashMap::new(),
            next,
            seen,
            state: State::All,
            reserve,
            unchecked: 0,
        };
        journal.recover();
        Ok((journal, replay))
    }

    /// Number of the newest batch kept of the process of this origin; 0 is none.
    #[must_use]
    pub fn newest(&self, origin: &Origin) -> u64 {
        self.seen.newest((origin.uid, origin.start_id))
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Writes a batch: once this returns it survives the agent's death.
    pub fn append(&mut self, origin: &Arc<Origin>, number: u64, body: &[u8]) -> Append {
        if self.state == State::All && !self.has_room(body.len()) {
            self.enter(State::Shed, "little room is left");
        }
        if self.state == State::All {
            match self.write(origin, number, body) {
                Ok(position) => return Append::Kept(position),
                Err(e) => {
                    self.failed(&e);
                    self.enter(State::Shed, "the journal cannot be written");
                }
            }
        }
        if self.state == State::Full {
            return Append::Full;
        }
        let Some((body, shed)) = shed::without_bodies(body) else {
            return Append::Full;
        };
        if self.bytes() + body.len() as u64 > self.limits.bytes {
            self.enter(State::Full, "the journal is at its limit");
            return Append::Full;
        }
        match self.write(origin, number, &body) {
            Ok(position) => {
                self.counters.lose(Loss::Shed, shed);
                Append::Reduced(position, body)
            }
            Err(e) => {
                self.failed(&e);
                self.enter(State::Full, "the journal cannot be written");
                Append::Full
            }
        }
    }

    /// Takes other limits. The room set aside for statistics keeps its size until a start.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.unchecked = 0;
        self.recover();
    }

    /// Looks whether there is room again. To be called about once a second.
    pub fn recover(&mut self) {
        let roomy = self.bytes() <= self.limits.bytes / 2
            && self.free().is_none_or(|free| free >= self.min_free() * 2);
        let was = self.state;
        if roomy && self.reserve.hold().is_ok() {
            self.state = State::All;
        } else if self.state == State::Full && self.bytes() < self.limits.bytes / 8 * 7 {
            // The next batch tells whether it fits.
            self.state = State::Shed;
        } else if self.state == State::All && !self.has_room(0) {
            self.state = State::Shed;
        }
        if was != self.state {
            tracing::info!(from = ?was, to = ?self.state, "journal");
        }
        self.publish();
    }

    /// Forgets what the sink has for good: all up to `durable`.
    pub fn cut(&mut self, durable: u64) {
        while let Some((path, bytes, last)) = self.closed.front() {
            if *last > durable {
                break;
            }
            if let Err(e) = std::fs::remove_file(path)
                && e.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(path = %path.display(), error = %e, "a journal file cannot be removed");
                break;
            }
            self.closed_bytes -= bytes;
            self.closed.pop_front();
        }
        self.publish();
    }

    fn bytes(&self) -> u64 {
        self.closed_bytes + self.writer.bytes
    }

    /// Whether `more` bytes leave the journal below three quarters, and the disk roomy.
    fn has_room(&mut self, more: usize) -> bool {
        let more = more as u64;
        if self.bytes() + more > self.limits.bytes / 4 * 3 {
            return false;
        }
        if let Some(left) = self.unchecked.checked_sub(more.max(1)) {
            self.unchecked = left;
            return true;
        }
        let roomy = self.free().is_none_or(|free| free >= self.min_free());
        self.unchecked = if roomy { CHECK_EVERY } else { 0 };
        roomy
    }

    /// Free bytes of the file system, `None` when it does not tell.
    fn free(&self) -> Option<u64> {
        let stat = nix::sys::statvfs::statvfs(&self.dir).ok()?;
        Some(stat.blocks_available() * stat.fragment_size())
    }

    /// `min_free`, less on a small file system.
    fn min_free(&self) -> u64 {
        let size = nix::sys::statvfs::statvfs(&self.dir)
            .map_or(u64::MAX, |stat| stat.blocks() * stat.fragment_size());
        self.limits.min_free.min(size / 20)
    }

    fn enter(&mut self, state: State, why: &str) {
        if self.state != state {
            tracing::warn!(from = ?self.state, to = ?state, bytes = self.bytes(), "journal: {why}");
            self.state = state;
            self.reserve.release();
            self.publish();
        }
    }

    fn failed(&mut self, e: &io::Error) {
        self.counters.journal_errors.fetch_add(1, Relaxed);
        tracing::warn!(error = %e, "the journal cannot be written");
        // A limit on the size of a file ends with the file.
        if matches!(e.kind(), io::ErrorKind::FileTooLarge) && self.writer.bytes > 1 << 10 {
            let _ = self.rotate();
        }
    }

    fn write(&mut self, origin: &Arc<Origin>, number: u64, body: &[u8]) -> io::Result<u64> {
        if self.writer.bytes >= self.limits.file() {
            self.rotate()?;
        }
        let process = (origin.uid, origin.start_id);
        let is_named = (self.named.get(&process))
            .is_some_and(|named| Arc::ptr_eq(named, origin) || named == origin);
        if !is_named {
            self.writer.entry([&entry::origin(origin), &[]])?;
            self.named.insert(process, Arc::clone(origin));
        }
        let position = self.next;
        let head = entry::batch_head(position, process, number);
        self.writer.entry([&head, body])?;
        self.next += 1;
        self.seen.note(process, number, now());
        self.counters.batches.fetch_add(1, Relaxed);
        self.publish();
        Ok(position)
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.seen.prune(now());
        // One that holds no batch is gone on with.
        if self.writer.path == file::path(&self.dir, self.next) {
            return Ok(());
        }
        let next = begin(&self.dir, self.next, &self.seen)?;
        let old = std::mem::replace(&mut self.writer, next);
        self.closed_bytes += old.bytes;
        self.closed.push_back((old.path, old.bytes, self.next - 1));
        self.named.clear();
        Ok(())
    }

    fn publish(&self) {
        let counters = &self.counters;
        counters.journal_bytes.store(self.bytes(), Relaxed);
        counters.journal_position.store(self.next - 1, Relaxed);
        counters.journal_state.store(self.state as u64, Relaxed);
    }
}

fn begin(dir: &Path, position: u64, seen: &Seen) -> io::Result<Writer> {
    Writer::create(dir, position, &entry::seen(seen.rows()))
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
