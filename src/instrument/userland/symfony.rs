//! Symfony 4 to 7: the router's listener writes route and controller into the
//! request's attributes.

use super::row::{Row, What};
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[Row {
    function: r"Symfony\Component\HttpKernel\EventListener\RouterListener::onKernelRequest",
    what: What::RouteAtLeave(|call, route| {
        let event = call.argument(0);
        let name = attribute(event, "_route");
        let controller = || attribute(event, "_controller");
        if let Some(name) = name.or_else(controller) {
            route.push(name);
        }
    }),
}];

/// An attribute of the main request; sub-requests are not what is served.
fn attribute<'a>(event: Option<Value<'a>>, name: &str) -> Option<&'a str> {
    /// `HttpKernelInterface::MAIN_REQUEST`.
    const MAIN: i64 = 1;
    let event = event?.object()?;
    if event.declared("requestType").and_then(Value::long) != Some(MAIN) {
        return None;
    }
    let request = event.declared("request")?.object()?;
    let attributes = request.declared("attributes")?.object()?;
    attributes.declared("parameters")?.get(name)?.text()
}
