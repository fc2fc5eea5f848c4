//! Loops: one run of a main function, from `trackerHookMalloc()` to its end.
//!
//! A loop goes through four states, in this order:
//!
//! 1. *open*: its unit runs or is suspended;
//! 2. *ended*: the main function and its children are gone; recorded soon;
//! 3. *drained*: every loop that was open at its end has ended too, so what
//!    is left of it is left for good (the grace period of RCU). The verdicts
//!    count a loop's blocks from here on;
//! 4. *final*: the next loop to begin after its end has also ended. Until
//!    then a free cancels silently (the original's hedge between adjacent
//!    loops), afterwards it prints a `Free Pre` line.
//!
//! With one loop at a time, loop k is drained at its own end and final at the
//! end of loop k+1, which is the original's rule.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use rustc_hash::FxHashMap as HashMap;

use super::gens::GenId;
use super::sites::SiteId;

/// Largest single allocations kept per loop, for `trackerAnalyzeMalloc()`.
pub const TOP_ALLOCATIONS: usize = 64;

/// A loop that saw this many others begin no longer holds up their verdicts
/// (a websocket, a consumer): it is judged by its own calls.
const LONG_LIVED_LOOPS: u32 = 32;

/// How many other loops may begin until nobody waits for one any more, where so many run at
/// a time.
#[must_use]
pub fn patience(running: usize) -> u32 {
    u32::try_from(running)
        .unwrap_or(u32::MAX)
        .saturating_mul(4)
        .max(LONG_LIVED_LOOPS)
}

/// Bytes freed at one line that an older loop had allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pre {
    /// Loop of birth.
    pub origin_loop: u32,
    /// Line of birth.
    pub origin_site: SiteId,
    /// Bytes.
    pub bytes: u64,
}

/// What a loop has done so far.
#[derive(Debug, Default)]
pub struct Loop {
    /// Number that the next loop had when this one ended.
    pub end_epoch: Option<u32>,
    /// Its record has been built.
    pub recorded: bool,
    /// See the module's text.
    pub drained: bool,
    /// Plain generation of each site.
    pub plain: HashMap<SiteId, GenId>,
    /// Every generation whose blocks were born in this loop.
    pub born: Vec<GenId>,
    /// Lines in order of their first event.
    pub order: Vec<SiteId>,
    /// Frees of older loops' blocks, by freeing line, in order of freeing.
    pub pre: HashMap<SiteId, Vec<Pre>>,
    top: BinaryHeap<Reverse<(u64, SiteId)>>,
}

impl Loop {
    /// Notes the first event of a line.
    pub fn note(&mut self, site: SiteId) {
        if !self.plain.contains_key(&site) && !self.pre.contains_key(&site) {
            self.order.push(site);
        }
    }

    /// Books a free of an older loop's block.
    pub fn note_pre(&mut self, freeing: SiteId, pre: Pre) {
        self.note(freeing);
        let list = self.pre.entry(freeing).or_default();
        let known = list
            .iter_mut()
            .rev()
            .find(|p| p.origin_loop == pre.origin_loop && p.origin_site == pre.origin_site);
        match known {
            Some(p) => p.bytes += pre.bytes,
            None => list.push(pre),
        }
    }

    /// Offers a single allocation to the list of the largest; returns the
    /// size that the next one must exceed.
    pub fn offer_top(&mut self, size: u64, site: SiteId) -> u64 {
        self.top.push(Reverse((size, site)));
        if self.top.len() > TOP_ALLOCATIONS {
            self.top.pop();
        }
        self.top_floor()
    }

    /// An allocation must be larger than this to be among the largest.
    #[must_use]
    pub fn top_floor(&self) -> u64 {
        if self.top.len() < TOP_ALLOCATIONS {
            0
        } else {
            self.top.peek().map_or(0, |t| t.0.0)
        }
    }

    /// The largest allocations, largest first.
    #[must_use]
    pub fn top(&self) -> Vec<(u64, SiteId)> {
        let mut list: Vec<_> = self.top.iter().map(|r| r.0).collect();
        list.sort_by(|a, b| b.cmp(a));
        list
    }
}

/// The loops that are not final yet.
#[derive(Debug, Default)]
pub struct Loops {
    live: BTreeMap<u32, Loop>,
    open: BTreeSet<u32>,
    /// Recorded and not drained, by epoch and number; a step of each settling
    /// is paid by the loop that it moves on, however many others are open.
    undrained: BTreeSet<(u32, u32)>,
    /// Recorded and not final, by epoch and number.
    unfinal: BTreeSet<(u32, u32)>,
    next: u32,
}

impl Loops {
    /// Begins the next loop and returns its number.
    pub fn begin(&mut self) -> u32 {
        let number = self.next;
        self.next += 1;
        self.live.insert(number, Loop::default());
        self.open.insert(number);
        number
    }

