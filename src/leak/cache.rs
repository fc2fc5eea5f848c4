//! From a site's addresses to its account, without hashing text.

use crate::zend::frame::RawSite;

/// Lines kept: a request touches a few hundred sites.
const LINES: usize = 1024;

#[derive(Clone, Copy, Default)]
struct Line {
    file: usize,
    function: usize,
    line: u32,
    /// Loop and compiler bit; 0 is empty.
    tag: u32,
    account: u32,
}

/// A direct-mapped cache of (site, loop) to account.
pub struct Cache {
    lines: Box<[Line; LINES]>,
}

/// Loop numbers count up from 0, and 0 must not look empty.
#[inline(always)]
fn tag(site: &RawSite, number: u32) -> u32 {
    (number + 1) << 1 | u32::from(site.compiling)
}

#[inline(always)]
fn place(site: &RawSite, tag: u32) -> usize {
    let mix = (site.file >> 4) ^ (site.function >> 3) ^ site.line as usize ^ (tag as usize) << 20;
    // Fibonacci hashing: the high bits of the product are well mixed.
    mix.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (usize::BITS - LINES.ilog2())
}

impl Cache {
    /// An empty cache.
    pub fn new() -> Self {
        Self {
            lines: Box::new([Line::default(); LINES]),
        }
    }

    /// The account of a site in a loop.
    #[inline(always)]
    pub fn get(&self, site: &RawSite, number: u32) -> Option<u32> {
        let tag = tag(site, number);
        let line = &self.lines[place(site, tag)];
        let hit = line.tag == tag
            && line.file == site.file
            && line.line == site.line
            && line.function == site.function;
        hit.then_some(line.account)
    }

    /// Notes the account of a site in a loop.
    pub fn put(&mut self, site: &RawSite, number: u32, account: u32) {
        let tag = tag(site, number);
        self.lines[place(site, tag)] = Line {
            file: site.file,
            function: site.function,
            line: site.line,
            tag,
            account,
        };
    }

    /// Forgets everything: an address has come to mean something else.
    pub fn clear(&mut self) {
        self.lines.fill(Line::default());
    }
}
