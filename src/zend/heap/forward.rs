//! The way to the real allocator.
//!
//! `use_custom_heap`, the first `int` of the heap, makes the engine call our
//! handlers. It must read 0 while the real allocator runs: near the memory
//! limit that one calls `zend_mm_gc()`, which does nothing on a heap that is
//! flagged, and a program that would have fitted dies.
//!
//! PHP 8.4 adds handlers for `gc` and `shutdown`. They are not needed: the
//! flag is down while the allocator runs, `caches` looks after
//! `gc_mem_caches()`, and the hook is gone before the heap shuts down.

use ext_php_rs::ffi;
use libc::c_void;

/// Handlers of the heap.
pub type Malloc = unsafe extern "C" fn(usize) -> *mut c_void;
/// Handlers of the heap.
pub type Free = unsafe extern "C" fn(*mut c_void);
/// Handlers of the heap.
pub type Realloc = unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void;

/// The three handlers that a heap can have.
#[derive(Clone, Copy)]
pub struct Handlers {
    /// `malloc`.
    pub malloc: Option<Malloc>,
    /// `free`.
    pub free: Option<Free>,
    /// `realloc`.
    pub realloc: Option<Realloc>,
}

impl Handlers {
    /// The engine's own allocator.
    pub const NONE: Self = Self {
        malloc: None,
        free: None,
        realloc: None,
    };

    /// Whether both are the very same functions.
    pub fn are(self, other: Self) -> bool {
        let address = |f: Option<*const ()>| f.map_or(0, |f| f as usize);
        let parts = |h: Self| {
            [
                address(h.malloc.map(|f| f as *const ())),
                address(h.free.map(|f| f as *const ())),
                address(h.realloc.map(|f| f as *const ())),
            ]
        };
        parts(self) == parts(other)
    }

    /// Whether all three are there.
    pub fn is_complete(self) -> bool {
        self.malloc.is_some() && self.free.is_some() && self.realloc.is_some()
    }
}

/// A heap that our handlers are, or may be, installed on.
#[derive(Clone, Copy)]
pub struct Heap(*mut ffi::zend_mm_heap);

impl Heap {
    /// The heap of the program.
    pub fn current() -> Self {
        // SAFETY: reads a global of the engine.
        Self(unsafe { ffi::zend_mm_get_heap() })
    }

    /// A heap of our own, for self-tests; `None` without memory.
    pub fn private() -> Option<Self> {
        // SAFETY: makes a new heap that nobody else knows.
        let heap = unsafe { ffi::zend_mm_startup() };
        (!heap.is_null()).then_some(Self(heap))
    }

    /// Ends a heap of [`Heap::private`].
    ///
    /// # Safety
    /// The heap came from [`Heap::private`] and is not used again.
    pub unsafe fn end(self) {
        // SAFETY: by the contract above.
        unsafe { ffi::zend_mm_shutdown(self.0, true, true) };
    }

    /// Whether this is where the heap's own data lies.
    pub fn is_at(self, address: *const c_void) -> bool {
        std::ptr::addr_eq(self.0, address)
    }

    /// Sets the flag; see the module's text.
    #[inline(always)]
    pub fn flag(self, on: bool) {
        // SAFETY: the self-test has shown that the first int of a heap is the
        // flag; the heap lives as long as the request.
        unsafe { self.0.cast::<i32>().write_volatile(i32::from(on)) };
    }

    /// Whether our handlers are being called.
    #[inline(always)]
    pub fn is_flagged(self) -> bool {
        // SAFETY: as in `flag`.
        unsafe { self.0.cast::<i32>().read_volatile() != 0 }
    }

    /// Allocates. May bail out.
    ///
    /// # Safety
    /// The heap is alive and not flagged.
    #[inline(always)]
    pub unsafe fn alloc(self, size: usize) -> *mut c_void {
        // SAFETY: by the contract above.
        unsafe { ffi::_zend_mm_alloc(self.0, size) }
    }

    /// Frees.
    ///
    /// # Safety
    /// The block belongs to the heap.
    #[inline(always)]
    pub unsafe fn free(self, block: *mut c_void) {
        // SAFETY: by the contract above.
        unsafe { ffi::_zend_mm_free(self.0, block) };
    }

    /// Reallocates. May bail out.
    ///
    /// # Safety
    /// The block belongs to the heap, or is null; the heap is not flagged.
    #[inline(always)]
    pub unsafe fn realloc(self, block: *mut c_void, size: usize) -> *mut c_void {
        // SAFETY: by the contract above.
        unsafe { ffi::_zend_mm_realloc(self.0, block, size) }
    }

    /// Bytes that a block really takes.
    ///
    /// # Safety
    /// The block belongs to the heap, and the heap is not flagged.
    #[inline(always)]
    pub unsafe fn block_size(self, block: *mut c_void) -> usize {
        // SAFETY: by the contract above.
        unsafe { ffi::_zend_mm_block_size(self.0, block) }
    }

    /// The handlers that are set.
    pub fn handlers(self) -> Handlers {
        let mut found = Handlers::NONE;
        // SAFETY: three pointers to write to; the engine's signatures are
        // those of the types above, only declared without `unsafe`.
        unsafe {
            ffi::zend_mm_get_custom_handlers(
                self.0,
                (&raw mut found.malloc).cast(),
                (&raw mut found.free).cast(),
                (&raw mut found.realloc).cast(),
            );
        }
        found
    }

    /// Sets handlers, and with them the flag.
    ///
    /// # Safety
    /// The handlers serve every block that the heap has given out.
    pub unsafe fn set_handlers(self, handlers: Handlers) {
        // SAFETY: by the contract above.
        unsafe {
            ffi::zend_mm_set_custom_handlers(
                self.0,
                handlers.malloc,
                handlers.free,
                handlers.realloc,
            );
        }
    }
}
