//! The side table: for every block its account, found by address.
//!
//! For each 2 MB of address space that holds a tracked block there is 1 MB of
//! address space (mapped lazily, so only touched pages cost memory) with one
//! `u32` per 8 bytes. An entry is
//!
//! ```text
//! bit 31      somebody wants to hear of the free
//! bits 26-30  size code (a bin of ZendMM, or LARGE)
//! bits 0-25   number of the account, 0 = not tracked
//! ```
//!
//! A large block owns the entry behind its own as well (it is longer than 8
//! bytes); that one holds its size in pages.

use std::ptr;

use super::sizes::{CODE_SHIFT, LARGE, PAGE, Sizes, Small};

const CHUNK_BITS: usize = 21;
const LEVEL_BITS: usize = 13;
const LEVEL: usize = 1 << LEVEL_BITS;
/// Addresses of programs have 48 bits at most (x86-64 uses 47 of them).
const TOP: usize = 1 << (48 - CHUNK_BITS - LEVEL_BITS);
const CHUNK: usize = 1 << CHUNK_BITS;
const ENTRIES: usize = CHUNK >> 3;
const WATCH: u32 = 1 << 31;
const ACCOUNT: u32 = (1 << CODE_SHIFT) - 1;
/// No block lies behind this address.
const NOWHERE: usize = usize::MAX - (CHUNK - 1);

type Middle = [*mut u32; LEVEL];

/// The table; see the module's text.
pub struct Shadow {
    top: Box<[*mut Middle]>,
    /// Start of the chunk that was asked for last, and its entries.
    near: usize,
    entries: *mut u32,
    /// Chunks mapped, for the report.
    mapped: usize,
}

/// What the table says of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its account, 0 if it is not tracked.
    pub account: u32,
    /// Its size in bytes, 0 if it is not tracked.
    pub size: u64,
    /// Somebody wants to hear of its free.
    pub watched: bool,
}

/// An entry of [`Shadow::vacant`].
pub struct Vacant<'a>(&'a mut u32);

impl Vacant<'_> {
    /// Notes a tracked block that went into a bin.
    #[inline(always)]
    pub fn set(self, account: u32, small: Small) {
        *self.0 = account | small.code_bits();
    }
}

/// The answer of [`Shadow::peek`].
pub enum Peek<'a> {
    /// Nothing is known of the block.
    Nothing,
    /// A tracked block in a bin.
    Small(Known<'a>),
    /// [`Shadow::take`] is needed.
    More,
}

/// See [`Peek`].
pub struct Known<'a> {
    /// Its account.
    pub account: u32,
    /// Its size in bytes.
    pub size: u64,
    entry: &'a mut u32,
}

impl Known<'_> {
    /// Forgets the block.
    #[inline(always)]
    pub fn take(self) {
        *self.entry = 0;
    }
}

impl Shadow {
    /// An empty table.
    pub fn new() -> Self {
        Self {
            top: vec![ptr::null_mut(); TOP].into_boxed_slice(),
            near: NOWHERE,
            entries: ptr::null_mut(),
            mapped: 0,
        }
    }

    /// The entry of an address, if its chunk is mapped.
    #[inline(always)]
    fn find(&mut self, address: usize) -> Option<*mut u32> {
        let offset = address.wrapping_sub(self.near);
        if offset < CHUNK {
            // SAFETY: a mapped chunk has ENTRIES entries, and the address is
            // less than a chunk behind its start.
            return Some(unsafe { self.entries.add(offset >> 3) });
        }
        let chunk = address >> CHUNK_BITS;
        let middle = *self.top.get(chunk >> LEVEL_BITS)?;
        if middle.is_null() {
            return None;
        }
        // SAFETY: a mapped middle level has LEVEL entries; masked index.
        let base = unsafe { (*middle)[chunk & (LEVEL - 1)] };
        if base.is_null() {
            return None;
        }
        self.near = chunk << CHUNK_BITS;
        self.entries = base;
        let index = (address >> 3) & (ENTRIES - 1);
        // SAFETY: a mapped chunk has ENTRIES entries; masked index.
        Some(unsafe { base.add(index) })
    }

    #[cold]
    #[inline(never)]
    fn map(&mut self, address: usize) -> Option<*mut u32> {
        let chunk = address >> CHUNK_BITS;
        let middle = self.top.get_mut(chunk >> LEVEL_BITS)?;
        if middle.is_null() {
            // At the end of the place of this chunk's table, which is half as
            // long: at its start it would drive the table out.
            let place = far_from(address) + CHUNK - size_of::<Middle>();
            *middle = reserve(size_of::<Middle>(), place)?.cast();
        }
        // SAFETY: just mapped or mapped before; masked index.
        let base = unsafe { &mut (**middle)[chunk & (LEVEL - 1)] };
        if base.is_null() {
            // One entry more: a large block in the last 8 bytes of a chunk
            // cannot be, but its second entry is computed before that is known.
            *base = reserve((ENTRIES + 1) * size_of::<u32>(), far_from(address))?.cast();
            self.mapped += 1;
        }
        self.near = NOWHERE;
        self.find(address)
    }

    /// Notes a tracked block. False if there is no memory for the table.
    #[inline(always)]
    pub fn set(&mut self, address: usize, account: u32, code: u32, request: usize) -> bool {
        let entry = match self.find(address) {
            Some(entry) => entry,
            None => match self.map(address) {
                Some(entry) => entry,
                None => return false,
            },
        };
        // SAFETY: `find` and `map` return entries of mapped chunks.
        unsafe { *entry = account | code << CODE_SHIFT };
        if code == LARGE {
            // SAFETY: the chunk has one entry more than addresses.
            unsafe { *entry.add(1) = Sizes::pages(request) };
        }
        true
    }

