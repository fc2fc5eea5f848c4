//! Warnings to the user of PHP.

use ext_php_rs::ffi;

/// How loud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `E_WARNING`.
    Warning,
    /// `E_NOTICE`.
    Notice,
}

/// Raises a PHP error. Runs the user's error handler, so PHP code, and may
/// bail out: the text lies in the frame, nothing is owned across the call.
pub fn raise(level: Level, text: &str) {
    let mut line = [0_u8; 1024];
    let length = text.len().min(line.len() - 1);
    line[..length].copy_from_slice(&text.as_bytes()[..length]);
    let level = match level {
        Level::Warning => ffi::E_WARNING,
        Level::Notice => ffi::E_NOTICE,
    };
    // SAFETY: format and text end in NUL; called outside of heap events.
    unsafe {
        ffi::php_error_docref(
            std::ptr::null(),
            level as i32,
            c"%s".as_ptr(),
            line.as_ptr().cast::<libc::c_char>(),
        );
    }
}
