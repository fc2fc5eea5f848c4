//! From where the program is to the account of its line, without a look at
//! the line itself.
//!
//! Keyed by addresses of the engine; whoever puts something in watches the
//! blocks that they lie in and clears the cache when one is freed.

use std::collections::HashSet;

use crate::zend::frame::Place;

/// Places kept: a request allocates at a few hundred.
const LINES: usize = 1024;

#[derive(Clone, Copy, Default)]
#[repr(C, align(32))]
struct Line {
    instruction: usize,
    function: usize,
    /// Loop number plus one; 0 is empty.
    tag: u32,
    account: u32,
}

/// A direct-mapped cache of (place, loop) to account. Knows running code only,
/// not what the compiler does on the way.
pub struct Cache {
    lines: Box<[Line; LINES]>,
    /// Blocks that places lie in.
    blocks: HashSet<usize>,
}

/// Instructions are 32 bytes long and lie one behind the other: their address
/// is a good hash of itself.
#[inline(always)]
fn index(place: Place, tag: u32) -> usize {
    ((place.instruction >> 5) ^ tag as usize) & (LINES - 1)
}

impl Cache {
    /// An empty cache.
    pub fn new() -> Self {
        Self {
            lines: Box::new([Line::default(); LINES]),
            blocks: HashSet::new(),
        }
    }

    /// The account of a place in a loop.
    #[inline(always)]
    pub fn get(&self, place: Place, number: u32) -> Option<u32> {
        let tag = number.wrapping_add(1);
        let line = &self.lines[index(place, tag)];
        let hit = line.tag == tag
            && line.instruction == place.instruction
            && line.function == place.function;
        hit.then_some(line.account)
    }

    /// Notes the account of a place that lies in `block`; true if that block
    /// is new and is to be watched.
    pub fn put(&mut self, place: Place, number: u32, account: u32, block: usize) -> bool {
        let tag = number.wrapping_add(1);
        self.lines[index(place, tag)] = Line {
            instruction: place.instruction,
            function: place.function,
            tag,
            account,
        };
        self.blocks.insert(block)
    }

    /// A block was freed: if places lie in it, forgets everything.
    pub fn freed(&mut self, block: usize) {
        if self.blocks.remove(&block) {
            self.lines.fill(Line::default());
        }
    }
}
