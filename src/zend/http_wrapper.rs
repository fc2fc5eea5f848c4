//! What streams of http were answered.
//!
//! The engine tells the headers of an answer to nobody but the stream and, where the
//! calling function has it, the variable `$http_response_header`. So the opener of these
//! streams is covered by one that calls the engine's and looks at what that returned.

use ext_php_rs::ffi::{
    self, php_stream, php_stream_context, php_stream_wrapper, php_stream_wrapper_ops, zend_string,
};

use super::cell::Global;
use super::value::Value;

unsafe extern "C" {
    fn php_stream_get_url_stream_wrappers_hash_global() -> *mut ffi::HashTable;
}

type Opener = unsafe extern "C" fn(
    *mut php_stream_wrapper,
    *const libc::c_char,
    *const libc::c_char,
    libc::c_int,
    *mut *mut zend_string,
    *mut php_stream_context,
) -> *mut php_stream;

/// Answers kept for whoever asks; those of streams that nobody asks for go first.
const MOST: usize = 256;

struct Covered {
    opener: Opener,
    wrapper: php_stream_wrapper,
    operations: php_stream_wrapper_ops,
}

/// Set once: the engine keeps the address of what is within.
static COVERED: Global<Option<Covered>> = Global::new(None);

/// Statuses by the contexts of their streams.
static ANSWERS: Global<Vec<(usize, u16)>> = Global::new(Vec::new());

/// Covers the opener of `http` and `https`, once in the life of a process.
pub fn cover() {
    // SAFETY: NTS. The table holds wrappers, which live as long as the process, as ours
    // does; no request has a table of its own yet that could hold the engine's.
    unsafe {
        let table = php_stream_get_url_stream_wrappers_hash_global();
        for name in [c"http", c"https"] {
            let found = ffi::zend_hash_str_find(table, name.as_ptr(), name.count_bytes());
            let Some(place) = found.as_mut() else {
                continue;
            };
            let own: *mut php_stream_wrapper = place.value.ptr.cast();
            let Some(opener) = (*(*own).wops).stream_opener else {
                continue;
            };
            let ours = COVERED.with(|covered| {
                // Both are the same wrapper; one that is not stays as it is.
                let covered = covered.get_or_insert(Covered {
                    opener,
                    wrapper: *own,
                    operations: *(*own).wops,
                });
                covered.operations.stream_opener = Some(open);
                covered.wrapper.wops = &raw const covered.operations;
                let is_same = std::ptr::fn_addr_eq(covered.opener, opener);
                is_same.then_some(&raw mut covered.wrapper)
            });
            if let Some(ours) = ours {
                place.value.ptr = ours.cast();
            }
        }
    }
}

unsafe extern "C" fn open(
    wrapper: *mut php_stream_wrapper,
    address: *const libc::c_char,
    mode: *const libc::c_char,
    options: libc::c_int,
    opened_path: *mut *mut zend_string,
    context: *mut php_stream_context,
) -> *mut php_stream {
    // SAFETY: the engine's own arguments go to its own opener. What it returns is null or
    // a stream, of which it keeps the headers in `wrapperdata`.
    unsafe {
        let Some(opener) = COVERED.with(|covered| covered.as_ref().map(|c| c.opener)) else {
            return std::ptr::null_mut();
        };
        let stream = opener(wrapper, address, mode, options, opened_path, context);
        if !stream.is_null() && !context.is_null() {
            super::catch(|| {
                note(
                    context as usize,
                    Value::new(&raw const (*stream).wrapperdata),
                )
            });
        }
        stream
    }
}

/// Notes the status of an answer: where it was redirected, that of the last one.
fn note(context: usize, headers: Option<Value<'_>>) {
    let lines = headers.into_iter().flat_map(Value::entries);
    let status = lines.filter_map(|(_, line)| status(line.text()?)).last();
    if let Some(status) = status {
        ANSWERS.with(|answers| {
            if answers.len() >= MOST {
                answers.remove(0);
            }
            answers.push((context, status));
        });
    }
}

/// The status in a line such as `HTTP/1.1 200 OK`.
pub fn status(line: &str) -> Option<u16> {
    let (protocol, rest) = line.split_once(' ')?;
    let is_http = protocol.get(..5)?.eq_ignore_ascii_case("HTTP/");
    is_http
        .then(|| rest.split(' ').next()?.parse().ok())
        .flatten()
}

/// The status that the latest stream with that context was answered; what is known of the
/// context is forgotten.
pub(super) fn take(context: *const php_stream_context) -> Option<u16> {
    ANSWERS.with(|answers| {
        let context = context as usize;
        let found = answers.iter().rfind(|(of, _)| *of == context);
        let status = found.map(|(_, status)| *status);
        answers.retain(|(of, _)| *of != context);
        status
    })
}

/// The request ends, and all contexts with it.
pub(super) fn request_ends() {
    ANSWERS.with(Vec::clear);
}
