//! One SQLite file: opening, versions, names, and the position that it has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction};
use rustc_hash::FxHashMap;

use crate::store::{Result, StoreError};

/// Names remembered per file.
const NAMES: usize = 50_000;

/// Tables that every file has.
const COMMON: &str = "
    CREATE TABLE applied (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL);
    INSERT INTO applied VALUES (1, 0);
    CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
";

/// The steps that make a file's tables. A step is never changed after a release; a
/// new version appends one.
pub type Schema = &'static [&'static str];

/// A file that the writer has open.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    connection: Connection,
    position: u64,
    names: FxHashMap<Box<str>, i64>,
}

impl File {
    /// Opens or creates the file. When it was not closed properly it is checked.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is damaged.
    pub fn open(path: &Path, schema: Schema) -> Result<Self> {
        Self::prepare(path, schema).map_err(|e| failure(path, &e))
    }

    fn prepare(path: &Path, schema: Schema) -> rusqlite::Result<Self> {
        let unclean = beside(path, "-wal").metadata().is_ok_and(|m| m.len() > 0);
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "page_size", 8_192)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        connection.pragma_update(None, "cache_size", -8_192)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.set_prepared_statement_cache_capacity(32);
        if unclean {
            let told: String = connection.query_row("PRAGMA quick_check(1)", [], |r| r.get(0))?;
            if told != "ok" {
                let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
                return Err(rusqlite::Error::SqliteFailure(code, Some(told)));
            }
        }
        migrate(&mut connection, schema)?;
        let position: i64 =
            connection.query_row("SELECT position FROM applied", [], |r| r.get(0))?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            position: position.cast_unsigned(),
            names: FxHashMap::default(),
        })
    }

    /// Position up to which the file is complete, as of its last commit.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The connection, for questions.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs `work` in one transaction that also sets the position to `at`.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing of the work is in the file then.
    pub fn commit(
        &mut self,
        at: Option<u64>,
        work: impl FnOnce(&mut Work<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        if let Err(e) = self.transact(at, work) {
            // Names given in the transaction are gone with it.
            self.names.clear();
            return Err(failure(&self.path, &e));
        }
        if self.names.len() > NAMES {
            self.names.clear();
        }
        self.position = at.unwrap_or(self.position);
        Ok(())
    }

    fn transact(
        &mut self,
        at: Option<u64>,
        work: impl FnOnce(&mut Work<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let mut inside = Work {
            transaction: self.connection.transaction()?,
            names: &mut self.names,
        };
        work(&mut inside)?;
        if let Some(at) = at {
            inside
                .transaction
                .prepare_cached("UPDATE applied SET position = ?1")?
                .execute([at.cast_signed()])?;
        }
        inside.transaction.commit()
    }

    /// Moves the log into the file, which frees what the log took.
    pub fn compact(&self) {
        // A reader may be in the way: then the rest of the log stays for now.
        let _ = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// Closes the file so that nothing of it is left beside it.
    pub fn close(self) {
        self.compact();
    }
}

/// A transaction under way.
pub struct Work<'a> {
    /// The transaction.
    pub transaction: Transaction<'a>,
    names: &'a mut FxHashMap<Box<str>, i64>,
}

impl Work<'_> {
    /// The number of `text` in this file.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn name(&mut self, text: &str) -> rusqlite::Result<i64> {
        if let Some(&id) = self.names.get(text) {
            return Ok(id);
        }
        let id = match name_id(&self.transaction, text)? {
            Some(id) => id,
            None => {
                self.transaction
                    .prepare_cached("INSERT INTO name (text) VALUES (?1)")?
                    .execute([text])?;
                self.transaction.last_insert_rowid()
            }
        };
        self.names.insert(text.into(), id);
        Ok(id)
    }

    /// Removes all names whose number the query `used` does not give.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn forget_names(&mut self, used: &str) -> rusqlite::Result<()> {
        let sql = format!("DELETE FROM name WHERE id NOT IN ({used})");
        self.transaction.execute(&sql, [])?;
        self.names.clear();
        Ok(())
    }
}

/// The number of `text` in a file, if it occurs there.
///
/// # Errors
/// Those of SQLite.
pub fn name_id(connection: &Connection, text: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM name WHERE text = ?1")?
        .query_row([text], |row| row.get(0))
        .optional()
}

/// The text of number `id`; empty when there is none.
///
/// # Errors
/// Those of SQLite.
pub fn name_text(connection: &Connection, id: i64) -> rusqlite::Result<String> {
    let text = connection
        .prepare_cached("SELECT text FROM name WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(text.unwrap_or_default())
}

/// Opens a file for reading only.
///
/// # Errors
/// Those of SQLite.
pub fn open_reading(path: &Path, cache_kib: i64) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.set_prepared_statement_cache_capacity(16);
    Ok(connection)
}

fn migrate(connection: &mut Connection, schema: Schema) -> rusqlite::Result<()> {
    let version: u32 = connection.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    let known = schema.len() as u32;
    if version > known {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR);
        let why = format!("schema version {version} is of a newer agent; this one knows {known}");
        return Err(rusqlite::Error::SqliteFailure(code, Some(why)));
    }
    if version == known {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    if version == 0 {
        transaction.execute_batch(COMMON)?;
    }
    for step in &schema[version as usize..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()
}

/// What an error of SQLite means for the store.
pub fn failure(path: &Path, error: &rusqlite::Error) -> StoreError {
    let why = format!("{}: {error}", path.display());
    match error.sqlite_error_code() {
        // A write beyond a limit on files is an I/O error to SQLite.
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => StoreError::Full(why),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt(path.to_owned(), error.to_string())
        }
        _ => StoreError::Other(why),
    }
}

/// The path with `suffix` behind its name.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes a file and what belongs to it. Open readers keep what they see.
///
/// # Errors
/// When the file is there and stays.
pub fn remove(path: &Path) -> std::io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(beside(path, suffix));
    }
    std::fs::remove_file(path)
}

/// Puts a damaged file aside as `*.corrupt`; tells its new path.
///
/// # Errors
/// When it cannot be renamed.
pub fn put_aside(path: &Path) -> std::io::Result<PathBuf> {
    let mut target = beside(path, ".corrupt");
    let mut n = 1;
    while target.exists() {
        n += 1;
        target = beside(path, &format!(".{n}.corrupt"));
    }
    std::fs::rename(path, &target)?;
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::rename(beside(path, suffix), beside(&target, suffix));
    }
    Ok(target)
}

/// Bytes on disk of a file and its log.
pub fn bytes(path: &Path) -> u64 {
    let len = |path: &Path| path.metadata().map_or(0, |m| m.len());
    len(path) + len(&beside(path, "-wal"))
}

/// A count as SQLite has it.
pub fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A count as we have it.
pub fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
