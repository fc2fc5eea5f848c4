//! Batches that the agent has not acknowledged, each a frame ready to be sent.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::frame;
use crate::limits::{MAX_FRAME, MAX_RECORDS};
use crate::message::Batch;

use super::losses::Tally;

/// How long the first record of a batch may wait for others.
pub const BATCH_AGE: Duration = Duration::from_secs(1);
/// Bytes of a batch, about: it is closed when it has that many.
pub const BATCH_BYTES: usize = 256 << 10;
/// Bytes that may wait for an acknowledgement.
const MAX_BYTES: usize = 4 << 20;
/// What statistics may take beyond that: they outlive the bodies.
const RESERVE: usize = 1 << 20;
/// Bytes of a batch's body besides its records, at most.
const OVERHEAD: usize = 32;

/// No frame can hold the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// A number that no batch had was acknowledged: the other side is no agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeverSent;

/// A batch that is complete.
#[derive(Debug)]
struct Sealed {
    number: u64,
    frame: Vec<u8>,
    holds: Tally,
}

/// Batches in order of their numbers, and the one that is being filled.
#[derive(Debug, Default)]
pub struct Batches {
    frames: VecDeque<Sealed>,
    bytes: usize,
    last: u64,
    open: Vec<u8>,
    /// What is lost if the open one is.
    holds: Tally,
    records: usize,
    since: Option<Instant>,
}

