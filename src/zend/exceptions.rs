//! Exceptions that leave PHP code which we ran where the program does not
//! expect one: they are kept until the program calls us.

use ext_php_rs::ffi::{self, zend_object, zval};
use ext_php_rs::types::Zval;

use super::cell::Global;

unsafe extern "C" {
    // Zend/zend_exceptions.h.
    fn zend_clear_exception();
    fn zend_exception_set_previous(exception: *mut zend_object, add_previous: *mut zend_object);
    fn zend_exception_error(exception: *mut zend_object, severity: libc::c_int) -> libc::c_int;
}

/// The one that is kept, with those before it as its previous ones.
static KEPT: Global<Option<*mut zend_object>> = Global::new(None);

/// Takes the exception that is on its way, if one is. That of `exit()` is no
/// exception and goes on.
pub fn keep() {
    // SAFETY: NTS global; the object is alive while it is on its way, and one
    // count of it becomes ours.
    unsafe {
        let exception = ffi::executor_globals.exception;
        if exception.is_null()
            || !ffi::instanceof_function_slow((*exception).ce, ffi::zend_ce_throwable)
        {
            return;
        }
        (*exception).gc.refcount += 1;
        zend_clear_exception();
        if let Some(earlier) = KEPT.with(|slot| slot.replace(exception)) {
            zend_exception_set_previous(exception, earlier);
        }
    }
}

/// Forgets the exception that is on its way, if one is: that of a call of our own,
/// which the program knows nothing of.
pub(super) fn clear() {
    // SAFETY: NTS global; what is on its way belongs to the engine, which frees it.
    unsafe {
        if !ffi::executor_globals.exception.is_null() {
            zend_clear_exception();
        }
    }
}

/// Throws what is kept, unless an exception is on its way already. To be
/// called from a function that PHP code calls, as the last thing.
pub fn throw_kept() {
    if super::engine::has_exception() {
        return;
    }
    if let Some(exception) = KEPT.with(Option::take) {
        let mut value = Zval::new();
        value.value.obj = exception;
        value.u1.type_info = ffi::IS_OBJECT_EX;
        // SAFETY: our count goes over to the engine; the shell is not dropped.
        unsafe { ffi::zend_throw_exception_object((&raw mut value).cast::<zval>()) };
        std::mem::forget(value);
    }
}

/// Tells of what is kept as a warning, at the end of a request in which nobody
/// called us again. PHP shows and logs it; that late it does not call the user's
/// error handler (seen in 8.2). Output handlers may run, and a bailout may come
/// out of it: nothing may be left to do after it.
pub fn tell_kept() {
    if let Some(exception) = KEPT.with(Option::take) {
        // SAFETY: consumes our count.
        unsafe { zend_exception_error(exception, ffi::E_WARNING as libc::c_int) };
    }
}
