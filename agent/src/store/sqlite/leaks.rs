//! `leak.db`: loops of the leak finder.
//!
//! A verdict needs a process's loops from the first on, so whole processes are kept as
//! long as there is room, and only a process with very many loops loses its oldest.

use rusqlite::{Connection, params};

use super::file::{File, Schema, Work, count, int};
use crate::store::{LeakProcess, LeakRow, Result};

pub(super) const SCHEMA: Schema = &["
    CREATE TABLE life (id INTEGER PRIMARY KEY, app TEXT NOT NULL, host TEXT NOT NULL,
        pid INTEGER NOT NULL, start_id INTEGER NOT NULL, seen_us INTEGER NOT NULL,
        loops INTEGER NOT NULL, forgotten INTEGER NOT NULL,
        UNIQUE (app, host, start_id));
    CREATE TABLE loop (life INTEGER NOT NULL, n INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (life, n)) WITHOUT ROWID;
    CREATE INDEX life_seen ON life (app, seen_us);
"];

/// Loops of one process.
const LOOPS: i64 = 10_000;
/// Processes of one application; those silent longest go first.
const LIVES: i64 = 64;
/// Applications, counted by their processes in all.
const LIVES_IN_ALL: i64 = 2_048;

/// Adds a loop.
///
/// # Errors
/// Those of SQLite.
pub(super) fn put(work: &Work<'_>, row: &LeakRow) -> rusqlite::Result<()> {
    let sql = "INSERT INTO life (app, host, pid, start_id, seen_us, loops, forgotten) \
               VALUES (?1, ?2, ?3, ?4, ?5, 1, 0) ON CONFLICT (app, host, start_id) \
               DO UPDATE SET loops = loops + 1, seen_us = excluded.seen_us \
               RETURNING id, loops, forgotten";
    let (life, loops, forgotten): (i64, i64, i64) =
        work.transaction.prepare_cached(sql)?.query_row(
            params![
                row.app,
                row.origin.host,
                int(row.origin.claimed_pid),
                row.origin.start_id.cast_signed(),
                int(row.seen_us),
            ],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
    work.transaction
        .prepare_cached("INSERT INTO loop VALUES (?1, ?2, ?3)")?
        .execute(params![
            life,
            loops,
            lz4_flex::compress_prepend_size(&row.record)
        ])?;
    if loops - forgotten > LOOPS {
        // A tenth at once, so that this is seldom.
        let forgotten = loops - LOOPS / 10 * 9;
        work.transaction
            .prepare_cached("DELETE FROM loop WHERE life = ?1 AND n <= ?2")?
            .execute([life, forgotten])?;
        work.transaction
            .prepare_cached("UPDATE life SET forgotten = ?2 WHERE id = ?1")?
            .execute([life, forgotten])?;
    }
    if loops == 1 {
        trim(work, &row.app)?;
    }
    Ok(())
}

fn trim(work: &Work<'_>, app: &str) -> rusqlite::Result<()> {
    let drop = |condition: &str, key: &[&dyn rusqlite::ToSql]| -> rusqlite::Result<()> {
        for sql in [
            format!("DELETE FROM loop WHERE life IN ({condition})"),
            format!("DELETE FROM life WHERE id IN ({condition})"),
        ] {
            work.transaction.prepare_cached(&sql)?.execute(key)?;
        }
        Ok(())
    };
    drop(
        "SELECT id FROM life WHERE app = ?1 ORDER BY seen_us DESC, id DESC LIMIT -1 OFFSET ?2",
        &[&app, &LIVES],
    )?;
    drop(
        "SELECT id FROM life ORDER BY seen_us DESC, id DESC LIMIT -1 OFFSET ?1",
        &[&LIVES_IN_ALL],
    )
}

/// Forgets processes that are silent since `before_us`, Unix µs.
///
/// # Errors
/// See [`crate::store::StoreError`].
pub(super) fn retain(file: &mut File, before_us: u64) -> Result<()> {
    file.commit(None, |work| {
        let condition = "SELECT id FROM life WHERE seen_us < ?1";
        for sql in [
            format!("DELETE FROM loop WHERE life IN ({condition})"),
            "DELETE FROM life WHERE seen_us < ?1".into(),
        ] {
            let mut statement = work.transaction.prepare_cached(&sql)?;
            statement.execute([int(before_us)])?;
        }
        Ok(())
    })
}

/// Processes and their loops, the latest first.
///
/// # Errors
/// Those of SQLite.
pub(super) fn read(
    connection: &Connection,
    app: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<LeakProcess>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, app, host, pid, start_id, seen_us, forgotten FROM life \
         WHERE ?1 IS NULL OR app = ?1 ORDER BY seen_us DESC, id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![app, int(limit as u64)])?;
    let mut processes = Vec::new();
    while let Some(row) = rows.next()? {
        processes.push(LeakProcess {
            app: row.get(1)?,
            host: row.get(2)?,
            pid: count(row.get(3)?),
            start_id: row.get::<_, i64>(4)?.cast_unsigned(),
            seen_us: count(row.get(5)?),
            forgotten: count(row.get(6)?),
            records: records(connection, row.get(0)?)?,
        });
    }
    Ok(processes)
}

fn records(connection: &Connection, life: i64) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut statement =
        connection.prepare_cached("SELECT body FROM loop WHERE life = ?1 ORDER BY n")?;
    let mut rows = statement.query([life])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        // Written by this file only; a damaged one is as good as none.
        if let Ok(record) = super::unpack(row.get_ref(0)?.as_blob()?) {
            records.push(record);
        }
    }
    Ok(records)
}
