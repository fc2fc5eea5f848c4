//! Swoole's HTTP/2 client in coroutines: a span from the request to its answer,
//! which may be read by another coroutine.

use tracker_core::trace::{names, url};
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::headers::{self, Added};
use super::notes::Notes;
use super::swoole_http::{failure, server};
use super::{always, method};
use crate::context::spans::{Detached, Failure, Finish};
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::value::Object;

/// Rows of this file.
pub const ROWS: &[Row] = &[
    method!("Swoole\\Coroutine\\Http2\\Client", "send", begin, sent),
    method!("Swoole\\Coroutine\\Http2\\Client", "recv", always, received),
    method!("Swoole\\Coroutine\\Http2\\Client", "read", always, received),
    method!("Swoole\\Coroutine\\Http2\\Client", "close", always, closed),
    method!(
        "Swoole\\Coroutine\\Http2\\Client",
        "__destruct",
        always,
        closed
    ),
];

/// One request on its way.
struct Stream {
    number: i64,
    span: Detached,
    method: &'static str,
    full: String,
}

/// A request that is being sent, by its object.
static SENDING: Global<Notes<(Detached, Option<Added>)>> = Global::new(Notes::new());
/// Requests without an answer, by the client.
static STREAMS: Global<Notes<Vec<Stream>>> = Global::new(Notes::new());

/// The request is over: so are its clients.
pub fn request_ends() {
    SENDING.with(Notes::clear);
    STREAMS.with(Notes::clear);
}

fn begin(call: &Call<'_>) -> Token {
    let Some(request) = call.arg(0).and_then(|request| request.object()) else {
        return 0;
    };
    let Some(span) = Detached::begin(SpanKind::Client, "send") else {
        return 0;
    };
    let added = headers::add(request, "headers", span.id());
    SENDING.with(|notes| notes.insert(request.address(), (span, added)));
    1
}

fn sent(call: &Call<'_>, _: Token) {
    let request = call.arg(0).and_then(|request| request.object());
    let (Some(client), Some(request)) = (call.this(), request) else {
        return;
    };
    let Some((span, added)) = SENDING.with(|notes| notes.remove(request.address())) else {
        return;
    };
    if let Some(added) = added {
        headers::remove(request, &added);
    }
    let text = |name: &str| request.declared(name).and_then(|value| value.text());
    let (host, port, scheme) = server(client, "ssl");
    let path = text("path").unwrap_or("/");
    let stream = Stream {
        number: call.result().and_then(|number| number.long()).unwrap_or(0),
        span,
        method: names::http_method(text("method").unwrap_or("GET")),
        full: url::redact(&format!("{scheme}://{host}:{port}{path}")),
    };
    if stream.number == 0 {
        finish(client, stream, 0, Some(failure(client, false)));
        return;
    }
    let address = client.address();
    STREAMS.with(|notes| match notes.get_mut(address) {
        Some(streams) => streams.push(stream),
        None => drop(notes.insert(address, vec![stream])),
    });
}

fn received(call: &Call<'_>, _: Token) {
    let Some(client) = call.this() else {
        return;
    };
    let Some(answer) = call.result().and_then(|answer| answer.object()) else {
        return;
    };
    let number = |name: &str| answer.declared(name).and_then(|value| value.long());
    let stream = STREAMS.with(|notes| {
        let streams = notes.get_mut(client.address())?;
        let place = streams
            .iter()
            .position(|stream| Some(stream.number) == number("streamId"))?;
        Some(streams.swap_remove(place))
    });
    if let Some(stream) = stream {
        finish(client, stream, number("statusCode").unwrap_or(0), None);
    }
}

fn closed(call: &Call<'_>, _: Token) {
    let Some(client) = call.this() else {
        return;
    };
    let streams = STREAMS.with(|notes| notes.remove(client.address()));
    for stream in streams.unwrap_or_default() {
        let unanswered = Failure {
            class: "unfinished",
            message: "the connection was closed before the answer",
            ..Failure::default()
        };
        finish(client, stream, 0, Some(unanswered));
    }
}

fn finish(client: Object<'_>, stream: Stream, status: i64, failure: Option<Failure<'_>>) {
    let (host, port, _) = server(client, "ssl");
    let peer = format!("{host}:{port}");
    let code = if status == 0 {
        String::new()
    } else {
        status.to_string()
    };
    let failure = failure.or((!(0..400).contains(&status)).then_some(Failure {
        class: &code,
        ..Failure::default()
    }));
    let attributes = [
        ("http.request.method", Scalar::Str(stream.method)),
        ("url.full", Scalar::Str(&stream.full)),
        ("server.address", Scalar::Str(host)),
        ("server.port", Scalar::Int(port)),
        ("network.protocol.version", Scalar::Str("2")),
        ("http.response.status_code", Scalar::Int(status)),
    ];
    let count = attributes.len() - usize::from(status <= 0);
    stream.span.end(&Finish {
        name: stream.method,
        system: "http",
        peer: &peer,
        attributes: &attributes[..count],
        failure,
        code: &code,
        ..Finish::default()
    });
}
