//! Reads the messages of PSR-7, and addresses.

use super::spans::{Label, Span};
use crate::zend::value::{Object, Value};

/// Sets what an address says: without user, password, query and fragment.
pub fn address(span: Span<'_>, address: Option<Value<'_>>) {
    let Some(address) = address else { return };
    if let Some(uri) = address.object() {
        of_uri(span, uri);
    } else if let Some(text) = address.text() {
        of_text(span, text);
    }
}

/// `GuzzleHttp\Psr7\Uri`, and others that name their parts the same.
fn of_uri(span: Span<'_>, uri: Object<'_>) {
    let part = |name| uri.declared(name).and_then(Value::text).unwrap_or("");
    let (scheme, host, path) = (part("scheme"), part("host"), part("path"));
    let port = uri.declared("port").and_then(Value::long);
    whole(span, scheme, host, port, path);
}

fn of_text(span: Span<'_>, text: &str) {
    let text = &text[..text.find(['?', '#']).unwrap_or(text.len())];
    let Some((scheme, rest)) = text.split_once("://") else {
        span.text("url.path", Some(text));
        return;
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (place, None),
    };
    whole(span, scheme, host, port, path);
}

fn whole(span: Span<'_>, scheme: &str, host: &str, port: Option<i64>, path: &str) {
    span.peer(
        Some(host),
        port.or(match scheme {
            "https" => Some(443),
            "http" => Some(80),
            _ => None,
        }),
    );
    if host.is_empty() {
        span.text("url.path", Some(path));
        return;
    }
    let mut full = Label::default();
    full.push(scheme);
    full.push("://");
    full.push(host);
    if let Some(port) = port {
        full.push(":");
        full.push_number(port);
    }
    full.push(path);
    span.text("url.full", Some(full.as_str()));
}

/// Sets the status of a response, which fails a span of the calling side from
/// 400 on.
pub fn status(span: Span<'_>, code: Option<i64>) {
    let Some(code) = code else { return };
    span.number("http.response.status_code", Some(code));
    if code >= 400 {
        let mut message = Label::default();
        message.push("HTTP ");
        message.push_number(code);
        span.failed("", message.as_str());
    }
}

/// The status of `GuzzleHttp\Psr7\Response`, and of others that name it the
/// same.
pub fn status_of(span: Span<'_>, response: Option<Value<'_>>) {
    let code = response
        .and_then(Value::object)
        .and_then(|response| response.declared("statusCode"))
        .and_then(Value::long);
    status(span, code);
}
