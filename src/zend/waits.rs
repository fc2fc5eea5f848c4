//! Hears of it when PHP code is about to wait: `sleep()`, `stream_select()`
//! and their like.
//!
//! Their handlers are replaced while somebody listens, so no other function
//! pays. Swoole replaces some of them, too, and puts back what it found: what
//! ours call is kept for the life of the process.

use ext_php_rs::ffi::{self, zend_execute_data, zval};

use super::cell::Global;

type Handler = unsafe extern "C" fn(*mut zend_execute_data, *mut zval);

static LISTENER: Global<Option<fn()>> = Global::new(None);
static ORIGINAL: Global<[Option<Handler>; COUNT]> = Global::new([None; COUNT]);

/// Defines names and one handler for each.
macro_rules! waits {
    ($($index:literal $name:literal),* $(,)?) => {
        const NAMES: &[&std::ffi::CStr] = &[$($name),*];
        static OURS: [Handler; COUNT] = [$(wait::<$index>),*];
    };
}

const COUNT: usize = 18;

waits! {
    0 c"sleep", 1 c"usleep", 2 c"time_nanosleep", 3 c"time_sleep_until",
    4 c"stream_select", 5 c"stream_socket_accept", 6 c"fgets", 7 c"fread",
    8 c"stream_get_line", 9 c"stream_get_contents", 10 c"socket_select",
    11 c"socket_accept", 12 c"socket_recv", 13 c"pcntl_wait", 14 c"pcntl_waitpid",
    15 c"pcntl_sigtimedwait", 16 c"pcntl_sigwaitinfo", 17 c"msg_receive",
}

fn entry(name: &std::ffi::CStr) -> Option<*mut ffi::zend_internal_function> {
    // SAFETY: the function table lives as long as the process; a function of a
    // user cannot have the name of an internal one, and the type tells.
    unsafe {
        let table = ffi::executor_globals.function_table;
        let found = ffi::zend_hash_str_find(table, name.as_ptr(), name.count_bytes());
        let function = found
            .as_ref()?
            .value
            .ptr
            .cast::<ffi::zend_internal_function>();
        (u32::from((*function).type_) == ffi::ZEND_INTERNAL_FUNCTION).then_some(function)
    }
}

/// Calls `listener` before each of them from now on.
pub fn listen(listener: fn()) {
    LISTENER.with(|slot| *slot = Some(listener));
    for (index, name) in NAMES.iter().enumerate() {
        let Some(function) = entry(name) else {
            continue;
        };
        // SAFETY: see `entry`; NTS, so nobody calls it meanwhile.
        unsafe {
            let found = (*function).handler;
            if found.is_none_or(|found| found as usize != OURS[index] as usize) {
                ORIGINAL.with(|table| table[index] = found);
                (*function).handler = Some(OURS[index]);
            }
        }
    }
}

/// Listens no more, and puts back every handler that is still ours.
pub fn ignore() {
    if LISTENER.with(Option::take).is_none() {
        return;
    }
    for (index, name) in NAMES.iter().enumerate() {
        let Some(function) = entry(name) else {
            continue;
        };
        // SAFETY: see `entry`.
        unsafe {
            let found = (*function).handler;
            if found.is_some_and(|found| found as usize == OURS[index] as usize) {
                (*function).handler = ORIGINAL.with(|table| table[index]);
            }
        }
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
        super::guard(listener);
    }
    if let Some(original) = ORIGINAL.with(|table| table[INDEX]) {
        // SAFETY: the engine's own handler with the engine's own arguments.
        unsafe { original(frame, result) };
    }
}
