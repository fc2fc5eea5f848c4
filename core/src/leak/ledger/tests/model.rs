//! The books as the contract words them, with nothing clever: every block
//! carries its own history, and every question is answered by looking at all
//! of them. The property test compares the ledger with this.

use std::collections::{BTreeMap, HashMap};

use super::super::loops::Pre;
use super::super::sites::SiteId;
use super::super::{Closed, Line};

/// Bytes that a block got in one step; the loop and line that they were booked
/// on, none if they were not.
#[derive(Debug, Clone, Copy)]
struct Part {
    bytes: u64,
    booked: Option<(u32, SiteId)>,
}

/// A live block.
#[derive(Debug, Clone)]
struct Block {
    /// Oldest first.
    parts: Vec<Part>,
    /// Loop and line that a late free names.
    birth: (u32, SiteId),
    /// Line that the verdicts charge with the whole block.
    line: SiteId,
    /// Bytes that it had before anything was known of it.
    unknown: u64,
}

impl Block {
    fn size(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }
}

/// One run of a main function.
#[derive(Debug, Default)]
struct Loop {
    ended: bool,
    /// Loops that had begun when it ended.
    begun_at_end: usize,
    recorded: bool,
    drained: bool,
    is_final: bool,
    /// Lines in order of their first event.
    order: Vec<SiteId>,
    allocated: HashMap<SiteId, u64>,
    pre: HashMap<SiteId, Vec<Pre>>,
}

/// Both books.
#[derive(Debug, Default)]
pub struct Model {
    /// File and line of a site: several sites may share one.
    pub lines: HashMap<SiteId, u32>,
    blocks: BTreeMap<usize, Block>,
    loops: Vec<Loop>,
    outside: Vec<(SiteId, Pre)>,
    cancels: BTreeMap<(u32, SiteId), u64>,
    /// Allocated bytes by line of the loop recorded last.
    before: Option<HashMap<u32, u64>>,
    sampled: HashMap<SiteId, i64>,
    allocations: u64,
    /// What the original's report has printed so far, all lines together.
    printed: i64,
}

impl Model {
    pub fn begin(&mut self) -> u32 {
        self.loops.push(Loop::default());
        (self.loops.len() - 1) as u32
    }

    pub fn end(&mut self, number: u32) {
        self.loops[number as usize].ended = true;
        self.loops[number as usize].begun_at_end = self.loops.len();
    }

    /// Addresses of the live blocks.
    pub fn live(&self) -> Vec<usize> {
        self.blocks.keys().copied().collect()
    }

    pub fn size(&self, block: usize) -> u64 {
        self.blocks[&block].size()
    }

    fn book(&mut self, number: u32, site: SiteId, bytes: u64) -> Part {
        let state = &mut self.loops[number as usize];
        if !state.order.contains(&site) {
            state.order.push(site);
        }
        *state.allocated.entry(site).or_default() += bytes;
        self.allocations += 1;
        Part {
            bytes,
            booked: Some((number, site)),
        }
    }

    pub fn alloc(&mut self, block: usize, site: SiteId, number: u32, size: u64) {
        let part = self.book(number, site, size);
        let fresh = Block {
            parts: vec![part],
            birth: (number, site),
            line: site,
            unknown: 0,
        };
        self.blocks.insert(block, fresh);
    }

    /// A block of unknown origin grows inside a loop.
    pub fn adopt(&mut self, block: usize, old: u64, new: u64, site: SiteId, number: u32) {
        let unknown = Part {
            bytes: old,
            booked: None,
        };
        let part = self.book(number, site, new - old);
        let fresh = Block {
            parts: vec![unknown, part],
            birth: (number, site),
            line: site,
            unknown: old,
        };
        self.blocks.insert(block, fresh);
    }

    pub fn free(&mut self, block: usize, site: SiteId, at: Option<u32>) {
        self.cut(block, 0, site, at);
        self.blocks.remove(&block);
    }

