//! What a framework tells of the unit that runs: the name of its endpoint, and what went
//! wrong.

use tracker_protocol::record::UnitKind;

use super::notes;
use super::roots::change;
use super::trace::Trace;

/// The route in the name of an endpoint of HTTP: what stands behind the method. Other
/// units have none.
pub fn of(endpoint: &str) -> Option<&str> {
    let (method, route) = endpoint.split_once(' ')?;
    let is_method = !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase());
    is_method.then_some(route)
}

/// Stands for the route where none fits: what is asked for then may be anything.
const NO_ROUTE: &str = "(no route)";

/// The route, if it is a template of paths (`http.route`); the name of one is none.
pub fn template(endpoint: &str) -> Option<&str> {
    Some(of(endpoint).unwrap_or(endpoint)).filter(|route| route.starts_with('/'))
}

/// The program named the request after its path, without a method, as components of the
/// original do; a route says it better.
fn is_path(trace: &Trace) -> bool {
    trace.is_claimed
        && (trace.is_routed || trace.endpoint.starts_with('/') || trace.endpoint == NO_ROUTE)
}

/// Names the endpoint of the trace that runs after a route, empty for none that fits;
/// the HTTP method, its first word, stays. A trace of another kind of unit has none, and keeps its name.
pub fn set(route: &str) {
    let name = if route.is_empty() { NO_ROUTE } else { route };
    change(|trace| {
        let method = match of(&trace.endpoint) {
            Some(known) => trace.endpoint.len() - known.len(),
            None if is_path(trace) => 0,
            None => return,
        };
        trace.endpoint.truncate(method);
        trace.endpoint.push_str(name);
        trace.is_routed = !route.is_empty();
    });
}

/// The program names the unit that runs. A route that is known already stays, where the
/// name is but a path.
pub fn claim(trace: &mut Trace, name: &str) {
    trace.is_claimed = true;
    let known = of(&trace.endpoint).filter(|_| trace.is_routed && name.starts_with('/'));
    trace.endpoint = known.unwrap_or(name).to_owned();
}

/// The route as far as it is known, else the path without ids; empty for other units.
pub fn known() -> String {
    let mut found = String::new();
    change(|trace| {
        let whole = Some(trace.endpoint.as_str()).filter(|_| is_path(trace));
        of(&trace.endpoint)
            .or(whole)
            .unwrap_or_default()
            .clone_into(&mut found)
    });
    found
}

/// Names the command that a script runs, one of many that the same file has.
pub fn set_command(command: &str) {
    change(|trace| {
        if trace.unit == UnitKind::Script && !trace.is_routed {
            trace.endpoint.push(' ');
            trace.endpoint.push_str(command);
            trace.is_routed = true;
        }
    });
}

/// Names the piece of work that runs, which [`super::work`] began.
pub fn set_work(name: &str) {
    change(|trace| {
        if trace.unit == UnitKind::Task {
            name.clone_into(&mut trace.endpoint);
        }
    });
}

/// Notes an exception of which a framework makes an answer: where that is an error of the
/// server, this is why.
pub fn caught(exception: &str, message: &str) {
    change(|trace| trace.caught = Some(Box::new((exception.to_owned(), notes::cut(message)))));
}
