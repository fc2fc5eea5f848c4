//! curl_multi: transfers side by side. Each is a span from the moment at which
//! it is added to the one at which the program hears of its end, or removes it.

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

/// The request is about to end: transfers that are under way are, too.
pub fn request_ends() {
    for transfer in TRANSFERS.with(Notes::drain) {
        transfer.end(&Finish {
            system: "http",
            failure: Some(Failure {
                class: "unfinished",
                message: "the request ended before the transfer",
                ..Failure::default()
            }),
            ..Finish::default()
        });
    }
}

fn transfer<'a>(call: &'a Call<'_>) -> Option<Object<'a>> {
    call.arg(1)?.object()
}

fn add(call: &Call<'_>) -> Token {
    let Some(object) = transfer(call) else {
        return 0;
    };
    let begun = Detached::begin(SpanKind::Client, "curl_multi");
    curl::inject(object, begun.as_ref().map_or(0, Detached::id));
    let Some(begun) = begun else {
        return 0;
    };
    TRANSFERS.with(|notes| notes.insert(object.address(), begun));
    1
}

fn added(call: &Call<'_>, _: Token) {
    // CURLM_OK is 0; anything else, and nothing was begun.
    if call.result().and_then(|r| r.long()) != Some(0)
        && let Some(object) = transfer(call)
    {
        TRANSFERS.with(|notes| notes.remove(object.address()));
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
