//! WordPress: the rewrite rule that fits the address, and the route of the
//! REST interface.

use super::row::{Row, What};
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        function: "WP::parse_request",
        what: What::RouteAtLeave(|call, route| {
            let Some(wp) = call.this() else { return };
            match wp.declared("matched_rule").and_then(Value::text) {
                Some(rule) if !rule.is_empty() => route.push(rule),
                // No pretty addresses, or the front page.
                _ => {
                    let variables = wp.declared("query_vars");
                    let is_set = |name: &&str| variables.is_some_and(|v| v.get(name).is_some());
                    route.push("/");
                    let kinds = ["p", "page_id", "cat", "m", "s", "author", "feed"];
                    if let Some(kind) = kinds.iter().find(|name| is_set(name)) {
                        route.push("?");
                        route.push(kind);
                    }
                }
            }
        }),
    },
    Row {
        // ($request, $route, $handler, $response), since 5.6.
        function: "WP_REST_Server::respond_to_request",
        what: What::RouteAtEnter(|call, route| {
            if let Some(found) = call.argument(1).and_then(Value::text) {
                route.push("/wp-json");
                route.push(found);
            }
        }),
    },
];
