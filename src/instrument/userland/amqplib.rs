//! php-amqplib 2 and 3: what is put into a queue and what is taken out of one.
//! Bodies are never recorded.

use tracker_protocol::record::SpanKind;

use super::row::{Row, SpanRow, What, nothing_at_end};
use super::spans::{Label, Span};
use crate::zend::ast::Call;
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        function: r"PhpAmqpLib\Channel\AMQPChannel::basic_publish",
        what: What::Span(SpanRow {
            kind: SpanKind::Producer,
            system: "rabbitmq",
            name: |call, name| {
                let exchange = text(call, 1).filter(|exchange| !exchange.is_empty());
                label(name, "publish ", exchange.or_else(|| text(call, 2)));
            },
            begin: |call, span| {
                span.text("messaging.operation.type", Some("send"));
                span.text("messaging.destination.name", text(call, 1));
                let key = "messaging.rabbitmq.destination.routing_key";
                span.text(key, text(call, 2));
                server(call, span);
            },
            end: nothing_at_end,
        }),
    },
    Row {
        function: r"PhpAmqpLib\Channel\AMQPChannel::basic_get",
        what: What::Span(SpanRow {
            kind: SpanKind::Client,
            system: "rabbitmq",
            name: |call, name| label(name, "receive ", text(call, 0)),
            begin: |call, span| {
                span.text("messaging.operation.type", Some("receive"));
                span.text("messaging.destination.name", text(call, 0));
                server(call, span);
            },
            end: nothing_at_end,
        }),
    },
    Row {
        // Calls the consumer with the message that has come.
        function: r"PhpAmqpLib\Channel\AMQPChannel::basic_deliver",
        what: What::Work(SpanRow {
            kind: SpanKind::Consumer,
            system: "rabbitmq",
            name: |_, name| name.push("process"),
            begin: |call, span| {
                span.text("messaging.operation.type", Some("process"));
                server(call, span);
            },
            end: nothing_at_end,
        }),
    },
];

fn text<'a>(call: &Call<'a>, position: usize) -> Option<&'a str> {
    call.argument(position)?.text()
}

fn label(name: &mut Label, operation: &str, destination: Option<&str>) {
    name.push(operation);
    name.push(destination.unwrap_or("(default)"));
}

/// The broker: the connection's stream knows it.
fn server(call: &Call<'_>, span: Span<'_>) {
    let stream = || {
        let connection = call.this()?.declared("connection")?.object()?;
        connection.declared("io")?.object()
    };
    if let Some(stream) = stream() {
        let port = stream.declared("port").and_then(|port| {
            port.long()
                .or_else(|| port.text().and_then(|text| text.parse().ok()))
        });
        span.peer(stream.declared("host").and_then(Value::text), port);
    }
}
