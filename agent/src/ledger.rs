//! A sink that keeps one line per batch, in `batches.txt` of the data directory:
//! position, user id, start id, number, segments, spans, statistics rows, calls.
//!
//! It shows that the way to the sink loses nothing and doubles nothing.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use tracker_protocol::message::Batch;
use tracker_protocol::record::Record;

use crate::pipeline::{Accepted, Busy, Sink};
use crate::regular_file;

/// Bytes of lines that wait at most.
const MAX_WAITING: usize = 1 << 20;

/// See the [module](self).
#[derive(Debug)]
pub struct Ledger {
    file: File,
    bytes: u64,
    waiting: Vec<u8>,
    taken: u64,
    durable: u64,
}

impl Ledger {
    /// Opens or makes it. A line that was not written whole goes.
    ///
    /// # Errors
    /// What is wrong, for a person.
    pub fn open(dir: &Path) -> Result<Box<dyn Sink>, String> {
        let path = dir.join("batches.txt");
        let open = || -> io::Result<Self> {
            let file = regular_file::open(OpenOptions::new().append(true).create(true), &path)?;
            let text = std::fs::read(&path)?;
            let end = text
                .iter()
                .rposition(|&b| b == b'\n')
                .map_or(0, |at| at + 1);
            file.set_len(end as u64)?;
            let last = text[..end].split(|&b| b == b'\n').rev().nth(1);
            let position = last
                .and_then(|line| std::str::from_utf8(line).ok())
                .and_then(|line| line.split(' ').next()?.parse().ok())
                .unwrap_or(0);
            Ok(Self {
                file,
                bytes: end as u64,
                waiting: Vec::new(),
                taken: position,
                durable: position,
            })
        };
        let ledger = open().map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Box::new(ledger))
    }

    fn commit(&mut self) -> io::Result<()> {
        if let Err(e) = self.file.write_all(&self.waiting) {
            self.file.set_len(self.bytes)?;
            return Err(e);
        }
        self.bytes += self.waiting.len() as u64;
        self.waiting.clear();
        self.durable = self.taken;
        Ok(())
    }
}

impl Sink for Ledger {
    fn take(&mut self, batch: &Accepted) -> Result<(), Busy> {
        if batch.position <= self.taken {
            return Ok(());
        }
        if self.waiting.len() > MAX_WAITING {
            self.commit().map_err(|e| Busy(e.to_string()))?;
        }
        let [mut segments, mut spans, mut rows, mut calls] = [0u64; 4];
        let records = Batch::read(&batch.body).map(|batch| batch.records());
        for record in records.into_iter().flatten().flatten() {
            match record {
                Record::Segment(segment) => {
                    segments += 1;
                    spans += segment.spans().flatten().count() as u64;
                }
                Record::Stats(stats) => {
                    for row in stats.rows().flatten() {
                        rows += 1;
                        calls += row.calls;
                    }
                }
                _ => {}
            }
        }
        let origin = &batch.origin;
        writeln!(
            self.waiting,
            "{} {} {} {} {segments} {spans} {rows} {calls}",
            batch.position, origin.uid, origin.start_id, batch.number
        )
        .map_err(|e| Busy(e.to_string()))?;
        self.taken = batch.position;
        Ok(())
    }

    fn tick(&mut self) {
        if let Err(e) = self.commit() {
            tracing::warn!(error = %e, "batches.txt cannot be written");
        }
    }

    fn durable(&self) -> u64 {
        self.durable
    }

    fn newest(&self) -> u64 {
        self.durable
    }

    fn finish(&mut self) {
        self.tick();
    }
}
