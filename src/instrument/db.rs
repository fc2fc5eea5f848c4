//! What the spans of all SQL libraries have in common.

use tracker_core::trace::sql::Dialect;
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::{Encoded, SpanKind};

use super::{refused, sql, thrown};
use crate::context::spans::{self, Failure, Finish};
use crate::zend::clock;
use crate::zend::handlers::{Call, Token};

/// A connection.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// `db.system.name`.
    pub system: &'static str,
    /// How its SQL is read.
    pub dialect: Dialect,
    /// `server.address`.
    pub host: String,
    /// `server.port`, 0 for a socket or a file.
    pub port: u16,
    /// `db.namespace`.
    pub database: String,
    /// `host:port/database`.
    pub peer: String,
    /// What a span tells of it; [`Connection::name_peer`] sets it.
    pub attributes: Encoded,
}

impl Connection {
    /// Reads a data source name such as `mysql:host=db;port=3306;dbname=shop`.
    pub fn of_dsn(dsn: &[u8]) -> Self {
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
            connection.encode();
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
        connection.name_peer();
        connection
    }

    /// Fills in what is usual, and names the other side.
    pub fn name_peer(&mut self) {
        if self.host.is_empty() {
            self.host.push_str("localhost");
        }
        if self.port == 0 && !self.host.starts_with('/') {
            self.port = usual_port(self.system);
        }
        self.peer.clone_from(&self.host);
        if self.port != 0 {
            self.peer.push_str(&format!(":{}", self.port));
        }
        if !self.database.is_empty() {
            self.peer.push('/');
            self.peer.push_str(&self.database);
        }
        self.encode();
    }

    fn encode(&mut self) {
        let port = i64::from(self.port);
        let known = [
            ("db.system.name", Scalar::Str(self.system)),
            ("db.namespace", Scalar::Str(&self.database)),
            ("server.address", Scalar::Str(&self.host)),
            ("server.port", Scalar::Int(port)),
        ];
        self.attributes = Encoded::of(&known[..if port == 0 { 3 } else { 4 }]);
    }

    /// One of which nothing is known.
    pub fn unknown(system: &'static str) -> Self {
        let mut connection = Self {
            system,
            ..Self::default()
        };
        connection.encode();
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

/// Ends the span of a statement. `error`: the server's code where the call failed without
/// an exception, else empty.
pub fn query(call: &Call<'_>, token: Token, connection: &Connection, text: &[u8], error: &str) {
    sql::with(text, connection.dialect, |statement| {
        finish(call, token, connection, statement, error);
    });
}

/// Begins to prepare a statement: notes when. No span yet: its execution is what is asked
/// of the server.
pub fn preparing(_: &Call<'_>) -> Token {
    clock::monotonic_ns()
}

/// A statement was prepared. Only where it cannot be executed, because this failed, it is
/// a span of its own, which `failed` ends.
pub fn prepared<'a>(call: &Call<'a>, began: Token, failed: impl FnOnce(&Call<'a>, Token)) {
    if call.thrown().is_some() || call.result().is_some_and(|result| result.is_false()) {
        failed(
            call,
            spans::begin_at(SpanKind::Client, call.row.name, began),
        );
    }
}

/// Ends the span of a call without a statement. `error`: as in [`query`].
pub fn operation(
    call: &Call<'_>,
    token: Token,
    connection: &Connection,
    name: &str,
    operation: &'static str,
    error: &str,
) {
    finish(
        call,
        token,
        connection,
        &sql::Statement::of(name, operation),
        error,
    );
}

fn finish(
    call: &Call<'_>,
    token: Token,
    connection: &Connection,
    statement: &sql::Statement,
    error: &str,
) {
    let shown = Shown {
        name: &statement.name,
        system: connection.system,
        peer: &connection.peer,
        encoded: &[&connection.attributes, &statement.attributes],
        error,
    };
    end(call, token, &shown);
}

/// What a span shows besides how the call went.
pub struct Shown<'a> {
    /// Name.
    pub name: &'a str,
    /// `db.system.name`; not an attribute by itself.
    pub system: &'static str,
    /// The server, and the database.
    pub peer: &'a str,
    /// Attributes.
    pub encoded: &'a [&'a Encoded],
    /// The server's code where the call failed without an exception, else empty.
    pub error: &'a str,
}

/// Ends a span.
pub fn end(call: &Call<'_>, token: Token, shown: &Shown<'_>) {
    let mut code = code(call);
    if code.is_empty() {
        shown.error.clone_into(&mut code);
    }
    let attributes = [("db.response.status_code", Scalar::Str(&code))];
    let has_code = usize::from(!code.is_empty());
    spans::end(
        token,
        &Finish {
            name: shown.name,
            system: shown.system,
            peer: shown.peer,
            attributes: &attributes[..has_code],
            encoded: shown.encoded,
            failure: thrown(call).or_else(|| {
                let refused: Failure<'_> = refused(call)?;
                let class = match shown.error {
                    "" => refused.class,
                    class => class,
                };
                Some(Failure { class, ..refused })
            }),
            code: &code,
            ..Finish::default()
        },
    );
}

/// Code of the exception: SQLSTATE with PDO, a number with mysqli. Empty
/// without an exception.
fn code(call: &Call<'_>) -> String {
    let Some(code) = call.thrown().and_then(|thrown| thrown.declared("code")) else {
        return String::new();
    };
    match (code.text(), code.long()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(number)) => number.to_string(),
        _ => String::new(),
    }
}
