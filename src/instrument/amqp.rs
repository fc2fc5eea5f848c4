//! The amqp extension: what is published, what is taken out of a queue.
//!
//! The headers of the trace travel in the headers of the message. A message that
//! `AMQPQueue::get()` returns links to the span that sent it; one that a consumer
//! is called with is a root of its own, in the sender's trace.

use tracker_core::trace::propagation::Remote;
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::{Attribute, SpanKind, UnitKind};

use super::messaging::{self, Operation};
use super::method;
use super::servers::Server;
use crate::context::request;
use crate::context::roots::{self, Ending, Root};
use crate::context::spans::{self, Finish};
use crate::zend::callback::{self, Arguments, Scope};
use crate::zend::handlers::{self, Call, Row, Token};
use crate::zend::lend::{self, Missing};
use crate::zend::unit::Unit;
use crate::zend::value::{Object, Value};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    method!("AMQPConnection", "connect", begin, connected),
    method!("AMQPConnection", "pconnect", begin, connected),
    method!("AMQPConnection", "reconnect", begin, connected),
    method!("AMQPConnection", "preconnect", begin, connected),
    method!("AMQPExchange", "publish", publishes, published),
    method!("AMQPQueue", "get", begin, taken),
    method!("AMQPQueue", "consume", consumes, |_, _| ()),
];

/// The callback of a consumer, among those of [`crate::zend::callback`].
pub const MESSAGE: i64 = UnitKind::Message as i64;

/// What the arguments of `publish()` before the headers are by default.
const BEFORE_HEADERS: &[Missing] = &[Missing::Null, Missing::Null, Missing::Long(0)];

fn text<'a>(object: Option<Object<'a>>, name: &str) -> &'a str {
    let value = object.and_then(|object| object.declared(name));
    value.and_then(Value::text).unwrap_or("")
}

/// A property whose name the extension changed with its version 2.
fn either<'a>(object: Option<Object<'a>>, old: &str, new: &str) -> &'a str {
    match text(object, old) {
        "" => text(object, new),
        value => value,
    }
}

fn broker(connection: Option<Object<'_>>) -> Server {
    let port = connection
        .and_then(|connection| connection.declared("port"))
        .and_then(Value::long)
        .and_then(|port| u16::try_from(port).ok());
    Server::new(text(connection, "host"), port.unwrap_or(5672))
}

fn connection_of(object: Option<Object<'_>>) -> Option<Object<'_>> {
    object?.declared("connection")?.object()
}

fn operation<'a>(
    name: &'static str,
    kind: &'static str,
    destination: Option<&'a str>,
    server: &'a Server,
) -> Operation<'a> {
    Operation {
        system: "rabbitmq",
        name,
        kind,
        destination,
        server,
    }
}

fn routed(key: &str) -> Attribute<'_> {
    (
        "messaging.rabbitmq.destination.routing_key",
        Scalar::Str(key),
    )
}

fn begin(call: &Call<'_>) -> Token {
    spans::begin(SpanKind::Client, call.row.name)
}

fn connected(call: &Call<'_>, token: Token) {
    let server = broker(call.this());
    let operation = operation("connect", "", None, &server);
    messaging::finish(call, token, &operation, &[], None, None);
}

fn publishes(call: &Call<'_>) -> Token {
    let token = spans::begin(SpanKind::Producer, call.row.name);
    if token == 0 || call.count() == 0 {
        return token;
    }
    let own = call.arg(BEFORE_HEADERS.len());
    let ours = messaging::headers(token, own.and_then(|own| own.get("headers")));
    lend::add_texts(call, BEFORE_HEADERS, Some("headers"), &ours, token);
    token
}

fn published(call: &Call<'_>, token: Token) {
    lend::take_back(call, token);
    let server = broker(connection_of(call.this()));
    let key = call.arg(1).and_then(Value::text).unwrap_or("");
    let operation = operation("publish", "send", Some(text(call.this(), "name")), &server);
    // `false`, without an exception, is what some versions answer on failure.
    let failure = super::refused(call);
    messaging::finish(call, token, &operation, &[routed(key)], failure, None);
}

/// The context of the span that sent a message.
fn sender(envelope: Option<Object<'_>>) -> Option<Remote> {
    messaging::sender(envelope?.declared("headers"))
}

fn taken(call: &Call<'_>, token: Token) {
    let envelope = call.result().and_then(Value::object);
    if envelope.is_none() && call.thrown().is_none() {
        // Nothing was there: a program that polls would fill its trace with that.
        return spans::cancel(token);
    }
    let server = broker(connection_of(call.this()));
    let operation = operation(
        "receive",
        "receive",
        Some(text(call.this(), "name")),
        &server,
    );
    let key = routed(either(envelope, "routing_key", "routingKey"));
    let sender = sender(envelope);
    messaging::finish(call, token, &operation, &[key], None, sender.as_ref());
}

fn consumes(call: &Call<'_>) -> Token {
    callback::wrap(call, 0, MESSAGE, Scope::Caller);
    0
}

/// A consumer is about to be called with a message and its queue.
pub fn begin_message(arguments: &Arguments<'_>) -> Token {
    let object = |index| arguments.get(index).and_then(Value::object);
    let mut app = super::server_app();
    if app.is_empty() {
        app = request::script_app();
    }
    let server = Server::default();
    let queue = text(object(1), "name");
    let begun = roots::begin_over(Root {
        unit: UnitKind::Message,
        kind: SpanKind::Consumer,
        app: &app,
        endpoint: &operation("process", "process", Some(queue), &server).span(),
        remote: sender(object(0)),
    });
    if begun {
        roots::ids().map_or(0, |(_, span)| span)
    } else {
        0
    }
}

/// It has returned, or thrown.
pub fn end_message(token: Token, arguments: &Arguments<'_>) {
    let object = |index| arguments.get(index).and_then(Value::object);
    let server = broker(connection_of(object(1)));
    let queue = text(object(1), "name");
    let key = routed(either(object(0), "routing_key", "routingKey"));
    let operation = operation("process", "process", Some(queue), &server);
    let ending = Ending {
        finish: Finish {
            system: operation.system,
            peer: &server.peer,
            attributes: &operation.attributes(&[key]),
            encoded: &[&server.attributes],
            failure: super::failure_of(handlers::thrown()),
            ..Finish::default()
        },
        ..Ending::default()
    };
    roots::end_over(Unit::current(), token, &ending);
}
