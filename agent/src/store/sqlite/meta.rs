//! `meta.db`: processes, aliases, settings.

use std::sync::Arc;

use rusqlite::{Connection, Row, params};

use super::file::{File, Schema, Work, count, int};
use super::filter;
use crate::pipeline::Origin;
use crate::store::{ProcessRow, Result};

pub(super) const SCHEMA: Schema = &[
    "
    CREATE TABLE process (start_id INTEGER PRIMARY KEY, pid INTEGER NOT NULL,
        uid INTEGER NOT NULL, gid INTEGER NOT NULL, claimed_pid INTEGER NOT NULL,
        host TEXT NOT NULL, app TEXT NOT NULL, sapi TEXT NOT NULL, php TEXT NOT NULL,
        extension TEXT NOT NULL, swoole TEXT NOT NULL, started_us INTEGER NOT NULL,
        title TEXT NOT NULL, number INTEGER NOT NULL, seen_us INTEGER NOT NULL);
    CREATE INDEX process_seen ON process (seen_us);
    CREATE TABLE alias (peer TEXT PRIMARY KEY, app TEXT NOT NULL, seen INTEGER NOT NULL)
        WITHOUT ROWID;
",
    filter::SCHEMA,
];

/// Aliases that are kept; the oldest go first.
const ALIASES: u32 = 10_000;

/// Writes a process.
///
/// # Errors
/// Those of SQLite.
pub(super) fn put_process(work: &Work<'_>, row: &ProcessRow) -> rusqlite::Result<()> {
    let origin = &*row.origin;
    let sql = "INSERT INTO process VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15) \
               ON CONFLICT DO UPDATE SET number = max(number, excluded.number), \
               seen_us = max(seen_us, excluded.seen_us), app = excluded.app, title = excluded.title";
    work.transaction.prepare_cached(sql)?.execute(params![
        origin.start_id.cast_signed(),
        origin.pid,
        origin.uid,
        origin.gid,
        int(origin.claimed_pid),
        origin.host,
        origin.app,
        origin.sapi,
        origin.php,
        origin.extension,
        origin.swoole,
        int(origin.started_us),
        origin.title,
        int(row.number),
        int(row.seen_us),
    ])?;
    Ok(())
}

/// The processes seen last.
///
/// # Errors
/// Those of SQLite.
pub(super) fn processes(
    connection: &Connection,
    limit: usize,
) -> rusqlite::Result<Vec<ProcessRow>> {
    connection
        .prepare_cached("SELECT * FROM process ORDER BY seen_us DESC, start_id LIMIT ?1")?
        .query_map([int(limit as u64)], process)?
        .collect()
}

fn process(row: &Row<'_>) -> rusqlite::Result<ProcessRow> {
    Ok(ProcessRow {
        origin: Arc::new(Origin {
            start_id: row.get::<_, i64>(0)?.cast_unsigned(),
            pid: row.get(1)?,
            uid: row.get(2)?,
            gid: row.get(3)?,
            claimed_pid: count(row.get(4)?),
            host: row.get(5)?,
            app: row.get(6)?,
            sapi: row.get(7)?,
            php: row.get(8)?,
            extension: row.get(9)?,
            swoole: row.get(10)?,
            started_us: count(row.get(11)?),
            title: row.get(12)?,
        }),
        number: count(row.get(13)?),
        seen_us: count(row.get(14)?),
    })
}

/// Records an alias.
///
/// # Errors
/// See [`crate::store::StoreError`].
pub(super) fn put_alias(file: &mut File, peer: &str, app: &str) -> Result<()> {
    file.commit(None, |work| {
        work.transaction
            .prepare_cached(
                "INSERT INTO alias VALUES (?1, ?2, (SELECT coalesce(max(seen), 0) + 1 FROM alias)) \
                 ON CONFLICT DO UPDATE SET app = ?2, seen = excluded.seen",
            )?
            .execute([peer, app])?;
        work.transaction
            .prepare_cached("DELETE FROM alias WHERE seen <= (SELECT max(seen) FROM alias) - ?1")?
            .execute([ALIASES])?;
        Ok(())
    })
}

/// All aliases.
///
/// # Errors
/// Those of SQLite.
pub(super) fn aliases(connection: &Connection) -> rusqlite::Result<Vec<(Arc<str>, Arc<str>)>> {
    connection
        .prepare_cached("SELECT peer, app FROM alias")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Forgets processes not seen since `before_us`, Unix µs.
///
/// # Errors
/// See [`crate::store::StoreError`].
pub(super) fn retain(file: &mut File, before_us: u64) -> Result<()> {
    file.commit(None, |work| {
        work.transaction
            .prepare_cached("DELETE FROM process WHERE seen_us < ?1")?
            .execute([int(before_us)])?;
        Ok(())
    })
}
