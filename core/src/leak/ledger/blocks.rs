//! What happens to a block after its birth: freed, or reallocated.

use super::Ledger;
use super::derived::Derived;
use super::gens::{Gen, GenFlags, GenId};
use super::loops::Pre;
use super::sites::SiteId;

impl Ledger {
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

    /// What a block of that size counts for: an adopted one only for what it
    /// has grown since.
    fn weight(&self, id: GenId, size: u64) -> i64 {
        let birth = self.gens.get(self.gens.get(id).birth);
        size as i64 - birth.prev_size as i64
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
}
