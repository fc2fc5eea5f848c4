//! Arguments of a call, read as PHP reads those of its own functions: strict
//! types, conversions, and the words of its errors are PHP's.

use std::ffi::{CStr, c_char};
use std::mem::ManuallyDrop;

use ext_php_rs::ffi;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

unsafe extern "C" {
    // Zend/zend_API.h. Reads the arguments of the call that is running.
    fn zend_parse_parameters(count: u32, types: *const c_char, ...) -> libc::c_int;
}

fn count(frame: &ExecuteData) -> u32 {
    // SAFETY: of the two meanings of this field, a call's frame has this one.
    unsafe { frame.This.u2.num_args }
}

/// No argument. `None`: an error has been thrown.
pub fn none(frame: &ExecuteData) -> Option<()> {
    // SAFETY: nothing is written.
    (unsafe { zend_parse_parameters(count(frame), c"".as_ptr()) } == 0).then_some(())
}

/// One optional number. `None`: an error has been thrown.
pub fn number(frame: &ExecuteData, default: i64) -> Option<i64> {
    let mut value = default;
    // SAFETY: "l" writes one zend_long.
    let parsed = unsafe { zend_parse_parameters(count(frame), c"|l".as_ptr(), &raw mut value) };
    (parsed == 0).then_some(value)
}

/// An optional string, and an optional path or null. The texts belong to the
/// frame. The outer `None`: an error has been thrown.
pub fn text_and_path<'a>(
    frame: &'a ExecuteData,
    default: &'static [u8],
) -> Option<(&'a [u8], Option<&'a CStr>)> {
    let (mut text, mut text_length) = (default.as_ptr().cast::<c_char>(), default.len());
    let (mut path, mut path_length) = (std::ptr::null::<c_char>(), 0_usize);
    // SAFETY: "s" and "p" write a pointer and a length each; those of the
    // arguments live as long as the frame. "!" leaves the pointer null for null.
    unsafe {
        let parsed = zend_parse_parameters(
            count(frame),
            c"|sp!".as_ptr(),
            &raw mut text,
            &raw mut text_length,
            &raw mut path,
            &raw mut path_length,
        );
        (parsed == 0).then(|| {
            let path = (!path.is_null()).then(|| CStr::from_ptr(path));
            let text = std::slice::from_raw_parts(text.cast::<u8>(), text_length);
            (text, path)
        })
    }
}

/// What can be called, and two optional numbers. The value is a copy that owns
/// nothing; the frame keeps what it names. `None`: an error has been thrown.
pub fn callable_and_numbers(
    frame: &ExecuteData,
    defaults: (i64, i64),
) -> Option<(ManuallyDrop<Zval>, i64, i64)> {
    let (mut first, mut second) = defaults;
    // SAFETY: plain C structs, for which all zeroes is a value; "f" writes both,
    // "l" one zend_long each.
    unsafe {
        // Its value is the frame's: dropped here, it would be freed twice.
        let mut info: ManuallyDrop<ffi::zend_fcall_info> = ManuallyDrop::new(std::mem::zeroed());
        let mut cache: ffi::zend_fcall_info_cache = std::mem::zeroed();
        let parsed = zend_parse_parameters(
            count(frame),
            c"f|ll".as_ptr(),
            &raw mut *info,
            &raw mut cache,
            &raw mut first,
            &raw mut second,
        );
        (parsed == 0).then(|| {
            let body = ManuallyDrop::new(std::ptr::read(&raw const info.function_name));
            (body, first, second)
        })
    }
}
