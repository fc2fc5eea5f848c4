//! The numbers of one row.

use std::collections::BTreeMap;

use tracker_core::stats::Histogram;
use tracker_protocol::msgpack::{Fields, ReadError, Reader, Write};
use tracker_protocol::record::StatsRow;

use super::OVERFLOW;
use super::caps::CODES;

/// Counts, sums and histograms of calls. All additions stop at `u64::MAX`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls, failed ones included.
    pub calls: u64,
    /// Failed calls.
    pub errors: u64,
    /// Calls that ended by a time-out.
    pub timeouts: u64,
    /// Calls slower than the threshold of the process that counted.
    pub slow: u64,
    /// Apdex: calls that did not fail and took at most T.
    pub satisfied: u64,
    /// Apdex: calls that did not fail and took more than T, at most 4 T.
    pub tolerating: u64,
    /// Sum of durations, µs.
    pub sum_us: u64,
    /// Sum of durations of failed calls, µs.
    pub error_sum_us: u64,
    /// Shortest, µs; 0 without calls.
    pub min_us: u64,
    /// Longest, µs.
    pub max_us: u64,
    /// Result codes, at most [`CODES`] and one for the others.
    pub codes: BTreeMap<Box<str>, u64>,
    /// Durations of calls that succeeded.
    pub ok: Histogram,
    /// Durations of calls that failed.
    pub failed: Histogram,
}

impl From<&StatsRow<'_>> for Figures {
    fn from(row: &StatsRow<'_>) -> Self {
        let mut figures = Self {
            calls: row.calls,
            errors: row.errors,
            timeouts: row.timeouts,
            slow: row.slow,
            satisfied: row.satisfied,
            tolerating: row.tolerating,
            sum_us: row.sum_us,
            error_sum_us: row.error_sum_us,
            min_us: row.min_us,
            max_us: row.max_us,
            ..Self::default()
        };
        for (code, count) in &row.codes {
            figures.code(code, *count);
        }
        figures.histograms(row.ok.iter().copied(), row.failed.iter().copied());
        figures
    }
}

impl Figures {
    /// Sets the histograms from their pairs; the other fields are there.
    pub fn histograms(
        &mut self,
        ok: impl IntoIterator<Item = (i32, u64)>,
        failed: impl IntoIterator<Item = (i32, u64)>,
    ) {
        let of = |pairs: &mut dyn Iterator<Item = (i32, u64)>, sum| {
            Histogram::from_pairs(pairs, sum, self.min_us, self.max_us)
        };
        let ok_sum = self.sum_us.saturating_sub(self.error_sum_us);
        let ok = of(&mut ok.into_iter(), ok_sum);
        let failed = of(&mut failed.into_iter(), self.error_sum_us);
        (self.ok, self.failed) = (ok, failed);
    }

    fn code(&mut self, code: &str, count: u64) {
        let slot = if let Some(slot) = self.codes.get_mut(code) {
            slot
        } else if self.codes.len() < CODES {
            self.codes.entry(code.into()).or_default()
        } else {
            self.codes.entry(OVERFLOW.into()).or_default()
        };
        *slot = slot.saturating_add(count);
    }

    /// Adds what `other` counted.
    pub fn merge(&mut self, other: &Self) {
        if other.calls > 0 {
            self.min_us = if self.calls == 0 {
                other.min_us
            } else {
                self.min_us.min(other.min_us)
            };
        }
        self.max_us = self.max_us.max(other.max_us);
        for (mine, more) in [
            (&mut self.calls, other.calls),
            (&mut self.errors, other.errors),
            (&mut self.timeouts, other.timeouts),
            (&mut self.slow, other.slow),
            (&mut self.satisfied, other.satisfied),
            (&mut self.tolerating, other.tolerating),
            (&mut self.sum_us, other.sum_us),
            (&mut self.error_sum_us, other.error_sum_us),
        ] {
            *mine = mine.saturating_add(more);
        }
        for (code, count) in &other.codes {
            self.code(code, *count);
        }
        self.ok.merge(&other.ok);
        self.failed.merge(&other.failed);
    }

    /// Durations of all calls.
    #[must_use]
    pub fn all(&self) -> Histogram {
        let mut all = self.ok.clone();
        all.merge(&self.failed);
        all
    }

