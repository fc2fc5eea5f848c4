//! `seg/YYYYMMDDHH.db`, written: the segments that began in one hour.

use std::path::{Path, PathBuf};

use rusqlite::params;

use super::file::{File, Schema, Work, int};
use crate::store::{Result, SegmentRow};

/// Trace ids are two numbers: the right half is what the original's ids tell, and is
/// indexed. Both lists are answered by their index alone up to the row that is shown.
pub(super) const SCHEMA: Schema = &["
    CREATE TABLE seg (id INTEGER PRIMARY KEY, hi INTEGER NOT NULL, lo INTEGER NOT NULL,
        start_us INTEGER NOT NULL, dur_us INTEGER NOT NULL, app INTEGER NOT NULL,
        endpoint INTEGER NOT NULL, flags INTEGER NOT NULL, spans INTEGER NOT NULL,
        errors INTEGER NOT NULL, host INTEGER NOT NULL, pid INTEGER NOT NULL,
        start_id INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE INDEX seg_trace ON seg (lo);
    CREATE INDEX seg_start ON seg (start_us, id, dur_us, flags);
    CREATE INDEX seg_app ON seg (app, start_us, id, dur_us, endpoint, flags);
    CREATE TABLE attr (k INTEGER NOT NULL, v INTEGER NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (k, v, id)) WITHOUT ROWID;
"];

/// Seconds of a partition.
const HOUR_US: u64 = 3_600_000_000;

/// Number of the partition of a moment, Unix µs: hours since 1970.
pub(super) fn hour_of(us: u64) -> u64 {
    us / HOUR_US
}

/// When the partition ends, Unix µs.
pub(super) fn end_us(hour: u64) -> u64 {
    hour.saturating_add(1).saturating_mul(HOUR_US)
}

/// The file of a partition.
pub(super) fn path(folder: &Path, hour: u64) -> PathBuf {
    let (year, month, day) = date(hour / 24);
    folder.join(format!("{year:04}{month:02}{day:02}{:02}.db", hour % 24))
}

/// The partition that a file name means.
pub(super) fn hour_in(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".db")?;
    if digits.len() < 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = digits.split_at(digits.len() - 6);
    let part = |at: usize| rest[at..at + 2].parse::<u64>().ok();
    let (month, day, hour) = (part(0)?, part(2)?, part(4)?);
    let found = day_number(year.parse().ok()?, month, day)? * 24 + hour;
    // A date that does not exist has another name.
    (hour < 24 && path(Path::new(""), found).as_os_str() == name).then_some(found)
}

/// The oldest partition in a folder that has others as well.
pub(super) fn oldest_of_several(folder: &Path) -> Option<PathBuf> {
    let names = std::fs::read_dir(folder).ok()?.flatten();
    let hours = names.filter_map(|entry| hour_in(entry.file_name().to_str()?));
    let mut hours: Vec<_> = hours.collect();
    hours.sort_unstable();
    match hours.as_slice() {
        [oldest, _, ..] => Some(path(folder, *oldest)),
        _ => None,
    }
}

/// Year, month, day of a day since 1970 (Howard Hinnant's `civil_from_days`).
fn date(day: u64) -> (u64, u64, u64) {
    let shifted = day + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, of_month)
}

/// The reverse (`days_from_civil`); `None` before 1970.
fn day_number(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || day == 0 || !(1970..=9999).contains(&year) {
        return None;
    }
    let year = year - u64::from(month <= 2);
    let (era, of_era) = (year / 400, year % 400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    (era * 146_097 + days).checked_sub(719_468)
}

/// The halves of a trace id.
pub(super) fn halves(trace_id: [u8; 16]) -> (i64, i64) {
    let id = u128::from_be_bytes(trace_id);
    let half = |bits: u128| (bits as u64).cast_signed();
    (half(id >> 64), half(id))
}

/// Writes the rows that the file does not have, and the position.
///
/// # Errors
/// See [`crate::store::StoreError`].
pub(super) fn write<'a>(
    file: &mut File,
    at: u64,
    rows: impl Iterator<Item = &'a SegmentRow>,
) -> Result<()> {
    let has = file.position();
    file.commit(Some(at.max(has)), |work| {
        rows.filter(|row| row.position > has)
            .try_for_each(|row| put(work, row))
    })
}

fn put(work: &mut Work<'_>, row: &SegmentRow) -> rusqlite::Result<()> {
    let (hi, lo) = halves(row.trace_id);
    let app = work.name(&row.app)?;
    let endpoint = work.name(&row.endpoint)?;
    let host = work.name(&row.origin.host)?;
    work.transaction
        .prepare_cached("INSERT INTO seg VALUES (NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)")?
        .execute(params![
            hi,
            lo,
            int(row.start_us),
            int(row.duration_us),
            app,
            endpoint,
            row.flags,
            row.spans,
            row.errors,
            host,
            int(row.origin.claimed_pid),
            row.origin.start_id.cast_signed(),
            row.body,
        ])?;
    let id = work.transaction.last_insert_rowid();
    for (key, value) in &row.attributes {
        let (key, value) = (work.name(key)?, work.name(value)?);
        work.transaction
            .prepare_cached("INSERT OR IGNORE INTO attr VALUES (?1, ?2, ?3)")?
            .execute([key, value, id])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_hours_are_each_others_reverse() {
        let folder = Path::new("");
        assert_eq!(path(folder, 0).to_str(), Some("1970010100.db"));
        assert_eq!(path(folder, 494_387).to_str(), Some("2026052611.db"));
        for hour in (0..2_000_000).step_by(977) {
            let file = path(folder, hour);
            assert_eq!(hour_in(file.to_str().unwrap()), Some(hour), "{file:?}");
        }
        for name in [
            "",
            ".db",
            "2026022911.db",
            "2026010124.db",
            "x.db",
            "2026010101",
        ] {
            assert_eq!(hour_in(name), None, "{name}");
        }
    }
}
