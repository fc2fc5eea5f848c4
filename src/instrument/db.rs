//! What the spans of all SQL libraries have in common.

use tracker_core::trace::sql::Dialect;
use tracker_protocol::msgpack::Value as Scalar;

use super::{sql, thrown};
use crate::context::spans::{self, Failure, Finish};
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
        finish(call, token, connection, &statement.name, statement, error);
    });
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
    let statement = sql::Statement {
        operation,
        ..sql::Statement::default()
    };
    finish(call, token, connection, name, &statement, error);
}

fn finish(
    call: &Call<'_>,
    token: Token,
    connection: &Connection,
    name: &str,
    statement: &sql::Statement,
    error: &str,
) {
    let mut attributes = [("", Scalar::Bool(false)); 8];
    let mut count = 0;
    let mut set = |name, value| {
        if value != Scalar::Str("") && value != Scalar::Int(0) {
            attributes[count] = (name, value);
            count += 1;
        }
    };
    let mut code = code(call);
    if code.is_empty() {
        error.clone_into(&mut code);
    }
    set("db.system.name", Scalar::Str(connection.system));
    set("db.namespace", Scalar::Str(&connection.database));
    set("db.operation.name", Scalar::Str(statement.operation));
    set("db.collection.name", Scalar::Str(&statement.table));
    set("db.query.text", Scalar::Str(&statement.text));
    set("db.response.status_code", Scalar::Str(&code));
    set("server.address", Scalar::Str(&connection.host));
    set("server.port", Scalar::Int(i64::from(connection.port)));
    let failure = thrown(call).or_else(|| {
        let failed = call.result().is_some_and(|r| r.is_false());
        failed.then_some(Failure {
            class: if error.is_empty() { "error" } else { error },
            ..Failure::default()
        })
    });
    spans::end(
        token,
        &Finish {
            name,
            system: connection.system,
            peer: &connection.peer,
            attributes: &attributes[..count],
            failure,
            code: &code,
            events: &[],
            stack: &[],
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
