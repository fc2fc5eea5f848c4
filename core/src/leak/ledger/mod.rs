//! The ledger: which line holds how much, since which loop.
//!
//! Fed by the heap hook. Two books are kept from one stream of events:
//!
//! - the *original's* book, per line and loop: what was allocated and stayed,
//!   what was freed late (`Free Pre`), with reallocations charged as the
//!   difference at the reallocating line;
//! - the *verdicts'* book, per line: bytes alive in drained loops (see
//!   [`loops`]), where a reallocated block belongs to the new line as a whole.
//!
//! Invariants (checked by the property test): the live bytes of all
//! generations are the sizes of all tracked blocks; the sum of what the
//! original's book printed for all loops is what is still alive of them.
//!
//! Here: the accounts and the hot path. `blocks.rs`: frees and reallocations;
//! `derived.rs`: where reallocated blocks belong; `record.rs`: loop ends;
//! `evidence.rs`: which lines deserve a stack or a search for the holder.
//!
//! No clock, no PHP type, no I/O. Nothing here may allocate PHP memory.

mod blocks;
mod derived;
mod evidence;
pub mod gens;
pub mod loops;
mod record;
pub mod sites;

use rustc_hash::FxHashMap as HashMap;

use self::derived::Derived;
use self::gens::{Gen, GenFlags, GenId, GenTable};
use self::loops::{Loops, Pre};
pub use self::record::{Closed, Line, Sample};
use self::sites::{SiteId, SiteTable, TextId};
use super::verdict::History;

/// Generations alive at a time: 4 M of 64 bytes, 256 MB. A leak of one block per
/// loop and line needs one each, which may be more than the block: a verdict on
/// the 4 millionth is worth that, see README, "Measured".
const MAX_GENS: usize = 1 << 22;

/// The verdicts' account of a site.
#[derive(Debug, Default)]
pub struct Account {
    /// Bytes alive in drained loops.
    pub bytes: i64,
    /// Blocks alive in drained loops.
    pub blocks: i64,
    /// Live bytes over time; none until something stayed.
    pub history: Option<Box<History>>,
    /// Stacks still to be captured.
    pub stacks_wanted: u8,
    dirty: bool,
    held_at: u64,
    stacks_asked: bool,
}

/// The two books.
#[derive(Debug)]
pub struct Ledger {
    /// Generations, by number.
    pub gens: GenTable,
    /// Sites, by number.
    pub sites: SiteTable,
    /// Loops that are not final.
    pub loops: Loops,
    derived: HashMap<Derived, GenId>,
    accounts: Vec<Account>,
    dirty: Vec<SiteId>,
    outside: Vec<(SiteId, Pre)>,
    cancels: HashMap<(u32, SiteId), u64>,
    /// Per file and line: record count and bytes of its last allocations.
    allocated: HashMap<(TextId, u32), (u64, u64)>,
    recorded: u64,
    reported: u64,
    /// Newest loop that is drained.
    judged: u64,
    /// The last answer of `gen_for`: reallocations ask again and again.
    last_gen: (SiteId, u32, GenId),
    /// Allocations booked.
    pub allocations: u64,
    /// Allocations not booked because the table of generations was full.
    pub dropped: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::with_limit(MAX_GENS)
    }
}

