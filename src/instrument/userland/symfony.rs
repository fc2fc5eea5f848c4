//! Symfony 4 to 7: the router's listener writes route and controller into the
//! request's attributes; the console knows the command that it runs.

use super::row::{Row, What};
use crate::zend::value::Value;

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        function: r"Symfony\Component\HttpKernel\EventListener\RouterListener::onKernelRequest",
        what: What::FindsRoute(|call, route| {
            let event = call.argument(0);
            let name = attribute(event, "_route");
            let controller = || attribute(event, "_controller");
            if let Some(name) = name.or_else(controller) {
                route.push(name);
            }
        }),
    },
    Row {
        // ($e, $request, $type), since 4.4.
        function: r"Symfony\Component\HttpKernel\HttpKernel::handleThrowable",
        what: What::Caught(0),
    },
    Row {
        // ($e, $output): what a command throws.
        function: r"Symfony\Component\Console\Application::renderThrowable",
        what: What::Caught(0),
    },
    Row {
        // ($command, $input, $output). Laravel's artisan is one, too; a command may
        // run others, of which the first counts.
        function: r"Symfony\Component\Console\Application::doRunCommand",
        what: What::Command(|call, command| {
            let name = call.argument(0).and_then(Value::object);
            if let Some(name) = name.and_then(|c| c.declared("name")?.text()) {
                command.push(name);
            }
        }),
    },
];

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
