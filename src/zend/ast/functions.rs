//! The two internal functions that instrumented code calls.
//!
//! They stand in the engine's table under names that begin with a NUL byte:
//! no program can meet them by accident, and `get_defined_functions()` leaves
//! such names out.

use std::ffi::CStr;

use ext_php_rs::ffi::{
    self, HashTable, IS_LONG, IS_PTR, zend_execute_data, zend_function_entry,
    zend_internal_arg_info, zend_string, zval,
};

use super::HOOKS;
use super::call::{Call, SLOT_OF_FIRST_ARGUMENT};

/// `MODULE_PERSISTENT` of zend_modules.h.
const PERSISTENT: i32 = 1;

/// Names of the two functions, for the compiler: permanent strings.
#[derive(Clone, Copy)]
pub(super) struct Functions {
    pub(super) enter: *mut zend_string,
    pub(super) leave: *mut zend_string,
}

struct Signature([zend_internal_arg_info; 2]);

// SAFETY: points to static text only; the engine reads it.
unsafe impl Sync for Signature {}

const fn untyped(name: *const std::ffi::c_char) -> zend_internal_arg_info {
    zend_internal_arg_info {
        name,
        type_: ffi::zend_type {
            ptr: std::ptr::null_mut(),
            type_mask: 0,
        },
        default_value: std::ptr::null(),
    }
}

/// One argument, no types. The first entry is about the function; its "name"
/// is the number of required arguments.
static SIGNATURE: Signature = Signature([
    untyped(std::ptr::without_provenance(1)),
    untyped(c"id".as_ptr()),
]);

/// Registers both. Only while the module starts.
pub(super) fn register() -> Result<Functions, &'static str> {
    Ok(Functions {
        enter: one(c"swoole_tracker_enter", enter)?,
        leave: one(c"swoole_tracker_leave", leave)?,
    })
}

type Handler = unsafe extern "C" fn(*mut zend_execute_data, *mut zval);

/// Registers a function the ordinary way, so that every PHP version fills in
/// what it needs, and then moves it to its hidden name.
fn one(name: &'static CStr, handler: Handler) -> Result<*mut zend_string, &'static str> {
    // SAFETY: MINIT; the table, the entry and the signature outlive the calls.
    // While its destructor is off, the table forgets the first name only.
    unsafe {
        let mut entries: [zend_function_entry; 2] = std::mem::zeroed();
        entries[0].fname = name.as_ptr();
        entries[0].handler = Some(handler);
        entries[0].arg_info = SIGNATURE.0.as_ptr();
        entries[0].num_args = 1;
        let registered = ffi::zend_register_functions(
            std::ptr::null_mut(),
            entries.as_ptr(),
            std::ptr::null_mut(),
            PERSISTENT,
        );
        let table: *mut HashTable = ffi::compiler_globals.function_table;
        let length = name.count_bytes();
        let found = ffi::zend_hash_str_find(table, name.as_ptr(), length);
        let Some(found) = found.as_ref().filter(|_| registered >= 0) else {
            return Err("the functions for instrumented code cannot be registered");
        };
        let mut function: zval = std::mem::zeroed();
        function.value.ptr = found.value.ptr;
        function.u1.type_info = IS_PTR;
        let destructor = (*table).pDestructor.take();
        ffi::zend_hash_str_del(table, name.as_ptr(), length);
        (*table).pDestructor = destructor;

        let mut hidden = [0_u8; 32];
        hidden[1..=length].copy_from_slice(name.to_bytes());
        let hidden = &hidden[..=length];
        ffi::zend_hash_str_add(table, hidden.as_ptr().cast(), length + 1, &raw mut function);
        let intern = ffi::zend_string_init_interned.ok_or("the engine interns no strings")?;
        Ok(intern(hidden.as_ptr().cast(), length + 1, true))
    }
}

/// The number that instrumented code hands over.
///
/// # Safety
/// `frame` is the frame of one of the two functions.
#[inline(always)]
unsafe fn id(frame: *mut zend_execute_data) -> Option<u32> {
    // SAFETY: by the contract above; there are as many values as `num_args`.
    unsafe {
        if (*frame).This.u2.num_args == 0 {
            return None;
        }
        let value = &*frame.cast::<zval>().add(SLOT_OF_FIRST_ARGUMENT);
        (value.u1.type_info == IS_LONG).then(|| u32::try_from(value.value.lval).ok())?
    }
}

unsafe extern "C" fn enter(frame: *mut zend_execute_data, _result: *mut zval) {
    // SAFETY: the engine's own frame of this call.
    let (id, caller) = unsafe { (id(frame), Call::of((*frame).prev_execute_data)) };
    if let (Some(id), Some(caller), Some(hooks)) = (id, caller, HOOKS.with(|slot| *slot)) {
        crate::zend::catch(|| (hooks.enter)(id, &caller));
    }
}

unsafe extern "C" fn leave(frame: *mut zend_execute_data, _result: *mut zval) {
    // SAFETY: the engine's own frame of this call.
    let (id, caller) = unsafe { (id(frame), Call::of((*frame).prev_execute_data)) };
    if let (Some(id), Some(caller), Some(hooks)) = (id, caller, HOOKS.with(|slot| *slot)) {
        crate::zend::catch(|| (hooks.leave)(id, &caller));
    }
}
