//! Verdicts: does the memory of a line grow?
//!
//! Fed with the live bytes of one site at loop ends (only where they changed:
//! between two samples the value stands). The rules, with their reasons:
//!
//! - The first [`WARMUP_LOOPS`] loops fill caches; records set there do not
//!   count.
//! - **grows**: the running maximum set at least [`MIN_RECORDS`] records, the
//!   last not longer ago than twice the longest wait for one so far, *and*
//!   the lowest value of the newest third of the loops lies above the highest
//!   of the oldest third. The last part keeps a value that merely fluctuates
//!   (the last response, of random size) from being called a leak: for m
//!   independent values per third it happens with 1 / C(2m, m).
//!   Or: the lowest values of [`WINDOWS`] equal stretches of time rise from each to the next,
//!   and the newest value lies above the last of them. A peak hides a leak from the maximum
//!   (an array that doubles on this line and moves on to another at the next doubling), never
//!   from what stays. For independent values it happens with 1 / [`WINDOWS`]!, and a full
//!   cache has equal ones.
//! - **flat**: no record for longer than twice the longest wait, and at least
//!   [`FLAT_LOOPS`]. Twice separates a doubling array, whose waits double,
//!   from a full cache. Large blocks grow in whole pages, so a string that
//!   outgrows the small sizes suddenly sets records far more seldom than before:
//!   after a step of one page, the wait also counts that the line's pace so
//!   far lets expect for the next.
//! - **once**: flat like that, and no record after warm-up but the first: the
//!   memory came in warm-up, or the first time that the line ran.
//! - **undecided**: anything else.
//!
//! A site that had gone flat and then sets a record starts a new *era*: thirds
//! and fit look at the era, so that a leak which begins late is not measured
//! against a long quiet past.

mod patience;

use super::model::Verdict;

/// Loops, counted from the first recorded one, that no verdict looks at.
pub const WARMUP_LOOPS: u64 = 3;
/// Records that a growing line must have set.
pub const MIN_RECORDS: u32 = 3;
/// Loops without a record before a line can be called flat.
pub const FLAT_LOOPS: u64 = 10;
/// Stretches of time whose lowest values are compared.
const WINDOWS: u64 = 8;
/// Loops of each of them, at least.
const WINDOW_LOOPS: u64 = 4;
/// Blocks beyond 3 KB are given in whole pages (`ZEND_MM_PAGE_SIZE`), bytes.
const PAGE: i64 = 4096;
/// Points kept per site; older ones are merged in pairs.
pub const POINTS: usize = 128;
/// Points that are always kept.
const FEWEST: usize = 16;

/// Live bytes during `stride` loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Point {
    /// `loop / stride`.
    bucket: u64,
    /// Value at the end.
    last: i64,
    /// Smallest value.
    min: i64,
    /// Largest value.
    max: i64,
}

/// The live bytes of one site over time, thinned to a constant size.
#[derive(Debug, Clone)]
pub struct History {
    points: Vec<Point>,
    stride: u64,
    origin: u64,
    first_loop: u64,
    last_loop: u64,
    max: i64,
    records: u32,
    last_record: u64,
    longest_wait: u64,
    era: u64,
    /// Live bytes when the era began.
    era_live: i64,
    /// Loops that the next page is expected to take.
    page_wait: u64,
}

/// Slope and correlation of the running maximum.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fit {
    /// Bytes per loop.
    pub bytes_per_loop: f64,
    /// Pearson's r; 0 where it is not defined.
    pub r: f64,
}

impl History {
    /// A history of a process whose first recorded loop is `origin`.
    #[must_use]
    pub fn new(origin: u64) -> Self {
        Self {
            points: Vec::new(),
            stride: 1,
            origin,
            first_loop: 0,
            last_loop: 0,
            max: 0,
            records: 0,
            last_record: 0,
            longest_wait: 0,
            era: 0,
            era_live: 0,
            page_wait: 0,
        }
    }

