//! mysqli, as functions and as objects: both are the same in the engine but for
//! the place of the connection.

use tracker_core::trace::sql::Dialect;
use tracker_protocol::record::SpanKind;

use super::db::{self, Connection};
use super::notes::Notes;
use super::{always, function, method};
use crate::context::spans;
use crate::zend::call::{self, Arg};
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::value::{Object, Value};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    function!("mysqli_connect", begin, connected),
    function!("mysqli_real_connect", begin, connected),
    method!("mysqli", "__construct", begin, connected),
    method!("mysqli", "connect", begin, connected),
    method!("mysqli", "real_connect", begin, connected),
    function!("mysqli_select_db", always, database_selected),
    method!("mysqli", "select_db", always, database_selected),
    function!("mysqli_query", begin, queried),
    function!("mysqli_real_query", begin, queried),
    function!("mysqli_multi_query", begin, queried),
    function!("mysqli_execute_query", begin, queried),
    method!("mysqli", "query", begin, queried),
    method!("mysqli", "real_query", begin, queried),
    method!("mysqli", "multi_query", begin, queried),
    method!("mysqli", "execute_query", begin, queried),
    function!("mysqli_prepare", db::preparing, prepared),
    method!("mysqli", "prepare", db::preparing, prepared),
    function!("mysqli_stmt_prepare", db::preparing, statement_prepared),
    method!("mysqli_stmt", "prepare", db::preparing, statement_prepared),
    function!("mysqli_stmt_init", always, statement_made),
    method!("mysqli", "stmt_init", always, statement_made),
    method!("mysqli_stmt", "__construct", always, statement_constructed),
    function!("mysqli_stmt_execute", begin, executed),
    function!("mysqli_execute", begin, executed),
    method!("mysqli_stmt", "execute", begin, executed),
    function!("mysqli_begin_transaction", begin, transaction),
    function!("mysqli_commit", begin, transaction),
    function!("mysqli_rollback", begin, transaction),
    method!("mysqli", "begin_transaction", begin, transaction),
    method!("mysqli", "commit", begin, transaction),
    method!("mysqli", "rollback", begin, transaction),
];

/// A statement: its connection's object, and its text.
#[derive(Debug, Clone, Default)]
struct Statement {
    connection: usize,
    text: Vec<u8>,
}

static CONNECTIONS: Global<Notes<Connection>> = Global::new(Notes::new());
static STATEMENTS: Global<Notes<Statement>> = Global::new(Notes::new());

/// The request is over: so are its objects.
pub fn request_ends() {
    CONNECTIONS.with(Notes::clear);
    STATEMENTS.with(Notes::clear);
}

fn begin(call: &Call<'_>) -> Token {
    spans::begin(SpanKind::Client, call.row.name)
}

/// The object that is meant: `$this`, or the first argument of a function.
fn subject<'a>(call: &'a Call<'_>) -> Option<Object<'a>> {
    if call.row.class.is_empty() {
        call.arg(0)?.object()
    } else {
        call.this()
    }
}

/// Argument after the subject.
fn argument<'a>(call: &'a Call<'_>, index: usize) -> Option<Value<'a>> {
    call.arg(index + usize::from(call.row.class.is_empty()))
}

fn with_connection<R>(address: usize, look: impl FnOnce(&Connection) -> R) -> R {
    CONNECTIONS.with(|notes| match notes.get(address) {
        Some(connection) => look(connection),
        None => look(&Connection::unknown("mysql")),
    })
}

/// The server's code, where the program wants no exceptions: the answer of a function of
/// mysqli that reads it. Its message may hold values, and is left where it is.
fn error(call: &Call<'_>, object: Option<Object<'_>>, function: &str) -> String {
    if !call.result().is_some_and(|result| result.is_false()) || call.thrown().is_some() {
        return String::new();
    }
    // That of a connection that was not made is asked for without one.
    let object = object.filter(|_| function != "mysqli_connect_errno");
    let number = call::call(function, object.map(Arg::Object).as_slice(), |number| {
        number.and_then(Value::long).filter(|number| *number != 0)
    });
    number.flatten().map_or(String::new(), |n| n.to_string())
}

