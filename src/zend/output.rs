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
