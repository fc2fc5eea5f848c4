//! Hears of it when PHP code is about to wait: `sleep()`, `stream_select()`
//! and their like.
//!
//! Their handlers are replaced while somebody listens, so no other function
//! pays. Swoole replaces some of them, too, and puts back what it found: what
//! ours call is kept for the life of the process.

use std::ffi::CStr;

use ext_php_rs::ffi::{self, zend_execute_data, zval};

use super::cell::Global;
use super::tables::{self, Handler};

static LISTENER: Global<Option<fn()>> = Global::new(None);
static ORIGINAL: Global<[Option<Handler>; COUNT]> = Global::new([None; COUNT]);

/// A function that waits.
struct Wait {
    name: &'static CStr,
    ours: Handler,
}

/// Makes a handler of its own for each function: the engine does not tell one
/// under which name it was called.
macro_rules! waits {
    ($($function:ident)*) => {
        // The variants are the functions' names.
        #[allow(non_camel_case_types)]
        enum Index { $($function,)* Count }

        const COUNT: usize = Index::Count as usize;

        static WAITS: [Wait; COUNT] = [$(Wait {
            name: c_name(concat!(stringify!($function), "\0")),
            ours: wait::<{ Index::$function as usize }>,
        }),*];
    };
}

const fn c_name(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("a name ends with its only NUL"),
    }
}

// Functions only, no methods. Those that this PHP does not have are passed by.
waits! {
    sleep usleep time_nanosleep time_sleep_until
    stream_select stream_socket_accept stream_socket_client fsockopen
    fgets fgetc fgetcsv fread stream_get_line stream_get_contents
    stream_copy_to_stream file_get_contents file readfile flock
    exec shell_exec system passthru proc_close
    readline curl_exec curl_multi_select
    socket_select socket_accept socket_connect socket_read socket_recv
    socket_recvfrom socket_recvmsg
    pcntl_wait pcntl_waitpid pcntl_sigtimedwait pcntl_sigwaitinfo msg_receive
}

/// Calls `listener` before each of them from now on.
pub fn listen(listener: fn()) {
    LISTENER.with(|slot| *slot = Some(listener));
    for (index, wait) in WAITS.iter().enumerate() {
        ORIGINAL.with(|kept| tables::replace_handler(wait.name, wait.ours, &mut kept[index]));
    }
}

/// Listens no more, and puts back every handler that is still ours.
pub fn ignore() {
    if LISTENER.with(Option::take).is_none() {
        return;
    }
    for (index, wait) in WAITS.iter().enumerate() {
        tables::restore_handler(wait.name, wait.ours, ORIGINAL.with(|kept| kept[index]));
    }
}

/// Whether they are wrapped, for `php --ri`.
pub fn state() -> &'static str {
    if LISTENER.with(|slot| slot.is_some()) {
        "wrapped"
    } else {
        "untouched"
    }
}

unsafe extern "C" fn wait<const INDEX: usize>(frame: *mut zend_execute_data, result: *mut zval) {
    if let Some(listener) = LISTENER.with(|slot| *slot) {
        super::catch(listener);
        // A destructor that the listener ran called exit().
        if super::engine::has_exception() {
            // SAFETY: the place for the result, which holds nothing yet.
            unsafe { (*result).u1.type_info = ffi::IS_NULL };
            return;
        }
    }
    if let Some(original) = ORIGINAL.with(|table| table[INDEX]) {
        // SAFETY: the engine's own handler with the engine's own arguments.
        unsafe { original(frame, result) };
    }
}
