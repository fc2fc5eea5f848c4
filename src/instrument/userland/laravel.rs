//! Laravel 5.5 to 12 and Lumen: the route that was found, and its controller.

use tracker_protocol::record::SpanKind;

use super::row::{Row, SpanRow, What, nothing_at_begin, nothing_at_end};
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        function: r"Illuminate\Routing\Router::runRoute",
        what: What::RouteAtEnter(|call, route| {
            let found = call.argument(1).and_then(Value::object);
            let Some(uri) = found.and_then(|r| r.declared("uri")?.text()) else {
                return;
            };
            if !uri.starts_with('/') {
                route.push("/");
            }
            route.push(uri);
        }),
    },
    Row {
        function: r"Illuminate\Routing\ControllerDispatcher::dispatch",
        what: What::Span(SpanRow {
            kind: SpanKind::Internal,
            system: "",
            name: |call, name| {
                let controller = call.argument(1).and_then(Value::object);
                let method = call.argument(2).and_then(Value::text);
                if let (Some(controller), Some(method)) = (controller, method) {
                    name.push(controller.class_name());
                    name.push("@");
                    name.push(method);
                }
            },
            begin: nothing_at_begin,
            end: nothing_at_end,
        }),
    },
];
