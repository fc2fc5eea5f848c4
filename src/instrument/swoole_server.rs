//! Servers, tasks and timers of Swoole: every run of a callback is a root.

use tracker_core::trace::names;
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::{SpanKind, UnitKind};

use super::swoole_tasks::{TASK_ID, WORKER_ID};
use super::{always, method};
use crate::context::roots::{self, Ending, Root};
use crate::context::spans::{Failure, Finish};
use crate::context::{failures, remote, request, turns};
use crate::zend::callback::{self, Arguments, Scope};
use crate::zend::cell::Global;
use crate::zend::handlers::{self, Call, Row, Token};
use crate::zend::value::{Object, Value};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    method!("Swoole\\Server", "on", on, |_, _| ()),
    method!("Swoole\\Server\\Port", "on", on, |_, _| ()),
    method!("Swoole\\Server", "getCallback", always, given_back),
    method!("Swoole\\Server\\Port", "getCallback", always, given_back),
    method!("Swoole\\Server", "start", starts, |_, _| ()),
    method!(
        "Swoole\\Coroutine\\Http\\Server",
        "handle",
        handle,
        |_, _| ()
    ),
    method!(
        "Swoole\\Coroutine\\Http\\Server",
        "start",
        starts,
        |_, _| ()
    ),
    method!("Swoole\\Process", "__construct", process, |_, _| ()),
    method!("Swoole\\Process\\Pool", "on", pool, |_, _| ()),
    method!("Swoole\\Timer", "tick", timer, |_, _| ()),
    method!("Swoole\\Timer", "after", timer, |_, _| ()),
    method!("Swoole\\Runtime", "enableCoroutine", always, displaced),
    method!("Swoole\\Runtime", "setHookFlags", always, displaced),
    method!("Swoole\\Http\\Response", "status", always, status),
    method!("Swoole\\Http\\Response", "setStatusCode", always, status),
    method!("Swoole\\Http\\Response", "upgrade", always, upgraded),
    method!("Swoole\\Http\\Response", "recv", waits, frame_comes),
];

/// Status of the answer to an upgrade.
const SWITCHING_PROTOCOLS: u16 = 101;

/// Name of the application: address of the server's main port.
static APP: Global<String> = Global::new(String::new());

fn given_back(call: &Call<'_>, _: Token) {
    callback::unwrap_result(call);
}

/// The main request of a server ends with it: it is no trace.
fn starts(_: &Call<'_>) -> Token {
    roots::discard();
    0
}

/// A server that is written in PHP begins to serve.
pub fn serves(server: Object<'_>) {
    name_app(server, UnitKind::Tcp);
    roots::discard();
}

/// Swoole's runtime hooks may have taken our handlers' place.
fn displaced(_: &Call<'_>, _: Token) {
    handlers::recheck();
}

fn status(call: &Call<'_>, _: Token) {
    let code = call.arg(0).and_then(|code| code.long());
    if let Some(code) = code.and_then(|code| u16::try_from(code).ok()) {
        roots::set_status(code);
    }
}

fn on(call: &Call<'_>) -> Token {
    let event = call.arg(0).and_then(|event| event.text()).unwrap_or("");
    let kind = match event.to_ascii_lowercase().as_str() {
        "request" => UnitKind::Http,
        "message" | "open" => UnitKind::WebSocket,
        "receive" => UnitKind::Tcp,
        "packet" => UnitKind::Udp,
        "task" => UnitKind::Task,
        "pipemessage" => UnitKind::PipeMessage,
        _ => return 0,
    };
    if let Some(this) = call.this() {
        name_app(this, kind);
    }
    callback::wrap(call, 1, kind as i64, Scope::Nowhere);
    0
}

/// Name of the application that the server is, empty where there is none.
pub fn app() -> String {
    APP.with(|app| app.clone())
}

