//! php-amqplib 2 and 3: what is put into a queue and what is taken out of one.
//! Bodies are never recorded.

use tracker_protocol::record::SpanKind;

use super::row::{Row, SpanRow, What, nothing_at_end};
use super::spans::{Label, Span, Told};
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
                label(
                    name,
                    "publish ",
                    exchange(text(call, 1)).or_else(|| text(call, 2)),
                );
            },
            begin: |call, span| {
                span.text("messaging.operation.type", Some("send"));
                span.text("messaging.destination.name", exchange(text(call, 1)));
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
        // ($reader, $message). Calls the consumer with the message that has come.
        function: r"PhpAmqpLib\Channel\AMQPChannel::basic_deliver",
        what: What::Work(SpanRow {
            kind: SpanKind::Consumer,
            system: "rabbitmq",
            name: |_, name| name.push("process"),
            begin: |call, span| {
                span.text("messaging.operation.type", Some("process"));
                server(call, span);
            },
            end: |call, _, span| delivered(call, span),
        }),
    },
];

fn text<'a>(call: &Call<'a>, position: usize) -> Option<&'a str> {
    call.argument(position)?.text()
}

/// The default exchange has no name.
fn exchange(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !name.is_empty())
}

/// What the message was sent to: the exchange, or the queue that the default one takes the
/// key for. Read from the message once it is delivered.
fn delivered(call: &Call<'_>, span: Span<'_>) {
    let message = call.argument(1).and_then(Value::object);
    let Some(info) = message.and_then(|message| message.declared("delivery_info")) else {
        return;
    };
    let of = |key| info.get(key).and_then(Value::text);
    let (exchange, key) = (exchange(of("exchange")), of("routing_key"));
    if exchange.or(key).is_some() {
        let mut name = Label::default();
        label(&mut name, "process ", exchange.or(key));
        span.spans.tell(Told::Work, name.as_str());
    }
    span.text("messaging.destination.name", exchange);
    span.text("messaging.rabbitmq.destination.routing_key", key);
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
