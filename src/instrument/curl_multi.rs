//! curl_multi: transfers side by side. Each is a span from the moment at which
//! it is added to the one at which the program hears of its end, or removes it.

use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::curl;
use super::notes::Notes;
use super::{always, function};
use crate::context::spans::{Detached, Failure, Finish};
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::value::Object;

/// Rows of this file.
pub const ROWS: &[Row] = &[
    function!("curl_multi_add_handle", add, added),
    function!("curl_multi_info_read", always, heard),
    function!("curl_multi_remove_handle", remove, removed),
];

static TRANSFERS: Global<Notes<Detached>> = Global::new(Notes::new());
/// Transfers that curl is just being given. More than one if a handler of errors adds
/// another.
static ADDING: Global<Vec<Detached>> = Global::new(Vec::new());

/// The request is about to end: transfers that are under way are, too.
pub fn request_ends() {
    // A bailout in between leaves one.
    ADDING.with(Vec::clear);
    for transfer in TRANSFERS.with(Notes::drain) {
        leave(transfer, "the request ended before the transfer");
    }
}

/// Ends a transfer of whose end nobody will hear.
fn leave(transfer: Detached, why: &str) {
    transfer.end(&Finish {
        system: "http",
        failure: Some(Failure {
            class: "unfinished",
            message: why,
            ..Failure::default()
        }),
        ..Finish::default()
    });
}

/// Ends a transfer that is one too many to be watched. It is counted, and nothing is
/// said of how it went on.
fn forget(transfer: Detached) {
    transfer.end(&Finish {
        system: "http",
        attributes: &[("swoole_tracker.unwatched", Scalar::Bool(true))],
        ..Finish::default()
    });
}

fn transfer<'a>(call: &'a Call<'_>) -> Option<Object<'a>> {
    call.arg(1)?.object()
}

fn add(call: &Call<'_>) -> Token {
    let Some(object) = transfer(call) else {
        return 0;
    };
    let begun = Detached::begin(SpanKind::Client, "curl_multi");
    let id = begun.as_ref().map_or(0, Detached::id);
    curl::inject(object, id);
    ADDING.with(|adding| adding.extend(begun));
    id
}

fn added(call: &Call<'_>, token: Token) {
    let begun = ADDING.with(|adding| {
        let place = adding.iter().rposition(|begun| begun.id() == token)?;
        Some(adding.swap_remove(place))
    });
    let (Some(begun), Some(object)) = (begun, transfer(call)) else {
        return;
    };
    let address = object.address();
    // CURLM_OK is 0; anything else, and nothing was begun.
    if call.result().and_then(|r| r.long()) == Some(0) {
        let (left, forgotten) = TRANSFERS.with(|notes| notes.insert_telling(address, begun));
        if let Some(left) = left {
            leave(
                left,
                "its curl_multi handle was gone before the transfer ended",
            );
        }
        forgotten.for_each(forget);
    } else if call.thrown().is_none() {
        // What was added before goes on, under its own headers.
        let before = TRANSFERS.with(|notes| notes.peek(address).map_or(0, Detached::id));
        curl::inject(object, before);
    }
}

fn heard(call: &Call<'_>, _: Token) {
    let Some(message) = call.result() else {
        return;
    };
    if let Some(object) = message.get("handle").and_then(|handle| handle.object()) {
        let error = message.get("result").and_then(|r| r.long()).unwrap_or(0);
        finish(object, error);
    }
}

fn remove(call: &Call<'_>) -> Token {
    let Some(object) = transfer(call) else {
        return 0;
    };
    finish(object, 0);
    1
}

fn removed(call: &Call<'_>, _: Token) {
    if let Some(object) = transfer(call) {
        curl::put_back(object, curl::ask("curl_errno", object, None));
    }
}

fn finish(object: Object<'_>, error: i64) {
    if let Some(transfer) = TRANSFERS.with(|notes| notes.remove(object.address())) {
        curl::describe(object, error, None, |finish| transfer.end(finish));
    }
}
