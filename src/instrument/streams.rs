//! Functions that open a URL of http as if it were a file.
//!
//! The headers of the trace stand in a context of our own, which the call gets in
//! place of the program's (see [`stream_context`]): the program's contexts are never
//! changed. A stream that `fopen()` returned keeps ours, so the headers of the trace are
//! among its options, and what the program sets in its context afterwards does not reach
//! it. The status of the answer is looked up at the stream (see [`http_wrapper`]).

use tracker_core::trace::{names, url};
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::{function, thrown};
use crate::context::remote;
use crate::context::spans::{self, Failure, Finish};
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::value::Value;
use crate::zend::{http_wrapper, request, stream_context};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    function!("file_get_contents", begin, end),
    function!("fopen", begin, end),
    function!("file", begin, end),
    function!("readfile", begin, end),
    function!("copy", begin, end),
];

fn address<'a>(call: &'a Call<'_>) -> Option<&'a [u8]> {
    let address = call.arg(0)?.bytes()?;
    let is_http = |scheme: &[u8]| {
        address
            .get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    (is_http(b"http://") || is_http(b"https://")).then_some(address)
}

/// Which argument is the context.
fn context_place(call: &Call<'_>) -> usize {
    if call.row.function == "fopen" { 3 } else { 2 }
}

fn begin(call: &Call<'_>) -> Token {
    if address(call).is_none() {
        return 0;
    }
    let token = spans::begin(SpanKind::Client, call.row.name);
    if token != 0 {
        stream_context::lend(call, context_place(call), token, |own| headers(own, token));
    }
    token
}

/// The program's own headers, a text or a list of lines, with those of the trace
/// that it does not set itself.
fn headers(own: Option<Value<'_>>, token: Token) -> Vec<u8> {
    let mut all: Vec<u8> = match own {
        Some(own) => own
            .bytes()
            .into_iter()
            .chain(own.entries().filter_map(|(_, line)| line.bytes()))
            .flat_map(|line| [line.trim_ascii_end(), b"\r\n"])
            .flatten()
            .copied()
            .collect(),
        None => Vec::new(),
    };
    let mut ours = Vec::new();
    remote::inject(token, &mut |name, value| {
        let is_set = all.split(|byte| *byte == b'\n').any(|line| {
            line.get(name.len()) == Some(&b':')
                && line[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        });
        if !is_set {
            ours.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
    });
    all.append(&mut ours);
    all
}

/// The request is over.
pub fn request_ends() {
    stream_context::request_ends();
}

fn end(call: &Call<'_>, token: Token) {
    stream_context::exchange(call, context_place(call), token, |method, status| {
        finish(call, token, method, status);
    });
    stream_context::take_back(token);
}

fn finish(call: &Call<'_>, token: Token, method: &str, status: Option<u16>) {
    let address = String::from_utf8_lossy(address(call).unwrap_or(b""));
    let full = url::redact(&address);
    let (host, port) = url::server(&address).unwrap_or(("", 0));
    let peer = format!("{host}:{port}");
    let failed = call.result().is_some_and(|r| r.is_false());
    let status = status.or_else(|| failed.then(|| refused(call)).flatten());
    let code = status.map(|status| status.to_string());
    // An answer is one, whatever the function makes of it.
    let failure = thrown(call).or((failed || status.is_some_and(|s| s >= 400)).then_some(
        Failure {
            class: code.as_deref().unwrap_or("error"),
            ..Failure::default()
        },
    ));
    let attributes = [
        (
            "http.request.method",
            Scalar::Str(names::http_method(method)),
        ),
        ("url.full", Scalar::Str(&full)),
        ("server.address", Scalar::Str(host)),
        ("server.port", Scalar::Int(i64::from(port))),
        // Where there was an answer.
        (
            "http.response.status_code",
            Scalar::Int(i64::from(status.unwrap_or(0))),
        ),
    ];
    spans::end(
        token,
        &Finish {
            name: &names::http_span(method, None),
            system: "http",
            peer: &peer,
            attributes: &attributes[..4 + usize::from(status.is_some())],
            failure,
            code: code.as_deref().unwrap_or(""),
            ..Finish::default()
        },
    );
}

/// The status of an answer that the engine takes for a failure. Its warning ends with the
/// first line; where a handler of the program's takes it, an older one is the latest.
fn refused(call: &Call<'_>) -> Option<u16> {
    let address = std::str::from_utf8(address(call)?).ok()?;
    request::last_error(|message| {
        let rest = message?
            .strip_prefix(call.row.function)?
            .strip_prefix('(')?;
        let (_, line) = rest
            .strip_prefix(address)?
            .split_once("HTTP request failed! ")?;
        http_wrapper::status(line)
    })
}
