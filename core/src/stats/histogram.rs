//! Durations as an exponential histogram: any percentile within 1.1 %.

use super::borders::{MAX_INDEX, MIN_INDEX, bucket, upper};

/// Durations, in µs, counted by buckets whose borders are powers of 2^(1/32).
///
/// The buckets are those of OpenTelemetry's exponential histogram, base 2 and scale 5,
/// *over seconds* (so that they export to OTLP as they are). Only buckets that were hit
/// take room, 10 bytes each. Counts stop at `u64::MAX` instead of wrapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    n: u64,
    zero: u64,
    sum: u64,
    /// Only of meaning when `n` is not 0; the same for `max`.
    min: u64,
    max: u64,
    /// Ascending; `counts` has the same length.
    indexes: Vec<i16>,
    counts: Vec<u64>,
}

/// Upper ends of the original tracker's latency classes but the last, µs.
pub const LATENCY_CLASSES_US: [u64; 7] =
    [5_000, 10_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];

impl Histogram {
    /// An empty one; allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            n: 0,
            zero: 0,
            sum: 0,
            min: 0,
            max: 0,
            indexes: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// The histogram of pairs as [`Histogram::pairs`] gives them, in any order, with the
    /// exact `sum`, `min` and `max` that the pairs do not tell (all µs).
    ///
    /// Takes anything: a bucket that no duration can have is moved to the nearest one.
    #[must_use]
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (i32, u64)>,
        sum: u64,
        min: u64,
        max: u64,
    ) -> Self {
        let mut all = Self {
            sum,
            min: min.min(max),
            max,
            ..Self::new()
        };
        for (index, count) in pairs {
            if count == 0 {
                continue;
            }
            all.n = all.n.saturating_add(count);
            if index < MIN_INDEX {
                all.zero = all.zero.saturating_add(count);
            } else {
                all.count(index.min(MAX_INDEX) as i16, count);
            }
        }
        if all.zero > 0 {
            all.min = 0;
        }
        all
    }

    /// Bucket and count of every bucket that was hit, ascending.
    ///
    /// Durations of 0 µs have no bucket in an exponential histogram. They stand
    /// first, under -639, which no whole µs has.
    pub fn pairs(&self) -> impl Iterator<Item = (i32, u64)> + '_ {
        let zero = (self.zero > 0).then_some((MIN_INDEX - 1, self.zero));
        zero.into_iter().chain(self.buckets())
    }

    /// Bucket and count without the durations of 0 µs: see [`Histogram::zero`].
    pub fn buckets(&self) -> impl Iterator<Item = (i32, u64)> + '_ {
        self.indexes
            .iter()
            .zip(&self.counts)
            .map(|(&index, &count)| (i32::from(index), count))
    }

    /// Counts a duration of `us` µs.
    #[inline]
    pub fn add(&mut self, us: u64) {
        if self.n == 0 || us < self.min {
            self.min = us;
        }
        self.max = self.max.max(us);
        self.n = self.n.saturating_add(1);
        self.sum = self.sum.saturating_add(us);
        if us == 0 {
            self.zero = self.zero.saturating_add(1);
        } else {
            self.count(bucket(us) as i16, 1);
        }
    }

    #[inline]
    fn count(&mut self, index: i16, count: u64) {
        // Few buckets are hit (an endpoint has some 60), and they are close together.
        let at = self.indexes.partition_point(|&i| i < index);
        if self.indexes.get(at) == Some(&index) {
            self.counts[at] = self.counts[at].saturating_add(count);
        } else {
            self.indexes.insert(at, index);
            self.counts.insert(at, count);
        }
    }

    /// Adds what `other` counted.
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        self.min = if self.n == 0 {
            other.min
        } else {
            self.min.min(other.min)
        };
        self.max = self.max.max(other.max);
        self.n = self.n.saturating_add(other.n);
        self.sum = self.sum.saturating_add(other.sum);
        self.zero = self.zero.saturating_add(other.zero);
        if self.indexes == other.indexes {
            for (mine, more) in self.counts.iter_mut().zip(&other.counts) {
                *mine = mine.saturating_add(*more);
            }
        } else {
            self.zip(other);
        }
    }

    /// Merges two ascending lists into a new one.
    fn zip(&mut self, other: &Self) {
        let room = self.indexes.len() + other.indexes.len();
        let mut indexes = Vec::with_capacity(room);
        let mut counts = Vec::with_capacity(room);
        let mut theirs = other.indexes.iter().zip(&other.counts).peekable();
        for (&index, &count) in self.indexes.iter().zip(&self.counts) {
            while let Some((&i, &n)) = theirs.next_if(|(i, _)| **i < index) {
                indexes.push(i);
                counts.push(n);
            }
            let more = theirs.next_if(|(i, _)| **i == index);
            indexes.push(index);
            counts.push(count.saturating_add(more.map_or(0, |(_, n)| *n)));
        }
        for (&i, &n) in theirs {
            indexes.push(i);
            counts.push(n);
        }
        self.indexes = indexes;
        self.counts = counts;
    }

    /// Forgets all, keeps the room.
    pub fn clear(&mut self) {
        self.indexes.clear();
        self.counts.clear();
        (self.n, self.zero, self.sum, self.min, self.max) = (0, 0, 0, 0, 0);
    }

    /// Number of durations.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Number of durations of 0 µs.
    #[must_use]
    pub fn zero(&self) -> u64 {
        self.zero
    }

    /// Sum of all durations, µs.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// Shortest duration, µs; `None` without any.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (self.n > 0).then_some(self.min)
    }

    /// Longest duration, µs; `None` without any.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (self.n > 0).then_some(self.max)
    }

    /// The duration, µs, of the nearest rank `⌈q · n⌉`, q from 0 to 1; `None` without any.
    ///
    /// Within 1.1 % of the exact one: the value given is the one between a bucket's
    /// borders L and U whose relative distance to both is the same, 2LU/(L+U), at most
    /// (γ − 1)/(γ + 1) = 1.083 %. Not rounded to whole µs, which would add to that error.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.n == 0 {
            return None;
        }
        // 0.95 · 20 must be 19, although 0.95 has no exact binary form.
        let rank = (q * self.n as f64 * (1.0 - 2.0 * f64::EPSILON)).ceil();
        let rank = (rank as u64).clamp(1, self.n);
        // Both ends are known exactly.
        if rank == self.n {
            return Some(self.max as f64);
        }
        if rank == 1 {
            return Some(self.min as f64);
        }
        let mut seen = self.zero;
        if rank <= seen {
            return Some(0.0);
        }
        for (index, count) in self.buckets() {
            seen = seen.saturating_add(count);
            if rank <= seen {
                return Some(middle(index).clamp(self.min as f64, self.max as f64));
            }
        }
        Some(self.max as f64)
    }

    /// The original tracker's eight latency classes: under 5 ms, 5-10, 10-50, 50-100,
    /// 100-200, 200-500, 500-1000, and 1000 ms or more.
    ///
    /// A view of the buckets: durations within 2.2 % of a bound may be counted next door.
    #[must_use]
    pub fn latency_classes(&self) -> [u64; 8] {
        let mut classes = [0u64; 8];
        classes[0] = self.zero;
        for (index, count) in self.buckets() {
            let middle = middle(index);
            let class = LATENCY_CLASSES_US.partition_point(|&end| end as f64 <= middle);
            classes[class] = classes[class].saturating_add(count);
        }
        classes
    }
}

impl Extend<u64> for Histogram {
    fn extend<I: IntoIterator<Item = u64>>(&mut self, durations: I) {
        durations.into_iter().for_each(|us| self.add(us));
    }
}

/// The value of a bucket that is relatively as far from one border as from the other, µs.
fn middle(index: i32) -> f64 {
    let (low, high) = (upper(index - 1), upper(index));
    2.0 * low * high / (low + high)
}

#[cfg(test)]
mod tests;
