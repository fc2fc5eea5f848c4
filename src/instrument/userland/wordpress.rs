//! WordPress: the rewrite rule that fits the address, the route of the REST
//! interface, and the action of `admin-ajax.php`.

use tracker_core::trace::names;

use super::row::{Row, What};
use super::spans::Label;
use crate::zend::ast::{Call, Outcome};
use crate::zend::request;
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        function: "WP::parse_request",
        what: What::RouteAtLeave(rule),
    },
    Row {
        // It answers within `parse_request`, and does not come back.
        function: "WP_REST_Server::serve_request",
        what: What::RouteAtEnter(|_, route| route.push(ANY_REST)),
    },
    Row {
        // ($request), since 5.6. Answers with [route, handler] or an error. Only the
        // first is what was asked for: answers may hold others within them, and
        // pages ask as well.
        function: "WP_REST_Server::match_request_to_handler",
        what: What::RouteWithin(|call, known, route| {
            if let (ANY_REST, Outcome::Returned(found)) = (known, call.outcome())
                && let Some(rule) = found.at(0).and_then(Value::text)
            {
                route.push("/wp-json");
                route.push(&names::rewrite(rule, ""));
            }
        }),
    },
    Row {
        // The client names the action: it is one only where somebody answers to it.
        function: "has_action",
        what: What::RouteWithin(|call, known, route| {
            let is_known = |outcome| matches!(outcome, Outcome::Returned(v) if !v.is_false());
            if let Some(action) = action(call, known)
                && is_known(call.outcome())
            {
                route.push(known);
                route.push("?action=");
                route.push(action);
            }
        }),
    },
];

/// A request of the REST interface whose route is not known yet.
const ANY_REST: &str = "/wp-json/*";

fn rule(call: &Call<'_>, route: &mut Label) {
    let Some(wp) = call.this() else { return };
    match wp.declared("matched_rule").and_then(Value::text) {
        Some(rule) if !rule.is_empty() => request::global("wp_rewrite", |rewrite| {
            let rules = rewrite.and_then(|r| r.object()?.declared("rules"));
            let query = rules.and_then(|rules| rules.get(rule)?.text());
            route.push(&names::rewrite(rule, query.unwrap_or_default()));
        }),
        // No pretty addresses, or the front page.
        _ => {
            let variables = wp.declared("query_vars");
            let is_set = |name: &&str| variables.is_some_and(|v| v.get(name).is_some());
            route.push("/");
            let kinds = [
                "p",
                "page_id",
                "attachment_id",
                "cat",
                "tag",
                "m",
                "s",
                "author",
                "feed",
            ];
            if let Some(kind) = kinds.iter().find(|name| is_set(name)) {
                route.push("?");
                route.push(kind);
            }
        }
    }
}

/// The action of which `admin-ajax.php`, or `admin-post.php`, asks whether it is known.
fn action<'a>(call: &Call<'a>, known: &str) -> Option<&'a str> {
    let hook = call.argument(0)?.text()?;
    let action = if known.ends_with("/admin-ajax.php") {
        hook.strip_prefix("wp_ajax_")?
    } else if known.ends_with("/admin-post.php") {
        hook.strip_prefix("admin_post_")?
    } else {
        return None;
    };
    Some(action.strip_prefix("nopriv_").unwrap_or(action))
}
