//! Swoole's HTTP client in coroutines.
//!
//! The headers of the trace stand in the client's property only while it sends.

use tracker_core::trace::{names, url};
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::headers::{self, Added};
use super::notes::Notes;
use super::{method, thrown};
use crate::context::spans::{self, Failure, Finish};
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::value::Object;

/// Rows of this file.
pub const ROWS: &[Row] = &[
    method!("Swoole\\Coroutine\\Http\\Client", "execute", begin, end),
    method!("Swoole\\Coroutine\\Http\\Client", "get", begin, end),
    method!("Swoole\\Coroutine\\Http\\Client", "post", begin, end),
    method!("Swoole\\Coroutine\\Http\\Client", "download", begin, end),
    method!("Swoole\\Coroutine\\Http\\Client", "upgrade", begin, end),
];

/// `HTTP_CLIENT_ESTATUS_REQUEST_TIMEOUT` of ext-src/swoole_http_client_coro.cc.
const TIMED_OUT: i64 = -2;

/// Headers that are in a client that sends.
static SENDING: Global<Notes<Added>> = Global::new(Notes::new());

/// The request is over: so are its clients.
pub fn request_ends() {
    SENDING.with(Notes::clear);
}

fn begin(call: &Call<'_>) -> Token {
    let token = spans::begin(SpanKind::Client, call.row.function);
    if token != 0
        && let Some(client) = call.this()
        && let Some(added) = headers::add(client, "requestHeaders", token)
    {
        SENDING.with(|notes| notes.insert(client.address(), added));
    }
    token
}

/// A server as a client's properties name it: host, port, scheme.
pub(super) fn server<'a>(client: Object<'a>, secure: &str) -> (&'a str, i64, &'static str) {
    let host = client.declared("host").and_then(|host| host.text());
    let port = client.declared("port").and_then(|port| port.long());
    let is_secure = client.declared(secure).is_some_and(|on| on.is_true());
    let scheme = if is_secure { "https" } else { "http" };
    (host.unwrap_or(""), port.unwrap_or(0), scheme)
}

/// Why a client failed, by its own words.
pub(super) fn failure(client: Object<'_>, is_timeout: bool) -> Failure<'_> {
    Failure {
        class: if is_timeout { "timeout" } else { "error" },
        message: client
            .declared("errMsg")
            .and_then(|message| message.text())
            .unwrap_or(""),
        is_exception: false,
        is_timeout,
    }
}

fn method_of<'a>(call: &Call<'_>, client: Object<'a>) -> &'a str {
    match call.row.function {
        "post" => return "POST",
        "execute" => {}
        _ => return "GET",
    }
    let set = client.declared("requestMethod").and_then(|m| m.text());
    match set {
        Some(method) if !method.is_empty() => method,
        _ if client.declared("requestBody").is_some_and(|b| !b.is_null()) => "POST",
        _ => "GET",
    }
}

fn end(call: &Call<'_>, token: Token) {
    let Some(client) = call.this() else {
        return;
    };
    if let Some(added) = SENDING.with(|notes| notes.remove(client.address())) {
        headers::remove(client, &added);
    }
    let (host, port, scheme) = server(client, "ssl");
    let path = call.arg(0).and_then(|path| path.text()).unwrap_or("");
    let full = url::redact(&format!("{scheme}://{host}:{port}{path}"));
    let peer = format!("{host}:{port}");
    let method = names::http_method(method_of(call, client));
    let status = client
        .declared("statusCode")
        .and_then(|status| status.long())
        .unwrap_or(0);
    let code = if status == 0 {
        String::new()
    } else {
        status.to_string()
    };
    let refused = status >= 400;
    let failed = status < 0 || (status == 0 && call.result().is_some_and(|r| r.is_false()));
    let failure = thrown(call).or(if refused {
        Some(Failure {
            class: &code,
            ..Failure::default()
        })
    } else {
        failed.then(|| failure(client, status == TIMED_OUT))
    });
    let attributes = [
        ("http.request.method", Scalar::Str(method)),
        ("url.full", Scalar::Str(&full)),
        ("server.address", Scalar::Str(host)),
        ("server.port", Scalar::Int(port)),
        ("http.response.status_code", Scalar::Int(status)),
    ];
    // The last one only where there was an answer.
    let count = attributes.len() - usize::from(status <= 0);
    spans::end(
        token,
        &Finish {
            name: method,
            system: "http",
            peer: &peer,
            attributes: &attributes[..count],
            failure,
            code: &code,
            ..Finish::default()
        },
    );
}
