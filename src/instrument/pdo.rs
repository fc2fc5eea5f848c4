//! PDO with all drivers, and its statements.

use tracker_core::trace::sql::Dialect;
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::notes::Notes;
use super::{always, method, sql, thrown};
use crate::context::spans::{self, Failure, Finish};
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    method!("PDO", "__construct", begin, connected),
    method!("PDO", "connect", begin, connected),
    method!("PDO", "query", begin, queried),
    method!("PDO", "exec", begin, queried),
    method!("PDO", "prepare", always, prepared),
    method!("PDO", "beginTransaction", begin, transaction),
    method!("PDO", "commit", begin, transaction),
    method!("PDO", "rollBack", begin, transaction),
    method!("PDOStatement", "execute", begin, executed),
];

/// A connection.
#[derive(Debug, Clone, Default)]
struct Connection {
    /// `db.system.name`.
    system: &'static str,
    dialect: Dialect,
    host: String,
    port: u16,
    /// `db.namespace`.
    database: String,
    /// `host:port/database`.
    peer: String,
}

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

impl Connection {
    /// Reads a data source name such as `mysql:host=db;port=3306;dbname=shop`.
    fn of(dsn: &[u8]) -> Self {
        let dsn = String::from_utf8_lossy(dsn);
        let (driver, rest) = dsn.split_once(':').unwrap_or((&dsn, ""));
        let mut connection = Self {
            system: system(driver),
            dialect: Dialect::of(driver),
            ..Self::default()
        };
        if connection.system == "sqlite" {
            rest.clone_into(&mut connection.database);
            rest.clone_into(&mut connection.peer);
            return connection;
        }
        for pair in rest.split([';', ' ']) {
            let Some((key, value)) = pair.split_once('=') else {
                continue;
            };
            match key.trim().to_ascii_lowercase().as_str() {
                "host" | "server" | "unix_socket" => value.clone_into(&mut connection.host),
                "port" => connection.port = value.parse().unwrap_or(0),
                "dbname" | "database" => value.clone_into(&mut connection.database),
                _ => {}
            }
        }
        if connection.host.is_empty() {
            connection.host.push_str("localhost");
        }
        if connection.port == 0 && !connection.host.starts_with('/') {
            connection.port = usual_port(connection.system);
        }
        connection.peer = if connection.port == 0 {
            connection.host.clone()
        } else {
            format!("{}:{}", connection.host, connection.port)
        };
        if !connection.database.is_empty() {
            connection.peer.push('/');
            connection.peer.push_str(&connection.database);
        }
        connection
    }
}

/// `db.system.name` of OpenTelemetry for a driver of PDO.
fn system(driver: &str) -> &'static str {
    match driver {
        "mysql" => "mysql",
        "pgsql" => "postgresql",
        "sqlite" | "sqlite2" => "sqlite",
        "sqlsrv" | "dblib" | "mssql" => "microsoft.sql_server",
        "oci" => "oracle.db",
        "firebird" => "firebirdsql",
        "ibm" => "ibm.db2",
        "informix" => "ibm.informix",
        _ => "other_sql",
    }
}

fn usual_port(system: &str) -> u16 {
    match system {
        "mysql" => 3306,
        "postgresql" => 5432,
        "microsoft.sql_server" => 1433,
        _ => 0,
    }
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
            known.push((dsn.to_vec(), Connection::of(dsn)));
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
        None => look(&Connection {
            system: "other_sql",
            ..Connection::default()
        }),
    })
}

/// What failed: an exception, or `false` with an error noted in the object.
fn failure<'a>(call: &'a Call<'_>) -> Option<Failure<'a>> {
    thrown(call).or_else(|| {
        call.result()
            .is_some_and(|r| r.is_false())
            .then_some(Failure {
                class: "error",
                ..Failure::default()
            })
    })
}

/// SQLSTATE of the exception, for the statistics.
fn state<'a>(call: &'a Call<'_>) -> &'a str {
    call.thrown()
        .and_then(|thrown| thrown.declared("code"))
        .and_then(|code| code.text())
        .unwrap_or("")
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
        finish(call, token, connection, "connect", "CONNECT", None, None);
    });
}

/// Ends the span of a database call.
fn finish(
    call: &Call<'_>,
    token: Token,
    connection: &Connection,
    name: &str,
    operation: &str,
    table: Option<&str>,
    text: Option<&str>,
) {
    let mut attributes = [("", Scalar::Bool(false)); 8];
    let mut count = 0;
    let mut set = |name, value| {
        if value != Scalar::Str("") && value != Scalar::Int(0) {
            attributes[count] = (name, value);
            count += 1;
        }
    };
    let state = state(call);
    set("db.system.name", Scalar::Str(connection.system));
    set("db.namespace", Scalar::Str(&connection.database));
    set("db.operation.name", Scalar::Str(operation));
    set("db.collection.name", Scalar::Str(table.unwrap_or("")));
    set("db.query.text", Scalar::Str(text.unwrap_or("")));
    set("db.response.status_code", Scalar::Str(state));
    set("server.address", Scalar::Str(&connection.host));
    set("server.port", Scalar::Int(i64::from(connection.port)));
    spans::end(
        token,
        &Finish {
            name,
            system: connection.system,
            peer: &connection.peer,
            attributes: &attributes[..count],
            failure: failure(call),
            code: state,
            stack: &[],
        },
    );
}

fn query(call: &Call<'_>, token: Token, text: &[u8]) {
    with_connection(call, |connection| {
        sql::with(text, connection.dialect, |statement| {
            finish(
                call,
                token,
                connection,
                &statement.name,
                statement.operation,
                Some(&statement.table),
                Some(&statement.text),
            );
        });
    });
}

fn queried(call: &Call<'_>, token: Token) {
    inherit(call);
    let text = call.arg(0).and_then(|text| text.bytes()).unwrap_or(b"");
    query(call, token, text);
}

fn prepared(call: &Call<'_>, _: Token) {
    inherit(call);
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
        finish(call, token, connection, name, name, None, None);
    });
}