    /// The entry of a block that was just allocated, for [`Vacant::set`]; `None`
    /// where [`Self::set`] is needed.
    #[inline(always)]
    pub fn vacant(&mut self, address: usize) -> Option<Vacant<'_>> {
        // SAFETY: `find` returns entries of mapped chunks, and nobody else has
        // a reference to one.
        self.find(address)
            .map(|entry| Vacant(unsafe { &mut *entry }))
    }

    /// What is known of a block that is about to be freed, if that is no more
    /// than an account and a size; nothing is taken out yet.
    #[inline(always)]
    pub fn peek(&mut self, address: usize, sizes: &Sizes) -> Peek<'_> {
        let Some(entry) = self.find(address) else {
            return Peek::More;
        };
        // SAFETY: as in `vacant`.
        let entry = unsafe { &mut *entry };
        let bits = *entry;
        // As unsigned numbers, those of large and of watched blocks are above
        // all others.
        if bits >= LARGE << CODE_SHIFT {
            Peek::More
        } else if bits == 0 {
            Peek::Nothing
        } else {
            Peek::Small(Known {
                account: bits & ACCOUNT,
                size: sizes.bytes(bits >> CODE_SHIFT),
                entry,
            })
        }
    }

    /// Takes out what is known of a block; `None` if nothing is.
    #[inline(always)]
    pub fn take(&mut self, address: usize, sizes: &Sizes) -> Option<Entry> {
        let entry = self.find(address)?;
        // SAFETY: `find` returns entries of mapped chunks.
        let bits = unsafe { *entry };
        if bits == 0 {
            return None;
        }
        // SAFETY: as above.
        unsafe { *entry = 0 };
        let code = bits >> CODE_SHIFT & 31;
        let account = bits & ACCOUNT;
        let size = if code == LARGE {
            // SAFETY: the chunk has one entry more than addresses.
            unsafe {
                let pages = entry.add(1);
                let size = u64::from(*pages) * PAGE as u64;
                *pages = 0;
                size
            }
        } else if account == 0 {
            0
        } else {
            sizes.bytes(code)
        };
        Some(Entry {
            account,
            size,
            watched: bits & WATCH != 0,
        })
    }

    /// Asks for a word when the block at `address` is freed.
    pub fn watch(&mut self, address: usize) {
        let entry = self.find(address).or_else(|| self.map(address));
        if let Some(entry) = entry {
            // SAFETY: `find` and `map` return entries of mapped chunks.
            unsafe { *entry |= WATCH };
        }
    }

    /// Calls `each` with address and account of every tracked block, by
    /// address, until it returns false.
    pub fn each(&self, mut each: impl FnMut(usize, u32) -> bool) {
        for (high, middle) in self.top.iter().enumerate() {
            if middle.is_null() {
                continue;
            }
            for low in 0..LEVEL {
                // SAFETY: a mapped middle level has LEVEL entries.
                let base = unsafe { (**middle)[low] };
                if base.is_null() {
                    continue;
                }
                let chunk = (high << LEVEL_BITS | low) << CHUNK_BITS;
                let mut index = 0;
                while index < ENTRIES {
                    // SAFETY: `index` stays below ENTRIES.
                    let bits = unsafe { *base.add(index) };
                    if bits & ACCOUNT != 0 && !each(chunk | index << 3, bits & ACCOUNT) {
                        return;
                    }
                    // Behind a large block lies its size, not an entry.
                    index += if bits >> CODE_SHIFT & 31 == LARGE {
                        2
                    } else {
                        1
                    };
                }
            }
        }
    }

    /// Address space mapped for entries, bytes; at most this much is resident.
    pub fn reserved(&self) -> usize {
        self.mapped * ENTRIES * size_of::<u32>()
    }

    fn clear(&mut self) {
        for middle in &mut self.top {
            if middle.is_null() {
                continue;
            }
            // SAFETY: mapped by `map` with exactly these sizes, and unmapped
            // once: the pointer is cleared below.
            unsafe {
                for base in (**middle).iter().filter(|base| !base.is_null()) {
                    libc::munmap(base.cast(), (ENTRIES + 1) * size_of::<u32>());
                }
                libc::munmap(middle.cast(), size_of::<Middle>());
            }
            *middle = ptr::null_mut();
        }
    }
}

impl Drop for Shadow {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Where the table of a chunk should lie: as far from the heap as the chunks
/// are from each other. PHP grows huge blocks in place into the address space
/// behind them; a table there would make it copy them instead, and a script near
/// `memory_limit` fail. Where addresses are too small, the kernel chooses.
fn far_from(address: usize) -> usize {
    const DISTANCE: usize = 0x3000_0000_0000;
    let far = if address > DISTANCE + DISTANCE / 2 {
        address - DISTANCE
    } else {
        address + DISTANCE
    };
    far & !((1 << CHUNK_BITS) - 1)
}

/// Zeroed address space that costs memory only where it is touched, at `hint` if
/// nothing is there.
fn reserve(bytes: usize, hint: usize) -> Option<*mut libc::c_void> {
    // SAFETY: an anonymous private mapping, which the kernel puts elsewhere if
    // something lies at `hint`, cannot disturb anything.
    let address = unsafe {
        libc::mmap(
            hint as *mut libc::c_void,
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    (address != libc::MAP_FAILED).then_some(address)
}
