//! The engine's tables of functions and settings, by name.

use std::ffi::CStr;

use ext_php_rs::ffi::{self, ZEND_INTERNAL_FUNCTION, zend_execute_data, zval};

/// The code of an internal function.
pub(super) type Handler = unsafe extern "C" fn(*mut zend_execute_data, *mut zval);

/// The internal function of that name (lower case).
///
/// A script may define a function of the name of an internal one that is not
/// there: `disable_functions` takes it out of the table.
fn internal_function(name: &CStr) -> Option<*mut ffi::zend_internal_function> {
    // SAFETY: NTS global; internal functions live as long as the process, and
    // the first byte of every function is its type.
    unsafe {
        let table = ffi::executor_globals.function_table;
        let found = ffi::zend_hash_str_find(table, name.as_ptr(), name.count_bytes());
        let function: *mut ffi::zend_internal_function = found.as_ref()?.value.ptr.cast();
        (u32::from((*function).type_) == ZEND_INTERNAL_FUNCTION).then_some(function)
    }
}

/// Whether both are the same code.
fn is_handler(found: Option<Handler>, ours: Handler) -> bool {
    found.is_some_and(|found| found as usize == ours as usize)
}

/// The setting of that name, whoever owns it.
pub(super) fn ini_entry(name: &CStr) -> Option<*mut ffi::zend_ini_entry> {
    // SAFETY: NTS global; the table holds pointers to settings, which live as
    // long as the module that owns them.
    unsafe {
        let table = ffi::executor_globals.ini_directives;
        let found = ffi::zend_hash_str_find(table, name.as_ptr(), name.count_bytes());
        Some(found.as_ref()?.value.ptr.cast())
    }
}

/// Puts `ours` in the place of a function's handler, which goes to `kept`;
/// once in the life of the process, or again after [`restore_handler`].
///
/// A handler that others have put on top of ours is left there: it may lead to
/// ours, so ours must not lead to it.
pub(super) fn replace_handler(name: &CStr, ours: Handler, kept: &mut Option<Handler>) {
    let Some(function) = internal_function(name) else {
        return;
    };
    // SAFETY: an internal function; NTS, so nobody calls it meanwhile.
    unsafe {
        let found = (*function).handler;
        if kept.is_none_or(|kept| is_handler(found, kept)) && !is_handler(found, ours) {
            *kept = found;
            (*function).handler = Some(ours);
        }
    }
}

/// Puts back what was there before `ours`, unless it is covered by others:
/// then it stays, and so does `kept`, which it calls.
pub(super) fn restore_handler(name: &CStr, ours: Handler, kept: Option<Handler>) {
    let Some(function) = internal_function(name) else {
        return;
    };
    // SAFETY: as in `replace_handler`.
    unsafe {
        if kept.is_some() && is_handler((*function).handler, ours) {
            (*function).handler = kept;
        }
    }
}
