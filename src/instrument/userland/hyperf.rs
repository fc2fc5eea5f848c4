//! Hyperf 2 and 3: the dispatcher's answer holds the route.

use super::row::{Row, What};
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        // (...$params): the exception, and the handlers.
        function: r"Hyperf\ExceptionHandler\ExceptionHandlerDispatcher::dispatch",
        what: What::Caught(0),
    },
    Row {
        function: r"Hyperf\HttpServer\CoreMiddleware::handleNotFound",
        what: What::NoRoute,
    },
    Row {
        function: r"Hyperf\HttpServer\CoreMiddleware::handleMethodNotAllowed",
        what: What::NoRoute,
    },
    Row {
        function: r"Hyperf\HttpServer\CoreMiddleware::handleFound",
        what: What::RouteAtEnter(|call, route| {
            let handler = || {
                let dispatched = call.argument(0)?.object()?;
                dispatched.declared("handler")?.object()?.declared("route")
            };
            if let Some(found) = handler().and_then(Value::text) {
                route.push(found);
            }
        }),
    },
];
