//! Swoole's sockets in coroutines: connections. What is sent and received is of
//! a protocol that only the program knows, and mostly waits for the other side.

use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::swoole_http::failure;
use super::{method, thrown};
use crate::context::spans::{self, Finish};
use crate::zend::handlers::{Call, Row, Token};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    method!("Swoole\\Coroutine\\Socket", "connect", begin, end),
    method!("Swoole\\Coroutine\\Client", "connect", begin, end),
];

fn begin(call: &Call<'_>) -> Token {
    spans::begin(SpanKind::Client, call.row.function)
}

fn end(call: &Call<'_>, token: Token) {
    let host = call.arg(0).and_then(|host| host.text()).unwrap_or("");
    let port = call.arg(1).and_then(|port| port.long()).unwrap_or(0);
    let peer = if port == 0 {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    };
    let error = call
        .this()
        .and_then(|this| this.declared("errCode"))
        .and_then(|code| code.long())
        .unwrap_or(0);
    let failed = call.result().is_some_and(|r| r.is_false());
    let why = call
        .this()
        .filter(|_| failed)
        .map(|this| failure(this, error == i64::from(libc::ETIMEDOUT)));
    let attributes = [
        ("server.address", Scalar::Str(host)),
        ("server.port", Scalar::Int(port)),
    ];
    spans::end(
        token,
        &Finish {
            system: "socket",
            peer: &peer,
            attributes: &attributes[..1 + usize::from(port != 0)],
            failure: thrown(call).or(why),
            ..Finish::default()
        },
    );
}
