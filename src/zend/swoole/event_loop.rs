//! Swoole's event loop: does it run here, and a place of our own in it, for
//! when no PHP code runs any more that could call us.

use std::ffi::CStr;

use ext_php_rs::ffi::{self, ZEND_INTERNAL_FUNCTION, zend_execute_data, zend_function, zval};
use ext_php_rs::types::Zval;
use libc::c_void;

use super::{method, symbol};
use crate::zend::cell::Global;
use crate::zend::engine;

unsafe extern "C" {
    // Zend/zend_closures.h.
    fn zend_create_closure(
        result: *mut zval,
        function: *mut zend_function,
        scope: *mut ffi::zend_class_entry,
        called_scope: *mut ffi::zend_class_entry,
        this: *mut zval,
    );
}

/// Tells whether the loop is there, in C++.
type Question = unsafe extern "C" fn() -> bool;

static RUNNING: Global<Option<Option<Question>>> = Global::new(None);
/// What is to be called.
static TASK: Global<Option<fn()>> = Global::new(None);
/// Process whose loop has been told to call it and has not yet done so.
static ASKED: Global<u32> = Global::new(0);

/// Whether Swoole's event loop runs in this process.
pub fn is_running() -> bool {
    /// `bool swoole_event_is_running()` since 6.0.
    const RUNS: &CStr = c"_Z23swoole_event_is_runningv";
    /// `bool swoole_event_is_available()`: 5.1 only says that there is one.
    const EXISTS: &CStr = c"_Z25swoole_event_is_availablev";
    let question = RUNNING.with(|slot| *slot).unwrap_or_else(|| {
        let found = symbol(RUNS).or_else(|| symbol(EXISTS)).map(|address| {
            // SAFETY: the names say that both take nothing; include/swoole_api.h
            // says that they return a bool.
            unsafe { std::mem::transmute::<*mut c_void, Question>(address) }
        });
        RUNNING.with(|slot| *slot = Some(found));
        found
    });
    // SAFETY: reads Swoole's own state.
    question.is_some_and(|ask| unsafe { ask() })
}

/// Whether Swoole can make another coroutine for the callback and leave the program
/// as many as it has: at `max_coroutine` it would warn instead of calling.
fn has_room() -> bool {
    /// `size_t swoole_coroutine_count()`.
    const COUNT: &CStr = c"_Z22swoole_coroutine_countv";
    const LIMIT: &CStr = c"max_coroutine";
    let (Some(count), Some((class, options))) =
        (symbol(COUNT), method(c"swoole\\coroutine", c"getoptions"))
    else {
        return true;
    };
    // SAFETY: the name says that it takes nothing; include/swoole_coroutine.h says
    // that it returns a size. getOptions takes nothing and returns null or a new
    // array, which `result` releases.
    unsafe {
        let count = std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> usize>(count)();
        let mut result = Zval::new();
        ffi::zend_call_known_function(
            options,
            std::ptr::null_mut(),
            class,
            &raw mut result,
            0,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        );
        if !result.is_array() {
            return true;
        }
        let found = ffi::zend_hash_str_find(result.value.arr, LIMIT.as_ptr(), LIMIT.count_bytes());
        match found.as_ref().and_then(Zval::long) {
            Some(limit) => usize::try_from(limit).is_ok_and(|limit| count < limit / 2),
            None => true,
        }
    }
}

/// Has the loop call `task` at the end of its present turn, in a coroutine of
/// its own where Swoole makes one for every callback. Once for any number of
/// calls until then. The loop turns once more for it, but waits for nothing.
///
/// Calls a function of Swoole and allocates PHP memory: not for heap events.
/// Nothing may be on its way (see [`engine::is_calm`]).
pub fn call_soon(task: fn()) {
    let pid = std::process::id();
    if ASKED.with(|asked| *asked) == pid || !is_running() || !has_room() {
        return;
    }
    let Some((class, defer)) = method(c"swoole\\event", c"defer") else {
        return;
    };
    TASK.with(|slot| *slot = Some(task));
    ASKED.with(|asked| *asked = pid);
    // SAFETY: `zend_create_closure` copies the function; its name is that of
    // an internal method, so it is interned and permanent. `defer` takes one
    // callable and keeps a count of its own. The engine serves a pending
    // interrupt after the call, so PHP code may run: nothing is borrowed, and
    // what is owned here a bailout leaves to the end of the request.
    unsafe {
        let mut function = std::mem::MaybeUninit::<zend_function>::zeroed();
        let internal = function.as_mut_ptr().cast::<ffi::zend_internal_function>();
        (*internal).type_ = ZEND_INTERNAL_FUNCTION as ffi::zend_uchar;
        (*internal).function_name = (*defer).common.function_name;
        (*internal).handler = Some(run);
        let mut closure = Zval::new();
        zend_create_closure(
            &raw mut closure,
            function.as_mut_ptr(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        );
        let mut result = Zval::new();
        ffi::zend_call_known_function(
            defer,
            std::ptr::null_mut(),
            class,
            &raw mut result,
            1,
            &raw mut closure,
            std::ptr::null_mut(),
        );
        if result.is_false() {
            ASKED.with(|asked| *asked = 0);
        }
    }
}

/// The closure's code.
unsafe extern "C" fn run(_frame: *mut zend_execute_data, _result: *mut zval) {
    ASKED.with(|asked| *asked = 0);
    if let Some(task) = TASK.with(Option::take)
        && engine::is_calm()
    {
        crate::zend::catch(task);
    }
}

/// The loop goes away, with what it has not called.
pub(super) unsafe extern "C" fn on_destroy(_reactor: *mut c_void) {
    ASKED.with(|asked| *asked = 0);
}
