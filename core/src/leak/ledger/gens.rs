//! Generations: the accounts that blocks belong to.
//!
//! A *generation* is all blocks that one site allocated in one loop. The side
//! table of the heap hook keeps only a generation's number beside each block,
//! so everything else that is known of a block stands here, once.
//!
//! A block that is reallocated at another line moves to a *derived*
//! generation: for the verdicts it now belongs to the new line as a whole,
//! for the original's report the new line is charged with the difference
//! only. `parent` and `prev_size` keep that split exact: every block of a
//! derived generation had `prev_size` bytes when it left `parent`.

use super::sites::SiteId;

/// Number of a generation; 0 is "not tracked".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct GenId(pub u32);

impl GenId {
    /// The block is not tracked.
    pub const NONE: Self = Self(0);
    /// Numbers fit into this many bits of a side-table entry.
    pub const BITS: u32 = 26;
}

/// One account. Exactly a cache line: the hot path touches one of them. The sums
/// that it adds to are not neighbours: as a vector they would cost more.
#[derive(Debug, Clone, Default)]
#[repr(C, align(64))]
pub struct Gen {
    /// Bytes alive, for the verdicts.
    pub live_bytes: i64,
    /// Size the blocks had when they left `parent`; 0 without a parent.
    pub prev_size: u64,
    /// Bytes allocated in the loop, freed ones included.
    pub alloc_bytes: u64,
    /// Blocks alive.
    pub live_blocks: u32,
    /// Line that the verdicts charge.
    pub site: SiteId,
    /// Original's report: bytes booked in the loop and not given back yet.
    pub net_bytes: i64,
    /// Loop in which the blocks were born.
    pub birth_loop: u32,
    /// Generation of their birth; itself unless derived.
    pub birth: GenId,
    /// Plain generation in which `size - prev_size` was booked.
    pub cell: GenId,
    /// Generation that the blocks came from, or none.
    pub parent: GenId,
    /// Derived generations that refer to this one.
    pub refs: u32,
    /// See [`GenFlags`].
    pub flags: GenFlags,
}

/// Bits of [`Gen::flags`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GenFlags(pub u32);

impl GenFlags {
    /// Plain and of a loop that still runs: a free only needs three
    /// subtractions.
    pub const FAST: u32 = 1;
    /// Its live bytes are part of the site's judged bytes.
    pub const JUDGED: u32 = 2;
    /// The slot is in use.
    pub const USED: u32 = 4;
    /// The loop that it belongs to is final; recycle when empty.
    pub const FINAL: u32 = 8;

    /// Whether the bit is set.
    #[must_use]
    #[inline]
    pub fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }
}

/// All generations; empty ones of closed loops are used again.
#[derive(Debug, Default)]
pub struct GenTable {
    slots: Vec<Gen>,
    free: Vec<GenId>,
    limit: usize,
}

impl GenTable {
    /// A table of at most `limit` generations at a time.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let limit = limit.min((1 << GenId::BITS) - 1);
        Self {
            slots: vec![Gen::default()],
            free: Vec::new(),
            limit,
        }
    }

    /// Takes a slot, or none when the table is full.
    pub fn take(&mut self, generation: Gen) -> Option<GenId> {
        let id = match self.free.pop() {
            Some(id) => id,
            None if self.slots.len() <= self.limit => {
                self.slots.push(Gen::default());
                GenId((self.slots.len() - 1) as u32)
            }
            None => return None,
        };
        let slot = &mut self.slots[id.0 as usize];
        *slot = generation;
        slot.flags.0 |= GenFlags::USED;
        Some(id)
    }

    /// Gives a slot back.
    pub fn give_back(&mut self, id: GenId) {
        self.slots[id.0 as usize] = Gen::default();
        self.free.push(id);
    }

    /// The generation of that number.
    #[must_use]
    #[inline]
    pub fn get(&self, id: GenId) -> &Gen {
        &self.slots[id.0 as usize]
    }

    /// The generation of that number, if there is one.
    #[inline]
    pub fn find_mut(&mut self, id: GenId) -> Option<&mut Gen> {
        self.slots.get_mut(id.0 as usize)
    }

    /// The generation of that number.
    #[inline]
    pub fn get_mut(&mut self, id: GenId) -> &mut Gen {
        &mut self.slots[id.0 as usize]
    }

    /// Bytes of memory that the table takes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.slots.capacity() * size_of::<Gen>() + self.free.capacity() * size_of::<GenId>()
    }

    /// Every slot, those that are not in use too.
    #[cfg(test)]
    pub fn all(&self) -> impl Iterator<Item = &Gen> {
        self.slots.iter()
    }

    /// Generations in use, for invariants in tests and for the report.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.slots.len() - 1 - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_one_cache_line() {
        assert_eq!(size_of::<Gen>(), 64);
    }

    #[test]
    fn a_full_table_says_so_and_recycles() {
        let mut table = GenTable::new(2);
        let a = table.take(Gen::default()).unwrap();
        let _b = table.take(Gen::default()).unwrap();
        assert_eq!(table.take(Gen::default()), None);
        table.give_back(a);
        assert_eq!(table.take(Gen::default()), Some(a));
        assert_eq!(table.in_use(), 2);
    }
}
