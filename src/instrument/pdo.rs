//! PDO with all drivers, and its statements.

use tracker_protocol::record::SpanKind;

use super::db::{self, Connection};
use super::method;
use super::notes::Notes;
use crate::context::spans;
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    method!("PDO", "__construct", begin, connected),
    method!("PDO", "connect", begin, connected),
    method!("PDO", "query", begin, queried),
    method!("PDO", "exec", begin, queried),
    method!("PDO", "prepare", db::preparing, prepared),
    method!("PDO", "beginTransaction", begin, transaction),
    method!("PDO", "commit", begin, transaction),
    method!("PDO", "rollBack", begin, transaction),
    method!("PDOStatement", "execute", begin, executed),
];

/// Numbers of connections by their objects.
static CONNECTIONS: Global<Notes<u32>> = Global::new(Notes::new());
/// The same by their statements.
static STATEMENTS: Global<Notes<u32>> = Global::new(Notes::new());
/// Those there are, each once: a program has few.
static KNOWN: Global<Vec<(Vec<u8>, Connection)>> = Global::new(Vec::new());
/// Different data sources that are remembered.
const MAX_KNOWN: usize = 256;

/// The request is over: so are its objects.
pub fn request_ends() {
    CONNECTIONS.with(Notes::clear);
    STATEMENTS.with(Notes::clear);
}

fn begin(call: &Call<'_>) -> Token {
    spans::begin(SpanKind::Client, call.row.name)
}

/// Number of the connection of this data source.
fn number_of(dsn: &[u8]) -> u32 {
    KNOWN.with(|known| {
        let place = known.iter().position(|(name, _)| name == dsn);
        let place = place.unwrap_or_else(|| {
            if known.len() >= MAX_KNOWN {
                known.clear();
                CONNECTIONS.with(Notes::clear);
                STATEMENTS.with(Notes::clear);
            }
            known.push((dsn.to_vec(), Connection::of_dsn(dsn)));
            known.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    })
}

/// Gives the connection of the call's object to `look`.
fn with_connection<R>(call: &Call<'_>, look: impl FnOnce(&Connection) -> R) -> R {
    let notes = if call.row.class == "PDO" {
        &CONNECTIONS
    } else {
        &STATEMENTS
    };
    let number = call
        .this()
        .and_then(|this| notes.with(|notes| notes.get(this.address()).copied()));
    KNOWN.with(|known| match number.and_then(|n| known.get(n as usize)) {
        Some((_, connection)) => look(connection),
        None => look(&Connection::unknown("other_sql")),
    })
}

fn connected(call: &Call<'_>, token: Token) {
    let dsn = call.arg(0).and_then(|dsn| dsn.bytes()).unwrap_or(b"");
    let number = number_of(dsn);
    let object = call
        .this()
        .or_else(|| call.result().and_then(|made| made.object()));
    if let Some(object) = object {
        CONNECTIONS.with(|notes| notes.insert(object.address(), number));
    }
    with_connection(call, |connection| {
        db::operation(call, token, connection, "connect", "", "");
    });
}

fn query(call: &Call<'_>, token: Token, text: &[u8]) {
    with_connection(call, |connection| {
        db::query(call, token, connection, text, "")
    });
}

fn queried(call: &Call<'_>, token: Token) {
    inherit(call);
    let text = call.arg(0).and_then(|text| text.bytes()).unwrap_or(b"");
    query(call, token, text);
}

fn prepared(call: &Call<'_>, began: Token) {
    inherit(call);
    db::prepared(call, began, |call, token| {
        let text = call.arg(0).and_then(|text| text.bytes()).unwrap_or(b"");
        query(call, token, text);
    });
}

/// A statement that a connection returned belongs to it.
fn inherit(call: &Call<'_>) {
    let (Some(this), Some(made)) = (call.this(), call.result().and_then(|made| made.object()))
    else {
        return;
    };
    if let Some(number) = CONNECTIONS.with(|notes| notes.get(this.address()).copied()) {
        STATEMENTS.with(|notes| notes.insert(made.address(), number));
    }
}

fn executed(call: &Call<'_>, token: Token) {
    let text = call
        .this()
        .and_then(|this| this.declared("queryString"))
        .and_then(|text| text.bytes())
        .unwrap_or(b"");
    query(call, token, text);
}

fn transaction(call: &Call<'_>, token: Token) {
    let name = match call.row.function {
        "beginTransaction" => "BEGIN",
        "commit" => "COMMIT",
        _ => "ROLLBACK",
    };
    with_connection(call, |connection| {
        db::operation(call, token, connection, name, name, "");
    });
}
