//! The request as the server interface (SAPI) tells it, and how it went.

use std::ffi::{CStr, c_char};

use ext_php_rs::ffi;

use super::strings;
use super::value::Value;

/// What the server was asked for. The texts live as long as the request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// Method, empty outside of HTTP.
    pub method: &'a str,
    /// Path with query, as the client sent it.
    pub uri: &'a str,
    /// File that runs.
    pub script: &'a str,
}

/// # Safety
/// `text` is null or ends in NUL, and lives for `'a`.
unsafe fn text<'a>(text: *const c_char) -> &'a str {
    if text.is_null() {
        return "";
    }
    // SAFETY: by the contract above.
    unsafe { CStr::from_ptr(text).to_str().unwrap_or("") }
}

/// Gives the present request to `look`.
pub fn with<R>(look: impl FnOnce(Request<'_>) -> R) -> R {
    // SAFETY: set by the SAPI before the request starts, freed after it ends;
    // the reference dies with this call.
    let request = unsafe {
        let info = &raw const ffi::sapi_globals.request_info;
        Request {
            method: text((*info).request_method),
            uri: text((*info).request_uri),
            script: text((*info).path_translated),
        }
    };
    look(request)
}

/// `TRACK_VARS_SERVER` of main/php_globals.h.
const SERVER: usize = 3;

/// Gives a variable of the server (`HTTP_HOST`, `REMOTE_ADDR`, …) to `look`.
///
/// Asks the SAPI itself where it can: `$_SERVER` is built only when a script
/// that mentions it is compiled (`auto_globals_jit`). Only the built-in web
/// server cannot be asked; there `$_SERVER` is built now, as a script would.
pub fn variable<R>(name: &CStr, look: impl FnOnce(Option<&str>) -> R) -> R {
    // SAFETY: one thread. The SAPI's own texts and `$_SERVER` both live to the
    // end of the request; the reference dies with this call.
    unsafe {
        if let Some(ask) = ffi::sapi_module.getenv {
            let value = ask(name.as_ptr(), name.count_bytes());
            let value = (!value.is_null()).then(|| text(value));
            return look(value);
        }
        look(server_array().and_then(|server| server.get(name.to_str().ok()?)?.text()))
    }
}

/// `$_SERVER`, built if it has not been.
///
/// # Safety
/// Within a request; the value must not outlive it.
unsafe fn server_array<'a>() -> Option<Value<'a>> {
    unsafe extern "C" {
        // Zend/zend_compile.h. Makes no string of the name that would have to be freed.
        fn zend_is_auto_global_str(name: *const libc::c_char, length: usize) -> bool;
    }
    // SAFETY: by the contract above; no lock or borrow is held over the call.
    unsafe {
        let globals = &raw const ffi::core_globals.http_globals;
        let slot = &raw const (*globals)[SERVER];
        if (*slot).u1.v.type_ != ffi::IS_ARRAY as u8 {
            let name = c"_SERVER";
            zend_is_auto_global_str(name.as_ptr(), name.count_bytes());
        }
        Value::new(slot)
    }
}

/// Gives a global variable of the program to `look`.
pub fn global<R>(name: &str, look: impl FnOnce(Option<Value<'_>>) -> R) -> R {
    // SAFETY: NTS global; the reference dies with this call.
    unsafe {
        let table = &raw const ffi::executor_globals.symbol_table;
        let found = ffi::zend_hash_str_find(table, name.as_ptr().cast(), name.len());
        look(Value::new(found))
    }
}

/// Status of the HTTP answer; 0 while nobody has set one.
pub fn response_code() -> u16 {
    // SAFETY: NTS global.
    let code = unsafe { ffi::sapi_globals.sapi_headers.http_response_code };
    u16::try_from(code).unwrap_or(0)
}

/// Exit status of the script.
pub fn exit_status() -> i32 {
    // SAFETY: NTS global.
    unsafe { ffi::executor_globals.exit_status }
}

/// `E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR |
/// E_RECOVERABLE_ERROR`: what ends a script.
const FATAL: i32 = 1 | 4 | 16 | 64 | 256 | 4096;

/// The fatal error that ended the request, if one did, with its place.
pub fn fatal_error<R>(look: impl FnOnce(Option<(&str, &str, u32)>) -> R) -> R {
    // SAFETY: NTS globals; the strings are freed after the request only.
    unsafe {
        let globals = &raw const ffi::core_globals;
        if (*globals).last_error_message.is_null() || (*globals).last_error_type & FATAL == 0 {
            return look(None);
        }
        let message = strings::bytes((*globals).last_error_message);
        let file = strings::bytes((*globals).last_error_file);
        look(Some((
            lossless(message),
            lossless(file),
            u32::try_from((*globals).last_error_lineno).unwrap_or(0),
        )))
    }
}

/// The latest message of the engine, also one that nobody was shown.
pub fn last_error<R>(look: impl FnOnce(Option<&str>) -> R) -> R {
    // SAFETY: NTS global; the string lives until the next message.
    unsafe {
        let message = ffi::core_globals.last_error_message;
        look((!message.is_null()).then(|| lossless(strings::bytes(message))))
    }
}

/// The part of a text before the first byte that is not UTF-8.
fn lossless(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
    }
}