    /// Average duration, µs, rounded; 0 without calls.
    #[must_use]
    pub fn avg_us(&self) -> u64 {
        self.sum_us.checked_div(self.calls).unwrap_or(0)
    }

    /// Apdex, 0 to 1: (satisfied + tolerating / 2) / calls; 1 without calls.
    #[must_use]
    pub fn apdex(&self) -> f64 {
        if self.calls == 0 {
            return 1.0;
        }
        (self.satisfied as f64 + self.tolerating as f64 / 2.0) / self.calls as f64
    }

    /// Appends codes and histograms: what a table keeps in one column.
    pub fn write_detail(&self, out: &mut Vec<u8>) {
        out.array(3);
        out.map(self.codes.len());
        for (code, count) in &self.codes {
            out.str(code);
            out.uint(*count);
        }
        for histogram in [&self.ok, &self.failed] {
            out.array(histogram.pairs().count() * 2);
            for (index, count) in histogram.pairs() {
                out.int(i64::from(index));
                out.uint(count);
            }
        }
    }

    /// Reads what [`Figures::write_detail`] wrote; the other fields are there.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read_detail(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        let mut reader = Reader::new(bytes);
        let mut fields = Fields::open(&mut reader)?;
        self.codes = fields.next(|r| {
            (0..r.map()?)
                .map(|_| Ok((r.text()?.into(), r.uint()?)))
                .collect()
        })?;
        let ok = fields.next(pairs)?;
        let failed = fields.next(pairs)?;
        fields.close()?;
        self.histograms(ok, failed);
        Ok(())
    }
}

fn pairs(reader: &mut Reader<'_>) -> Result<Vec<(i32, u64)>, ReadError> {
    let len = reader.array()?;
    (0..len / 2)
        .map(|_| {
            let index = i32::try_from(reader.int()?).map_err(|_| ReadError::Type)?;
            Ok((index, reader.uint()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(durations: &[u64], errors: &[u64]) -> Figures {
        let (mut ok, mut failed) = (Histogram::new(), Histogram::new());
        ok.extend(durations.iter().copied());
        failed.extend(errors.iter().copied());
        let all = || durations.iter().chain(errors);
        Figures::from(&StatsRow {
            calls: (durations.len() + errors.len()) as u64,
            errors: errors.len() as u64,
            sum_us: all().sum(),
            error_sum_us: errors.iter().sum(),
            min_us: all().copied().min().unwrap_or(0),
            max_us: all().copied().max().unwrap_or(0),
            codes: vec![
                ("200", durations.len() as u64),
                ("500", errors.len() as u64),
            ],
            ok: ok.pairs().collect(),
            failed: failed.pairs().collect(),
            ..StatsRow::default()
        })
    }

    #[test]
    fn merging_equals_counting_at_once() {
        let (a, b) = (figures(&[5, 900], &[70]), figures(&[1], &[80_000, 3]));
        let mut merged = Figures::default();
        merged.merge(&a);
        merged.merge(&b);
        let once = figures(&[5, 900, 1], &[70, 80_000, 3]);
        assert_eq!((merged.calls, merged.errors, merged.min_us), (6, 3, 1));
        assert_eq!(merged.codes, once.codes);
        assert_eq!(merged.all(), once.all());
        assert_eq!(merged.avg_us(), (5 + 900 + 1 + 70 + 80_000 + 3) / 6);
    }

    #[test]
    fn detail_comes_back() {
        let figures = figures(&[5, 900, 0], &[70]);
        let mut bytes = Vec::new();
        figures.write_detail(&mut bytes);
        let mut back = Figures {
            codes: BTreeMap::new(),
            ok: Histogram::new(),
            failed: Histogram::new(),
            ..figures.clone()
        };
        back.read_detail(&bytes).unwrap();
        assert_eq!(back, figures);
    }

    #[test]
    fn codes_beyond_the_cap_keep_the_total() {
        let mut figures = Figures::default();
        for code in 0..1_000 {
            figures.code(&code.to_string(), 2);
        }
        assert_eq!(figures.codes.len(), CODES + 1);
        assert_eq!(figures.codes.values().sum::<u64>(), 2_000);
    }
}
