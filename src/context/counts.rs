//! Statistics: every entry and every exit is counted here, whether or not its
//! trace is kept. PHP's thread adds, the sender takes buckets that are over.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHasher;
use tracker_core::stats::{Histogram, Newcomers};
use tracker_protocol::limits::{MAX_CODES, cut};
use tracker_protocol::record::{SpanKind, Stats, StatsRow};

/// Rows of one bucket; all others are counted in one more per application and
/// kind.
const MAX_ROWS: usize = 1_000;
/// Further rows for those; what is beyond is counted in one more per kind. The name
/// of an application may come from a header.
const MAX_OTHERS: usize = 100;
/// Rows of applications that are new in this bucket; see [`Newcomers`]. The others
/// keep theirs, however many names somebody makes up.
const MAX_NEW: usize = 300;
/// Rows of one record: a frame must hold it.
const ROWS_PER_RECORD: usize = 250;
/// Bytes of a name.
const MAX_NAME: usize = 1_024;
/// Buckets that may wait for the sender.
const MAX_WAITING: usize = 30;
/// How long a count may wait: FPM ends idle workers by SIGTERM, which runs
/// nothing of ours. The parts of a bucket add up.
const AGE_US: u64 = 1_000_000;
/// Endpoint of the rows for all that has no row of its own; code of all that a row has
/// no place for.
const OTHER: &str = "(other)";
/// T of the Apdex, µs.
const APDEX_US: u64 = 500_000;

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key<'a> {
    /// Application.
    pub app: &'a str,
    /// Endpoint, or name of the span.
    pub endpoint: &'a str,
    /// Kind.
    pub kind: SpanKind,
    /// What is at the other end.
    pub system: &'a str,
    /// The other side.
    pub peer: &'a str,
}

/// One call.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Duration, µs.
    pub us: u64,
    /// It failed.
    pub failed: bool,
    /// It ended by a time-out.
    pub timed_out: bool,
    /// It took longer than `slow_ms`.
    pub slow: bool,
    /// Result code, empty for none.
    pub code: &'a str,
}

struct Row {
    app: Box<str>,
    endpoint: Box<str>,
    kind: SpanKind,
    system: Box<str>,
    peer: Box<str>,
    timeouts: u64,
    slow: u64,
    satisfied: u64,
    tolerating: u64,
    codes: Vec<(Box<str>, u64)>,
    ok: Histogram,
    failed: Histogram,
}

/// Hashes are keys already.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

#[derive(Default)]
struct Bucket {
    /// Begin, Unix seconds.
    begin: u64,
    /// When its first row was made, Unix µs.
    since_us: u64,
    rows: Vec<Row>,
    /// How many of them are of new applications.
    new: usize,
    /// Further rows of applications that are known, for what has no row.
    others: usize,
    /// Hash of the key to the row; a second key of the same hash is found by
    /// going on to the next number.
    index: HashMap<u64, usize, BuildHasherDefault<Same>>,
}

/// The present bucket and those that wait.
#[derive(Default)]
pub struct Table {
    now: Bucket,
    waiting: Vec<Bucket>,
    newcomers: Newcomers,
    /// Calls in buckets that were thrown away.
    lost: u64,
}

/// A table that two threads reach.
#[derive(Clone, Default)]
pub struct Counts {
    table: Arc<Mutex<Table>>,
    /// Written with the table locked.
    calls: Arc<AtomicU64>,
}

fn hash(key: &Key<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

impl Row {
    fn of(key: &Key<'_>) -> Self {
        Self {
            app: key.app.into(),
            endpoint: key.endpoint.into(),
            kind: key.kind,
            system: key.system.into(),
            peer: key.peer.into(),
            timeouts: 0,
            slow: 0,
            satisfied: 0,
            tolerating: 0,
            codes: Vec::new(),
            ok: Histogram::new(),
            failed: Histogram::new(),
        }
    }

    fn is(&self, key: &Key<'_>) -> bool {
        self.kind == key.kind
            && *self.endpoint == *key.endpoint
            && *self.peer == *key.peer
            && *self.system == *key.system
            && *self.app == *key.app
    }

    fn add(&mut self, call: &Call<'_>) {
        self.timeouts += u64::from(call.timed_out);
        self.slow += u64::from(call.slow);
        if call.failed {
            self.failed.add(call.us);
        } else {
            self.ok.add(call.us);
            self.satisfied += u64::from(call.us <= APDEX_US);
            self.tolerating += u64::from(call.us > APDEX_US && call.us <= 4 * APDEX_US);
        }
        if call.code.is_empty() {
            return;
        }
        if let Some((_, count)) = self.codes.iter_mut().find(|(code, _)| **code == *call.code) {
            *count += 1;
            return;
        }
        // The last place is for all others.
        let is_last = self.codes.len() + 1 >= MAX_CODES as usize;
        let code = if is_last { OTHER } else { cut(call.code, 64) };
        match self.codes.iter_mut().find(|(known, _)| **known == *code) {
            Some((_, count)) => *count += 1,
            None => self.codes.push((code.into(), 1)),
        }
    }

    fn calls(&self) -> u64 {
        self.ok.n() + self.failed.n()
    }

    fn on_wire(&self) -> StatsRow<'_> {
        let least = [self.ok.min(), self.failed.min()];
        StatsRow {
            app: &self.app,
            endpoint: &self.endpoint,
            kind: self.kind as u8,
            system: &self.system,
            peer: &self.peer,
            calls: self.calls(),
            errors: self.failed.n(),
            timeouts: self.timeouts,
            slow: self.slow,
            satisfied: self.satisfied,
            tolerating: self.tolerating,
            sum_us: self.ok.sum() + self.failed.sum(),
            error_sum_us: self.failed.sum(),
            min_us: least.into_iter().flatten().min().unwrap_or(0),
            max_us: self.ok.max().max(self.failed.max()).unwrap_or(0),
            codes: self.codes.iter().map(|(code, n)| (&**code, *n)).collect(),
            ok: self.ok.pairs().collect(),
            failed: self.failed.pairs().collect(),
        }
    }
}

