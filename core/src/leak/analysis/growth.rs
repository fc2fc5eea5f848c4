//! The original's growth section: lines whose allocations per loop, freed ones
//! included, grew at least [`TIMES`] times over the loop before, summed over
//! all processes.

use std::collections::HashMap;
use std::io::Write;

use super::room::Room;
use crate::leak::log::record::Record;

/// "Grows at least 5 times" (manual of the original).
const TIMES: u64 = 5;

/// Growth per line.
#[derive(Debug, Default)]
pub struct Growth {
    lines: Vec<Line>,
    index: HashMap<(Box<str>, u32), usize>,
}

/// What a line takes, beside its text; see `process`.
const BYTES_OF_LINE: usize = 2 * (size_of::<Line>() + size_of::<((Box<str>, u32), usize)>());

#[derive(Debug)]
struct Line {
    file: Box<str>,
    line: u32,
    times: u64,
    bytes: u64,
}

impl Growth {
    /// Adds what a record says.
    pub fn take(&mut self, record: &Record<'_>, room: &mut Room) {
        for entry in record.lines.iter().filter(|line| line.growth > 0) {
            let Some(site) = record.sites.get(entry.site as usize) else {
                continue;
            };
            let Some(file) = record.texts.get(site.file as usize) else {
                continue;
            };
            let key = (Box::from(*file), site.line);
            let index = match self.index.get(&key) {
                Some(index) => *index,
                None if !room.take(BYTES_OF_LINE + 2 * file.len()) => continue,
                None => {
                    self.lines.push(Line {
                        file: key.0.clone(),
                        line: key.1,
                        times: 0,
                        bytes: 0,
                    });
                    self.index.insert(key, self.lines.len() - 1);
                    self.lines.len() - 1
                }
            };
            self.lines[index].times += 1;
            self.lines[index].bytes += entry.growth;
        }
    }

    /// Prints the section; nothing if no line grew.
    pub fn print(&self, out: &mut Vec<u8>) {
        let mut first = true;
        for line in self.lines.iter().filter(|line| line.times >= TIMES) {
            // The header's reset stands at the start of the next line.
            let start = if std::mem::take(&mut first) {
                "\x1b[33m The Possible Leak As Malloc Size Keep Growth:\n\x1b[0m"
            } else {
                ""
            };
            let _ = writeln!(
                out,
                "{start} {}:{} => \x1b[31m Growth Times : [{}];  Growth Size : [{}]\x1b[0m",
                visible(&line.file),
                line.line,
                line.times,
                line.bytes
            );
        }
        if !first {
            out.push(b'\n');
        }
    }
}

/// A path without line breaks: they would end a line of the report.
pub fn visible(path: &str) -> std::borrow::Cow<'_, str> {
    if path.contains(['\n', '\r', '\x1b']) {
        path.replace('\n', "\\n")
            .replace('\r', "\\r")
            .replace('\x1b', "\\e")
            .into()
    } else {
        path.into()
    }
}
