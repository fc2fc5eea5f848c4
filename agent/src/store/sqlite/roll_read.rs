//! `roll.db`, read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, params, params_from_iter};
use rustc_hash::FxHashMap;
use tracker_protocol::record::SpanKind;

use super::file::{count, failure, int, name_id, name_text};
use super::roll::{FIGURES, Tier, figures};
use crate::stats::{Figures, Key};
use crate::store::{Counted, LossRow, Point, Range, Result, SeriesFilter};

/// Statistics of a stretch of time, merged over time. Whole hours come from the hours,
/// the rest from the minutes. The minutes in which the stretch begins and ends count as a whole.
///
/// # Errors
/// See [`crate::store::StoreError`].
pub(super) fn read(
    connection: &Connection,
    path: &Path,
    range: Range,
    app: Option<&str>,
    edges: bool,
) -> Result<Vec<Counted>> {
    merge(connection, range, app, edges)
        .and_then(|found| named(connection, found))
        .map_err(|e| failure(path, &e))
}

type Found = FxHashMap<Key<i64>, Figures>;

fn merge(
    connection: &Connection,
    range: Range,
    app: Option<&str>,
    edges: bool,
) -> rusqlite::Result<Found> {
    let (minute, hour) = if edges {
        (Tier::EdgeMinute, Tier::EdgeHour)
    } else {
        (Tier::Minute, Tier::Hour)
    };
    let app = match app {
        Some(app) => match name_id(connection, app)? {
            Some(id) => Some(id),
            None => return Ok(Found::default()),
        },
        None => None,
    };
    let from = range.from_us / 60_000_000 * 60;
    let to = range.to_us.div_ceil(60_000_000) * 60;
    let (first, last) = (from.next_multiple_of(3_600), to - to % 3_600);
    let mut found = Found::default();
    if first < last {
        collect(connection, minute, (from, first), app, &mut found)?;
        collect(connection, hour, (first, last), app, &mut found)?;
        collect(connection, minute, (last, to), app, &mut found)?;
    } else {
        collect(connection, minute, (from, to), app, &mut found)?;
    }
    Ok(found)
}

fn named(connection: &Connection, found: Found) -> rusqlite::Result<Vec<Counted>> {
    let mut texts: FxHashMap<i64, Arc<str>> = FxHashMap::default();
    let mut rows = Vec::with_capacity(found.len());
    for (key, figures) in found {
        for id in [key.app, key.endpoint, key.system, key.peer, key.host] {
            if let std::collections::hash_map::Entry::Vacant(slot) = texts.entry(id) {
                slot.insert(name_text(connection, id)?.into());
            }
        }
        let key = key.map(|id| texts[id].clone());
        rows.push(Counted { key, figures });
    }
    rows.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    Ok(rows)
}

fn collect(
    connection: &Connection,
    tier: Tier,
    (from, to): (u64, u64),
    app: Option<i64>,
    found: &mut Found,
) -> rusqlite::Result<()> {
    let sql = format!(
        "SELECT app, kind, endpoint, system, peer, host, {FIGURES} FROM {} \
         WHERE t >= ?1 AND t < ?2 AND (?3 IS NULL OR app = ?3)",
        tier.table()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![int(from), int(to), app])?;
    while let Some(row) = rows.next()? {
        let key = Key {
            app: row.get(0)?,
            kind: row.get(1)?,
            endpoint: row.get(2)?,
            system: row.get(3)?,
            peer: row.get(4)?,
            host: row.get(5)?,
        };
        found.entry(key).or_default().merge(&figures(row, 6)?);
    }
    Ok(())
}

/// Statistics in steps of time.
///
/// # Errors
/// Those of SQLite.
pub(super) fn series(
    connection: &Connection,
    range: Range,
    step: u64,
    filter: &SeriesFilter,
) -> rusqlite::Result<Vec<Point>> {
    let tier = match (step.is_multiple_of(3_600), filter.endpoint.is_some()) {
        (true, true) => Tier::Hour,
        (true, false) => Tier::EdgeHour,
        (false, true) => Tier::Minute,
        (false, false) => Tier::EdgeMinute,
    };
    let from = range.from_us / 1_000_000 / step * step;
    let to = range.to_us.div_ceil(1_000_000).next_multiple_of(step);
    let mut sql = format!(
        "SELECT t, app, kind, {FIGURES} FROM {} WHERE t >= ? AND t < ?",
        tier.table()
    );
    let mut values = vec![int(from), int(to)];
    for (column, text) in [
        ("app", &filter.app),
        ("endpoint", &filter.endpoint),
        ("system", &filter.system),
        ("peer", &filter.peer),
        ("host", &filter.host),
    ] {
        let Some(text) = text else { continue };
        let Some(id) = name_id(connection, text)? else {
            return Ok(Vec::new());
        };
        sql.push_str(&format!(" AND {column} = ?"));
        values.push(id);
    }
    if let Some(kind) = filter.kind {
        sql.push_str(" AND kind = ?");
        values.push(i64::from(kind));
    }
    let mut found: BTreeMap<(i64, u64), Figures> = BTreeMap::new();
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let (t, app): (i64, i64) = (row.get(0)?, row.get(1)?);
        let is_exit = SpanKind::of(row.get(2)?).is_exit();
        if filter.kind.is_some() || !is_exit {
            let at = count(t) / step * step;
            found.entry((app, at)).or_default().merge(&figures(row, 3)?);
        }
    }
    let mut points = Vec::with_capacity(found.len());
    let mut last: Option<(i64, Arc<str>)> = None;
    for ((id, at), figures) in found {
        let app = match &last {
            Some((of, app)) if *of == id => app.clone(),
            _ => name_text(connection, id)?.into(),
        };
        last = Some((id, Arc::clone(&app)));
        points.push(Point { app, at, figures });
    }
    points.sort_by(|a, b| (&a.app, a.at).cmp(&(&b.app, b.at)));
    Ok(points)
}

/// What processes could not send.
///
/// # Errors
/// Those of SQLite.
pub(super) fn losses(connection: &Connection) -> rusqlite::Result<Vec<LossRow>> {
    connection
        .prepare_cached("SELECT app, host, reason, n FROM loss ORDER BY app, host, reason")?
        .query_map([], |row| {
            Ok(LossRow {
                app: row.get(0)?,
                host: row.get(1)?,
                reason: row.get(2)?,
                count: count(row.get(3)?),
            })
        })?
        .collect()
}
