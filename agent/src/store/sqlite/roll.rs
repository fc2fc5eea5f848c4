//! `roll.db`, written: statistics by minute and hour.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{OptionalExtension, Row, params};
use rustc_hash::FxHashMap;

use super::file::{File, Schema, Work, count, int};
use crate::stats::{BucketRow, Figures, Key, OVERFLOW, caps};
use crate::store::{LossRow, Result};

/// One table each for minutes, hours, and the same without endpoints.
macro_rules! tier {
    ($name:literal) => {
        concat!(
            "CREATE TABLE ",
            $name,
            " (t INTEGER NOT NULL, app INTEGER NOT NULL, kind INTEGER NOT NULL,
               endpoint INTEGER NOT NULL, system INTEGER NOT NULL, peer INTEGER NOT NULL,
               host INTEGER NOT NULL,
               calls INTEGER NOT NULL, errors INTEGER NOT NULL, timeouts INTEGER NOT NULL,
               slow INTEGER NOT NULL, satisfied INTEGER NOT NULL, tolerating INTEGER NOT NULL,
               sum_us INTEGER NOT NULL, error_sum_us INTEGER NOT NULL,
               min_us INTEGER NOT NULL, max_us INTEGER NOT NULL, detail BLOB NOT NULL,
               PRIMARY KEY (t, app, kind, endpoint, system, peer, host)) WITHOUT ROWID;"
        )
    };
}

pub(super) const SCHEMA: Schema = &[concat!(
    tier!("m1"),
    tier!("h1"),
    tier!("em"),
    tier!("eh"),
    "CREATE TABLE loss (app TEXT NOT NULL, host TEXT NOT NULL, reason TEXT NOT NULL,
        n INTEGER NOT NULL, PRIMARY KEY (app, host, reason)) WITHOUT ROWID;"
)];

/// Losses are counted apart for so many (application, host, reason).
const LOSSES: i64 = 1_000;

/// A table of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tier {
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Minutes, without endpoints.
    EdgeMinute,
    /// Hours, without endpoints.
    EdgeHour,
}

impl Tier {
    const ALL: [Self; 4] = [Self::Minute, Self::Hour, Self::EdgeMinute, Self::EdgeHour];

    /// The table's name.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Minute => "m1",
            Self::Hour => "h1",
            Self::EdgeMinute => "em",
            Self::EdgeHour => "eh",
        }
    }

    fn seconds(self) -> u64 {
        match self {
            Self::Minute | Self::EdgeMinute => 60,
            Self::Hour | Self::EdgeHour => 3_600,
        }
    }

    fn is_edge(self) -> bool {
        matches!(self, Self::EdgeMinute | Self::EdgeHour)
    }
}

/// Adds rows and losses in one transaction with the position.
///
/// # Errors
/// See [`crate::store::StoreError`].
pub(super) fn checkpoint(
    file: &mut File,
    at: u64,
    rows: &[BucketRow],
    losses: &[LossRow],
) -> Result<()> {
    file.commit(Some(at), |work| {
        for tier in Tier::ALL {
            let mut sizes = HashMap::new();
            for (t, key, figures) in merged(tier, rows) {
                add(work, tier, t, &key, &figures, &mut sizes)?;
            }
        }
        for loss in losses {
            add_loss(work, loss)?;
        }
        Ok(())
    })
}

/// The rows as they belong into a tier: several buckets fall into one minute.
fn merged(tier: Tier, rows: &[BucketRow]) -> Vec<(u64, Key<Arc<str>>, Figures)> {
    let empty: Arc<str> = "".into();
    let mut merged: FxHashMap<(u64, Key<Arc<str>>), Figures> = FxHashMap::default();
    for row in rows {
        let t = row.bucket - row.bucket % tier.seconds();
        let key = if tier.is_edge() {
            row.key.edge(empty.clone())
        } else {
            row.key.clone()
        };
        merged.entry((t, key)).or_default().merge(&row.figures);
    }
    let mut list: Vec<_> = merged.into_iter().map(|((t, k), f)| (t, k, f)).collect();
    // In the order of the table, which is kinder to it.
    list.sort_unstable_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    list
}

/// Adds a row to its time; to an overflow row when there is no room for another key.
fn add(
    work: &mut Work<'_>,
    tier: Tier,
    t: u64,
    key: &Key<Arc<str>>,
    figures: &Figures,
    sizes: &mut HashMap<u64, i64>,
) -> rusqlite::Result<()> {
    let overflow = || (OVERFLOW.into(), "".into());
    for attempt in 0..3 {
        let (overflow, empty) = overflow();
        let (cap, key) = match attempt {
            0 => (caps::KEYS as i64, names(work, key)?),
            1 => {
                let cap = caps::KEYS + caps::FOLDED;
                (cap as i64, names(work, &key.folded(overflow, empty))?)
            }
            _ => (i64::MAX, names(work, &key.folded_app(overflow, empty))?),
        };
        if let Some(mut old) = find(work, tier, t, &key)? {
            old.merge(figures);
            return put(work, tier, t, &key, &old);
        }
        let size = match sizes.get(&t) {
            Some(&size) => size,
            None => size(work, tier, t)?,
        };
        sizes.insert(t, size);
        if size < cap {
            sizes.insert(t, size + 1);
            return put(work, tier, t, &key, figures);
        }
    }
    Ok(())
}