    /// Notes the live bytes at the end of a loop. Loops must not go back.
    pub fn sample(&mut self, number: u64, live: i64) {
        let before = self.points.last().map(|p| p.last);
        if before == Some(live) {
            return;
        }
        let warm = number >= self.origin + WARMUP_LOOPS;
        if before.is_none() {
            self.first_loop = number;
            self.era = number.max(self.origin + WARMUP_LOOPS);
            self.era_live = live;
            self.max = live;
            self.last_record = number;
            // Memory that appears after warm-up is a record over nothing.
            self.records = u32::from(warm);
        } else if live > self.max {
            if warm {
                if self.is_flat(number.saturating_sub(1)) {
                    self.era = number;
                    self.era_live = live;
                    self.records = 0;
                }
                self.page_wait = self.expected_wait(number, live);
                self.longest_wait = self.longest_wait.max(number - self.last_record);
                self.records += 1;
            }
            self.max = live;
            self.last_record = number;
        }
        self.last_loop = number;
        self.push(number, live);
    }

    /// How long the next page will take at the pace that the era had until the
    /// record of loop `number`; 0 if that is not a step of one page. No longer
    /// than the era has lasted: its pace says nothing about more.
    fn expected_wait(&self, number: u64, live: i64) -> u64 {
        let (grown, loops) = (self.max - self.era_live, number.saturating_sub(self.era));
        if live - self.max != PAGE || grown <= 0 {
            return 0;
        }
        let paced = self.last_record.saturating_sub(self.era) * PAGE as u64 / grown as u64;
        paced.min(loops)
    }

