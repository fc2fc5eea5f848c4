//! Slim 3 and 4: a route runs, and knows its pattern.

use super::row::{Row, What};
use super::spans::Label;
use crate::zend::ast::Call;
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        function: r"Slim\Route::run",
        what: What::RouteAtEnter(pattern),
    },
    Row {
        function: r"Slim\Routing\Route::run",
        what: What::RouteAtEnter(pattern),
    },
    Row {
        function: r"Slim\Middleware\RoutingMiddleware::performRouting",
        what: What::FindsRoute(|_, _| {}),
    },
    Row {
        function: r"Slim\App::handleException",
        what: What::Caught(0),
    },
    Row {
        function: r"Slim\App::handlePhpError",
        what: What::Caught(0),
    },
    Row {
        function: r"Slim\Middleware\ErrorMiddleware::handleException",
        what: What::Caught(1),
    },
    Row {
        function: r"Slim\Handlers\NotFound::__invoke",
        what: What::NoRoute,
    },
    Row {
        function: r"Slim\Handlers\NotAllowed::__invoke",
        what: What::NoRoute,
    },
];

fn pattern(call: &Call<'_>, route: &mut Label) {
    let pattern = call.this().and_then(|this| this.declared("pattern"));
    if let Some(pattern) = pattern.and_then(Value::text) {
        route.push(pattern);
    }
}
