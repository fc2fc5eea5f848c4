//! The call stack in words, for the few events that are looked at closely.

use ext_php_rs::ffi::{zend_function, zend_string};

use super::super::strings;
use super::{Moment, code_of, current, function_of, instruction};

/// One frame of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackFrame {
    /// File; empty for internal functions.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Function, with its class.
    pub function: String,
}

impl Moment {
    /// Name of the internal function on top, with its class.
    pub fn internal_function(self) -> Option<String> {
        let mut frame = current();
        while !frame.is_null() {
            // SAFETY: as in `site`.
            unsafe {
                if let Some(callee) = function_of(frame).as_ref() {
                    return code_of(callee).is_none().then(|| function_name(callee));
                }
                frame = (*frame).prev_execute_data;
            }
        }
        None
    }

    /// The call stack, innermost frame first, at most `limit` frames. Internal
    /// functions stand with their caller's place.
    pub fn stack(self, limit: usize) -> Vec<StackFrame> {
        let mut frames = Vec::new();
        let mut frame = current();
        let mut register = self.register;
        while !frame.is_null() && frames.len() < limit {
            // SAFETY: as in `site`.
            unsafe {
                if let Some(callee) = function_of(frame).as_ref() {
                    let mut entry = StackFrame {
                        function: function_name(callee),
                        ..StackFrame::default()
                    };
                    if let Some(code) = code_of(callee) {
                        entry.file = strings::lossy(code.filename);
                        entry.line =
                            instruction(frame, code, register).map_or(0, |op| (*op).lineno);
                    }
                    frames.push(entry);
                }
                frame = (*frame).prev_execute_data;
            }
            register = std::ptr::null();
        }
        frames
    }
}

/// `function` or `Class::method`; `{main}` for top-level code.
///
/// # Safety
/// `function` is a live function.
unsafe fn function_name(function: &zend_function) -> String {
    // SAFETY: all function kinds share the head that `common` describes.
    unsafe {
        let common = &function.common;
        if common.function_name.is_null() {
            return "{main}".into();
        }
        let name = strings::lossy(common.function_name);
        match common.scope.as_ref() {
            Some(class) => format!("{}::{name}", strings::lossy(class.name)),
            None => name,
        }
    }
}

/// Text of a file name by its address in a [`RawSite`] of this very event, and
/// whether it lives on the heap, so that its address may come to mean
/// something else.
pub fn file_name(address: usize) -> (String, bool) {
    let name = address as *const zend_string;
    // SAFETY: the address was read from the function that is running now.
    unsafe { (strings::lossy(name), !strings::is_permanent(name)) }
}
