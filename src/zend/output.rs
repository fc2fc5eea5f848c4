//! PHP's output layer.

use std::io::Write;

use ext_php_rs::ffi;

use super::cell::Global;
use super::process;

/// What this process's stderr was when its first request began.
static STDERR: Global<Option<(u64, u64)>> = Global::new(None);

/// Notes what stderr is: a program that closes it may get a file of its own under
/// that number.
pub fn note_stderr() {
    STDERR.with(|known| *known = process::file_of(libc::STDERR_FILENO));
}

/// Whether what is said on stderr is said to who started the process.
pub fn has_stderr() -> bool {
    let known = STDERR.with(|known| *known);
    known.is_some() && known == process::file_of(libc::STDERR_FILENO)
}

/// Writes a line to the process's stderr. Where nobody can read it, nobody does: a
/// full disk or a closed pipe is not the program's fault.
pub fn complain(line: impl std::fmt::Display) {
    if has_stderr() {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// Writes a line to PHP's error log (`error_log`, else the log of the SAPI: that of
/// FPM reaches the web server's). No PHP error: neither a handler of the program nor
/// `display_errors` sees it. May allocate from PHP's heap.
pub fn log(line: String) {
    unsafe extern "C" {
        // main/php.h
        fn php_log_err_with_severity(message: *const libc::c_char, severity: libc::c_int);
    }
    // Own nothing across the call: the heap may be at its limit.
    let mut text = [0_u8; 1024];
    let length = line.len().min(text.len() - 1);
    text[..length].copy_from_slice(&line.as_bytes()[..length]);
    drop(line);
    // SAFETY: the text ends in NUL, and is read during the call only.
    unsafe { php_log_err_with_severity(text.as_ptr().cast(), libc::LOG_WARNING) }
}

/// Shows a state in the present line of the terminal.
pub fn show(state: impl std::fmt::Display) {
    if has_stderr() {
        let _ = write!(std::io::stderr(), "\r{state}");
    }
}

/// Writes to PHP's output. Output handlers of the user run PHP code and may
/// bail out: own nothing across the call but what [`crate::zend::cell`] keeps.
pub fn write(bytes: &[u8]) {
    // SAFETY: the engine copies `len` bytes from `bytes`.
    unsafe {
        ffi::php_output_write(bytes.as_ptr().cast(), bytes.len());
    }
}