fn connected(call: &Call<'_>, token: Token) {
    // mysqli_connect() makes its object itself.
    let makes = call.row.function == "mysqli_connect";
    let object = if makes {
        call.result().and_then(|made| made.object())
    } else {
        subject(call)
    };
    let first = usize::from(call.row.function == "mysqli_real_connect");
    let text = |index: usize| {
        call.arg(first + index)
            .and_then(|arg| arg.text())
            .unwrap_or("")
            .to_owned()
    };
    let mut connection = Connection {
        system: "mysql",
        dialect: Dialect::MySql,
        host: text(0).trim_start_matches("p:").to_owned(),
        database: text(3),
        port: call
            .arg(first + 4)
            .and_then(|port| port.long())
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or(0),
        ..Connection::default()
    };
    let socket = text(5);
    if !socket.is_empty() && matches!(connection.host.as_str(), "" | "localhost") {
        connection.host = socket;
    }
    connection.name_peer();
    let address = object.map_or(0, Object::address);
    if call.count() <= first && call.row.function == "__construct" {
        // `new mysqli` without arguments connects to nothing.
        spans::cancel(token);
    } else {
        let error = error(call, object, "mysqli_connect_errno");
        db::operation(call, token, &connection, "connect", "", &error);
    }
    if address != 0 {
        CONNECTIONS.with(|notes| notes.insert(address, connection));
    }
}

fn database_selected(call: &Call<'_>, _: Token) {
    if !call.result().is_some_and(|r| r.is_true()) {
        return;
    }
    if let (Some(object), Some(name)) = (subject(call), argument(call, 0).and_then(|n| n.text())) {
        CONNECTIONS.with(|notes| {
            if let Some(connection) = notes.get_mut(object.address()) {
                name.clone_into(&mut connection.database);
                connection.name_peer();
            }
        });
    }
}

fn queried(call: &Call<'_>, token: Token) {
    let text = argument(call, 0)
        .and_then(|text| text.bytes())
        .unwrap_or(b"");
    let object = subject(call);
    let error = error(call, object, "mysqli_errno");
    with_connection(object.map_or(0, Object::address), |connection| {
        db::query(call, token, connection, text, &error);
    });
}

fn note(statement: Option<Object<'_>>, connection: usize, text: &[u8]) {
    if let Some(statement) = statement {
        let note = Statement {
            connection,
            text: text.to_vec(),
        };
        STATEMENTS.with(|notes| notes.insert(statement.address(), note));
    }
}

fn prepared(call: &Call<'_>, began: Token) {
    let text = argument(call, 0)
        .and_then(|text| text.bytes())
        .unwrap_or(b"");
    let made = call.result().and_then(|made| made.object());
    note(made, subject(call).map_or(0, Object::address), text);
    db::prepared(call, began, queried);
}

fn statement_made(call: &Call<'_>, _: Token) {
    let made = call.result().and_then(|made| made.object());
    note(made, subject(call).map_or(0, Object::address), b"");
}

fn statement_constructed(call: &Call<'_>, _: Token) {
    let connection = call.arg(0).and_then(|arg| arg.object());
    let text = call.arg(1).and_then(|text| text.bytes()).unwrap_or(b"");
    note(call.this(), connection.map_or(0, Object::address), text);
}

fn statement_prepared(call: &Call<'_>, began: Token) {
    let text = argument(call, 0)
        .and_then(|text| text.bytes())
        .unwrap_or(b"");
    if let Some(object) = subject(call) {
        STATEMENTS.with(|notes| {
            if let Some(statement) = notes.get_mut(object.address()) {
                statement.text = text.to_vec();
            }
        });
    }
    db::prepared(call, began, executed);
}

fn executed(call: &Call<'_>, token: Token) {
    let statement = subject(call)
        .and_then(|object| STATEMENTS.with(|notes| notes.get(object.address()).cloned()))
        .unwrap_or_default();
    let error = error(call, subject(call), "mysqli_stmt_errno");
    with_connection(statement.connection, |connection| {
        db::query(call, token, connection, &statement.text, &error);
    });
}

fn transaction(call: &Call<'_>, token: Token) {
    let name = match call.row.function.trim_start_matches("mysqli_") {
        "begin_transaction" => "BEGIN",
        "commit" => "COMMIT",
        _ => "ROLLBACK",
    };
    let object = subject(call);
    let error = error(call, object, "mysqli_errno");
    with_connection(object.map_or(0, Object::address), |connection| {
        db::operation(call, token, connection, name, name, &error);
    });
}