    /// The whole block moves to the line; nothing is known any more of one that
    /// is no larger than before it was adopted.
    pub fn realloc(&mut self, block: usize, new: u64, site: SiteId, at: Option<u32>) {
        let old = self.size(block);
        if new > old {
            let bytes = new - old;
            let part = match at {
                Some(number) => self.book(number, site, bytes),
                None => Part {
                    bytes,
                    booked: None,
                },
            };
            self.blocks.get_mut(&block).unwrap().parts.push(part);
        } else {
            self.cut(block, new, site, at);
        }
        let changed = self.blocks.get_mut(&block).unwrap();
        changed.line = site;
        if changed.size() <= changed.unknown {
            self.blocks.remove(&block);
        }
    }

    pub fn is_live(&self, block: usize) -> bool {
        self.blocks.contains_key(&block)
    }

    /// Takes bytes off a block, the moved first, until `keep` are left: those
    /// of final loops are a late free, those of recorded ones are taken back
    /// silently, the others never were.
    fn cut(&mut self, block: usize, keep: u64, site: SiteId, at: Option<u32>) {
        let block = self.blocks.get_mut(&block).unwrap();
        let mut surplus = block.size() - keep;
        let mut late = 0;
        while surplus > 0 {
            let part = block.parts.last_mut().unwrap();
            let bytes = part.bytes.min(surplus);
            surplus -= bytes;
            part.bytes -= bytes;
            let booked = part.booked;
            if part.bytes == 0 {
                block.parts.pop();
            }
            let Some((number, line)) = booked else {
                continue;
            };
            let state = &self.loops[number as usize];
            if state.is_final {
                late += bytes;
            } else if state.recorded {
                *self.cancels.entry((number, line)).or_default() += bytes;
            }
        }
        if late > 0 {
            let pre = Pre {
                origin_loop: block.birth.0,
                origin_site: block.birth.1,
                bytes: late,
            };
            match at {
                Some(number) => self.loops[number as usize].note_pre(site, pre),
                None => self.outside.push((site, pre)),
            }
        }
    }

    /// Silent cancellations since the last time.
    pub fn take_cancels(&mut self) -> Vec<(u32, SiteId, u64)> {
        let taken = std::mem::take(&mut self.cancels);
        let list: Vec<_> = taken.into_iter().map(|(k, v)| (k.0, k.1, v)).collect();
        self.printed -= list.iter().map(|c| c.2 as i64).sum::<i64>();
        list
    }

    /// Bytes of live blocks that were booked on a loop and line.
    fn booked(&self, wanted: impl Fn(u32, SiteId) -> bool) -> i64 {
        let parts = self.blocks.values().flat_map(|block| &block.parts);
        parts
            .filter(|part| {
                part.booked
                    .is_some_and(|(number, site)| wanted(number, site))
            })
            .map(|part| part.bytes as i64)
            .sum()
    }

    /// The record of an ended loop; `samples` is left to [`Self::judge`].
    pub fn record(&mut self, number: u32) -> Closed {
        for (site, pre) in std::mem::take(&mut self.outside) {
            self.loops[number as usize].note_pre(site, pre);
        }
        let state = &self.loops[number as usize];
        let mut by_line: HashMap<u32, u64> = HashMap::new();
        for (site, bytes) in &state.allocated {
            *by_line.entry(self.lines[site]).or_default() += bytes;
        }
        let mut lines = Vec::new();
        let mut seen = Vec::new();
        for site in &state.order {
            let line = self.lines[site];
            let now = by_line.get(&line).copied().unwrap_or(0);
            let growth = match &self.before {
                Some(before) if !seen.contains(&line) => {
                    now.saturating_sub(before.get(&line).copied().unwrap_or(0))
                }
                _ => 0,
            };
            seen.push(line);
            let entry = Line {
                site: *site,
                net: self.booked(|at, on| at == number && on == *site),
                growth,
                pre: state.pre.get(site).cloned().unwrap_or_default(),
            };
            if entry.net != 0 || entry.growth > 0 || !entry.pre.is_empty() {
                lines.push(entry);
            }
        }
        let freed = lines
            .iter()
            .flat_map(|line| &line.pre)
            .map(|p| p.bytes as i64);
        self.printed += lines.iter().map(|line| line.net).sum::<i64>() - freed.sum::<i64>();
        self.before = Some(by_line);
        self.loops[number as usize].recorded = true;
        let cancels = self.take_cancels();
        let judged = self.settle();
        let open = self.loops.iter().position(|state| !state.is_final);
        Closed {
            number,
            lines,
            cancels,
            judged,
            samples: Vec::new(),
            top: Vec::new(),
            allocations: std::mem::take(&mut self.allocations),
            final_below: open.unwrap_or(self.loops.len()) as u32,
        }
    }

