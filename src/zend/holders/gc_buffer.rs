//! Calls `get_gc` without touching PHP's heap.

use ext_php_rs::ffi::{self, zval};

use super::layout::{Obj, Zv};

/// The least that the mapping may be: room for 4096 values.
const LEAST: usize = 64 * 1024;

/// A mapping that stands in for `EG(get_gc_buffer)` during one call.
///
/// An object cannot name more values than it stores somewhere, and at most two
/// (16 bytes each) for 24 stored bytes: twice the size of the heap cannot be
/// filled, so the engine never grows, that is reallocates, it. The pages are
/// not reserved; only those written cost memory.
#[derive(Default)]
pub(super) struct GcBuffer {
    start: usize,
    bytes: usize,
    refused: bool,
}

impl GcBuffer {
    fn map(&mut self) -> bool {
        if self.start != 0 || self.refused {
            return self.start != 0;
        }
        // SAFETY: a plain query.
        let heap = unsafe { ffi::zend_memory_usage(true) };
        let bytes = heap.saturating_mul(2).max(LEAST);
        // SAFETY: an anonymous mapping at an address of the kernel's choice.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            // An address space limit: such objects then count as native.
            self.refused = true;
            return false;
        }
        self.start = start as usize;
        self.bytes = bytes;
        true
    }

    /// What the object says it holds beside its properties; to be used before
    /// the next call, which reuses the buffer.
    pub(super) fn ask(&mut self, object: Obj) -> impl Iterator<Item = Zv> + use<> {
        let (table, count) = self.call(object).unwrap_or((0, 0));
        (0..count).map(move |i| Zv::at(table).plus(i))
    }

    fn call(&mut self, object: Obj) -> Option<(usize, usize)> {
        let get_gc = object.get_gc()?;
        if !self.map() {
            return None;
        }
        let mut table: *mut zval = std::ptr::null_mut();
        let mut count = 0;
        // SAFETY: the engine is at rest (see `holders::search`) and runs on
        // this thread; the function is one that was read (KINDS in
        // internal.rs): it only appends to the buffer, and asks for the
        // properties table, which `with_properties` supplies.
        unsafe {
            let eg = (&raw mut ffi::executor_globals);
            let before = (*eg).get_gc_buffer;
            (*eg).get_gc_buffer = ffi::zend_get_gc_buffer {
                cur: self.start as *mut zval,
                end: (self.start + self.bytes) as *mut zval,
                start: self.start as *mut zval,
            };
            object.with_properties(|o| get_gc(o, &raw mut table, &raw mut count));
            (*eg).get_gc_buffer = before;
        }
        Some((table as usize, usize::try_from(count).ok()?))
    }
}

impl Drop for GcBuffer {
    fn drop(&mut self) {
        if self.start != 0 {
            // SAFETY: the mapping is ours and nothing points to it any more.
            unsafe { libc::munmap(self.start as *mut libc::c_void, self.bytes) };
        }
    }
}