fn name_app(server: Object<'_>, kind: UnitKind) {
    let host = server.declared("host").and_then(|host| host.text());
    let port = server.declared("port").and_then(|port| port.long());
    let (Some(host), Some(Ok(port))) = (host, port.map(u16::try_from)) else {
        return;
    };
    APP.with(|app| {
        if !app.is_empty() {
            return;
        }
        *app = if kind == UnitKind::Http || server.is_a("Swoole\\Http\\Server") {
            names::http_server_app(host, port)
        } else {
            let name = rustix::system::uname();
            names::server_app(host, &name.nodename().to_string_lossy(), port)
        };
    });
}

fn handle(call: &Call<'_>) -> Token {
    if let Some(this) = call.this() {
        name_app(this, UnitKind::Http);
    }
    callback::wrap(call, 1, UnitKind::Http as i64, Scope::Nowhere);
    0
}

fn process(call: &Call<'_>) -> Token {
    callback::wrap(call, 0, UnitKind::Process as i64, Scope::Nowhere);
    0
}

fn pool(call: &Call<'_>) -> Token {
    let event = call.arg(0).and_then(|event| event.text()).unwrap_or("");
    let kind = match event.to_ascii_lowercase().as_str() {
        "workerstart" => UnitKind::Process,
        "message" => UnitKind::PipeMessage,
        _ => return 0,
    };
    callback::wrap(call, 1, kind as i64, Scope::Nowhere);
    0
}

fn timer(call: &Call<'_>) -> Token {
    callback::wrap(call, 1, UnitKind::Timer as i64, Scope::Caller);
    0
}

fn kind_of(kind: i64) -> UnitKind {
    u8::try_from(kind).map_or(UnitKind::Unknown, UnitKind::of)
}

/// `$request->server` or `$request->header`.
fn table<'a>(arguments: &Arguments<'a>, name: &str) -> Option<Value<'a>> {
    arguments.get(0)?.object()?.declared(name)
}

/// An entry of such a table.
fn entry<'a>(table: Option<Value<'a>>, key: &str) -> &'a str {
    table
        .and_then(|table| table.get(key))
        .and_then(|value| value.text())
        .unwrap_or("")
}

/// Name of the application that a callback's work belongs to.
fn app_of_work() -> String {
    let app = app();
    if app.is_empty() {
        request::script_app()
    } else {
        app
    }
}

/// A message has come, in a loop of the program that waited for it. It goes by the same
/// name as one that a callback is called with.
pub fn message_comes(unit: UnitKind) {
    turns::begin(Root {
        unit,
        kind: SpanKind::Server,
        app: &app_of_work(),
        endpoint: name_of(unit),
        remote: None,
    });
}

/// Name of the work of a callback that is not called with a request.
fn name_of(unit: UnitKind) -> &'static str {
    match unit {
        UnitKind::WebSocket => "websocket",
        UnitKind::Tcp => "receive",
        UnitKind::Udp => "packet",
        UnitKind::Task => "task",
        UnitKind::Timer => "timer",
        UnitKind::Process => "process",
        _ => "pipeMessage",
    }
}

/// A callback is about to be called.
pub fn begin(kind: i64, arguments: &Arguments<'_>) -> Token {
    let unit = kind_of(kind);
    let app = app_of_work();
    let (endpoint, remote) = if unit == UnitKind::Http {
        let (server, header) = (table(arguments, "server"), table(arguments, "header"));
        let route = names::endpoint(entry(server, "request_uri"));
        let method = entry(server, "request_method");
        let remote = remote::caller(|known| {
            let value = entry(header, known.name);
            (!value.is_empty()).then(|| value.as_bytes().to_vec())
        });
        (names::http_span(method, Some(&route)), remote)
    } else {
        (name_of(unit).to_owned(), None)
    };
    let begun = roots::begin(Root {
        unit,
        kind: match unit {
            UnitKind::Http | UnitKind::WebSocket | UnitKind::Tcp | UnitKind::Udp => {
                SpanKind::Server
            }
            UnitKind::Timer | UnitKind::Process => SpanKind::Internal,
            _ => SpanKind::Consumer,
        },
        app: &app,
        endpoint: &endpoint,
        remote,
    });
    Token::from(begun)
}

