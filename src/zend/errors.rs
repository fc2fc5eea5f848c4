//! Warnings to the user of PHP.

use ext_php_rs::ffi;

/// Raises a warning; the text is freed before PHP hears of it.
pub fn raise_owned(text: String) {
    raise_boxed(Level::Warning, text);
}

/// Raises a notice; the text is freed before PHP hears of it.
pub fn raise_notice(text: String) {
    raise_boxed(Level::Notice, text);
}

/// How loud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// `E_WARNING`.
    Warning,
    /// `E_NOTICE`.
    Notice,
}

/// Raises a PHP error. Runs the user's error handler, so PHP code, and may
/// bail out: the text lies in the frame, nothing is owned across the call.
fn raise_boxed(level: Level, text: String) {
    let mut line = [0_u8; 1024];
    let length = text.len().min(line.len() - 1);
    line[..length].copy_from_slice(&text.as_bytes()[..length]);
    drop(text);
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
