//! Guzzle 6 and 7: the calls that wait for the answer. What goes over the wire
//! is a span of curl's (or of the stream's) within it, so these are internal;
//! a request that is sent asynchronously is seen there alone.

use tracker_protocol::record::SpanKind;

use super::http;
use super::row::{Row, SpanRow, What};
use super::spans::{Label, Span};
use crate::zend::ast::{Call, Outcome};
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        function: r"GuzzleHttp\Client::request",
        what: What::Span(SpanRow {
            kind: SpanKind::Internal,
            system: "http",
            name: |call, name| label(name, call.argument(0).and_then(Value::text)),
            begin: |call, span| {
                span.text(
                    "http.request.method",
                    call.argument(0).and_then(Value::text),
                );
                http::address(span, call.argument(1));
            },
            end: response,
        }),
    },
    Row {
        function: r"GuzzleHttp\Client::send",
        what: What::Span(SpanRow {
            kind: SpanKind::Internal,
            system: "http",
            name: |call, name| label(name, of_request(call, "method").and_then(Value::text)),
            begin: |call, span| {
                let method = of_request(call, "method");
                span.text("http.request.method", method.and_then(Value::text));
                http::address(span, of_request(call, "uri"));
            },
            end: response,
        }),
    },
];

fn label(name: &mut Label, method: Option<&str>) {
    name.push("Guzzle ");
    name.push(method.unwrap_or("request"));
}

/// A property of the request, the first argument.
fn of_request<'a>(call: &Call<'a>, name: &str) -> Option<Value<'a>> {
    call.argument(0)?.object()?.declared(name)
}

fn response(_call: &Call<'_>, outcome: &Outcome<'_>, span: Span<'_>) {
    if let Outcome::Returned(response) = outcome {
        http::status_of(span, Some(*response));
    }
}