    /// Bytes of memory that the points take.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.points.capacity() * size_of::<Point>()
    }

    /// Makes room for the next points among those that are there, as if they were
    /// all that are kept, unless that are very few.
    pub fn squeeze(&mut self) {
        if self.points.len() == self.points.capacity() && self.points.len() >= FEWEST {
            self.thin();
        }
    }

    fn push(&mut self, number: u64, live: i64) {
        let bucket = number / self.stride;
        match self.points.last_mut() {
            Some(p) if p.bucket == bucket => {
                p.last = live;
                p.min = p.min.min(live);
                p.max = p.max.max(live);
            }
            before => {
                // The old value stood until just before this loop.
                let carried = match before {
                    Some(p) if !number.is_multiple_of(self.stride) => Some(p.last),
                    _ => None,
                };
                self.points.push(Point {
                    bucket,
                    last: live,
                    min: carried.map_or(live, |c| c.min(live)),
                    max: carried.map_or(live, |c| c.max(live)),
                });
            }
        }
        if self.points.len() > POINTS {
            self.thin();
        }
    }

    fn thin(&mut self) {
        self.stride *= 2;
        let mut merged: Vec<Point> = Vec::with_capacity(self.points.len());
        for p in &self.points {
            let bucket = p.bucket / 2;
            match merged.last_mut() {
                Some(m) if m.bucket == bucket => {
                    m.last = p.last;
                    m.min = m.min.min(p.min);
                    m.max = m.max.max(p.max);
                }
                before => {
                    let carried = before.filter(|_| p.bucket % 2 == 1).map(|m| m.last);
                    merged.push(Point {
                        bucket,
                        last: p.last,
                        min: carried.map_or(p.min, |c| c.min(p.min)),
                        max: carried.map_or(p.max, |c| c.max(p.max)),
                    });
                }
            }
        }
        self.points = merged;
    }

    fn is_flat(&self, now: u64) -> bool {
        let since = now.saturating_sub(self.last_record);
        since >= FLAT_LOOPS && since > 2 * self.longest_wait.max(self.page_wait)
    }

    /// The verdict as of loop `now`.
    #[must_use]
    pub fn verdict(&self, now: u64) -> Verdict {
        if self.points.is_empty() {
            return Verdict::Undecided;
        }
        let is_flat = self.is_flat(now);
        // What stays is looked at last: it takes more than all else.
        if !is_flat && self.records >= MIN_RECORDS && self.thirds_are_apart(now)
            || self.floor_rises(now)
        {
            return Verdict::Grows;
        }
        if is_flat {
            return if self.longest_wait == 0 {
                Verdict::Once
            } else {
                Verdict::Flat
            };
        }
        Verdict::Undecided
    }

    fn thirds_are_apart(&self, now: u64) -> bool {
        let span = now.saturating_sub(self.era) + 1;
        if span < 3 {
            return false;
        }
        let oldest = self.range(self.era, self.era + span / 3 - 1);
        let newest = self.range(now + 1 - span / 3, now);
        newest.0 > oldest.1
    }

    /// Whether what stays becomes more all the time; see the module's text.
    fn floor_rises(&self, now: u64) -> bool {
        let length = (now.saturating_sub(self.era) + 1) / WINDOWS;
        if length < WINDOW_LOOPS.max(self.stride) {
            return false;
        }
        let begin = now + 1 - length * WINDOWS;
        let mut last = i64::MIN;
        for from in (begin..=now).step_by(length as usize) {
            let (floor, _) = self.range(from, from + length - 1);
            if floor <= last {
                return false;
            }
            last = floor;
        }
        self.live() > last
    }

    /// Smallest and largest value from loop `from` to loop `to`.
    fn range(&self, from: u64, to: u64) -> (i64, i64) {
        let (from, to) = (from / self.stride, to / self.stride);
        let mut carried = None;
        let mut range: Option<(i64, i64)> = None;
        for p in &self.points {
            if p.bucket < from {
                carried = Some(p.last);
            } else if p.bucket <= to {
                if range.is_none() && p.bucket > from {
                    range = carried.map(|c| (c, c));
                }
                let (min, max) = range.unwrap_or((p.min, p.max));
                range = Some((min.min(p.min), max.max(p.max)));
            }
        }
        range.or(carried.map(|c| (c, c))).unwrap_or((0, 0))
    }

    /// Least squares over the running maximum of the present era, up to loop
    /// `now`; over what stays, where a peak hides the growth from the maximum.
    #[must_use]
    pub fn fit(&self, now: u64) -> Fit {
        let mut steps = self.steps(self.era, now);
        if self.floor_rises(now) {
            let mut floor = i64::MAX;
            for (_, value) in steps.iter_mut().rev() {
                floor = floor.min(*value);
                *value = floor;
            }
        }
        let mut running = i64::MIN;
        let (mut n, mut sx, mut sy, mut sxx, mut sxy, mut syy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (number, value) in steps {
            running = running.max(value);
            let (x, y) = ((number - self.era.min(number)) as f64, running as f64);
            n += 1.0;
            sx += x;
            sy += y;
            sxx += x * x;
            sxy += x * y;
            syy += y * y;
        }
        let (vx, vy, cov) = (n * sxx - sx * sx, n * syy - sy * sy, n * sxy - sx * sy);
        if vx <= 0.0 || vy <= 0.0 {
            return Fit::default();
        }
        Fit {
            bytes_per_loop: cov / vx,
            r: cov / (vx * vy).sqrt(),
        }
    }

    /// Loop number and live bytes from loop `from` to loop `now`, evenly
    /// spaced, at most 2 * [`POINTS`] rows.
    fn steps(&self, from: u64, now: u64) -> Vec<(u64, i64)> {
        let mut thin = self.clone();
        while now.saturating_sub(from) / thin.stride >= 2 * POINTS as u64 {
            thin.thin();
        }
        let (from, to) = (from / thin.stride, now / thin.stride);
        let old = thin.points.iter().rev().find(|p| p.bucket < from);
        let mut value = old.map_or(0, |p| p.last);
        let mut points = thin
            .points
            .iter()
            .skip_while(|p| p.bucket < from)
            .peekable();
        (from..=to)
            .map(|bucket| {
                if let Some(p) = points.next_if(|p| p.bucket == bucket) {
                    value = p.last;
                }
                ((bucket * thin.stride + thin.stride - 1).min(now), value)
            })
            .collect()
    }

    /// Loop numbers and live bytes, at most [`POINTS`] of them.
    #[must_use]
    pub fn curve(&self, now: u64) -> (Vec<u64>, Vec<i64>) {
        let rows = self.steps(self.first_loop, now);
        let every = rows.len().div_ceil(POINTS).max(1);
        // Counted from the end, so that the newest value is always there.
        let skip = (rows.len() + every - 1) % every;
        rows.into_iter().skip(skip).step_by(every).unzip()
    }

    /// Whether there was no sample yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Live bytes at the last sample.
    #[must_use]
    pub fn live(&self) -> i64 {
        self.points.last().map_or(0, |p| p.last)
    }

    /// Loop of the first sample.
    #[must_use]
    pub fn first_loop(&self) -> u64 {
        self.first_loop
    }

    /// Loop of the last change.
    #[must_use]
    pub fn last_loop(&self) -> u64 {
        self.last_loop
    }

    /// Loop since which the present growth lasts.
    #[must_use]
    pub fn era(&self) -> u64 {
        self.era
    }

    /// Records set in the present era.
    #[must_use]
    pub fn records(&self) -> u32 {
        self.records
    }
}

#[cfg(test)]
mod tests;
