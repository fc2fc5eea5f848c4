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
//! No clock, no PHP type, no I/O. Nothing here may allocate PHP memory.

pub mod gens;
pub mod loops;
pub mod sites;

use rustc_hash::FxHashMap as HashMap;

use self::gens::{Gen, GenFlags, GenId, GenTable};
use self::loops::{Loops, Pre};
use self::sites::{SiteId, SiteTable, TextId};
use super::model::Verdict;
use super::verdict::History;

/// Generations alive at a time: 4 M of 64 bytes. A leak of one block per loop
/// and line needs one each, so the leaked memory dwarfs the table.
const MAX_GENS: usize = 1 << 22;

/// Parts of loops that are not final that are looked through for final ones.
const NEWER_PARTS: usize = 32;

/// Stacks captured per growing line.
pub const STACKS_PER_SITE: u8 = 3;

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

/// What makes a derived generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Derived {
    parent: GenId,
    birth: GenId,
    site: SiteId,
    cell: GenId,
    prev_size: u64,
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

    /// Books an allocation.
    #[inline]
    pub fn alloc(&mut self, id: GenId, size: u64) {
        let slot = self.gens.get_mut(id);
        slot.live_bytes += size as i64;
        slot.alloc_bytes += size;
        slot.net_bytes += size as i64;
        slot.live_blocks += 1;
        self.allocations += 1;
    }

    /// Books the free of a block of a plain generation in its own open loop;
    /// false if the block is not of that kind and [`Self::free`] is needed.
    #[inline]
    pub fn free_fast(&mut self, id: GenId, size: u64) -> bool {
        let slot = self.gens.get_mut(id);
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

    /// Whether [`Self::free`] will want to know the freeing line.
    #[must_use]
    pub fn free_needs_site(&self, id: GenId) -> bool {
        let slot = self.gens.get(id);
        let derived = slot.birth != id;
        !slot.flags.has(GenFlags::FAST) && (derived || self.loops.get(slot.birth_loop).is_none())
    }

    /// Books the free of a block at `freeing` while loop `at` was running
    /// (none: between loops, booked to the next one that ends).
    pub fn free(&mut self, id: GenId, size: u64, freeing: SiteId, at: Option<u32>) {
        if self.free_fast(id, size) {
            return;
        }
        let weight = self.weight(id, size);
        self.change_live(id, -weight, -1);
        self.give_back(id, size, 0, freeing, at);
        self.recycle(id);
    }

    /// Books a reallocation that succeeded and returns the block's generation
    /// from now on, none if an adopted block is no larger than it was before.
    /// `at` as for [`Self::free`].
    pub fn realloc(
        &mut self,
        id: GenId,
        old: u64,
        new: u64,
        site: SiteId,
        at: Option<u32>,
    ) -> GenId {
        if new <= old {
            return self.shrink(id, old, new, site, at);
        }
        let added = new - old;
        let cell = at.map_or(GenId::NONE, |number| self.gen_for(site, number));
        if cell != GenId::NONE {
            let slot = self.gens.get_mut(cell);
            slot.alloc_bytes += added;
            slot.net_bytes += added as i64;
            self.allocations += 1;
        }
        let slot = self.gens.get(id);
        let is_here = slot.site == site && slot.cell == cell;
        let moved = if is_here {
            id
        } else {
            self.derive(id, old, site, cell)
        };
        // Table full: the line keeps the block, its growth is not split.
        let moved = if moved == GenId::NONE { id } else { moved };
        self.change_block(id, old, moved, new);
        moved
    }

    /// Takes over a block of unknown origin that was reallocated from `old` to
    /// `new` bytes: only its growth is booked.
    pub fn adopt(&mut self, old: u64, new: u64, site: SiteId, at: u32) -> GenId {
        let cell = self.gen_for(site, at);
        if new <= old || cell == GenId::NONE {
            return GenId::NONE;
        }
        let adopted = self.intern_derived(Derived {
            parent: GenId::NONE,
            birth: GenId::NONE,
            site,
            cell,
            prev_size: old,
        });
        if adopted == GenId::NONE {
            return GenId::NONE;
        }
        let added = new - old;
        let slot = self.gens.get_mut(cell);
        slot.alloc_bytes += added;
        slot.net_bytes += added as i64;
        self.allocations += 1;
        self.change_live(adopted, added as i64, 1);
        adopted
    }

    /// What a block of that size counts for: an adopted one only for what it
    /// has grown since.
    fn weight(&self, id: GenId, size: u64) -> i64 {
        let birth = self.gens.get(self.gens.get(id).birth);
        size as i64 - birth.prev_size as i64
    }

    fn shrink(&mut self, id: GenId, old: u64, new: u64, site: SiteId, at: Option<u32>) -> GenId {
        if new == old {
            return id;
        }
        let owner = self.give_back(id, old, new, site, at);
        if self.weight(id, new) <= 0 {
            // Nothing is left that is known of it.
            self.change_live(id, -self.weight(id, old), -1);
            self.recycle(id);
            return GenId::NONE;
        }
        let target = if self.gens.get(owner).site == site {
            owner
        } else {
            self.derive(owner, new, site, GenId::NONE)
        };
        // Table full: the line of its newest part keeps the block.
        let target = if target == GenId::NONE { owner } else { target };
        self.change_block(id, old, target, new);
        target
    }

    /// A block that had `old` bytes in one generation has `new` in another, or
    /// in the same.
    fn change_block(&mut self, from: GenId, old: u64, to: GenId, new: u64) {
        let (before, after) = (self.weight(from, old), self.weight(to, new));
        if from == to {
            self.change_live(to, after - before, 0);
            return;
        }
        self.change_live(to, after, 1);
        self.change_live(from, -before, -1);
        self.recycle(from);
    }

    /// Gives back what a block of `size` bytes has above `keep`, part by part,
    /// newest first: silently where the part's loop is not final, as `Free
    /// Pre` otherwise. Returns the generation that the rest belongs to.
    fn give_back(
        &mut self,
        id: GenId,
        size: u64,
        keep: u64,
        freeing: SiteId,
        at: Option<u32>,
    ) -> GenId {
        let birth = self.gens.get(id).birth;
        let mut late = 0;
        let mut owner = id;
        let mut size = size;
        loop {
            let Gen {
                prev_size,
                cell,
                parent,
                ..
            } = *self.gens.get(owner);
            let rest = prev_size.max(keep);
            let part = size.saturating_sub(rest);
            late += self.cancel(cell, part);
            size = rest;
            if parent == GenId::NONE || keep > prev_size {
                break;
            }
            owner = parent;
        }
        if late > 0 {
            let origin = self.gens.get(birth);
            let pre = Pre {
                origin_loop: origin.birth_loop,
                origin_site: origin.site,
                bytes: late,
            };
            match at.and_then(|number| self.loops.get_mut(number)) {
                Some(state) => state.note_pre(freeing, pre),
                None => self.outside.push((freeing, pre)),
            }
        }
        owner
    }

    /// Takes `part` bytes off a cell; returns them if its loop is final.
    fn cancel(&mut self, cell: GenId, part: u64) -> u64 {
        if cell == GenId::NONE || part == 0 {
            return 0;
        }
        let slot = self.gens.get_mut(cell);
        let (number, site) = (slot.birth_loop, slot.site);
        match self.loops.get(number) {
            None => return part,
            Some(state) if state.recorded => {
                *self.cancels.entry((number, site)).or_default() += part;
            }
            Some(_) => slot.net_bytes -= part as i64,
        }
        0
    }

    fn derive(&mut self, from: GenId, size: u64, site: SiteId, cell: GenId) -> GenId {
        let birth = self.gens.get(from).birth;
        let mut from = from;
        // Moved without getting anything: no part of it to remember.
        while self.gens.get(from).prev_size == size && self.gens.get(from).parent != GenId::NONE {
            from = self.gens.get(from).parent;
        }
        let parent = self.shortened(from);
        self.intern_derived(Derived {
            parent,
            birth,
            site,
            cell,
            prev_size: size,
        })
    }

    /// A generation that stands for the same parts as this one: those that are
    /// final need not be told apart any more and are taken as the birth's. So a
    /// block that grows in every loop has a chain of a few, not one per loop.
    fn shortened(&mut self, from: GenId) -> GenId {
        let mut newer = Vec::new();
        let mut owner = from;
        while !self.parts_are_final(owner) {
            let parent = self.gens.get(owner).parent;
            if parent == GenId::NONE || newer.len() == NEWER_PARTS {
                return from;
            }
            newer.push(owner);
            owner = parent;
        }
        let birth = self.gens.get(from).birth;
        if owner == birth {
            return from;
        }
        newer.iter().rev().fold(birth, |parent, id| {
            let Gen {
                site,
                cell,
                prev_size,
                ..
            } = *self.gens.get(*id);
            let copy = self.intern_derived(Derived {
                parent,
                birth,
                site,
                cell,
                prev_size,
            });
            // Table full: as it is, then.
            if copy == GenId::NONE { *id } else { copy }
        })
    }

    fn intern_derived(&mut self, key: Derived) -> GenId {
        if let Some(id) = self.derived.get(&key) {
            return *id;
        }
        let Derived {
            parent,
            birth,
            site,
            cell,
            prev_size,
        } = key;
        let born = if birth == GenId::NONE { cell } else { birth };
        let birth_loop = self.gens.get(born).birth_loop;
        let flags = match self.loops.get(birth_loop) {
            None => GenFlags::JUDGED | GenFlags::FINAL,
            Some(state) if state.drained => GenFlags::JUDGED,
            Some(_) => 0,
        };
        let flags = GenFlags(flags);
        let fresh = Gen {
            site,
            birth_loop,
            birth,
            cell,
            parent,
            prev_size,
            flags,
            ..Gen::default()
        };
        let Some(id) = self.gens.take(fresh) else {
            self.dropped += 1;
            return GenId::NONE;
        };
        if birth == GenId::NONE {
            self.gens.get_mut(id).birth = id;
        }
        for other in [parent, birth, cell] {
            if other != GenId::NONE {
                self.gens.get_mut(other).refs += 1;
            }
        }
        if let Some(state) = self.loops.get_mut(birth_loop) {
            state.born.push(id);
        }
        self.derived.insert(key, id);
        id
    }

    fn parts_are_final(&self, id: GenId) -> bool {
        let mut owner = id;
        loop {
            let slot = self.gens.get(owner);
            let cell = self.gens.get(slot.cell);
            if slot.cell == GenId::NONE || self.loops.get(cell.birth_loop).is_some() {
                return false;
            }
            if slot.parent == GenId::NONE {
                return true;
            }
            owner = slot.parent;
        }
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

    /// Gives back a generation that nothing refers to any more, and then those
    /// that only it referred to. A list, no recursion: a string that is built
    /// at many lines has a long chain of them.
    fn recycle(&mut self, id: GenId) {
        let mut idle = vec![id];
        while let Some(id) = idle.pop() {
            let slot = self.gens.get(id);
            if slot.live_blocks != 0 || slot.refs != 0 || !slot.flags.has(GenFlags::FINAL) {
                continue;
            }
            let Gen {
                parent,
                birth,
                site,
                cell,
                prev_size,
                ..
            } = *slot;
            self.gens.give_back(id);
            if cell == id {
                continue;
            }
            let birth = if birth == id { GenId::NONE } else { birth };
            self.derived.remove(&Derived {
                parent,
                birth,
                site,
                cell,
                prev_size,
            });
            for other in [parent, birth, cell] {
                if other != GenId::NONE {
                    self.gens.get_mut(other).refs -= 1;
                    idle.push(other);
                }
            }
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

    /// Builds the record of an ended loop and moves every loop on that can be.
    /// `None` if the loop was recorded already or never began.
    pub fn record(&mut self, number: u32) -> Option<Closed> {
        let state = self.loops.get_mut(number).filter(|state| !state.recorded)?;
        state.recorded = true;
        for (freeing, pre) in std::mem::take(&mut self.outside) {
            state.note_pre(freeing, pre);
        }
        let order = std::mem::take(&mut state.order);
        let mut pre = std::mem::take(&mut state.pre);
        let top = state.top();
        let allocations = self.allocations - self.reported;
        self.reported = self.allocations;
        let booked: Vec<_> = order
            .into_iter()
            .map(|site| {
                let plain = self
                    .loops
                    .get(number)
                    .and_then(|s| s.plain.get(&site).copied());
                let (net, allocated) = plain.map_or((0, 0), |id| {
                    let slot = self.gens.get(id);
                    (slot.net_bytes, slot.alloc_bytes)
                });
                (site, net, allocated)
            })
            .collect();
        let mut growth = self.note_growth(&booked);
        let mut lines = Vec::new();
        for (site, net, _) in booked {
            let growth = growth.remove(&site).unwrap_or(0);
            let pre = pre.remove(&site).unwrap_or_default();
            if net != 0 || growth > 0 || !pre.is_empty() {
                lines.push(Line {
                    site,
                    net,
                    growth,
                    pre,
                });
            }
        }
        self.recorded += 1;
        let cancels = self.take_cancels();
        let judged = self.settle();
        let samples = judged.map_or_else(Vec::new, |at| self.sample(at));
        Some(Closed {
            number,
            lines,
            cancels,
            judged,
            samples,
            top,
            allocations,
            final_below: self.loops.final_below(),
        })
    }

    /// What recorded loops gave back silently since the last call: loop, line,
    /// bytes.
    pub fn take_cancels(&mut self) -> Vec<(u32, SiteId, u64)> {
        let mut cancels: Vec<_> = self
            .cancels
            .drain()
            .map(|((number, site), bytes)| (number, site, bytes))
            .collect();
        cancels.sort_by_key(|c| (c.0, c.1));
        cancels
    }

    /// By how much the allocations of each file and line exceed those of the
    /// loop recorded just before, on the account of the line's first site.
    /// Nothing grows in the first loop of the process.
    fn note_growth(&mut self, booked: &[(SiteId, i64, u64)]) -> HashMap<SiteId, u64> {
        let mut sums: HashMap<(TextId, u32), (SiteId, u64)> = HashMap::default();
        for (id, _, allocated) in booked {
            let site = self.sites.get(*id);
            sums.entry((site.file, site.line)).or_insert((*id, 0)).1 += allocated;
        }
        let mut growth = HashMap::default();
        for (line, (first, bytes)) in sums {
            let before = match self.allocated.insert(line, (self.recorded, bytes)) {
                Some((at, before)) if at + 1 == self.recorded => before,
                _ => 0,
            };
            if self.recorded > 0 && bytes > before {
                growth.insert(first, bytes - before);
            }
        }
        growth
    }

    /// Moves loops on; returns the newest one that is drained, if any became so
    /// now.
    fn settle(&mut self) -> Option<u64> {
        let settled = self.loops.settle();
        let mut judged = Vec::new();
        for number in &settled.drained {
            if let Some(state) = self.loops.get(*number) {
                judged.extend_from_slice(&state.born);
            }
        }
        for (number, state) in &settled.finals {
            if settled.drained.contains(number) {
                judged.extend_from_slice(&state.born);
            }
        }
        for id in judged {
            let slot = self.gens.get_mut(id);
            if slot.flags.has(GenFlags::JUDGED) {
                continue;
            }
            slot.flags.0 |= GenFlags::JUDGED;
            let (site, bytes, blocks) = (slot.site, slot.live_bytes, slot.live_blocks);
            if bytes != 0 || blocks != 0 {
                self.change_account(site, bytes, i64::from(blocks));
            }
        }
        for (_, state) in settled.finals {
            for id in state.born {
                self.gens.get_mut(id).flags.0 |= GenFlags::FINAL;
                self.recycle(id);
            }
        }
        let newest = settled.drained.last().map(|number| u64::from(*number))?;
        // Loops of several units need not drain in the order of their numbers.
        self.judged = self.judged.max(newest);
        Some(self.judged)
    }

    /// Notes the live bytes of the sites that changed, as of loop `at`.
    fn sample(&mut self, at: u64) -> Vec<Sample> {
        let mut samples = Vec::with_capacity(self.dirty.len());
        for site in std::mem::take(&mut self.dirty) {
            let account = &mut self.accounts[site.index()];
            account.dirty = false;
            if account.bytes == 0 && account.history.is_none() {
                continue;
            }
            let history = account
                .history
                .get_or_insert_with(|| Box::new(History::new(0)));
            history.sample(at, account.bytes);
            if history.records() >= 2 && !account.stacks_asked {
                account.stacks_asked = true;
                account.stacks_wanted = STACKS_PER_SITE;
            }
            samples.push(Sample {
                site,
                bytes: account.bytes,
                blocks: account.blocks,
            });
        }
        samples
    }

    /// Sites whose holder should be looked for now: those that just began to
    /// grow, and those that have grown for twice as many loops as last time.
    /// Largest first, at most `limit`.
    pub fn holders_due(&mut self, closed: &Closed, limit: usize) -> Vec<SiteId> {
        let Some(now) = closed.judged else {
            return Vec::new();
        };
        let mut due: Vec<_> = Vec::new();
        for sample in &closed.samples {
            let account = &self.accounts[sample.site.index()];
            let Some(history) = &account.history else {
                continue;
            };
            let grown = now.saturating_sub(history.era()) + 1;
            if history.verdict(now) == Verdict::Grows && grown >= 2 * account.held_at {
                due.push((sample.bytes, sample.site, grown));
            }
        }
        due.sort_by(|a, b| b.cmp(a));
        due.truncate(limit);
        for (_, site, grown) in &due {
            self.accounts[site.index()].held_at = *grown;
        }
        due.into_iter().map(|d| d.1).collect()
    }

    /// Whether a stack of the site's next allocation is wanted; counts it as
    /// taken.
    pub fn take_stack_order(&mut self, site: SiteId) -> bool {
        match self.accounts.get_mut(site.index()) {
            Some(account) if account.stacks_wanted > 0 => {
                account.stacks_wanted -= 1;
                true
            }
            _ => false,
        }
    }

    /// Whether stacks of the site are wanted (so it must not be cached).
    #[must_use]
    pub fn wants_stack(&self, site: SiteId) -> bool {
        self.accounts
            .get(site.index())
            .is_some_and(|account| account.stacks_wanted > 0)
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

/// What the original's book says of one line in one loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line.
    pub site: SiteId,
    /// Bytes booked in the loop and alive at its end.
    pub net: i64,
    /// By how much its allocations exceed those of the loop before.
    pub growth: u64,
    /// Frees of older loops' blocks, in order.
    pub pre: Vec<Pre>,
}

/// The verdicts' account of a site at a loop end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The site.
    pub site: SiteId,
    /// Bytes alive in drained loops.
    pub bytes: i64,
    /// Blocks alive in drained loops.
    pub blocks: i64,
}

/// All that is to be logged at the end of a loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Its number.
    pub number: u32,
    /// Lines in order of their first event.
    pub lines: Vec<Line>,
    /// Bytes of earlier loops that were given back silently since the last
    /// record: loop, line, bytes.
    pub cancels: Vec<(u32, SiteId, u64)>,
    /// Newest loop that is drained, which the samples belong to; never less
    /// than before. None if no loop became drained.
    pub judged: Option<u64>,
    /// Sites whose account changed.
    pub samples: Vec<Sample>,
    /// The largest single allocations.
    pub top: Vec<(u64, SiteId)>,
    /// Allocations booked since the last record.
    pub allocations: u64,
    /// Loops of smaller numbers are final.
    pub final_below: u32,
}

#[cfg(test)]
mod tests;
