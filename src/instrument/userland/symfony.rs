//! Symfony 4 to 7: the router's listener writes route and controller into the
//! request's attributes; the console knows the command that it runs, a worker of the
//! Messenger the message that it handles.

use tracker_protocol::record::SpanKind;

use super::row::{Row, SpanRow, What, nothing_at_end};
use crate::zend::ast::Call;
use crate::zend::value::{Object, Value};

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
    Row {
        // ($envelope, $transportName), before 5.0 with the receiver between them. Catches
        // what a handler throws.
        function: r"Symfony\Component\Messenger\Worker::handleMessage",
        what: What::Work(SpanRow {
            kind: SpanKind::Consumer,
            system: "symfony",
            name: |call, name| {
                name.push("process ");
                name.push(message(call).map_or("message", Object::class_name));
            },
            begin: |call, span| {
                let transport = |position| call.argument(position).and_then(Value::text);
                let transport = transport(1).or_else(|| transport(2));
                span.text("messaging.operation.type", Some("process"));
                span.text("messaging.destination.name", transport);
            },
            end: nothing_at_end,
        }),
    },
    Row {
        // ($envelope, $receiverName, $error): made while the message is handled.
        function: r"Symfony\Component\Messenger\Event\WorkerMessageFailedEvent::__construct",
        what: What::WorkFails(|call| {
            let error = call.argument(2)?.object()?;
            let is_wrapped =
                error.is_a(r"Symfony\Component\Messenger\Exception\HandlerFailedException");
            let inner = || error.declared("previous")?.object();
            Some(inner().filter(|_| is_wrapped).unwrap_or(error))
        }),
    },
];

/// The message in an envelope.
fn message<'a>(call: &Call<'a>) -> Option<Object<'a>> {
    call.argument(0)?.object()?.declared("message")?.object()
}

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
