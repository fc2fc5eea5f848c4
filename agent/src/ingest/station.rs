//! What all connections share: journal, queue, budget, and who the agent is.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tracker_protocol::message::Wishes;

use super::Control;
use super::budget::Budget;
use super::queue::Sender;
use crate::journal::{Append, Journal};
use crate::pipeline::{Accepted, Counters, Identity, Loss, Origin};

/// More batches than this in one gap are not counted: the number was made up.
const MAX_GAP: u64 = 1_000_000;

/// See the [module](self). It lives on the receiver's thread.
#[derive(Debug)]
pub struct Station {
    /// Every batch goes there first.
    pub journal: Journal,
    /// Then there.
    pub queue: Sender,
    /// What is counted.
    pub counters: Arc<Counters>,
    /// For frames that have not arrived whole.
    pub budget: Budget,
    /// Who the agent is.
    pub identity: Identity,
    /// What comes from other threads.
    pub control: Arc<Control>,
}

/// What became of a batch.
#[derive(Debug)]
pub enum Taken {
    /// It is kept, or was before: all up to this number may be acknowledged.
    Kept(u64),
    /// There is no room; here it is again.
    Full(Vec<u8>),
}

impl Station {
    /// Whether a batch can be taken, as far as the queue is concerned: one that is kept
    /// already always can.
    #[must_use]
    pub fn has_room(&self, origin: &Origin, number: u64) -> bool {
        self.queue.has_room() || number <= self.journal.newest(origin)
    }

    /// What the processes are to be told.
    #[must_use]
    pub fn wishes(&self) -> Wishes {
        self.control.wishes()
    }

    /// Takes a batch, unless it is kept already.
    pub fn take(&mut self, origin: &Arc<Origin>, number: u64, body: Vec<u8>) -> Taken {
        let newest = self.journal.newest(origin);
        if number <= newest {
            self.counters.duplicates.fetch_add(1, Relaxed);
            return Taken::Kept(newest);
        }
        let (position, body) = match self.journal.append(origin, number, &body) {
            Append::Kept(position) => (position, body),
            Append::Reduced(position, less) => (position, less),
            Append::Full => return Taken::Full(body),
        };
        let gap = number - newest - 1;
        if gap > 0 {
            self.counters.lose(Loss::Skipped, gap.min(MAX_GAP));
        }
        let batch = Accepted {
            position,
            origin: Arc::clone(origin),
            number,
            body,
        };
        if !self.queue.send(batch) {
            // It is in the journal: the next start hands it on.
            tracing::error!(position, "the writer is gone");
            self.control.stop();
        }
        let waiting = self.queue.bytes() as u64;
        self.counters.queue_bytes.store(waiting, Relaxed);
        Taken::Kept(number)
    }
}
