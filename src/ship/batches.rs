//! Batches that the agent has not acknowledged, each a frame ready to be sent.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tracker_protocol::frame;
use tracker_protocol::message::Batch;

use super::shared::BATCH_BYTES;

/// How long the first record of a batch may wait for others.
pub const BATCH_AGE: Duration = Duration::from_secs(1);
/// Bytes that may wait for an acknowledgement.
const MAX_BYTES: usize = 4 << 20;
/// What statistics may take beyond that: they outlive the bodies.
const RESERVE: usize = 1 << 20;

/// Batches in order of their numbers, and the one that is being filled.
#[derive(Default)]
pub struct Batches {
    frames: VecDeque<(u64, Vec<u8>)>,
    bytes: usize,
    last: u64,
    open: Vec<u8>,
    records: usize,
    since: Option<Instant>,
}

impl Batches {
    /// Whether nothing is left to send or to be acknowledged.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.records == 0
    }

    /// Whether another record finds room; more for `statistics`.
    pub fn has_room(&self, statistics: bool) -> bool {
        let limit = MAX_BYTES + if statistics { RESERVE } else { 0 };
        self.bytes + self.open.len() < limit
    }

    /// Adds a record.
    pub fn add(&mut self, record: &[u8], now: Instant) {
        self.open.extend_from_slice(record);
        self.records += 1;
        self.since.get_or_insert(now);
        if self.open.len() >= BATCH_BYTES {
            self.close();
        }
    }

    /// When the open batch will be old enough to go.
    pub fn due(&self) -> Option<Instant> {
        self.since.map(|since| since + BATCH_AGE)
    }

    /// Ends the open batch, if anything is in it.
    pub fn close(&mut self) {
        if self.records == 0 {
            return;
        }
        self.last += 1;
        let mut bytes = Vec::with_capacity(self.open.len() + 32);
        frame::write(&mut bytes, frame::Type::Batch, |out| {
            Batch::write(out, self.last, self.records, &self.open);
        });
        self.bytes += bytes.len();
        self.frames.push_back((self.last, bytes));
        self.open = Vec::new();
        self.records = 0;
        self.since = None;
    }

    /// The first batch after number `sent`.
    pub fn after(&self, sent: u64) -> Option<(u64, &[u8])> {
        let first = self.frames.front()?.0;
        let index = usize::try_from((sent + 1).saturating_sub(first)).ok()?;
        let (number, bytes) = self.frames.get(index)?;
        Some((*number, bytes))
    }

    /// The agent keeps all up to `number`.
    pub fn acknowledged(&mut self, number: u64) {
        while let Some((first, bytes)) = self.frames.front()
            && *first <= number
        {
            self.bytes -= bytes.len();
            self.frames.pop_front();
        }
    }
}