impl Bucket {
    fn row(&mut self, key: &Key<'_>, is_new: bool) -> &mut Row {
        let mut place = hash(key);
        while let Some(&index) = self.index.get(&place) {
            if self.rows[index].is(key) {
                return &mut self.rows[index];
            }
            place = place.wrapping_add(1);
        }
        let is_other = key.endpoint == OTHER;
        let is_full = match (is_other, is_new) {
            (true, false) => self.others >= MAX_OTHERS,
            (true, true) => self.new >= MAX_NEW + MAX_OTHERS,
            (false, false) => self.rows.len() - self.others >= MAX_ROWS,
            (false, true) => self.new >= MAX_NEW || self.rows.len() - self.others >= MAX_ROWS,
        };
        let folded = Key {
            app: if is_other { OTHER } else { key.app },
            endpoint: OTHER,
            peer: "",
            system: "",
            ..*key
        };
        // The last resort is that of nobody.
        if is_full && *key != folded {
            return self.row(&folded, is_new);
        }
        self.new += usize::from(is_new);
        self.others += usize::from(is_other && !is_new);
        self.index.insert(place, self.rows.len());
        self.rows.push(Row::of(key));
        let last = self.rows.len() - 1;
        &mut self.rows[last]
    }

    fn calls(&self) -> u64 {
        self.rows.iter().map(Row::calls).sum()
    }

    /// Records, with the calls that each counts.
    fn records(&self) -> impl Iterator<Item = (Vec<u8>, u64)> {
        self.rows.chunks(ROWS_PER_RECORD).map(|rows| {
            let mut out = Vec::with_capacity(64 + rows.len() * 160);
            Stats::write(&mut out, self.begin, rows.iter().map(Row::on_wire));
            (out, rows.iter().map(Row::calls).sum())
        })
    }
}

impl Table {
    fn roll(&mut self, seconds: u64) {
        let begin = seconds - seconds % Stats::SECONDS;
        if self.now.begin == begin {
            return;
        }
        self.newcomers.roll();
        let over = std::mem::replace(
            &mut self.now,
            Bucket {
                begin,
                ..Bucket::default()
            },
        );
        if over.rows.is_empty() {
            // Keeps its room.
            self.now.rows = over.rows;
            self.now.index = over.index;
        } else if self.waiting.len() < MAX_WAITING {
            self.waiting.push(over);
        } else {
            self.lost += over.calls();
        }
    }
}

impl Counts {
    fn table(&self) -> MutexGuard<'_, Table> {
        // A panic elsewhere leaves figures that are right but for one call.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All calls that were counted, for whoever must not wait for the table.
    pub fn calls(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.calls)
    }

    /// Counts a call that ended at `unix_us`. True if it is the first of its
    /// bucket.
    pub fn add(&self, unix_us: u64, key: &Key<'_>, call: &Call<'_>) -> bool {
        let key = &Key {
            app: cut(key.app, MAX_NAME),
            endpoint: cut(key.endpoint, MAX_NAME),
            peer: cut(key.peer, MAX_NAME),
            ..*key
        };
        let mut table = self.table();
        table.roll(unix_us / 1_000_000);
        let is_first = table.now.rows.is_empty();
        if is_first {
            table.now.since_us = unix_us;
        }
        let mut hasher = FxHasher::default();
        key.app.hash(&mut hasher);
        let is_new = table.newcomers.is_new(hasher.finish());
        table.now.row(key, is_new).add(call);
        let calls = self.calls.load(Ordering::Relaxed);
        self.calls.store(calls + 1, Ordering::Relaxed);
        is_first
    }

    /// Appends the records of what has waited long enough (of all, at the `end`)
    /// with the calls that each counts. Tells when the rest will have (Unix µs), if
    /// there is any, and how many calls were lost.
    pub fn take(
        &self,
        end: bool,
        unix_us: u64,
        out: &mut Vec<(Vec<u8>, u64)>,
    ) -> (Option<u64>, u64) {
        let mut table = self.table();
        table.roll(unix_us / 1_000_000);
        let is_due = end || unix_us >= table.now.since_us + AGE_US;
        if is_due && !table.now.rows.is_empty() {
            table.newcomers.roll();
            let begin = table.now.begin;
            let now = std::mem::take(&mut table.now);
            table.now.begin = begin;
            table.waiting.push(now);
        }
        let over = std::mem::take(&mut table.waiting);
        let lost = std::mem::take(&mut table.lost);
        let next = (!table.now.rows.is_empty()).then(|| table.now.since_us + AGE_US);
        drop(table);
        out.extend(over.iter().flat_map(Bucket::records));
        (next, lost)
    }
}
