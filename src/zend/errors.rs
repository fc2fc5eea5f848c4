//! Warnings to the user of PHP.

use ext_php_rs::ffi;

/// Raises a PHP warning. Runs the user's error handler, so PHP code, and may
/// bail out: the text is copied into the frame, nothing is owned across the
/// call.
pub fn raise_owned(text: String) {
    let mut line = [0_u8; 1024];
    let length = text.len().min(line.len() - 1);
    line[..length].copy_from_slice(&text.as_bytes()[..length]);
    drop(text);
    // SAFETY: format and text end in NUL; called outside of heap events.
    unsafe {
        ffi::php_error_docref(
            std::ptr::null(),
            ffi::E_WARNING as i32,
            c"%s".as_ptr(),
            line.as_ptr().cast::<libc::c_char>(),
        );
    }
}
