//! Laravel 5.5 to 12 and Lumen: the route that was found, and its controller.

use tracker_protocol::record::SpanKind;

use super::row::{Row, SpanRow, What, nothing_at_begin, nothing_at_end};
use crate::zend::ast::Call;
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
        function: r"Illuminate\Routing\Router::findRoute",
        what: What::FindsRoute(|_, _| {}),
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
    Row {
        // ($passable, $e): what a middleware or a controller throws.
        function: r"Illuminate\Routing\Pipeline::handleException",
        what: What::Caught(1),
    },
    Row {
        // ($request, $e): what is thrown outside of these.
        function: r"Illuminate\Foundation\Http\Kernel::renderException",
        what: What::Caught(1),
    },
    Row {
        // ($connectionName, $job, $options). Rethrows what the job throws.
        function: r"Illuminate\Queue\Worker::process",
        what: What::Work(SpanRow {
            kind: SpanKind::Consumer,
            system: "laravel",
            name: |call, name| {
                name.push("process ");
                name.push(queue(call).unwrap_or("job"));
            },
            begin: |call, span| {
                span.text("messaging.operation.type", Some("process"));
                span.text("messaging.destination.name", queue(call));
                span.text(
                    "messaging.laravel.connection",
                    call.argument(0).and_then(Value::text),
                );
            },
            end: nothing_at_end,
        }),
    },
    Row {
        // ($job, $data): the job's class is told there.
        function: r"Illuminate\Queue\CallQueuedHandler::call",
        what: What::WorkName(|call, name| {
            let class = call
                .argument(1)
                .and_then(|data| data.get("commandName")?.text());
            if let Some(class) = class {
                name.push("process ");
                name.push(class);
            }
        }),
    },
];

fn queue<'a>(call: &Call<'a>) -> Option<&'a str> {
    call.argument(1)?.object()?.declared("queue")?.text()
}
