//! How many loops of a process have a negative total in the original's report.
//!
//! That marks every total but 0 with ❌, so whoever reads it needs to be told that such
//! a loop does not leak.

use std::collections::BTreeMap;

use super::room::Room;
use crate::leak::log::record::Record;

/// What a loop takes, in a tree.
const BYTES_OF_LOOP: usize = 64;

/// Totals of the loops that are not final yet, and what became of the others.
#[derive(Debug, Default)]
pub struct Totals {
    open: BTreeMap<u32, i64>,
    /// Loops that room was taken for.
    room_for: usize,
    negative: u64,
}

impl Totals {
    /// Adds a loop, and what its record takes back of earlier ones.
    pub fn take(&mut self, record: &Record<'_>, room: &mut Room) {
        for (number, _, bytes) in &record.cancels {
            if let Some(total) = self.open.get_mut(number) {
                *total = total.saturating_sub_unsigned(*bytes);
            }
        }
        while let Some(first) = self.open.first_entry()
            && *first.key() < record.final_below
        {
            self.negative += u64::from(first.remove() < 0);
        }
        if self.open.len() == self.room_for {
            if !room.take(BYTES_OF_LOOP) {
                return;
            }
            self.room_for += 1;
        }
        let total = record.lines.iter().fold(0_i64, |sum, line| {
            let freed = line
                .pre
                .iter()
                .fold(0_u64, |sum, pre| sum.saturating_add(pre.bytes));
            sum.saturating_add(line.net).saturating_sub_unsigned(freed)
        });
        self.open.insert(record.number, total);
    }

    /// Loops whose total is negative.
    pub fn negative(&self) -> u64 {
        self.negative + self.open.values().filter(|total| **total < 0).count() as u64
    }
}
