//! Calls of internal functions of PHP that run no PHP code by themselves.
//!
//! But `zend_call_function` serves the VM's interrupt after every internal function:
//! handlers of signals, destructors of garbage at the end of a loop, and other
//! coroutines (Swoole's preemption) may run before [`call`] returns. So no state may
//! be held over it that is not this very call's own, and whatever was read before is
//! read again after it.

use std::mem::ManuallyDrop;

use ext_php_rs::ffi::{self, zval};

use super::value::{Object, Value};

/// An argument.
#[derive(Clone, Copy)]
pub enum Arg<'a> {
    /// An object, as it is.
    Object(Object<'a>),
    /// A number.
    Long(i64),
    /// An array of strings.
    Texts(&'a [Vec<u8>]),
}

/// Most arguments that a call may have.
const MAX: usize = 4;

unsafe extern "C" {
    fn add_next_index_stringl(array: *mut zval, text: *const libc::c_char, len: usize) -> i32;
}

/// Calls a method (lower case) without arguments, or with one, and gives its
/// result to `look`; see [`call`]. Nothing happens where the method is the
/// program's.
pub fn method<R>(
    object: Object<'_>,
    method: &str,
    argument: Option<Value<'_>>,
    look: impl FnOnce(Option<Value<'_>>) -> R,
) -> Option<R> {
    // SAFETY: an internal method of the object's class, called within a request
    // with a value that the caller keeps alive, which is not released here.
    unsafe {
        if !ffi::executor_globals.exception.is_null() {
            return None;
        }
        let found = ffi::zend_hash_str_find(
            &raw const (*(*object.object).ce).function_table,
            method.as_ptr().cast(),
            method.len(),
        );
        let target = found.as_ref()?.value.ptr.cast::<ffi::zend_function>();
        if u32::from((*target).type_) != ffi::ZEND_INTERNAL_FUNCTION {
            return None;
        }
        let mut result: ManuallyDrop<zval> = ManuallyDrop::new(std::mem::zeroed());
        ffi::zend_call_known_function(
            target,
            object.object,
            (*object.object).ce,
            &raw mut *result,
            u32::from(argument.is_some()),
            argument.map_or(std::ptr::null_mut(), Value::place),
            std::ptr::null_mut(),
        );
        // Whatever went wrong is not the program's business.
        super::exceptions::clear();
        let answer = look(Value::new(&raw const *result));
        ffi::zval_ptr_dtor(&raw mut *result);
        Some(answer)
    }
}

/// Calls `function` (lower case) and gives its result to `look`. `None` where
/// there is no such function, or an exception waits to be handled.
///
/// PHP code may run before it returns (see above), and may leave an exception.
/// It may bail out if memory runs out: the caller owns nothing but what may
/// leak then.
pub fn call<R>(
    function: &str,
    args: &[Arg<'_>],
    look: impl FnOnce(Option<Value<'_>>) -> R,
) -> Option<R> {
    // SAFETY: an internal function of the function table, called within a
    // request with arguments that live in this frame. The array, if any, is
    // released here; the object keeps its count, since the callee takes its own.
    unsafe {
        let globals = &raw const ffi::executor_globals;
        if !(*globals).exception.is_null() || args.len() > MAX {
            return None;
        }
        let found = ffi::zend_hash_str_find(
            (*globals).function_table,
            function.as_ptr().cast(),
            function.len(),
        );
        let target = found.as_ref()?.value.ptr.cast::<ffi::zend_function>();
        if u32::from((*target).type_) != ffi::ZEND_INTERNAL_FUNCTION {
            return None;
        }
        // Borrowed values, which dropping would release.
        let mut values: ManuallyDrop<[zval; MAX]> = ManuallyDrop::new(std::mem::zeroed());
        for (value, arg) in values.iter_mut().zip(args) {
            match arg {
                Arg::Object(object) => {
                    value.value.obj = object.object;
                    value.u1.type_info = ffi::IS_OBJECT_EX;
                }
                Arg::Long(number) => {
                    value.value.lval = *number;
                    value.u1.type_info = ffi::IS_LONG;
                }
                Arg::Texts(texts) => {
                    let size = u32::try_from(texts.len()).unwrap_or(0);
                    value.value.arr = ffi::_zend_new_array(size);
                    value.u1.type_info = ffi::IS_ARRAY_EX;
                    for text in *texts {
                        add_next_index_stringl(value, text.as_ptr().cast(), text.len());
                    }
                }
            }
        }
        let mut result: ManuallyDrop<zval> = ManuallyDrop::new(std::mem::zeroed());
        ffi::zend_call_known_function(
            target,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            &raw mut *result,
            u32::try_from(args.len()).unwrap_or(0),
            values.as_mut_ptr(),
            std::ptr::null_mut(),
        );
        let answer = look(Value::new(&raw const *result));
        ffi::zval_ptr_dtor(&raw mut *result);
        for (value, arg) in values.iter_mut().zip(args) {
            if matches!(arg, Arg::Texts(_)) {
                ffi::zval_ptr_dtor(value);
            }
        }
        // Whatever went wrong is not the program's business.
        Some(answer)
    }
}
