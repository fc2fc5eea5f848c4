//! Functions that open a URL of http as if it were a file.

use tracker_core::trace::url;
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::{function, thrown};
use crate::context::spans::{self, Failure, Finish};
use crate::zend::handlers::{Call, Row, Token};

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

fn begin(call: &Call<'_>) -> Token {
    if address(call).is_none() {
        return 0;
    }
    spans::begin(SpanKind::Client, call.row.name)
}

fn end(call: &Call<'_>, token: Token) {
    let address = String::from_utf8_lossy(address(call).unwrap_or(b""));
    let full = url::redact(&address);
    let (host, port) = url::server(&address).unwrap_or(("", 0));
    let peer = format!("{host}:{port}");
    let failed = call.result().is_some_and(|r| r.is_false());
    let failure = thrown(call).or(failed.then_some(Failure {
        class: "error",
        ..Failure::default()
    }));
    let attributes = [
        ("url.full", Scalar::Str(&full)),
        ("server.address", Scalar::Str(host)),
        ("server.port", Scalar::Int(i64::from(port))),
    ];
    spans::end(
        token,
        &Finish {
            name: "HTTP",
            system: "http",
            peer: &peer,
            attributes: &attributes,
            failure,
            ..Finish::default()
        },
    );
}
