//! PHP's output layer.

use ext_php_rs::ffi;

/// Writes to PHP's output. Output handlers of the user run PHP code and may
/// bail out: own nothing across the call but what [`crate::zend::cell`] keeps.
pub fn write(bytes: &[u8]) {
    // SAFETY: the engine copies `len` bytes from `bytes`.
    unsafe {
        ffi::php_output_write(bytes.as_ptr().cast(), bytes.len());
    }
}
