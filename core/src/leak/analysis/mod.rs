//! Reads a leak log, in bounded memory (`room`), into a report.
//!
//! Two passes: the first reads every record once, keeps the verdicts' history
//! per line and an index of 24 bytes per loop; the second (only for the
//! original's text) goes by loop number and prints. A log of a million loops
//! takes a few seconds and some ten megabytes.

mod growth;
pub mod ignore;
mod original;
mod process;
mod room;
mod totals;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use self::growth::Growth;
use self::ignore::Ignore;
use self::original::Loops;
use self::process::Process;
use self::room::Room;
use super::log::files;
use super::log::reader::FrameReader;
use super::log::record::{Record, RecordKind};
use super::model::{LeakReport, LogInfo, ProcessReport, SCHEMA_VERSION};
use super::report::counted;

/// How far the reading of a log has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Bytes read.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

impl Progress {
    /// Smaller logs are read before a bar could be seen.
    const WORTH_A_BAR: u64 = 32 << 20;

    /// Whether reading takes long enough to show a bar.
    #[must_use]
    pub fn is_worth_a_bar(self) -> bool {
        self.total >= Self::WORTH_A_BAR
    }

    /// A bar of 40 characters, to be printed over the last one; a line break
    /// after the last step.
    #[must_use]
    pub fn bar(self) -> String {
        let part = self.done.min(self.total) as f64 / self.total.max(1) as f64;
        let filled = (part * 40.0) as usize;
        let end = if self.done >= self.total { "\n" } else { "" };
        format!(
            "reading [{}{}] {:3.0} %{end}",
            "#".repeat(filled),
            ".".repeat(40 - filled),
            part * 100.0
        )
    }
}

/// Hears of progress, now and then.
pub type OnProgress<'a> = dyn FnMut(Progress) + 'a;

/// What a process takes, beside its lines.
const BYTES_OF_PROCESS: usize = 2 * (size_of::<Process>() + size_of::<((u32, u64), usize)>());

/// One read of a log.
pub struct Analysis {
    path: PathBuf,
    readers: Vec<FrameReader>,
    loops: Loops,
    growth: Growth,
    processes: Vec<Process>,
    by_life: HashMap<(u32, u64), usize>,
    ignore: Ignore,
    room: Room,
    info: LogInfo,
    queue: Vec<Part>,
    buffer: Vec<u8>,
    sent: usize,
}

/// What is still to be printed.
enum Part {
    /// The original's block of an indexed loop, from that position on.
    Blocks(usize),
    /// The original's growth section.
    Growth,
    /// The largest allocations of an indexed loop.
    Largest { next: usize, count: usize },
    /// Text as it is.
    Text(Vec<u8>),
}

impl Analysis {
    /// Reads the log at `path` and its siblings. `ignore`: patterns of
    /// `file[:line]`, separated by commas. What cannot be read is noted in the
    /// report.
    #[must_use]
    pub fn of(path: &Path, ignore: &str, progress: Option<&mut OnProgress<'_>>) -> Self {
        Self::within(Room::default(), path, ignore, progress)
    }

    fn within(
        room: Room,
        path: &Path,
        ignore: &str,
        mut progress: Option<&mut OnProgress<'_>>,
    ) -> Self {
        let mut analysis = Self {
            path: path.to_path_buf(),
            readers: Vec::new(),
            loops: Loops::default(),
            growth: Growth::default(),
            processes: Vec::new(),
            by_life: HashMap::new(),
            ignore: Ignore::new(ignore),
            room,
            info: LogInfo::default(),
            queue: Vec::new(),
            buffer: Vec::new(),
            sent: 0,
        };
        let mut opened: Vec<(PathBuf, FrameReader)> = Vec::new();
        for file in files::family(path) {
            let reader = files::open_read(&file)
                .and_then(|open| FrameReader::new(open).map_err(files::Refusal::from));
            match reader {
                Ok(reader) => opened.push((file, reader)),
                Err(refusal) => {
                    analysis
                        .info
                        .unreadable
                        .push(format!("{}: {refusal}", file.display()));
                }
            }
        }
        let total: u64 = opened.iter().map(|(_, reader)| reader.length()).sum();
        let mut before = 0;
        for (file, mut reader) in opened {
            let index = analysis.readers.len();
            let mut step = 0;
            let skipped = reader.scan(|offset, payload| {
                step += 1;
                if step % 4096 == 0
                    && let Some(report) = progress.as_deref_mut()
                {
                    report(Progress {
                        done: before + offset,
                        total,
                    });
                }
                rmp_serde::from_slice(payload).is_ok_and(|record| {
                    analysis.take(&record, index, offset);
                    true
                })
            });
            before += reader.length();
            match skipped {
                Ok(skipped) => analysis.info.skipped_records += skipped,
                Err(error) => {
                    analysis
                        .info
                        .unreadable
                        .push(format!("{}: {error}", file.display()));
                }
            }
            analysis.info.files.push(file.display().to_string());
            analysis.readers.push(reader);
        }
        if let Some(report) = progress {
            report(Progress { done: total, total });
        }
        analysis.info.not_counted = analysis.room.refused();
        analysis.loops.arrange();
        analysis
    }