impl Ledger {
    /// A ledger with at most `limit` generations alive.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            gens: GenTable::new(limit),
            sites: SiteTable::default(),
            loops: Loops::default(),
            derived: HashMap::default(),
            accounts: Vec::new(),
            dirty: Vec::new(),
            outside: Vec::new(),
            cancels: HashMap::default(),
            allocated: HashMap::default(),
            recorded: 0,
            reported: 0,
            judged: 0,
            last_gen: (SiteId::NONE, 0, GenId::NONE),
            allocations: 0,
            dropped: 0,
        }
    }

    /// The plain generation of a site in an open loop; [`GenId::NONE`] (and a
    /// count) when the table is full or the loop is gone.
    pub fn gen_for(&mut self, site: SiteId, number: u32) -> GenId {
        if self.last_gen.0 == site && self.last_gen.1 == number {
            return self.last_gen.2;
        }
        let id = self.find_gen(site, number);
        if id != GenId::NONE {
            self.last_gen = (site, number, id);
        }
        id
    }

    fn find_gen(&mut self, site: SiteId, number: u32) -> GenId {
        let Some(state) = self.loops.get_mut(number) else {
            return GenId::NONE;
        };
        if let Some(id) = state.plain.get(&site) {
            return *id;
        }
        let fast = if state.end_epoch.is_none() {
            GenFlags::FAST
        } else {
            0
        };
        let fresh = Gen {
            site,
            birth_loop: number,
            flags: GenFlags(fast),
            ..Gen::default()
        };
        let Some(id) = self.gens.take(fresh) else {
            self.dropped += 1;
            return GenId::NONE;
        };
        let slot = self.gens.get_mut(id);
        slot.birth = id;
        slot.cell = id;
        state.note(site);
        state.plain.insert(site, id);
        state.born.push(id);
        id
    }

    /// Books an allocation; false if there is no such generation.
    #[inline]
    pub fn alloc(&mut self, id: GenId, size: u64) -> bool {
        let Some(slot) = self.gens.find_mut(id) else {
            return false;
        };
        slot.live_bytes += size as i64;
        slot.alloc_bytes += size;
        slot.net_bytes += size as i64;
        slot.live_blocks += 1;
        self.allocations += 1;
        true
    }

    /// Books the free of a block of a plain generation in its own open loop;
    /// false if the block is not of that kind and [`Self::free`] is needed.
    #[inline]
    pub fn free_fast(&mut self, id: GenId, size: u64) -> bool {
        let Some(slot) = self.gens.find_mut(id) else {
            return false;
        };
        if !slot.flags.has(GenFlags::FAST) {
            return false;
        }
        slot.live_bytes -= size as i64;
        slot.net_bytes -= size as i64;
        slot.live_blocks -= 1;
        true
    }

    /// Books that a block of a plain generation grew at its own line in its own
    /// open loop; false if that is not so and [`Self::realloc`] is needed.
    #[inline]
    pub fn grow_fast(&mut self, id: GenId, added: u64) -> bool {
        let slot = self.gens.get_mut(id);
        if !slot.flags.has(GenFlags::FAST) {
            return false;
        }
        slot.live_bytes += added as i64;
        slot.alloc_bytes += added;
        slot.net_bytes += added as i64;
        self.allocations += 1;
        true
    }

    fn change_live(&mut self, id: GenId, bytes: i64, blocks: i64) {
        let slot = self.gens.get_mut(id);
        slot.live_bytes += bytes;
        slot.live_blocks = (i64::from(slot.live_blocks) + blocks) as u32;
        if slot.flags.has(GenFlags::JUDGED) {
            let site = slot.site;
            self.change_account(site, bytes, blocks);
        }
    }

    fn change_account(&mut self, site: SiteId, bytes: i64, blocks: i64) {
        if self.accounts.len() <= site.index() {
            self.accounts
                .resize_with(site.index() + 1, Account::default);
        }
        let account = &mut self.accounts[site.index()];
        account.bytes += bytes;
        account.blocks += blocks;
        if !account.dirty {
            account.dirty = true;
            self.dirty.push(site);
        }
    }

    /// Begins a loop and returns its number.
    pub fn begin_loop(&mut self) -> u32 {
        self.loops.begin()
    }

    /// Ends a loop: what is allocated from now on is not its own.
    pub fn end_loop(&mut self, number: u32) {
        self.loops.end(number);
        let Some(state) = self.loops.get(number) else {
            return;
        };
        for id in state.plain.values() {
            self.gens.get_mut(*id).flags.0 &= !GenFlags::FAST;
        }
    }

    /// The verdicts' account of a site.
    #[must_use]
    pub fn account(&self, site: SiteId) -> Option<&Account> {
        self.accounts.get(site.index())
    }

    /// Every site that has an account.
    pub fn accounts(&self) -> impl Iterator<Item = (SiteId, &Account)> {
        self.accounts
            .iter()
            .enumerate()
            .map(|(index, account)| (SiteId(index as u32), account))
    }

    /// Rough size of the ledger's own memory, bytes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        let accounts = self.accounts.capacity() * size_of::<Account>();
        self.gens.footprint() + accounts + self.sites.len() * 128
    }
}

#[cfg(test)]
mod tests;
