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
struct Line {
    instruction: usize,
    function: usize,
    /// Loop and compiler bit; 0 is empty.
    tag: u32,
    account: u32,
}

/// A direct-mapped cache of (place, loop) to account.
pub struct Cache {
    lines: Box<[Line; LINES]>,
    /// Blocks that places lie in.
    blocks: HashSet<usize>,
}

/// Loop numbers count up from 0, and 0 must not look empty.
#[inline(always)]
fn tag(place: Place, number: u32) -> u32 {
    (number + 1) << 1 | u32::from(place.compiling)
}

#[inline(always)]
fn index(place: Place, tag: u32) -> usize {
    let mix = place.instruction ^ (place.function << 3) ^ ((tag as usize) << 40);
    // Fibonacci hashing: the high bits of the product are well mixed.
    mix.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (usize::BITS - LINES.ilog2())
}

impl Cache {
    /// An empty cache.
    pub fn new() -> Self {
        Self { lines: Box::new([Line::default(); LINES]), blocks: HashSet::new() }
    }

    /// The account of a place in a loop.
    #[inline(always)]
    pub fn get(&self, place: Place, number: u32) -> Option<u32> {
        let tag = tag(place, number);
        let line = &self.lines[index(place, tag)];
        let hit = line.tag == tag
            && line.instruction == place.instruction
            && line.function == place.function;
        hit.then_some(line.account)
    }

    /// Notes the account of a place that lies in `block`; true if that block
    /// is new and is to be watched.
    pub fn put(&mut self, place: Place, number: u32, account: u32, block: usize) -> bool {
        let tag = tag(place, number);
        self.lines[index(place, tag)] =
            Line { instruction: place.instruction, function: place.function, tag, account };
        self.blocks.insert(block)
    }

    /// A block was freed: if places lie in it, forgets everything.
    pub fn freed(&mut self, block: usize) {
        if self.blocks.remove(&block) {
            self.lines.fill(Line::default());
        }
    }
}
