//! The rdkafka extension: what is produced, what is consumed.
//!
//! `producev()` takes headers, so those of the trace travel in them; `produce()`
//! has no place for any. What a producer's call does not tell is whether the message
//! arrives: librdkafka sends it later.

use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::messaging::{self, Operation};
use super::notes::Notes;
use super::servers::Server;
use super::{Failure, always, method};
use crate::context::spans;
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::lend::{self, Missing};
use crate::zend::value::{Object, Value};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    method!("RdKafka\\Conf", "__construct", always, configured),
    method!("RdKafka\\Conf", "set", always, set),
    method!("RdKafka\\Producer", "__construct", always, made),
    method!("RdKafka\\Consumer", "__construct", always, made),
    method!("RdKafka\\KafkaConsumer", "__construct", always, made),
    method!("RdKafka", "addBrokers", always, added),
    method!("RdKafka", "newTopic", always, named),
    method!("RdKafka", "flush", begin, flushed),
    method!("RdKafka\\ProducerTopic", "produce", produces, produced),
    method!("RdKafka\\ProducerTopic", "producev", produces, produced),
    method!("RdKafka\\KafkaConsumer", "consume", begin, consumed),
    method!("RdKafka\\ConsumerTopic", "consume", begin, consumed),
    method!("RdKafka\\Queue", "consume", begin, consumed),
];

/// What the arguments of `producev()` before the headers are by default.
const BEFORE_HEADERS: &[Missing] = &[Missing::Null; 4];

// Numbers of rdkafka.h.
const TIMED_OUT: i64 = -185;
const PARTITION_EOF: i64 = -191;

/// A topic of a client.
struct Topic {
    name: String,
    brokers: Server,
}

/// Brokers by configurations and clients.
static CLIENTS: Global<Notes<Server>> = Global::new(Notes::new());
static TOPICS: Global<Notes<Topic>> = Global::new(Notes::new());

/// The request is over: so are its objects.
pub fn request_ends() {
    CLIENTS.with(Notes::clear);
    TOPICS.with(Notes::clear);
}

fn brokers(list: Option<Value<'_>>) -> Server {
    let list = list.and_then(Value::text).unwrap_or("");
    Server::of_list(list.split(','), 9092)
}

fn note(object: Option<Object<'_>>, server: Server) {
    if let Some(object) = object {
        CLIENTS.with(|notes| notes.insert(object.address(), server));
    }
}

fn noted(object: Option<Object<'_>>) -> Server {
    let find = |address| CLIENTS.with(|notes| notes.get(address).cloned());
    let known = object.and_then(|object| find(object.address()));
    known.unwrap_or_default()
}

fn configured(call: &Call<'_>, _: Token) {
    note(call.this(), Server::default());
}

fn set(call: &Call<'_>, _: Token) {
    let name = call.arg(0).and_then(Value::text).unwrap_or("");
    if matches!(name, "bootstrap.servers" | "metadata.broker.list") {
        note(call.this(), brokers(call.arg(1)));
    }
}

fn made(call: &Call<'_>, _: Token) {
    let conf = call.arg(0).and_then(Value::object);
    note(call.this(), noted(conf));
}

/// Further brokers, or the only ones.
fn added(call: &Call<'_>, _: Token) {
    let list = call.arg(0).and_then(Value::text).unwrap_or("");
    let before = noted(call.this()).peer;
    let all = before.split(',').chain(list.split(','));
    note(call.this(), Server::of_list(all, 9092));
}

fn named(call: &Call<'_>, _: Token) {
    let name = call.arg(0).and_then(Value::text).unwrap_or("");
    if let Some(topic) = call.result().and_then(Value::object) {
        let topic_of = Topic {
            name: name.to_owned(),
            brokers: noted(call.this()),
        };
        TOPICS.with(|notes| notes.insert(topic.address(), topic_of));
    }
}

fn operation<'a>(
    name: &'static str,
    kind: &'static str,
    topic: Option<&'a str>,
    server: &'a Server,
) -> Operation<'a> {
    Operation {
        system: "kafka",
        name,
        kind,
        destination: topic,
        server,
    }
}

fn begin(call: &Call<'_>) -> Token {
    spans::begin(SpanKind::Client, call.row.name)
}

fn flushed(call: &Call<'_>, token: Token) {
    let server = noted(call.this());
    let error = call.result().and_then(Value::long).unwrap_or(0);
    let code = error.to_string();
    let failure = failure(error, &code);
    let operation = operation("flush", "", None, &server);
    messaging::finish(call, token, &operation, &[], failure, None);
}

/// An error of librdkafka as `code`, its text.
fn failure(error: i64, code: &str) -> Option<Failure<'_>> {
    (error != 0).then_some(Failure {
        class: code,
        is_timeout: error == TIMED_OUT,
        ..Failure::default()
    })
}

fn produces(call: &Call<'_>) -> Token {
    let token = spans::begin(SpanKind::Producer, call.row.name);
    if token == 0 || call.row.function != "producev" || call.count() < 2 {
        return token;
    }
    let ours = messaging::headers(token, call.arg(BEFORE_HEADERS.len()));
    lend::add_texts(call, BEFORE_HEADERS, None, &ours, token);
    token
}

fn produced(call: &Call<'_>, token: Token) {
    lend::take_back(call, token);
    let address = call.this().map_or(0, Object::address);
    TOPICS.with(|notes| {
        let nobody = Server::default();
        let (topic, server) = match notes.get(address) {
            Some(topic) => (Some(&*topic.name), &topic.brokers),
            None => (None, &nobody),
        };
        let operation = operation("produce", "send", topic, server);
        // The partition is the broker's choice if it is negative.
        let partition = call.arg(0).and_then(Value::long).filter(|n| *n >= 0);
        let text = partition.map(|n| n.to_string()).unwrap_or_default();
        let partition = ("messaging.destination.partition.id", Scalar::Str(&text));
        messaging::finish(call, token, &operation, &[partition], None, None);
    });
}

fn consumed(call: &Call<'_>, token: Token) {
    let message = call.result().and_then(Value::object);
    let field = |name: &str| message.and_then(|message| message.declared(name));
    let error = field("err").and_then(Value::long).unwrap_or(0);
    let is_nothing = message.is_none() || matches!(error, TIMED_OUT | PARTITION_EOF);
    if is_nothing && call.thrown().is_none() {
        // Nothing was there: a program that polls would fill its trace with that.
        return spans::cancel(token);
    }
    let sender = messaging::sender(field("headers"));
    let address = call.this().map_or(0, Object::address);
    let server = match call.row.class {
        "RdKafka\\KafkaConsumer" => noted(call.this()),
        "RdKafka\\ConsumerTopic" => {
            let of = |topic: &Topic| topic.brokers.clone();
            let known = TOPICS.with(|notes| notes.get(address).map(of));
            known.unwrap_or_default()
        }
        // A queue may be that of several clients.
        _ => Server::default(),
    };
    let topic = field("topic_name").and_then(Value::text);
    let text = |name| field(name).and_then(Value::long).map(|n| n.to_string());
    let partition = text("partition").unwrap_or_default();
    let mut further = vec![(
        "messaging.destination.partition.id",
        Scalar::Str(&partition),
    )];
    if let Some(offset) = field("offset").and_then(Value::long).filter(|n| *n >= 0) {
        further.push(("messaging.kafka.offset", Scalar::Int(offset)));
    }
    let code = error.to_string();
    let operation = operation("consume", "receive", topic, &server);
    let failure = failure(error, &code);
    messaging::finish(call, token, &operation, &further, failure, sender.as_ref());
}
