//! Predis 1 and 2. Commands go through `Client::__call()`; values are never
//! recorded.

use tracker_protocol::record::SpanKind;

use super::row::{Row, SpanRow, What, nothing_at_end};
use super::spans::Span;
use crate::zend::ast::Call;
use crate::zend::value::{Object, Value};

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        function: r"Predis\Client::__call",
        what: What::Span(SpanRow {
            kind: SpanKind::Client,
            system: "redis",
            name: |call, name| {
                for letter in command(call, None).chars() {
                    name.push(letter.to_ascii_uppercase().encode_utf8(&mut [0; 4]));
                }
            },
            begin: |call, span| of_client(span, call.this()),
            end: nothing_at_end,
        }),
    },
    Row {
        function: r"Predis\Client::executeRaw",
        what: What::Span(SpanRow {
            kind: SpanKind::Client,
            system: "redis",
            name: |call, name| name.push(command(call, Some(0))),
            begin: |call, span| of_client(span, call.this()),
            end: nothing_at_end,
        }),
    },
    Row {
        function: r"Predis\Pipeline\Pipeline::flushPipeline",
        what: What::Span(SpanRow {
            kind: SpanKind::Client,
            system: "redis",
            name: |_, name| name.push("PIPELINE"),
            begin: |call, span| {
                let client = call.this().and_then(|this| this.declared("client"));
                of_client(span, client.and_then(Value::object));
            },
            end: nothing_at_end,
        }),
    },
];

/// The command's name: the first argument, or an element of it.
fn command<'a>(call: &Call<'a>, element: Option<u64>) -> &'a str {
    let first = call.argument(0);
    match element {
        Some(index) => first.and_then(|list| list.at(index)),
        None => first,
    }
    .and_then(Value::text)
    .unwrap_or("redis")
}

/// The server, where the client has one connection.
fn of_client(span: Span<'_>, client: Option<Object<'_>>) {
    let parameters = || {
        let connection = client?.declared("connection")?.object()?;
        connection
            .declared("parameters")?
            .object()?
            .declared("parameters")
    };
    let Some(parameters) = parameters() else {
        return;
    };
    let port = parameters.get("port").and_then(|port| {
        port.long()
            .or_else(|| port.text().and_then(|text| text.parse().ok()))
    });
    match parameters.get("path").and_then(Value::text) {
        Some(path) => span.peer(Some(path), None),
        None => span.peer(parameters.get("host").and_then(Value::text), port),
    }
    let database = parameters.get("database").and_then(Value::long);
    span.number("db.namespace", database);
}