    /// The verdicts on records that come by themselves, in the order in which they were
    /// written: what [`Analysis::report`] says of a log of them.
    #[must_use]
    pub fn of_records<'a>(
        records: impl IntoIterator<Item = &'a [u8]>,
        ignore: &str,
    ) -> Vec<ProcessReport> {
        let ignore = Ignore::new(ignore);
        let mut room = Room::default();
        let mut processes: Vec<((u32, u64), Process)> = Vec::new();
        for payload in records {
            let Ok(record) = rmp_serde::from_slice::<Record<'_>>(payload) else {
                continue;
            };
            let life = (record.pid, record.start_id);
            let known = processes.iter().position(|(known, _)| *known == life);
            let index = known.unwrap_or_else(|| {
                processes.push((life, Process::new(&record)));
                processes.len() - 1
            });
            processes[index].1.take(&record, &ignore, &mut room);
        }
        processes.iter().map(|(_, p)| p.report(&ignore)).collect()
    }

    fn take(&mut self, record: &Record<'_>, file: usize, offset: u64) {
        let life = (record.pid, record.start_id);
        let index = match self.by_life.get(&life) {
            Some(index) => *index,
            None if !self.room.take(BYTES_OF_PROCESS) => return,
            None => {
                self.processes.push(Process::new(record));
                self.by_life.insert(life, self.processes.len() - 1);
                self.processes.len() - 1
            }
        };
        self.processes[index].take(record, &self.ignore, &mut self.room);
        if record.kind == RecordKind::Loop {
            self.growth.take(record, &mut self.room);
            self.loops.take(record, index, file, offset);
        }
    }

    /// Notes a log that was asked for by name and is not there. (That the usual
    /// one is missing only means that nothing was recorded.)
    pub fn expect(&mut self, path: &Path) {
        if self.readers.is_empty()
            && self.info.unreadable.is_empty()
            && let Some(refusal) = files::refusal(path)
        {
            let line = format!("{}: {refusal}", path.display());
            self.info.unreadable.push(line);
        }
    }

    /// Whether all that there is could be read and understood.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.info.skipped_records == 0
            && self.info.not_counted == 0
            && self.info.unreadable.is_empty()
    }

    /// Whether there is no record at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.processes.is_empty()
    }

    /// What to tell a user who finds nothing: which files were looked at, and what
    /// was wrong with each.
    #[must_use]
    pub fn hint(&self) -> String {
        let mut looked_at: Vec<String> = self
            .readers
            .iter()
            .zip(&self.info.files)
            .map(|(reader, file)| match reader.length() {
                0 => format!("{file} is empty"),
                _ => format!("{file} has no record that can be read"),
            })
            .collect();
        looked_at.extend(self.info.unreadable.iter().cloned());
        if looked_at.is_empty() {
            let why = match files::refusal(&self.path) {
                Some(files::Refusal::Io(error)) if error.kind() != ErrorKind::NotFound => {
                    error.to_string()
                }
                _ => "does not exist".to_owned(),
            };
            looked_at.push(format!("{} {why}", self.path.display()));
        }
        let looked_at = looked_at.join(", ");
        if self.readers.is_empty() && !self.info.unreadable.is_empty() {
            return format!(
                "swoole_tracker: the leak log cannot be read: {looked_at}. Run this as the user of \
                 the processes that write it, or as root."
            );
        }
        let mut text = format!(
            "swoole_tracker: the leak log holds no record: {looked_at}. Run the program with \
             apm.enable_malloc_hook=1 and the same apm.leak_log, and call trackerHookMalloc() at \
             the top of the function that runs once per loop; the first loop is not recorded."
        );
        if self.info.skipped_records > 0 {
            let records = counted(self.info.skipped_records, "damaged record");
            text.push_str(&format!(" Skipped: {records}."));
        }
        text
    }

    /// The verdicts.
    #[must_use]
    pub fn report(&self) -> LeakReport {
        LeakReport {
            version: SCHEMA_VERSION,
            log: self.info.clone(),
            processes: self
                .processes
                .iter()
                .map(|p| p.report(&self.ignore))
                .collect(),
            ignore_unmatched: self.ignore_unmatched(),
        }
    }

    fn ignore_unmatched(&self) -> Vec<String> {
        let mut unmatched = self.ignore.unmatched();
        let mut is_recorded = false;
        for process in &self.processes {
            is_recorded |= process.show_places(&mut unmatched);
        }
        if is_recorded {
            unmatched.texts()
        } else {
            Vec::new()
        }
    }

    /// Queues the original's report.
    pub fn queue_original(&mut self) {
        self.queue.push(Part::Blocks(0));
        self.queue.push(Part::Growth);
    }

    /// Queues the `count` largest allocations of every loop.
    pub fn queue_largest(&mut self, count: usize) {
        self.queue.push(Part::Largest { next: 0, count });
    }

    /// Queues a text.
    pub fn queue_text(&mut self, text: Vec<u8>) {
        self.queue.push(Part::Text(text));
    }

    /// Copies the next bytes of what was queued into `out`; 0 at the end.
    /// Makes about `ahead` bytes at a time.
    pub fn read_text(&mut self, out: &mut [u8], ahead: usize) -> usize {
        if self.sent == self.buffer.len() {
            self.buffer.clear();
            self.sent = 0;
            while self.buffer.len() < ahead && !self.queue.is_empty() {
                self.make();
            }
        }
        let length = out.len().min(self.buffer.len() - self.sent);
        out[..length].copy_from_slice(&self.buffer[self.sent..self.sent + length]);
        self.sent += length;
        length
    }

    /// Makes the next piece of text.
    fn make(&mut self) {
        let done = match &mut self.queue[0] {
            Part::Text(text) => {
                self.buffer.append(text);
                true
            }
            Part::Growth => {
                self.growth.print(&mut self.buffer);
                true
            }
            Part::Blocks(next) => {
                let at = *next;
                *next += 1;
                !self
                    .loops
                    .print_block(at, &mut self.readers, &self.processes, &mut self.buffer)
            }
            Part::Largest { next, count } => {
                let at = *next;
                *next += 1;
                !self
                    .loops
                    .print_largest(at, *count, &mut self.readers, &mut self.buffer)
            }
        };
        if done {
            self.queue.remove(0);
        }
    }
}

#[cfg(test)]
mod tests;
