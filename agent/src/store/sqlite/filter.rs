//! Which traces a partition may hold: a Bloom filter, so that a question for a trace opens
//! only partitions that have it.
//!
//! A trace id says nothing of its time. A filter is made when a partition's hour is over,
//! kept in `meta.db`, and forgotten when a late segment comes: it may say yes wrongly
//! (about one time in a hundred), never no.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use tracker_core::trace::ids::mix;

use super::file::{File, count, failure, int, open_reading};
use crate::store::Result;

/// A step of the schema of `meta.db`. `position` is that of the partition: what came later
/// is not in the filter.
pub(super) const SCHEMA: &str = "
    CREATE TABLE filter (hour INTEGER PRIMARY KEY, position INTEGER NOT NULL,
        bits BLOB NOT NULL);
";

/// Bits per segment, and bits set by each: 0.8 % wrong by the formula of Bloom's filter.
const BITS: u64 = 10;
const HASHES: u64 = 7;
/// Bytes of one filter; a partition of more than 13 million segments is wrong more often.
const MAX_BYTES: u64 = 16 << 20;

/// A filter over the right halves of trace ids.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter {
    position: u64,
    bits: Vec<u8>,
}

impl Filter {
    fn new(position: u64, segments: u64) -> Self {
        let bytes = (segments * BITS).div_ceil(8).clamp(8, MAX_BYTES);
        Self {
            position,
            bits: vec![0; bytes as usize],
        }
    }

    /// Memory, bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bits.len()
    }

    /// Byte and bit of each hash.
    fn places(&self, right: i64) -> impl Iterator<Item = (usize, u8)> + use<> {
        let bits = self.bits.len() as u64 * 8;
        let first = mix(right.cast_unsigned());
        let step = mix(first) | 1;
        (0..HASHES).map(move |n| {
            let bit = first.wrapping_add(n.wrapping_mul(step)) % bits;
            ((bit / 8) as usize, 1 << (bit % 8))
        })
    }

    fn insert(&mut self, right: i64) {
        for (byte, bit) in self.places(right) {
            self.bits[byte] |= bit;
        }
    }

    /// Whether a segment of a trace with this right half may be there.
    pub(super) fn may_hold(&self, right: i64) -> bool {
        (self.places(right)).all(|(byte, bit)| self.bits[byte] & bit != 0)
    }

    /// Reads a whole partition, which nobody writes meanwhile.
    ///
    /// # Errors
    /// See [`crate::store::StoreError`].
    pub(super) fn of(path: &Path) -> Result<Self> {
        Self::read(path).map_err(|e| failure(path, &e))
    }

    fn read(path: &Path) -> rusqlite::Result<Self> {
        let connection = open_reading(path, 256)?;
        let number = |sql| connection.query_row(sql, [], |row| row.get(0).map(count));
        let position = number("SELECT position FROM applied")?;
        let mut filter = Self::new(position, number("SELECT count(*) FROM seg")?);
        let mut statement = connection.prepare("SELECT lo FROM seg INDEXED BY seg_trace")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            filter.insert(row.get(0)?);
        }
        Ok(filter)
    }
}

/// Keeps a filter.
///
/// # Errors
/// See [`crate::store::StoreError`].
pub(super) fn put(meta: &mut File, hour: u64, filter: &Filter) -> Result<()> {
    meta.commit(None, |work| {
        work.transaction
            .prepare_cached("INSERT OR REPLACE INTO filter VALUES (?1, ?2, ?3)")?
            .execute(params![int(hour), int(filter.position), filter.bits])?;
        Ok(())
    })
}

/// Forgets the filter of a partition that goes.
///
/// # Errors
/// See [`crate::store::StoreError`].
pub(super) fn remove(meta: &mut File, hour: u64) -> Result<()> {
    meta.commit(None, |work| {
        work.transaction
            .prepare_cached("DELETE FROM filter WHERE hour = ?1")?
            .execute([int(hour)])?;
        Ok(())
    })
}

/// The filter that was kept for a partition, unless the partition has changed since.
///
/// # Errors
/// Those of SQLite.
pub(super) fn get(meta: &Connection, hour: u64, position: u64) -> rusqlite::Result<Option<Filter>> {
    meta.prepare_cached("SELECT bits FROM filter WHERE hour = ?1 AND position = ?2")?
        .query_row([int(hour), int(position)], |row| row.get(0))
        .optional()
        .map(|bits| {
            bits.filter(|bits: &Vec<u8>| !bits.is_empty())
                .map(|bits| Filter { position, bits })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_says_no_to_what_is_there_and_seldom_yes_to_what_is_not() {
        // Random ids, and ids that count up as those of others may.
        for spread in [1, 0x9e37_79b9_7f4a_7c15_u64] {
            let id = |n: u64| n.wrapping_mul(spread).cast_signed();
            let mut filter = Filter::new(1, 20_000);
            (0..20_000).for_each(|n| filter.insert(id(n)));
            assert!((0..20_000).all(|n| filter.may_hold(id(n))));
            let wrong = (20_000..220_000).filter(|&n| filter.may_hold(id(n)));
            let percent = wrong.count() as f64 / 2_000.0;
            assert!(percent < 1.2, "{percent} % with {spread}");
        }
    }

    #[test]
    fn an_empty_partition_holds_nothing() {
        let filter = Filter::new(1, 0);
        assert!(!filter.may_hold(0) && !filter.may_hold(-1));
    }
}
