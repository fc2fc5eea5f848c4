//! curl: one transfer at a time, and the options of all handles.
//!
//! The headers of the trace go into `CURLOPT_HTTPHEADER` beside the program's
//! own, which are noted whenever the program sets them: a header of the trace
//! that the program sets itself is left alone, and what the program set is put
//! back before the handle is used where nothing is traced.

use tracker_core::trace::{names, url};
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::notes::Notes;
use super::{always, function, thrown};
use crate::context::remote;
use crate::context::spans::{self, Failure, Finish};
use crate::zend::call::{Arg, call};
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::value::{Key, Object, Value};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    function!("curl_init", always, made),
    function!("curl_copy_handle", always, copied),
    function!("curl_reset", always, reset),
    function!("curl_setopt", wants_option, option_set),
    function!("curl_setopt_array", always, options_set),
    function!("curl_exec", begin, end),
];

// Numbers of include/curl/curl.h.
const NOBODY: i64 = 44;
const UPLOAD: i64 = 46;
const POST: i64 = 47;
const PUT: i64 = 54;
const HTTP_GET: i64 = 80;
const URL: i64 = 10_002;
const POST_FIELDS: i64 = 10_015;
const HTTP_HEADER: i64 = 10_023;
const CUSTOM_REQUEST: i64 = 10_036;
const RESPONSE_CODE: i64 = 0x20_0002;
const TIMED_OUT: i64 = 28;

/// What the program asked of a handle.
#[derive(Debug, Clone, Default)]
pub(super) struct Note {
    url: Vec<u8>,
    method: String,
    /// The program's own headers.
    headers: Vec<Vec<u8>>,
    /// They are known: none was set that could not be read.
    opaque: bool,
    /// Ours are set beside them.
    injected: bool,
}

static HANDLES: Global<Notes<Note>> = Global::new(Notes::new());
/// The handle whose headers we are about to set ourselves, by address; 0: none. The
/// call that we make takes it, before any PHP code can run.
static INJECTING: Global<usize> = Global::new(0);

/// The request is over: so are its handles.
pub fn request_ends() {
    HANDLES.with(Notes::clear);
    // A bailout in between leaves it set.
    INJECTING.with(|handle| *handle = 0);
}

fn handle<'a>(call: &'a Call<'_>) -> Option<Object<'a>> {
    call.arg(0)?.object()
}

fn made(call: &Call<'_>, _: Token) {
    if let Some(object) = call.result().and_then(|made| made.object()) {
        let url = call.arg(0).and_then(|url| url.bytes()).unwrap_or(b"");
        let note = Note {
            url: url.to_vec(),
            ..Note::default()
        };
        HANDLES.with(|notes| notes.insert(object.address(), note));
    }
}

fn copied(call: &Call<'_>, _: Token) {
    if let (Some(from), Some(to)) = (handle(call), call.result().and_then(|made| made.object())) {
        HANDLES.with(|notes| match notes.get(from.address()).cloned() {
            Some(note) => drop(notes.insert(to.address(), note)),
            None => drop(notes.remove(to.address())),
        });
    }
}

fn reset(call: &Call<'_>, _: Token) {
    if let Some(object) = handle(call) {
        HANDLES.with(|notes| notes.insert(object.address(), Note::default()));
    }
}

/// Most options are nobody's business but curl's.
fn wants_option(call: &Call<'_>) -> Token {
    let option = call.arg(1).and_then(|option| option.long());
    let is_noted = matches!(
        option,
        Some(
            NOBODY
                | UPLOAD
                | POST
                | PUT
                | HTTP_GET
                | URL
                | POST_FIELDS
                | HTTP_HEADER
                | CUSTOM_REQUEST
        )
    );
    Token::from(is_noted && !is_ours(call))
}

/// Whether this is the call that [`inject`] makes, which is asked this once.
fn is_ours(call: &Call<'_>) -> bool {
    let address = handle(call).map_or(0, |object| object.address());
    INJECTING.with(|handle| *handle != 0 && *handle == address && std::mem::take(handle) != 0)
}

fn option_set(call: &Call<'_>, _: Token) {
    let succeeded = call.result().is_some_and(|r| r.is_true());
    if let (Some(object), Some(option), Some(value)) = (
        handle(call),
        call.arg(1).and_then(|option| option.long()),
        call.arg(2),
    ) {
        note_option(object, option, value, succeeded);
    }
}

fn options_set(call: &Call<'_>, _: Token) {
    let succeeded = call.result().is_some_and(|r| r.is_true());
    if let (Some(object), Some(options)) = (handle(call), call.arg(1)) {
        for (key, value) in options.entries() {
            if let Key::Index(option) = key {
                note_option(object, option.cast_signed(), value, succeeded);
            }
        }
    }
}

