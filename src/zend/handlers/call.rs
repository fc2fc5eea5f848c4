//! A running call of a listed function, as what happens around it sees it.

use std::marker::PhantomData;

use ext_php_rs::ffi::{self, zend_execute_data, zval};

use super::Row;
use crate::zend::value::{Object, Value};

/// A running call of a listed function.
pub struct Call<'a> {
    pub(super) frame: *mut zend_execute_data,
    pub(super) result: *mut zval,
    /// The row that brought us here.
    pub row: &'static Row,
    pub(super) alive: PhantomData<&'a ()>,
}

/// Slots that the frame itself takes before its arguments.
pub(in crate::zend) const FRAME_SLOTS: usize =
    size_of::<zend_execute_data>().div_ceil(size_of::<zval>());

impl Call<'_> {
    /// Number of arguments.
    pub fn count(&self) -> usize {
        // SAFETY: the frame runs.
        unsafe { (*self.frame).This.u2.num_args as usize }
    }

    /// Argument, counted from 0.
    pub fn arg(&self, index: usize) -> Option<Value<'_>> {
        if index >= self.count() {
            return None;
        }
        // SAFETY: internal functions have all arguments behind the frame.
        unsafe { Value::new(self.frame.cast::<zval>().add(FRAME_SLOTS + index)) }
    }

    /// The frame that runs.
    pub(in crate::zend) fn frame(&self) -> *mut zend_execute_data {
        self.frame
    }

    /// Where an argument lies, for [`crate::zend::callback`].
    pub(in crate::zend) fn slot(&self, index: usize) -> Option<*mut zval> {
        // SAFETY: as in `arg`.
        (index < self.count())
            .then(|| unsafe { self.frame.cast::<zval>().add(FRAME_SLOTS + index) })
    }

    /// Where the result lies.
    pub(in crate::zend) fn result_slot(&self) -> *mut zval {
        self.result
    }

    /// The object that the method is called on.
    pub fn this(&self) -> Option<Object<'_>> {
        // SAFETY: the frame runs; `This` is an object or not set.
        unsafe {
            let this = &raw const (*self.frame).This;
            if (*this).u1.v.type_ != ffi::IS_OBJECT as u8 {
                return None;
            }
            Object::new((*this).value.obj)
        }
    }

    /// What it returned; for end.
    pub fn result(&self) -> Option<Value<'_>> {
        // SAFETY: the engine passes a place for the result, which the function
        // has filled or left undefined.
        unsafe { Value::new(self.result) }
    }

    /// What it has thrown; for end.
    pub fn thrown(&self) -> Option<Object<'_>> {
        thrown()
    }
}

/// The exception that is in flight.
pub fn thrown<'a>() -> Option<Object<'a>> {
    // SAFETY: NTS global; the engine holds the exception while it is handled.
    unsafe { Object::new(ffi::executor_globals.exception) }
}