    /// Drained: every loop that was open at its end has ended. Final: so has
    /// the next loop that began after its end.
    fn settle(&mut self) -> Option<u64> {
        let mut moved = false;
        for number in 0..self.loops.len() {
            let state = &self.loops[number];
            if !state.recorded {
                continue;
            }
            let ended = |count: usize| self.loops.iter().take(count).all(|other| other.ended);
            let next = state.begun_at_end;
            let drained = ended(next);
            let is_final = self.loops.len() > next && ended(next + 1);
            if drained && !state.drained {
                moved = true;
            }
            self.loops[number].drained |= drained;
            self.loops[number].is_final |= is_final;
        }
        let drained = self.loops.iter().rposition(|state| state.drained);
        drained.filter(|_| moved).map(|number| number as u64)
    }

    /// The verdicts' account of a line: bytes and blocks alive that were born
    /// in drained loops.
    pub fn account(&self, site: SiteId) -> (i64, i64) {
        let mine = self
            .blocks
            .values()
            .filter(|b| b.line == site && self.loops[b.birth.0 as usize].drained)
            .map(|b| (b.size() - b.unknown) as i64);
        mine.fold((0, 0), |sum, bytes| (sum.0 + bytes, sum.1 + 1))
    }

    /// All bytes that the generations must count.
    pub fn live_bytes(&self) -> i64 {
        let sizes = self.blocks.values();
        sizes.map(|b| (b.size() - b.unknown) as i64).sum()
    }

    /// Checks the samples of a record: each is the account of its line, and no
    /// line whose account changed is missing.
    pub fn judge(&mut self, closed: &Closed) {
        for sample in &closed.samples {
            assert_eq!((sample.bytes, sample.blocks), self.account(sample.site));
            self.sampled.insert(sample.site, sample.bytes);
        }
        if closed.judged.is_some() {
            for site in self.lines.keys() {
                let known = self.sampled.get(site).copied().unwrap_or(0);
                assert_eq!(known, self.account(*site).0, "{site:?} was not sampled");
            }
        }
    }

    /// The original's lines, all added up, are what is still alive of the
    /// loops that it has printed.
    pub fn assert_sums(&self) {
        let pending: u64 = self.cancels.values().sum();
        let outside: u64 = self.outside.iter().map(|(_, pre)| pre.bytes).sum();
        let unprinted = self.loops.iter().filter(|state| !state.recorded);
        let late: u64 = unprinted
            .flat_map(|l| l.pre.values().flatten())
            .map(|p| p.bytes)
            .sum();
        let alive = self.booked(|number, _| self.loops[number as usize].recorded);
        assert_eq!(self.printed - (pending + outside + late) as i64, alive);
    }
}

impl Loop {
    fn note_pre(&mut self, site: SiteId, pre: Pre) {
        if !self.order.contains(&site) {
            self.order.push(site);
        }
        let list = self.pre.entry(site).or_default();
        let same =
            |p: &&mut Pre| (p.origin_loop, p.origin_site) == (pre.origin_loop, pre.origin_site);
        match list.iter_mut().find(same) {
            Some(known) => known.bytes += pre.bytes,
            None => list.push(pre),
        }
    }
}