/// Who sent a task or a message, and the number of the task.
fn sender(unit: UnitKind, arguments: &Arguments<'_>) -> [(&'static str, Option<i64>); 2] {
    let number = |index: usize| arguments.get(index).and_then(|n| n.long());
    // With coroutines or objects in tasks and messages there is one object.
    let object = arguments.get(1).and_then(|task| task.object());
    let field = |name: &str| object.and_then(|o| o.declared(name)).and_then(|n| n.long());
    let (worker, task) = match unit {
        UnitKind::Task => (
            field("worker_id").or_else(|| number(2)),
            field("id").or_else(|| number(1)),
        ),
        UnitKind::PipeMessage => (
            field("source_worker_id")
                .or_else(|| field("worker_id"))
                .or_else(|| number(1)),
            None,
        ),
        _ => (None, None),
    };
    [(WORKER_ID, worker), (TASK_ID, task)]
}

/// It has returned, or thrown.
pub fn end(kind: i64, _: Token, arguments: &Arguments<'_>) {
    let unit = kind_of(kind);
    let thrown = handlers::thrown();
    let is_exit =
        thrown.is_some_and(|e| matches!(e.class_name(), "UnwindExit" | "Swoole\\ExitException"));
    // A process that exits does what it is for; a worker has others to serve.
    if is_exit && unit != UnitKind::Process {
        failures::exited(|failure| end_with(unit, arguments, failure));
    } else {
        end_with(unit, arguments, super::failure_of(thrown));
    }
}

fn end_with(unit: UnitKind, arguments: &Arguments<'_>, failure: Option<Failure<'_>>) {
    turns::leave(failure);
    if unit != UnitKind::Http {
        let attributes = sender(unit, arguments);
        let count = attributes.iter().take_while(|(_, id)| id.is_some());
        let attributes: Vec<_> = count
            .map(|(name, id)| (*name, Scalar::Int(id.unwrap_or(0))))
            .collect();
        roots::end(&Ending {
            finish: Finish {
                system: "swoole",
                attributes: &attributes,
                failure,
                ..Finish::default()
            },
            ..Ending::default()
        });
        return;
    }
    end_request(arguments, failure, roots::end);
}

/// The connection is one of messages from now on: the request is over, though its
/// callback runs on.
fn upgraded(call: &Call<'_>, _: Token) {
    if call.result().is_some_and(Value::is_true) {
        callback::running(|kind, arguments| {
            if kind == UnitKind::Http as i64 {
                roots::set_status(SWITCHING_PROTOCOLS);
                end_request(arguments, None, turns::hand_over);
            }
        });
    }
}

fn waits(_: &Call<'_>) -> Token {
    turns::wait();
    1
}

/// What came is a frame, or tells that the connection is closed or that nothing came.
fn frame_comes(call: &Call<'_>, _: Token) {
    if call.result().is_some_and(|frame| frame.object().is_some()) {
        message_comes(UnitKind::WebSocket);
    }
}

fn end_request(
    arguments: &Arguments<'_>,
    failure: Option<Failure<'_>>,
    end: impl FnOnce(&Ending<'_>),
) {
    let status = match roots::status() {
        0 if failure.is_some() => 500,
        0 => 200,
        status => status,
    };
    let code = status.to_string();
    let failure = failure.or((status >= 500).then_some(Failure {
        class: &code,
        ..Failure::default()
    }));
    let server = table(arguments, "server");
    let path = entry(server, "request_uri");
    let client = entry(server, "remote_addr");
    let mut attributes = vec![
        (
            "http.request.method",
            Scalar::Str(entry(server, "request_method")),
        ),
        (
            "url.path",
            Scalar::Str(path.split('?').next().unwrap_or("")),
        ),
        ("http.response.status_code", Scalar::Int(i64::from(status))),
        ("client.address", Scalar::Str(client)),
        (
            "user_agent.original",
            Scalar::Str(entry(table(arguments, "header"), "user-agent")),
        ),
    ];
    attributes.retain(|(_, value)| *value != Scalar::Str(""));
    end(&Ending {
        finish: Finish {
            system: "http",
            peer: client,
            attributes: &attributes,
            failure,
            code: &code,
            ..Finish::default()
        },
        ..Ending::default()
    });
}
