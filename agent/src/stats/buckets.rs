//! Rows of all processes, merged by bucket and key until the next checkpoint.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tracker_protocol::record::{SpanKind, Stats, StatsRow};

use super::caps;
use super::{Figures, Key, OVERFLOW, Regulars};

/// A text of [`Names`].
type Name = u32;

/// One merged row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketRow {
    /// Begin of the bucket of ten seconds, Unix seconds.
    pub bucket: u64,
    /// What was counted.
    pub key: Key<Arc<str>>,
    /// The numbers.
    pub figures: Figures,
}

/// Open buckets.
#[derive(Debug, Default)]
pub struct Buckets {
    names: Names,
    open: FxHashMap<u64, Bucket>,
    /// Applications, from one checkpoint to the next.
    regulars: Regulars,
    /// See [`Buckets::folded`].
    folded: u64,
}

#[derive(Debug, Default)]
struct Bucket {
    rows: FxHashMap<Key<Name>, Figures>,
    endpoints: FxHashMap<Name, FxHashSet<Name>>,
    peers: FxHashMap<Name, FxHashSet<Name>>,
    /// Keys that are no overflow rows.
    keys: usize,
}

impl Buckets {
    /// Counts a row that a process on `host` sent for the bucket that began at `bucket`
    /// (Unix seconds). `now`: the agent's clock, Unix seconds.
    pub fn add(&mut self, bucket: u64, host: &str, row: &StatsRow<'_>, now: u64) {
        let bucket = self.place(bucket, now);
        let is_exit = SpanKind::of(row.kind).is_exit();
        let requests = if is_exit { 0 } else { row.calls };
        let has_rows = self.regulars.admit(row.app, bucket, requests, now);
        let key = Key {
            app: row.app,
            kind: row.kind,
            endpoint: row.endpoint,
            system: row.system,
            peer: row.peer,
            host,
        };
        let key = key.map(|text| self.names.id(text));
        let overflow = self.names.id(OVERFLOW);
        let empty = self.names.id("");
        let bucket = self.open.entry(bucket).or_default();
        let kept = if has_rows {
            bucket.admit(&key, overflow, empty)
        } else {
            key.folded_app(overflow, empty)
        };
        self.folded += u64::from(kept != key);
        bucket
            .rows
            .entry(kept)
            .or_default()
            .merge(&Figures::from(row));
    }

    fn place(&self, bucket: u64, now: u64) -> u64 {
        let latest = now + caps::FUTURE;
        let bucket = if bucket > latest { now } else { bucket };
        let bucket = bucket - bucket % Stats::SECONDS;
        if self.open.len() < caps::OPEN || self.open.contains_key(&bucket) {
            return bucket;
        }
        let near = self.open.keys().min_by_key(|open| open.abs_diff(bucket));
        near.copied().unwrap_or(bucket)
    }

    /// Takes `app`, which the store has counts of from `hours` hours, for one that is
    /// known. `now`: Unix seconds.
    pub fn know(&mut self, app: &str, hours: u64, now: u64) {
        self.regulars.know(app, hours, now);
    }

    /// Whether `app` is known for more than a few calls.
    #[must_use]
    pub fn is_regular(&self, app: &str) -> bool {
        self.regulars.is_regular(app)
    }

    /// Rows that did not fit under a key of their own, since the start.
    #[must_use]
    pub fn folded(&self) -> u64 {
        self.folded
    }

    /// Rows that wait for the checkpoint.
    #[must_use]
    pub fn len(&self) -> usize {
        self.open.values().map(|bucket| bucket.rows.len()).sum()
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// All rows, by bucket and key.
    #[must_use]
    pub fn rows(&self) -> Vec<BucketRow> {
        let mut rows: Vec<_> = self
            .open
            .iter()
            .flat_map(|(&at, bucket)| bucket.rows.iter().map(move |row| (at, row)))
            .map(|(bucket, (key, figures))| BucketRow {
                bucket,
                key: key.map(|&name| self.names.text(name)),
                figures: figures.clone(),
            })
            .collect();
        rows.sort_unstable_by(|a, b| (a.bucket, &a.key).cmp(&(b.bucket, &b.key)));
        rows
    }

    /// Forgets all: it is written.
    pub fn clear(&mut self) {
        self.open.clear();
        self.names.clear();
    }
}

impl Bucket {
    /// The key under which a row of `key` is counted.
    fn admit(&mut self, key: &Key<Name>, overflow: Name, empty: Name) -> Key<Name> {
        if self.rows.contains_key(key) {
            return key.clone();
        }
        let mut key = key.clone();
        let endpoints = self.endpoints.entry(key.app).or_default();
        if !within(endpoints, key.endpoint, caps::ENDPOINTS) {
            key.endpoint = overflow;
        }
        let peers = self.peers.entry(key.app).or_default();
        if !within(peers, key.peer, caps::PEERS) {
            key.peer = overflow;
        }
        if self.rows.contains_key(&key) {
            return key;
        }
        if self.keys >= caps::KEYS {
            return key.folded(overflow, empty);
        }
        self.keys += 1;
        key
    }
}

/// Whether `name` is in the set, or still has room there.
fn within(set: &mut FxHashSet<Name>, name: Name, cap: usize) -> bool {
    if set.contains(&name) {
        return true;
    }
    set.len() < cap && set.insert(name)
}

/// Texts and their numbers. Emptied at each checkpoint, so bounded by what ten
/// seconds bring.
#[derive(Debug, Default)]
struct Names {
    ids: FxHashMap<Arc<str>, Name>,
    texts: Vec<Arc<str>>,
}

impl Names {
    fn id(&mut self, text: &str) -> Name {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = self.texts.len() as Name;
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.ids.insert(text, id);
        id
    }

