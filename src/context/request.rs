//! The request or script that the server interface runs.

use tracker_core::trace::names;
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{SpanKind, UnitKind};

use super::roots::{self, Ending, Root};
use super::spans::{Failure, Finish};
use super::{failures, remote};
use crate::zend::cell::Global;
use crate::zend::{clock, engine, request};

/// When `fastcgi_finish_request()` gave the client its answer.
static ANSWERED: Global<Option<u64>> = Global::new(None);

/// File that runs: FPM forgets it before the request ends.
static SCRIPT: Global<String> = Global::new(String::new());

/// Path that the client asked for.
static PATH: Global<String> = Global::new(String::new());

/// Notes the path. What FPM calls the URI is the script: where all requests go
/// to one front controller, they would be told apart no more.
fn note_path() {
    request::variable(c"REQUEST_URI", |uri| {
        request::with(|r| {
            let uri = uri.filter(|uri| !uri.is_empty()).unwrap_or(r.uri);
            PATH.with(|kept| path(uri).clone_into(kept));
        });
    });
}

/// Application of the latest request or script.
static APP: Global<String> = Global::new(String::new());

/// Name of the application of the latest request, as the original named it.
pub fn app() -> String {
    APP.with(|app| app.clone())
}

fn is_script() -> bool {
    matches!(engine::sapi_name(), "cli" | "phpdbg" | "embed")
}

/// Asks the server for a header of the request.
fn header(header: &remote::Header) -> Option<Vec<u8>> {
    request::variable(header.variable, |value| {
        value.map(|v| v.as_bytes().to_vec())
    })
}

/// Path of a URI, without query.
fn path(uri: &str) -> &str {
    uri.split(['?', '#']).next().unwrap_or("")
}

/// The last part of a path.
fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The request begins.
pub fn begin() {
    ANSWERED.with(|at| *at = None);
    request::with(|r| SCRIPT.with(|script| r.script.clone_into(script)));
    if is_script() {
        request::with(|r| {
            // What PHP calls the code of `php -r` and of a pipe is no name.
            let is_file = !matches!(
                r.script,
                "" | "-" | "Standard input code" | "Command line code"
            );
            let name = if !is_file { "php" } else { base_name(r.script) };
            APP.with(|app| name.clone_into(app));
            roots::begin(Root {
                unit: UnitKind::Script,
                kind: SpanKind::Internal,
                app: name,
                endpoint: name,
                remote: None,
            });
        });
        return;
    }
    note_path();
    let remote = remote::caller(header);
    request::variable(c"HTTP_HOST", |host| {
        request::variable(c"SERVER_ADDR", |address| {
            request::with(|r| {
                let route = PATH.with(|path| names::endpoint(path));
                let endpoint = names::http_span(r.method, Some(&route));
                let app = names::fpm_app(host.unwrap_or(""), address.unwrap_or(""));
                APP.with(|known| app.clone_into(known));
                roots::begin(Root {
                    unit: UnitKind::Request,
                    kind: SpanKind::Server,
                    app: &app,
                    endpoint: &endpoint,
                    remote,
                });
            });
        });
    });
}

/// Name of the application, as the script that runs gives it.
pub fn script_app() -> String {
    SCRIPT.with(|script| base_name(script).to_owned())
}

/// This is a process that the script has just forked: a unit of its own, with a
/// trace of its own. It may live for weeks, so it is no part of its parent's.
pub fn begin_process() {
    let app = script_app();
    roots::begin(Root {
        unit: UnitKind::Process,
        kind: SpanKind::Internal,
        app: &app,
        endpoint: "fork",
        remote: None,
    });
}

/// The client has its answer; the script goes on.
pub fn answered() {
    ANSWERED.with(|at| {
        at.get_or_insert_with(clock::monotonic_ns);
    });
}

/// The request ends.
pub fn end() {
    let answered_ns = ANSWERED.with(Option::take);
    failures::fatal(|failure| {
        if is_script() {
            end_script(failure);
        } else {
            end_request(failure, answered_ns);
        }
    });
}

fn end_script(failure: Option<Failure<'_>>) {
    let status = request::exit_status();
    let failure = failure.or((status != 0).then_some(Failure {
        class: "exit",
        ..Failure::default()
    }));
    SCRIPT.with(|script| {
        let attributes = [
            ("process.exit.code", Value::Int(i64::from(status))),
            ("process.command", Value::Str(script)),
        ];
        let code = status.to_string();
        roots::end(&Ending {
            finish: Finish {
                system: "cli",
                attributes: &attributes,
                failure,
                code: &code,
                ..Finish::default()
            },
            answered_ns: None,
            interrupted: engine::is_unclean(),
        });
    });
}

fn end_request(failure: Option<Failure<'_>>, answered_ns: Option<u64>) {
    let status = match request::response_code() {
        0 => 200,
        code => code,
    };
    let code = status.to_string();
    let failure = failure.or((status >= 500).then_some(Failure {
        class: &code,
        ..Failure::default()
    }));
    request::variable(c"REMOTE_ADDR", |client| {
        request::variable(c"HTTP_USER_AGENT", |agent| {
            request::with(|r| {
                let script = SCRIPT.with(|script| script.clone());
                let path = PATH.with(|path| path.clone());
                let mut attributes = vec![
                    ("http.request.method", Value::Str(r.method)),
                    ("url.path", Value::Str(&path)),
                    ("http.response.status_code", Value::Int(i64::from(status))),
                    ("client.address", Value::Str(client.unwrap_or(""))),
                    ("user_agent.original", Value::Str(agent.unwrap_or(""))),
                    ("code.file.path", Value::Str(&script)),
                ];
                attributes.retain(|(_, value)| *value != Value::Str(""));
                roots::end(&Ending {
                    finish: Finish {
                        system: "http",
                        peer: client.unwrap_or(""),
                        attributes: &attributes,
                        failure,
                        code: &code,
                        ..Finish::default()
                    },
                    answered_ns,
                    interrupted: engine::is_unclean(),
                });
            });
        });
    });
}
