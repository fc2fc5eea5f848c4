//! What the spans of all message brokers have in common. Bodies and keys of
//! messages are never recorded.

use tracker_core::trace::propagation::Remote;
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::{Attribute, SpanLink};

use super::servers::Server;
use super::{Failure, thrown};
use crate::context::remote;
use crate::context::spans::{self, Finish};
use crate::zend::handlers::{Call, Token};
use crate::zend::value::{Key, Value};

/// What is done with a message.
pub struct Operation<'a> {
    /// `messaging.system`.
    pub system: &'static str,
    /// `messaging.operation.name`, the first word of the span's name.
    pub name: &'static str,
    /// `messaging.operation.type`: `send`, `receive`, `process`; empty for others.
    pub kind: &'static str,
    /// `messaging.destination.name`: exchange, queue or topic; `None` where there is none.
    pub destination: Option<&'a str>,
    /// The broker.
    pub server: &'a Server,
}

impl<'a> Operation<'a> {
    /// Name of the span.
    pub fn span(&self) -> String {
        match self.destination {
            None => self.name.to_owned(),
            Some("") => format!("{} (default)", self.name),
            Some(destination) => format!("{} {destination}", self.name),
        }
    }

    /// Attributes, with further ones that are left out where they are empty.
    pub fn attributes(&self, further: &[Attribute<'a>]) -> Vec<Attribute<'a>> {
        let mut all = Vec::with_capacity(6 + further.len());
        all.push(("messaging.system", Scalar::Str(self.system)));
        all.push(("messaging.operation.name", Scalar::Str(self.name)));
        all.push(("messaging.operation.type", Scalar::Str(self.kind)));
        let destination = self.destination.unwrap_or("");
        all.push(("messaging.destination.name", Scalar::Str(destination)));
        all.extend_from_slice(further);
        all.retain(|(_, value)| *value != Scalar::Str(""));
        all
    }
}

/// The headers of the trace for a message that is sent in the span of `token`;
/// none if the program sets one of them itself.
pub fn headers(token: Token, own: Option<Value<'_>>) -> Vec<(&'static str, String)> {
    let is_ours = |name: &[u8]| {
        let mut ours = remote::HEADERS.iter();
        ours.any(|our| our.name.as_bytes().eq_ignore_ascii_case(name))
    };
    let mut names = own.into_iter().flat_map(Value::entries);
    if names.any(|(key, _)| matches!(key, Key::Name(name) if is_ours(name))) {
        return Vec::new();
    }
    // Every message keeps them: the original's, which were those of HTTP, are left out.
    remote::headers(token, |name| !name.starts_with("x-swoole-"))
}

/// The context of the span that sent a message with these headers.
pub fn sender(headers: Option<Value<'_>>) -> Option<Remote> {
    let headers = headers?;
    remote::caller(|header| {
        let name = header.name.as_bytes();
        let is_it = |key| matches!(key, Key::Name(key) if key.eq_ignore_ascii_case(name));
        let (_, value) = headers.entries().find(|(key, _)| is_it(*key))?;
        Some(value.bytes()?.to_vec())
    })
}

/// The span that a message says it was sent in.
fn link(sender: Option<&Remote>) -> Option<SpanLink> {
    let sender = sender?;
    Some(SpanLink {
        trace_id: sender.trace_id.bytes(),
        span_id: sender.span_id.map_or(0, |id| id.get()),
    })
}

/// Ends the span of an operation.
pub fn finish<'a>(
    call: &Call<'_>,
    token: Token,
    operation: &Operation<'a>,
    further: &[Attribute<'a>],
    failure: Option<Failure<'_>>,
    sender: Option<&Remote>,
) {
    let link = link(sender);
    spans::end(
        token,
        &Finish {
            name: &operation.span(),
            system: operation.system,
            peer: &operation.server.peer,
            attributes: &operation.attributes(further),
            encoded: &[&operation.server.attributes],
            failure: thrown(call).or(failure),
            links: link.as_slice(),
            ..Finish::default()
        },
    );
}
