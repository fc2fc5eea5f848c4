//! Rows of all processes, merged by bucket and key until the next checkpoint.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tracker_protocol::record::{Stats, StatsRow};

use super::caps;
use super::{Figures, Key, OVERFLOW};

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
    /// See [`Buckets::folded`].
    folded: u64,
}

#[derive(Debug, Default)]
struct Bucket {
    rows: FxHashMap<Key<Name>, Figures>,
    apps: FxHashSet<Name>,
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
        let kept = bucket.admit(&key, overflow, empty);
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
        if !within(&mut self.apps, key.app, caps::APPS) {
            return key.folded_app(overflow, empty);
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
        for n in 0..caps::APPS + 100 {
            buckets.add(1_000, "h", &row(&format!("app{n}"), "GET /", ""), 1_000);
        }
        assert_eq!(calls(&buckets.rows(), OVERFLOW), 100);
        assert_eq!(buckets.len(), caps::APPS + 1);
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
