//! What a block really costs: ZendMM rounds sizes up, and the report speaks of
//! what `memory_get_usage()` moves by.
//!
//! The bins are asked of the engine (on a heap of its own, so that the
//! program's heap does not notice), not copied from its source: PHP 8.4 may
//! skip the smallest.

use ext_php_rs::ffi;

/// Largest request that goes into a bin; the rest is counted in pages.
pub const MAX_SMALL: usize = 3072;
/// A page of ZendMM.
pub const PAGE: usize = 4096;
/// Marks a block that is counted in pages.
pub const LARGE: u32 = 31;
/// Where the side table keeps the code of a size in its entries; what is below
/// is wider than any bin.
pub const CODE_SHIFT: u32 = 26;

/// A small request: its bin, at [`CODE_SHIFT`], and the bytes of that.
#[derive(Debug, Clone, Copy)]
pub struct Small(u32);

impl Small {
    /// Bytes that it takes.
    #[inline(always)]
    pub fn bytes(self) -> u64 {
        u64::from(self.0 & ((1 << CODE_SHIFT) - 1))
    }

    /// Its bin, where the side table keeps it.
    #[inline(always)]
    pub fn code_bits(self) -> u32 {
        self.0 & !((1 << CODE_SHIFT) - 1)
    }
}

/// Rounded sizes of small requests.
pub struct Sizes {
    /// Of a request of `(size + 7) / 8` words: see [`Small`].
    small: [Small; MAX_SMALL / 8 + 1],
    /// Bytes of each bin.
    bytes_of: [u16; 32],
}

impl Sizes {
    /// A table that knows nothing yet.
    pub const fn empty() -> Self {
        Self {
            small: [Small(0); MAX_SMALL / 8 + 1],
            bytes_of: [0; 32],
        }
    }

    /// Asks the engine. Returns false if it has more bins than fit.
    pub fn probe(&mut self) -> bool {
        // SAFETY: a heap of our own, shut down below; nothing else knows it.
        let heap = unsafe { ffi::zend_mm_startup() };
        if heap.is_null() {
            return false;
        }
        let mut bin = 0;
        let mut fits = true;
        for words in 0..=MAX_SMALL / 8 {
            let request = (words * 8).max(1);
            // SAFETY: the heap is ours, not flagged, and has no memory limit.
            let rounded = unsafe {
                let block = ffi::_zend_mm_alloc(heap, request);
                let rounded = ffi::_zend_mm_block_size(heap, block);
                ffi::_zend_mm_free(heap, block);
                rounded
            };
            if usize::from(self.bytes_of[bin]) != rounded {
                if self.bytes_of[0] != 0 {
                    bin += 1;
                }
                if bin >= LARGE as usize || rounded > usize::from(u16::MAX) {
                    fits = false;
                    break;
                }
                self.bytes_of[bin] = rounded as u16;
            }
            self.small[words] = Small((bin as u32) << CODE_SHIFT | rounded as u32);
        }
        // SAFETY: full shutdown of our own heap; silent, because it is empty.
        unsafe { ffi::zend_mm_shutdown(heap, true, true) };
        fits
    }

    /// What a request takes if it goes into a bin.
    #[inline(always)]
    pub fn small(&self, request: usize) -> Option<Small> {
        self.small.get((request.wrapping_add(7)) >> 3).copied()
    }

    /// Code of a request: its bin, or [`LARGE`].
    #[inline(always)]
    pub fn code(&self, request: usize) -> u32 {
        self.small(request)
            .map_or(LARGE, |small| small.code_bits() >> CODE_SHIFT)
    }

    /// Bytes of a bin.
    #[inline(always)]
    pub fn bytes(&self, code: u32) -> u64 {
        u64::from(self.bytes_of[(code & 31) as usize])
    }

    /// Pages of a large request.
    #[inline(always)]
    pub fn pages(request: usize) -> u32 {
        request.div_ceil(PAGE) as u32
    }
}