    /// Ends a loop; a second call changes nothing.
    pub fn end(&mut self, number: u32) {
        let epoch = self.next;
        if let Some(state) = self.live.get_mut(&number) {
            state.end_epoch.get_or_insert(epoch);
            self.open.remove(&number);
        }
    }

    /// Notes that an ended loop's record is built; `None` if one was before, or
    /// there is no such loop.
    pub fn record(&mut self, number: u32) -> Option<&mut Loop> {
        let state = self.live.get_mut(&number).filter(|l| !l.recorded)?;
        state.recorded = true;
        if let Some(epoch) = state.end_epoch {
            self.undrained.insert((epoch, number));
            self.unfinal.insert((epoch, number));
        }
        Some(state)
    }

    /// The loop, unless it is final.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Loop> {
        self.live.get(&number)
    }

    /// The loop, unless it is final.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut Loop> {
        self.live.get_mut(&number)
    }

    /// Loops begun so far.
    #[must_use]
    pub fn begun(&self) -> u32 {
        self.next
    }

    /// Every loop of a smaller number is final.
    #[must_use]
    pub fn final_below(&self) -> u32 {
        self.live.keys().next().copied().unwrap_or(self.next)
    }

    /// Takes out the recorded loops that became drained, and those that became
    /// final, in order.
    pub fn settle(&mut self) -> Settled {
        let patience = patience(self.open.len());
        let next = self.next;
        let oldest_open = self
            .open
            .range(next.saturating_sub(patience)..)
            .next()
            .map_or(u32::MAX, |number| *number);
        // Epochs up to `oldest_open`, and those below it of which a loop began
        // after.
        let mut drained = take_below(&mut self.undrained, oldest_open.saturating_add(1));
        let finals = take_below(&mut self.unfinal, oldest_open.min(next));
        drained.sort_unstable();
        for number in &drained {
            if let Some(state) = self.live.get_mut(number) {
                state.drained = true;
            }
        }
        let mut finals: Vec<_> = finals
            .into_iter()
            .filter_map(|number| self.live.remove(&number).map(|state| (number, state)))
            .collect();
        finals.sort_unstable_by_key(|(number, _)| *number);
        Settled { drained, finals }
    }
}

/// Takes the numbers of the loops with an epoch below `limit`.
fn take_below(waiting: &mut BTreeSet<(u32, u32)>, limit: u32) -> Vec<u32> {
    let rest = waiting.split_off(&(limit, 0));
    std::mem::replace(waiting, rest)
        .into_iter()
        .map(|(_, number)| number)
        .collect()
}

/// What [`Loops::settle`] found.
#[derive(Debug)]
pub struct Settled {
    /// Loops that became drained; still to be had from [`Loops::get`] unless
    /// they became final at once.
    pub drained: Vec<u32>,
    /// Loops that became final.
    pub finals: Vec<(u32, Loop)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finish(loops: &mut Loops, number: u32) -> (Vec<u32>, Vec<u32>) {
        loops.end(number);
        loops.record(number).unwrap();
        let settled = loops.settle();
        (
            settled.drained,
            settled.finals.into_iter().map(|f| f.0).collect(),
        )
    }

    #[test]
    fn one_at_a_time_is_final_one_loop_later() {
        let mut loops = Loops::default();
        loops.begin();
        assert_eq!(finish(&mut loops, 0), (vec![0], vec![]));
        loops.begin();
        assert_eq!(finish(&mut loops, 1), (vec![1], vec![0]));
        assert_eq!(loops.final_below(), 1);
    }

    #[test]
    fn an_open_neighbour_delays_the_judgement() {
        let mut loops = Loops::default();
        loops.begin();
        loops.begin();
        assert_eq!(finish(&mut loops, 0), (vec![], vec![]));
        loops.begin();
        assert_eq!(finish(&mut loops, 1), (vec![0], vec![]));
        // Nothing began after loop 1 ended: it has no next loop yet.
        assert_eq!(finish(&mut loops, 2), (vec![1, 2], vec![0]));
    }

    #[test]
    fn a_websocket_does_not_hold_up_the_others_for_ever() {
        let mut loops = Loops::default();
        loops.begin();
        for _ in 0..LONG_LIVED_LOOPS {
            let number = loops.begin();
            finish(&mut loops, number);
        }
        let number = loops.begin();
        assert!(!finish(&mut loops, number).0.is_empty());
        assert_eq!(loops.final_below(), 0);
    }

    #[test]
    fn who_waits_is_patient_where_many_run() {
        assert_eq!((patience(0), patience(8), patience(9)), (32, 32, 36));
    }

    #[test]
    fn the_largest_allocations_are_kept() {
        let mut state = Loop::default();
        for size in 1..=100 {
            state.offer_top(size, SiteId(1));
        }
        assert_eq!(state.top_floor(), 37);
        assert_eq!(state.top()[0].0, 100);
        assert_eq!(state.top().len(), TOP_ALLOCATIONS);
    }
}