    fn text(&self, name: Name) -> Arc<str> {
        self.texts[name as usize].clone()
    }

    fn clear(&mut self) {
        self.ids.clear();
        self.texts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::SEVERAL;

    fn row<'a>(app: &'a str, endpoint: &'a str, peer: &'a str) -> StatsRow<'a> {
        StatsRow {
            app,
            endpoint,
            peer,
            kind: 2,
            calls: 1,
            sum_us: 7,
            min_us: 7,
            max_us: 7,
            ok: vec![(-500, 1)],
            ..StatsRow::default()
        }
    }

    fn calls(rows: &[BucketRow], app: &str) -> u64 {
        let of_app = rows.iter().filter(|row| &*row.key.app == app);
        of_app.map(|row| row.figures.calls).sum()
    }

    #[test]
    fn processes_are_merged_and_times_rounded() {
        let mut buckets = Buckets::default();
        for bucket in [1_000, 1_009, 1_010] {
            buckets.add(bucket, "h", &row("shop", "GET /", ""), 1_015);
        }
        let rows = buckets.rows();
        let seen: Vec<_> = rows.iter().map(|r| (r.bucket, r.figures.calls)).collect();
        assert_eq!(seen, [(1_000, 2), (1_010, 1)]);
        buckets.clear();
        assert!(buckets.rows().is_empty());
    }

    #[test]
    fn totals_per_application_stay_exact_beyond_every_cap() {
        let mut buckets = Buckets::default();
        for n in 0..20_000 {
            let (endpoint, peer) = (format!("GET /{n}"), format!("peer{}", n % 3_000));
            let app = if n % 4 == 0 { "a" } else { "b" };
            buckets.add(1_000, "h", &row(app, &endpoint, &peer), 1_000);
        }
        let rows = buckets.rows();
        assert!(rows.len() <= caps::KEYS + caps::FOLDED, "{}", rows.len());
        assert_eq!((calls(&rows, "a"), calls(&rows, "b")), (5_000, 15_000));
        assert!(buckets.folded() > 10_000);
        let over = rows.iter().filter(|row| &*row.key.endpoint == OVERFLOW);
        let histogram: u64 = over.map(|row| row.figures.ok.n()).sum();
        assert!(histogram > 10_000);
    }

    #[test]
    fn applications_beyond_the_cap_share_one_row() {
        let mut buckets = Buckets::default();
        for bucket in [1_000, 1_010] {
            for n in 0..caps::APPS + 100 {
                buckets.add(bucket, "h", &row(&format!("app{n}"), "GET /", ""), 1_000);
            }
        }
        // In the first bucket all are strangers, in the second one all come again.
        let of = |bucket: u64| {
            let rows = buckets.rows();
            let rows: Vec<_> = rows.into_iter().filter(|r| r.bucket == bucket).collect();
            (rows.len() - 1, calls(&rows, OVERFLOW))
        };
        let all = caps::APPS + 100;
        assert_eq!(of(1_000), (caps::STRANGERS, (all - caps::STRANGERS) as u64));
        assert_eq!(of(1_010), (caps::APPS, 100));
    }

    /// Numbers that look random, the same each time (xorshift).
    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    #[test]
    fn what_recurs_is_listed_among_any_number_of_made_up_names() {
        for seed in 1..9 {
            let mut state = 0x9e37_79b9_7f4a_7c15 ^ seed;
            let mut buckets = Buckets::default();
            let junk = 1 + random(&mut state) % 3_000;
            let (mut all, mut listed, mut names, mut real) = (0, 0, 0, 0);
            for bucket in (0..20).map(|n| 1_000_000 + n * 10) {
                let mut calls_left = 1 + random(&mut state) % 50;
                for n in 0..junk + calls_left {
                    // The made-up ones come first, as an attacker would have it, or mixed.
                    let is_real = if seed % 2 == 0 {
                        n >= junk
                    } else {
                        random(&mut state).is_multiple_of(junk + 1) || n + calls_left > junk
                    };
                    let host = format!("{:x}.example", random(&mut state));
                    let app = if is_real && calls_left > 0 {
                        calls_left -= 1;
                        real += 1;
                        "shop"
                    } else {
                        &host
                    };
                    buckets.add(bucket, "h", &row(app, "GET /", ""), bucket);
                    all += 1;
                    if n % 700 == 0 {
                        let rows = buckets.rows();
                        listed += calls(&rows, "shop");
                        names += calls(&rows, OVERFLOW);
                        let others = rows
                            .iter()
                            .filter(|r| !["shop", OVERFLOW].contains(&&*r.key.app));
                        names += others.map(|r| r.figures.calls).sum::<u64>();
                        buckets.clear();
                    }
                }
            }
            let rows = buckets.rows();
            listed += calls(&rows, "shop");
            names += rows.iter().map(|r| r.figures.calls).sum::<u64>() - calls(&rows, "shop");
            assert_eq!(listed + names, all, "seed {seed}");
            assert!(buckets.is_regular("shop"), "seed {seed}");
            // What it had before it was known is in the overflow.
            let missing = real - listed;
            assert!(missing < SEVERAL, "seed {seed}: {missing} of {real}");
        }
    }

    #[test]
    fn impossible_times_are_counted_but_bounded() {
        let mut buckets = Buckets::default();
        for n in 0..10_000 {
            buckets.add(n * 10, "h", &row("shop", "GET /", ""), 50_000);
        }
        buckets.add(u64::MAX, "h", &row("shop", "GET /", ""), 50_000);
        assert_eq!(calls(&buckets.rows(), "shop"), 10_001);
        assert!(buckets.rows().len() <= caps::OPEN);
        assert!(buckets.rows().iter().all(|row| row.bucket <= 50_600));
    }
}
