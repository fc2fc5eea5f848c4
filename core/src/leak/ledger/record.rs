//! The end of a loop: what is to be logged of it, and which loops it lets move
//! on (see `loops`).

use rustc_hash::FxHashMap as HashMap;

use super::Ledger;
use super::evidence::STACKS_PER_SITE;
use super::gens::GenFlags;
use super::loops::Pre;
use super::sites::{SiteId, TextId};
use crate::leak::verdict::History;

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

impl Ledger {
    /// Builds the record of an ended loop and moves every loop on that can be.
    /// `None` if the loop was recorded already or never began.
    pub fn record(&mut self, number: u32) -> Option<Closed> {
        let state = self.loops.record(number)?;
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
}
