//! SQL without its data: literals become `?`, comments go, lists shrink.
//!
//! Not a parser: broken SQL has to be redacted too, in one pass and linear time. Where
//! the dialect leaves a doubt about where a literal ends, the rest of the text is
//! hidden. Why this is not a crate: `docs/decisions/0010-own-sql-redaction.md`.

mod lexer;
mod secrets;
mod summary;
mod writer;

use lexer::{Kind, Lexer, Token};
use secrets::{Secrets, Seen};
use summary::Summary;
use writer::Writer;

/// Whose rules of quoting hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Not known: what may be a literal in any dialect is one.
    #[default]
    Generic,
    /// MySQL and MariaDB: `"…"` is a literal, backslashes escape, `#` begins a comment.
    MySql,
    /// PostgreSQL: `"…"` is a name, backslashes escape in `E'…'` only, `$tag$…$tag$`.
    PostgreSql,
    /// SQLite: `"…"` is a name after `FROM` and the like; elsewhere it may be a literal.
    Sqlite,
    /// Microsoft SQL Server: `"…"` and `[…]` are names.
    SqlServer,
}

impl Dialect {
    /// The dialect of a PDO driver, or of OpenTelemetry's `db.system.name`.
    #[must_use]
    pub fn of(driver: &str) -> Self {
        match driver {
            "mysql" | "mariadb" | "mysqli" => Self::MySql,
            "pgsql" | "postgresql" => Self::PostgreSql,
            "sqlite" => Self::Sqlite,
            "sqlsrv" | "dblib" | "mssql" | "microsoft.sql_server" => Self::SqlServer,
            _ => Self::Generic,
        }
    }
}

/// A statement without its data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redacted {
    /// The text: `db.query.text`. Ends with `…` where the limit cut it.
    pub text: String,
    /// The first verb in capitals, such as `SELECT`; empty when it is none that SQL
    /// knows: `db.operation.name`.
    pub operation: &'static str,
    /// The main table without quotes, or empty: `db.collection.name`.
    pub table: String,
}

impl Redacted {
    /// The name of the span: `SELECT users`, `COMMIT`, or empty.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.operation, self.table.as_str()) {
            (operation, "") => operation.to_owned(),
            (operation, table) => format!("{operation} {table}"),
        }
    }
}

/// Redacts `sql`, of which at most `limit` bytes are looked at.
///
/// Takes bytes, as PHP's strings are; what is not UTF-8 in a name is replaced by U+FFFD.
/// Text in a character set where a backslash can be the second byte of a character (GBK,
/// Shift JIS) is read as if it were ASCII.
#[must_use]
pub fn redact(sql: &[u8], dialect: Dialect, limit: usize) -> Redacted {
    let cut = sql.len() > limit;
    let seen = &sql[..sql.len().min(limit)];
    let mut lexer = Lexer::new(seen, dialect);
    let (mut summary, mut writer) = pass(&mut lexer);
    if lexer.is_in_doubt() {
        (summary, writer) = pass(&mut Lexer::doubtful(seen, dialect));
    }
    Redacted {
        text: writer.finish(cut),
        operation: summary.operation(),
        table: summary.table(),
    }
}

fn pass(lexer: &mut Lexer<'_>) -> (Summary, Writer) {
    let mut writer = Writer::new(512);
    let mut summary = Summary::default();
    let mut secrets = Secrets::default();
    for token in lexer {
        let token = match secrets.see(&token) {
            Seen::Plain => token,
            Seen::Secret => Token {
                kind: Kind::Value,
                ..token
            },
            Seen::More => continue,
        };
        summary.see(&token);
        writer.put(&token);
    }
    (summary, writer)
}

#[cfg(test)]
mod tests;