fn names(work: &mut Work<'_>, key: &Key<Arc<str>>) -> rusqlite::Result<Key<i64>> {
    Ok(Key {
        app: work.name(&key.app)?,
        kind: key.kind,
        endpoint: work.name(&key.endpoint)?,
        system: work.name(&key.system)?,
        peer: work.name(&key.peer)?,
        host: work.name(&key.host)?,
    })
}

fn size(work: &Work<'_>, tier: Tier, t: u64) -> rusqlite::Result<i64> {
    let sql = format!("SELECT count(*) FROM {} WHERE t = ?1", tier.table());
    work.transaction
        .prepare_cached(&sql)?
        .query_row([int(t)], |row| row.get(0))
}

/// The columns of [`Figures`].
pub(super) const FIGURES: &str = "calls, errors, timeouts, slow, satisfied, tolerating, sum_us, \
                                  error_sum_us, min_us, max_us, detail";

/// Reads [`FIGURES`] from column `at` on.
///
/// # Errors
/// Those of SQLite.
pub(super) fn figures(row: &Row<'_>, at: usize) -> rusqlite::Result<Figures> {
    let number = |n: usize| row.get::<_, i64>(at + n).map(count);
    let mut figures = Figures {
        calls: number(0)?,
        errors: number(1)?,
        timeouts: number(2)?,
        slow: number(3)?,
        satisfied: number(4)?,
        tolerating: number(5)?,
        sum_us: number(6)?,
        error_sum_us: number(7)?,
        min_us: number(8)?,
        max_us: number(9)?,
        ..Figures::default()
    };
    // Written by this file only. If damaged, the sums are still right.
    if figures
        .read_detail(row.get_ref(at + 10)?.as_blob()?)
        .is_err()
    {
        tracing::warn!("a histogram in the statistics cannot be read");
    }
    Ok(figures)
}

/// The columns that make a row's place in a table.
fn place(t: u64, key: &Key<i64>) -> [i64; 7] {
    let kind = i64::from(key.kind);
    [
        int(t),
        key.app,
        kind,
        key.endpoint,
        key.system,
        key.peer,
        key.host,
    ]
}

fn find(work: &Work<'_>, tier: Tier, t: u64, key: &Key<i64>) -> rusqlite::Result<Option<Figures>> {
    let sql = format!(
        "SELECT {FIGURES} FROM {} WHERE t = ?1 AND app = ?2 AND kind = ?3 AND endpoint = ?4 \
         AND system = ?5 AND peer = ?6 AND host = ?7",
        tier.table()
    );
    work.transaction
        .prepare_cached(&sql)?
        .query_row(place(t, key), |row| figures(row, 0))
        .optional()
}

fn put(
    work: &Work<'_>,
    tier: Tier,
    t: u64,
    key: &Key<i64>,
    figures: &Figures,
) -> rusqlite::Result<()> {
    let mut detail = Vec::with_capacity(256);
    figures.write_detail(&mut detail);
    let [t, app, kind, endpoint, system, peer, host] = place(t, key);
    let sql = format!(
        "INSERT OR REPLACE INTO {} VALUES \
         (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)",
        tier.table()
    );
    work.transaction.prepare_cached(&sql)?.execute(params![
        t,
        app,
        kind,
        endpoint,
        system,
        peer,
        host,
        int(figures.calls),
        int(figures.errors),
        int(figures.timeouts),
        int(figures.slow),
        int(figures.satisfied),
        int(figures.tolerating),
        int(figures.sum_us),
        int(figures.error_sum_us),
        int(figures.min_us),
        int(figures.max_us),
        detail,
    ])?;
    Ok(())
}

fn add_loss(work: &Work<'_>, loss: &LossRow) -> rusqlite::Result<()> {
    let one = |sql, key: &[&String]| -> rusqlite::Result<i64> {
        let mut statement = work.transaction.prepare_cached(sql)?;
        statement.query_row(rusqlite::params_from_iter(key), |row| row.get(0))
    };
    let rows = one("SELECT count(*) FROM loss", &[])?;
    let known = one(
        "SELECT count(*) FROM loss WHERE app = ?1 AND host = ?2 AND reason = ?3",
        &[&loss.app, &loss.host, &loss.reason],
    )?;
    let (app, host, reason) = if known > 0 || rows < LOSSES {
        (&*loss.app, &*loss.host, &*loss.reason)
    } else {
        (OVERFLOW, OVERFLOW, OVERFLOW)
    };
    let sql = "INSERT INTO loss VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET n = n + ?4";
    work.transaction
        .prepare_cached(sql)?
        .execute(params![app, host, reason, int(loss.count)])?;
    Ok(())
}

/// Removes what is older than these moments, Unix seconds, and names not in use.
///
/// # Errors
/// See [`crate::store::StoreError`].
pub(super) fn retain(file: &mut File, minutes: u64, hours: u64) -> Result<()> {
    file.commit(None, |work| {
        let mut removed = 0;
        for tier in Tier::ALL {
            let before = if tier.seconds() == 60 { minutes } else { hours };
            let sql = format!("DELETE FROM {} WHERE t < ?1", tier.table());
            removed += work.transaction.execute(&sql, [int(before)])?;
        }
        if removed == 0 {
            return Ok(());
        }
        let used: Vec<String> = Tier::ALL
            .iter()
            .flat_map(|tier| {
                ["app", "endpoint", "system", "peer", "host"]
                    .map(|column| format!("SELECT {column} FROM {}", tier.table()))
            })
            .collect();
        work.forget_names(&used.join(" UNION "))
    })
}
