//! Derived generations: those of blocks that were reallocated at another line
//! or in another loop than they were allocated in (see `gens`).

use super::Ledger;
use super::gens::{Gen, GenFlags, GenId};
use super::sites::SiteId;

/// Parts of loops that are not final that are looked through for final ones.
const NEWER_PARTS: usize = 32;

/// What makes a derived generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Derived {
    pub(super) parent: GenId,
    pub(super) birth: GenId,
    pub(super) site: SiteId,
    pub(super) cell: GenId,
    pub(super) prev_size: u64,
}

impl Ledger {
    pub(super) fn derive(&mut self, from: GenId, size: u64, site: SiteId, cell: GenId) -> GenId {
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

    pub(super) fn intern_derived(&mut self, key: Derived) -> GenId {
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

    /// Gives back a generation that nothing refers to any more, and then those
    /// that only it referred to. A list, no recursion: a string that is built
    /// at many lines has a long chain of them.
    pub(super) fn recycle(&mut self, id: GenId) {
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
}
