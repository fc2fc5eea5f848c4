//! The original's report, byte for byte (see docs/FORMAT.md for its grammar).

use std::collections::HashMap;
use std::io::Write;

use super::growth::visible;
use super::process::Process;
use crate::leak::log::reader::FrameReader;
use crate::leak::log::record::{PreEntry, Record};

/// How many loops before the newest its lines' losses are looked for.
const LOOK_BACK: u32 = 4;

/// Where a loop's record lies.
#[derive(Debug, Clone, Copy)]
struct Entry {
    number: u32,
    process: u32,
    file: u32,
    offset: u64,
}

/// A later record that gives back bytes of an earlier loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct CancelRef {
    process: u32,
    number: u32,
    file: u32,
    offset: u64,
}

/// Index of all loops.
#[derive(Debug, Default)]
pub struct Loops {
    entries: Vec<Entry>,
    cancels: Vec<CancelRef>,
}

/// Bytes by file and line.
type ByLine = HashMap<(Box<str>, u32), i64>;

/// One printed line before it is printed.
struct Printed<'a> {
    file: &'a str,
    line: u32,
    kept: i64,
    pre: Vec<PreEntry>,
}

impl Loops {
    /// Notes where a record lies.
    pub fn take(&mut self, record: &Record<'_>, process: usize, file: usize, offset: u64) {
        let (process, file) = (process as u32, file as u32);
        self.entries.push(Entry {
            number: record.number,
            process,
            file,
            offset,
        });
        let mut last = None;
        for (number, ..) in &record.cancels {
            if last.replace(*number) != Some(*number) {
                self.cancels.push(CancelRef {
                    process,
                    number: *number,
                    file,
                    offset,
                });
            }
        }
    }

    /// Brings the loops into the order of the report: by number, and in order
    /// of the log among equals.
    pub fn arrange(&mut self) {
        if !self.entries.is_sorted_by_key(|entry| entry.number) {
            self.entries.sort_by_key(|entry| entry.number);
        }
        if !self.cancels.is_sorted() {
            self.cancels.sort();
        }
    }

    /// Prints the block of the loop at position `at`; false behind the last.
    pub fn print_block(
        &self,
        at: usize,
        readers: &mut [FrameReader],
        processes: &[Process],
        out: &mut Vec<u8>,
    ) -> bool {
        let Some(entry) = self.entries.get(at) else {
            return false;
        };
        let given_back = self.given_back(entry.process, entry.number, readers);
        // The newest loops have no successor that could give anything back:
        // their lines are expected to lose what they lost the last time that
        // they kept anything (every other loop, in the article's example).
        let is_tail = entry.number >= processes[entry.process as usize].final_below();
        let mut expected = ByLine::new();
        if is_tail {
            for back in 1..=LOOK_BACK.min(entry.number) {
                let lost = self.given_back(entry.process, entry.number - back, readers);
                for (line, bytes) in lost {
                    expected.entry(line).or_insert(bytes);
                }
            }
        }
        with_record(readers, entry.file, entry.offset, |record| {
            print(record, &given_back, &expected, out);
        });
        true
    }

    /// What later records gave back of a loop, by line.
    fn given_back(&self, process: u32, number: u32, readers: &mut [FrameReader]) -> ByLine {
        let mut sums = ByLine::new();
        let from = self
            .cancels
            .partition_point(|c| (c.process, c.number) < (process, number));
        for cancel in &self.cancels[from..] {
            if (cancel.process, cancel.number) != (process, number) {
                break;
            }
            with_record(readers, cancel.file, cancel.offset, |record| {
                for (_, site, bytes) in record.cancels.iter().filter(|c| c.0 == number) {
                    if let Some((file, line)) = place(record, *site) {
                        *sums.entry((file.into(), line)).or_default() += *bytes as i64;
                    }
                }
            });
        }
        sums
    }