fn note_option(object: Object<'_>, option: i64, value: Value<'_>, succeeded: bool) {
    HANDLES.with(|notes| {
        let Some(note) = notes.get_mut(object.address()) else {
            return;
        };
        let is_on = !value.is_false() && !value.is_null() && value.long() != Some(0);
        match option {
            HTTP_HEADER if !succeeded => note.opaque = true,
            _ if !succeeded => {}
            HTTP_HEADER => {
                note.headers.clear();
                note.opaque = false;
                note.injected = false;
                for (_, header) in value.entries() {
                    match header.bytes() {
                        Some(header) => note.headers.push(header.to_vec()),
                        None => note.opaque = true,
                    }
                }
            }
            URL => note.url = value.bytes().unwrap_or(b"").to_vec(),
            CUSTOM_REQUEST => {
                note.method = value.text().unwrap_or("").to_owned();
            }
            NOBODY if is_on => "HEAD".clone_into(&mut note.method),
            POST if is_on => "POST".clone_into(&mut note.method),
            POST_FIELDS if note.method.is_empty() => "POST".clone_into(&mut note.method),
            PUT | UPLOAD if is_on => "PUT".clone_into(&mut note.method),
            HTTP_GET if is_on => note.method.clear(),
            _ => {}
        }
    });
}

/// Sets the program's headers with those of the trace beside them (`span` is
/// not 0), or alone. Nothing happens to a handle whose headers are not known.
pub(super) fn inject(object: Object<'_>, span: Token) {
    let address = object.address();
    let headers = HANDLES.with(|notes| {
        let note = notes.get_mut(address)?;
        if note.opaque || (span == 0 && !note.injected) {
            return None;
        }
        note.injected = span != 0;
        Some(note.headers.clone())
    });
    let Some(mut headers) = headers else {
        return;
    };
    if span != 0 {
        remote::inject(span, &mut |name, value| {
            let is_set = headers.iter().any(|header| {
                header.get(name.len()) == Some(&b':')
                    && header[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            });
            if !is_set {
                headers.push(format!("{name}: {value}").into_bytes());
            }
        });
    }
    INJECTING.with(|handle| *handle = address);
    let args = [
        Arg::Object(object),
        Arg::Long(HTTP_HEADER),
        Arg::Texts(&headers),
    ];
    call("curl_setopt", &args, |_| ());
    // There is no such function: nobody took it. Never another's.
    INJECTING.with(|handle| {
        if *handle == address {
            *handle = 0;
        }
    });
}

fn begin(call: &Call<'_>) -> Token {
    let token = spans::begin(SpanKind::Client, call.row.name);
    if let Some(object) = handle(call) {
        inject(object, token);
    }
    token
}

fn ask(function: &str, object: Object<'_>, what: Option<i64>) -> i64 {
    let args = [Arg::Object(object), Arg::Long(what.unwrap_or(0))];
    let args = &args[..1 + usize::from(what.is_some())];
    call(function, args, |answer| answer.and_then(|a| a.long()))
        .flatten()
        .unwrap_or(0)
}

fn end(call: &Call<'_>, token: Token) {
    let Some(object) = handle(call) else {
        spans::end(
            token,
            &Finish {
                failure: thrown(call),
                ..Finish::default()
            },
        );
        return;
    };
    // First: what a handler of a signal throws while we ask is not the transfer's.
    let thrown = thrown(call);
    let error = ask("curl_errno", object, None);
    describe(object, error, thrown, |finish| {
        spans::end(token, finish);
    });
}

/// Gives what is known of a transfer that is over to `look`. `error`: curl's
/// number, 0 for none.
pub(super) fn describe(
    object: Object<'_>,
    error: i64,
    thrown: Option<Failure<'_>>,
    look: impl FnOnce(&Finish<'_>),
) {
    let status = ask("curl_getinfo", object, Some(RESPONSE_CODE));
    let mut reason = [0_u8; 128];
    let mut length = 0;
    if error != 0 {
        call("curl_strerror", &[Arg::Long(error)], |text| {
            let text = text.and_then(|text| text.bytes()).unwrap_or(b"");
            length = text.len().min(reason.len());
            reason[..length].copy_from_slice(&text[..length]);
        });
    }
    let reason = std::str::from_utf8(&reason[..length]).unwrap_or("");
    let (address, method) = HANDLES.with(|notes| match notes.get(object.address()) {
        Some(note) => (
            String::from_utf8_lossy(&note.url).into_owned(),
            names::http_method(if note.method.is_empty() {
                "GET"
            } else {
                &note.method
            }),
        ),
        None => (String::new(), "GET"),
    });
    let full = url::redact(&address);
    let (host, port) = url::server(&address).unwrap_or(("", 0));
    let peer = if host.is_empty() {
        String::new()
    } else {
        format!("{host}:{port}")
    };
    let code = if error != 0 {
        format!("curl {error}")
    } else if status > 0 {
        status.to_string()
    } else {
        String::new()
    };
    let failure = thrown.or_else(|| {
        (error != 0 || status >= 400).then_some(Failure {
            class: &code,
            message: reason,
            is_exception: false,
            is_timeout: error == TIMED_OUT,
        })
    });
    let attributes = [
        ("http.request.method", Scalar::Str(method)),
        ("url.full", Scalar::Str(&full)),
        ("server.address", Scalar::Str(host)),
        ("server.port", Scalar::Int(i64::from(port))),
        ("http.response.status_code", Scalar::Int(status)),
    ];
    // The last one only where there was an answer.
    let count = attributes.len() - usize::from(status == 0);
    look(&Finish {
        name: method,
        system: "http",
        peer: &peer,
        attributes: &attributes[..count],
        failure,
        code: &code,
        events: &[],
        stack: &[],
        encoded: &[],
        links: &[],
    });
}
