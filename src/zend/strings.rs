//! Engine strings, read only.

use ext_php_rs::ffi::zend_string;

/// `GC_IMMUTABLE` as a flag of `type_info`: the string is interned.
const INTERNED: u32 = 1 << 6;
/// `GC_PERSISTENT`: not on the request's heap.
const PERSISTENT: u32 = 1 << 7;
/// `IS_STR_PERMANENT`: interned before the first request.
const PERMANENT: u32 = 1 << 8;

/// # Safety
/// `string` is null or a live engine string.
unsafe fn flags(string: *const zend_string) -> u32 {
    // SAFETY: by the contract above.
    unsafe { string.as_ref().map_or(0, |s| s.gc.u.type_info) }
}

/// Whether the string stays where it is until the end of the request.
///
/// # Safety
/// `string` is null or a live engine string.
#[inline(always)]
pub unsafe fn is_interned(string: *const zend_string) -> bool {
    // SAFETY: by the contract above.
    unsafe { flags(string) & INTERNED != 0 }
}

/// Whether the string's address cannot come to mean another string while
/// this request runs.
///
/// # Safety
/// `string` is null or a live engine string.
pub unsafe fn is_permanent(string: *const zend_string) -> bool {
    // SAFETY: by the contract above.
    unsafe { flags(string) & (INTERNED | PERSISTENT | PERMANENT) != 0 }
}

/// The bytes of a string; empty for null.
///
/// # Safety
/// `string` is null or a live engine string, alive for `'a`.
pub unsafe fn bytes<'a>(string: *const zend_string) -> &'a [u8] {
    // SAFETY: by the contract above; the engine keeps `len` bytes in `val`.
    unsafe {
        string.as_ref().map_or(&[], |s| {
            std::slice::from_raw_parts(s.val.as_ptr().cast(), s.len)
        })
    }
}

/// A copy as text; what is not UTF-8 is replaced.
///
/// # Safety
/// `string` is null or a live engine string.
pub unsafe fn lossy(string: *const zend_string) -> String {
    // SAFETY: by the contract above; the slice dies in this expression.
    unsafe { String::from_utf8_lossy(bytes(string)).into_owned() }
}

/// A string of the engine outside of the request's heap that is never freed.
pub fn outlasting(text: &[u8]) -> *mut zend_string {
    /// `IS_STRING` and `GC_NOT_COLLECTABLE`, as the engine marks its own.
    const STRING: u32 = ext_php_rs::ffi::IS_STRING | 1 << 4;
    let start = std::mem::offset_of!(zend_string, val);
    // Whole words, zeroed: that ends the text, too.
    let words = vec![0_usize; (start + text.len()) / size_of::<usize>() + 1];
    let string: *mut zend_string = Box::leak(words.into_boxed_slice()).as_mut_ptr().cast();
    // SAFETY: just allocated, large enough, and aligned to a word as the
    // engine's own are. One reference is ours, so no release is the last.
    unsafe {
        (*string).gc.refcount = 2;
        (*string).gc.u.type_info = STRING | PERSISTENT;
        (*string).len = text.len();
        std::ptr::copy_nonoverlapping(text.as_ptr(), string.byte_add(start).cast(), text.len());
    }
    string
}