    /// Prints the largest allocations of the loop at position `at`; false
    /// behind the last.
    pub fn print_largest(
        &self,
        at: usize,
        count: usize,
        readers: &mut [FrameReader],
        out: &mut Vec<u8>,
    ) -> bool {
        let Some(entry) = self.entries.get(at) else {
            return false;
        };
        with_record(readers, entry.file, entry.offset, |record| {
            let _ = writeln!(out, "[{} (Loop {})]", record.pid, record.number);
            for (bytes, site) in record.top.iter().take(count) {
                if let Some((file, line)) = place(record, *site) {
                    let _ = writeln!(out, "{}:{line} => [{bytes}]", visible(file));
                }
            }
            out.push(b'\n');
        });
        true
    }
}

fn with_record(readers: &mut [FrameReader], file: u32, offset: u64, f: impl FnOnce(&Record<'_>)) {
    let Some(reader) = readers.get_mut(file as usize) else {
        return;
    };
    // A log that was rotated or cleaned since the first pass has lost the
    // record; its block is left out.
    if let Ok(Some(payload)) = reader.at(offset)
        && let Ok(record) = rmp_serde::from_slice(payload)
    {
        f(&record);
    }
}

fn place<'a>(record: &Record<'a>, site: u32) -> Option<(&'a str, u32)> {
    let site = record.sites.get(site as usize)?;
    Some((record.texts.get(site.file as usize)?, site.line))
}

fn print(record: &Record<'_>, given_back: &ByLine, expected: &ByLine, out: &mut Vec<u8>) {
    let mut lines: Vec<Printed<'_>> = Vec::with_capacity(record.lines.len());
    for entry in &record.lines {
        let Some((file, line)) = place(record, entry.site) else {
            continue;
        };
        let known = lines.iter_mut().find(|l| l.line == line && l.file == file);
        match known {
            Some(printed) => {
                printed.kept += entry.net;
                printed.pre.extend_from_slice(&entry.pre);
            }
            None => lines.push(Printed {
                file,
                line,
                kept: entry.net,
                pre: entry.pre.clone(),
            }),
        }
    }
    let mut total = 0;
    let head = format!("[{} (Loop {})]", record.pid, record.number);
    for printed in &mut lines {
        if !given_back.is_empty() || !expected.is_empty() {
            let key = (Box::from(printed.file), printed.line);
            printed.kept -= given_back.get(&key).copied().unwrap_or(0);
            let lost = expected.get(&key).copied().unwrap_or(0);
            if printed.kept > 0 {
                printed.kept -= lost.min(printed.kept);
            }
        }
        total += print_line(record, &head, printed, out);
    }
    if total == 0 {
        let _ = write!(
            out,
            "{head} ✅ Nice!! No Leak Were Detected In This Loop\n\n\n"
        );
    } else {
        let _ = write!(
            out,
            "{head} ❌ \x1b[31m This Loop TotalLeak: [{total}]\x1b[0m\n\n\n"
        );
    }
}

/// Prints a line with its late frees and returns its bytes. A line that both
/// keeps and frees prints the difference: what it keeps takes the place of the
/// oldest frees, so that a negative line still is the sum of those below it.
fn print_line(record: &Record<'_>, head: &str, printed: &Printed<'_>, out: &mut Vec<u8>) -> i64 {
    let freed: i64 = printed.pre.iter().map(|pre| pre.bytes as i64).sum();
    let bytes = printed.kept - freed;
    if bytes == 0 {
        return 0;
    }
    let _ = writeln!(
        out,
        "{head} {}:{} => \x1b[31m[{bytes}]\x1b[0m",
        visible(printed.file),
        printed.line
    );
    if bytes < 0 {
        let mut kept = printed.kept.max(0);
        for pre in &printed.pre {
            let rest = pre.bytes as i64 - kept;
            kept = (kept - pre.bytes as i64).max(0);
            if rest <= 0 {
                continue;
            }
            let (file, line) = place(record, pre.origin).unwrap_or(("", 0));
            let _ = writeln!(
                out,
                "\x1b[36m               Free Pre (Loop {}) : {}:{line} => [{rest}]\x1b[0m",
                pre.origin_loop,
                visible(file)
            );
        }
    }
    bytes
}