impl Batches {
    /// Whether nothing is left to send or to be acknowledged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.records == 0
    }

    /// Whether another record finds room; more for `statistics`.
    #[must_use]
    pub fn has_room(&self, statistics: bool) -> bool {
        let limit = MAX_BYTES + if statistics { RESERVE } else { 0 };
        self.bytes + self.open.len() < limit
    }

    /// Adds a record, which `holds` what is lost if it is.
    ///
    /// # Errors
    /// When it is too large for a frame.
    pub fn add(&mut self, record: &[u8], holds: &Tally, now: Instant) -> Result<(), TooLarge> {
        if record.len() > MAX_FRAME - OVERHEAD {
            return Err(TooLarge);
        }
        // A large record has a batch of its own: what came before does not wait until all
        // of it is through.
        let is_full = self.open.len() + record.len() > BATCH_BYTES;
        if is_full || self.records >= MAX_RECORDS as usize {
            self.close();
        }
        self.open.extend_from_slice(record);
        self.holds.add(holds);
        self.records += 1;
        self.since.get_or_insert(now);
        if self.open.len() >= BATCH_BYTES {
            self.close();
        }
        Ok(())
    }

    /// When the open batch will be old enough to go.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.since.map(|since| since + BATCH_AGE)
    }

    /// Ends the open batch, if anything is in it.
    pub fn close(&mut self) {
        if self.records == 0 {
            return;
        }
        self.last += 1;
        let mut bytes = Vec::with_capacity(self.open.len() + OVERHEAD);
        frame::write(&mut bytes, frame::Type::Batch, |out| {
            Batch::write(out, self.last, self.records, &self.open);
        });
        self.bytes += bytes.len();
        self.frames.push_back(Sealed {
            number: self.last,
            frame: bytes,
            holds: std::mem::take(&mut self.holds),
        });
        self.open.clear();
        self.open.shrink_to(2 * BATCH_BYTES);
        self.records = 0;
        self.since = None;
    }

    /// Whether nothing but acknowledgements is missing when all up to number `sent` is on
    /// its way.
    #[must_use]
    pub fn is_sent(&self, sent: u64) -> bool {
        self.records == 0 && sent >= self.last
    }

    /// Place of the first batch after number `sent` among those that are kept.
    fn place(&self, sent: u64) -> Option<usize> {
        let first = self.frames.front()?.number;
        usize::try_from(sent.saturating_add(1).saturating_sub(first)).ok()
    }

    /// The first batch after number `sent`.
    #[must_use]
    pub fn after(&self, sent: u64) -> Option<(u64, &[u8])> {
        let batch = self.frames.get(self.place(sent)?)?;
        Some((batch.number, &batch.frame))
    }

    /// The last batch that has gone whole, where all up to number `sent` was handed on but
    /// for the last `left` bytes.
    #[must_use]
    pub fn gone(&self, mut sent: u64, mut left: usize) -> u64 {
        while left > 0
            && let Some((number, frame)) = sent.checked_sub(1).and_then(|n| self.after(n))
            && number == sent
        {
            left = left.saturating_sub(frame.len());
            sent -= 1;
        }
        sent
    }

    /// What is lost if all after number `sent` is.
    #[must_use]
    pub fn holds_after(&self, sent: u64) -> Tally {
        let mut tally = self.holds;
        let place = self.place(sent).unwrap_or(0);
        for batch in self.frames.iter().skip(place) {
            tally.add(&batch.holds);
        }
        tally
    }

    /// The agent keeps all up to `number`.
    ///
    /// # Errors
    /// When there was no such batch; nothing is forgotten then.
    pub fn acknowledged(&mut self, number: u64) -> Result<(), NeverSent> {
        if number > self.last {
            return Err(NeverSent);
        }
        while let Some(first) = self.frames.front()
            && first.number <= number
        {
            self.bytes -= first.frame.len();
            self.frames.pop_front();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::Loss;
    use crate::record::{Drops, Record};

    /// What a record holds does not matter.
    const NOTHING: Tally = Tally::NOTHING;

    fn record(count: u64) -> Vec<u8> {
        let mut out = Vec::new();
        Drops::write(&mut out, &[("queue_full", count)]);
        out
    }

    /// Number and counts of a frame.
    fn read(bytes: &[u8]) -> (u64, Vec<u64>) {
        let frame = frame::read(bytes).unwrap().unwrap();
        assert_eq!(frame.len, bytes.len());
        let batch = Batch::read(frame.body).unwrap();
        let counts = batch.records().map(|record| match record {
            Ok(Record::Drops(drops)) => drops.iter().map(|(_, count)| count).sum(),
            other => panic!("{other:?}"),
        });
        (batch.number, counts.collect())
    }

    fn three() -> Batches {
        let mut batches = Batches::default();
        for n in 0..6 {
            batches.add(&record(n), &NOTHING, Instant::now()).unwrap();
            if n % 2 == 1 {
                batches.close();
            }
        }
        batches
    }

    #[test]
    fn records_go_in_numbered_batches() {
        let batches = three();
        let mut sent = 0;
        for expected in [(1, vec![0, 1]), (2, vec![2, 3]), (3, vec![4, 5])] {
            let (number, bytes) = batches.after(sent).unwrap();
            assert_eq!(read(bytes), expected);
            sent = number;
        }
        assert!(batches.after(sent).is_none());
        assert!(batches.is_sent(3) && !batches.is_sent(2));
        let mut batches = batches;
        batches.add(&record(6), &NOTHING, Instant::now()).unwrap();
        assert!(!batches.is_sent(3));
    }

    #[test]
    fn what_is_not_acknowledged_is_sent_again() {
        let mut batches = three();
        batches.acknowledged(1).unwrap();
        // After a reconnect the agent says how far it got; one that lost all says 0.
        assert_eq!(batches.after(0).map(|(n, _)| n), Some(2));
        assert_eq!(batches.after(1).map(|(n, _)| n), Some(2));
        assert_eq!(batches.after(2).map(|(n, _)| n), Some(3));
        assert!(!batches.is_empty());
        batches.acknowledged(3).unwrap();
        assert!(batches.is_empty());
        // Numbers go on.
        batches.add(&record(9), &NOTHING, Instant::now()).unwrap();
        assert!(!batches.is_empty());
        batches.close();
        assert_eq!(read(batches.after(3).unwrap().1), (4, vec![9]));
    }

    #[test]
    fn nobody_acknowledges_what_was_never_sent() {
        let mut batches = three();
        assert_eq!(batches.acknowledged(4), Err(NeverSent));
        assert_eq!(batches.acknowledged(u64::MAX), Err(NeverSent));
        assert!(batches.after(u64::MAX).is_none());
        assert_eq!(batches.after(0).map(|(n, _)| n), Some(1));
        batches.acknowledged(3).unwrap();
        batches.acknowledged(3).unwrap();
    }

    #[test]
    fn a_batch_waits_a_second_or_until_it_is_large() {
        let now = Instant::now();
        let mut batches = Batches::default();
        assert_eq!(batches.due(), None);
        batches.add(&record(1), &NOTHING, now).unwrap();
        batches
            .add(&record(1), &NOTHING, now + BATCH_AGE / 2)
            .unwrap();
        assert_eq!(batches.due(), Some(now + BATCH_AGE));
        assert!(batches.after(0).is_none());
        batches.add(&[0; BATCH_BYTES], &NOTHING, now).unwrap();
        assert_eq!(batches.due(), None);
        assert!(batches.after(0).is_some());
        assert_eq!(read(batches.after(0).unwrap().1), (1, vec![1, 1]));
        assert!(batches.after(1).is_some(), "the large one for itself");
        batches.close();
        assert!(batches.after(2).is_none(), "an empty batch");
    }

    #[test]
    fn no_frame_is_larger_than_the_agent_takes() {
        let mut batches = Batches::default();
        let now = Instant::now();
        assert_eq!(
            batches.add(&vec![0; MAX_FRAME], &NOTHING, now),
            Err(TooLarge)
        );
        batches.add(&[0; BATCH_BYTES - 1], &NOTHING, now).unwrap();
        batches
            .add(&vec![0; MAX_FRAME - OVERHEAD], &NOTHING, now)
            .unwrap();
        let mut sent = 0;
        while let Some((number, bytes)) = batches.after(sent) {
            assert!(frame::read(bytes).unwrap().unwrap().body.len() <= MAX_FRAME);
            sent = number;
        }
        assert_eq!(sent, 2);
    }

    #[test]
    fn room_is_bounded_and_statistics_have_more() {
        let mut batches = Batches::default();
        let mut added = 0;
        while batches.has_room(false) {
            batches
                .add(&[0; 1 << 16], &NOTHING, Instant::now())
                .unwrap();
            added += 1;
        }
        assert_eq!(added, MAX_BYTES >> 16);
        while batches.has_room(true) {
            batches
                .add(&[0; 1 << 16], &NOTHING, Instant::now())
                .unwrap();
            added += 1;
        }
        assert!(added <= (MAX_BYTES + RESERVE) >> 16);
        batches.acknowledged(1).unwrap();
        assert!(batches.has_room(true));
    }

    #[test]
    fn what_is_left_behind_is_known() {
        let mut batches = Batches::default();
        let now = Instant::now();
        for calls in [1, 10, 100] {
            let holds = Tally::of(Loss::StatsFull, calls);
            batches.add(&record(calls), &holds, now).unwrap();
            batches.close();
        }
        let holds = Tally::of(Loss::Exit, 1);
        batches.add(&record(0), &holds, now).unwrap();
        let lost = |batches: &Batches, sent| batches.holds_after(sent).reasons();
        assert_eq!(lost(&batches, 0), [("stats_calls", 111), ("exit", 1)]);
        assert_eq!(lost(&batches, 2), [("stats_calls", 100), ("exit", 1)]);
        assert_eq!(lost(&batches, 3), [("exit", 1)]);
        batches.acknowledged(1).unwrap();
        assert_eq!(lost(&batches, 0), [("stats_calls", 110), ("exit", 1)]);
        batches.close();
        batches.acknowledged(4).unwrap();
        assert_eq!(lost(&batches, 4), []);
    }

    #[test]
    fn a_batch_is_gone_when_its_last_byte_is() {
        let batches = three();
        let len = batches.after(2).unwrap().1.len();
        assert_eq!(batches.gone(3, 0), 3);
        assert_eq!(batches.gone(3, 1), 2);
        assert_eq!(batches.gone(3, len), 2);
        assert_eq!(batches.gone(3, len + 1), 1);
        assert_eq!(batches.gone(3, 100 * len), 0);
        assert_eq!(batches.gone(0, 5), 0, "the greeting is no batch");
    }
}
