//! The clients of Elasticsearch 5 to 9 and of OpenSearch. Bodies are never
//! recorded; the path is, without what stands after `?`.

use tracker_protocol::record::SpanKind;

use super::http;
use super::row::{Row, SpanRow, What};
use super::spans::{Label, Span};
use crate::zend::ast::{Call, Outcome};
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[
    by_parts(r"Elasticsearch\Transport::performRequest", "elasticsearch"),
    by_parts(r"OpenSearch\Transport::performRequest", "opensearch"),
    // Since 2.4.
    by_parts(r"OpenSearch\HttpTransport::sendRequest", "opensearch"),
    Row {
        function: r"Elastic\Transport\Transport::sendRequest",
        what: What::Span(SpanRow {
            kind: SpanKind::Client,
            system: "elasticsearch",
            name: |call, name| {
                let path = path(call).and_then(Value::text);
                label(name, of_request(call, "method").and_then(Value::text), path);
            },
            begin: |call, span| {
                let method = of_request(call, "method");
                span.text("http.request.method", method.and_then(Value::text));
                http::address(span, of_request(call, "uri"));
            },
            end: |call, outcome, span| {
                // The client's requests have a path only; the transport chooses the node.
                let sent = call.this().and_then(|this| this.declared("lastRequest"));
                if let Some(sent) = sent.and_then(Value::object) {
                    http::address(span, sent.declared("uri"));
                }
                if let Outcome::Returned(response) = outcome {
                    http::status_of(span, Some(*response));
                }
            },
        }),
    },
];

/// `performRequest($method, $uri, …)`, which answers with a future; `sendRequest()` of
/// the same arguments.
const fn by_parts(function: &'static str, system: &'static str) -> Row {
    Row {
        function,
        what: What::Span(SpanRow {
            kind: SpanKind::Client,
            system,
            name: |call, name| label(name, text(call, 0), text(call, 1)),
            begin: parts,
            end: node,
        }),
    }
}

/// The node that was chosen; the one of an earlier request if there was none to choose.
fn node(call: &Call<'_>, outcome: &Outcome<'_>, span: Span<'_>) {
    let chosen = || call.this()?.declared("lastConnection")?.object();
    let Some(node) = chosen().filter(|_| !matches!(outcome, Outcome::Threw(_))) else {
        return;
    };
    let host = node.declared("host").and_then(Value::text);
    let port = node.declared("port").and_then(Value::long);
    // Before 7 both stand in one.
    match host.and_then(|host| host.rsplit_once(':')) {
        Some((host, behind)) if port.is_none() => span.peer(Some(host), behind.parse().ok()),
        _ => span.peer(host, port),
    }
}

fn parts(call: &Call<'_>, span: Span<'_>) {
    span.text("http.request.method", text(call, 0));
    http::address(span, call.argument(1));
}

fn text<'a>(call: &Call<'a>, position: usize) -> Option<&'a str> {
    call.argument(position)?.text()
}

fn of_request<'a>(call: &Call<'a>, name: &str) -> Option<Value<'a>> {
    call.argument(0)?.object()?.declared(name)
}

fn path<'a>(call: &Call<'a>) -> Option<Value<'a>> {
    of_request(call, "uri")?.object()?.declared("path")
}

/// The operation, such as `_search`: the last part of the path that begins
/// with an underscore. Other parts are names of indexes and documents.
fn label(name: &mut Label, method: Option<&str>, path: Option<&str>) {
    let path = path.unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    name.push(method.unwrap_or("request"));
    if let Some(operation) = path.rsplit('/').find(|part| part.starts_with('_')) {
        name.push(" ");
        name.push(operation);
    }
}
