//! The queue between the receiver and the writer thread, bounded by bytes.
//!
//! The one sender asks for room before it reads on, so that sending never waits. Who found none
//! is woken when there is some.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use mio::Waker;

use crate::pipeline::Accepted;

/// Batches that may wait. Their bytes are bounded by themselves.
const MAX_BATCHES: usize = 4096;
/// What a batch takes besides its body.
const OVERHEAD: usize = 128;

#[derive(Debug)]
struct Shared {
    bytes: AtomicUsize,
    batches: AtomicUsize,
    limit: usize,
    starving: AtomicBool,
    waker: Arc<Waker>,
}

/// The receiver's end.
#[derive(Debug)]
pub struct Sender {
    queue: SyncSender<Accepted>,
    shared: Arc<Shared>,
}

/// The writer's end.
#[derive(Debug)]
pub struct Taker {
    queue: Receiver<Accepted>,
    shared: Arc<Shared>,
}

/// A queue of about `limit` bytes: the last batch may exceed it. `waker` is called when
/// there is room again.
#[must_use]
pub fn queue(limit: usize, waker: Arc<Waker>) -> (Sender, Taker) {
    let (sender, receiver) = sync_channel(MAX_BATCHES);
    let shared = Arc::new(Shared {
        bytes: AtomicUsize::new(0),
        batches: AtomicUsize::new(0),
        limit,
        starving: AtomicBool::new(false),
        waker,
    });
    let taker = Taker {
        queue: receiver,
        shared: Arc::clone(&shared),
    };
    let sender = Sender {
        queue: sender,
        shared,
    };
    (sender, taker)
}

impl Sender {
    /// Whether a batch can be sent now. If not, the waker will be called.
    #[must_use]
    pub fn has_room(&self) -> bool {
        if self.shared.has_room() {
            return true;
        }
        self.shared.starving.store(true, SeqCst);
        // The writer may have taken the last one before it could see the flag.
        self.shared.has_room()
    }

    /// Sends a batch; `false` when nobody takes it any more, or there was no room.
    pub fn send(&self, batch: Accepted) -> bool {
        let bytes = batch.body.len() + OVERHEAD;
        self.shared.bytes.fetch_add(bytes, SeqCst);
        self.shared.batches.fetch_add(1, SeqCst);
        self.queue.try_send(batch).is_ok()
    }

    /// Bytes that wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shared.bytes.load(SeqCst)
    }
}

impl Shared {
    fn has_room(&self) -> bool {
        self.bytes.load(SeqCst) < self.limit && self.batches.load(SeqCst) < MAX_BATCHES
    }
}

impl Taker {
    /// The next batch, waited for at most `patience`; it stays counted until it is
    /// [done](Taker::done).
    ///
    /// # Errors
    /// When there is none in time, or there will be none.
    pub fn next(&self, patience: Duration) -> Result<Accepted, RecvTimeoutError> {
        self.queue.recv_timeout(patience)
    }

    /// A batch of a body of `bytes` is done with.
    pub fn done(&self, bytes: usize) {
        self.shared.bytes.fetch_sub(bytes + OVERHEAD, SeqCst);
        self.shared.batches.fetch_sub(1, SeqCst);
        if self.shared.has_room() && self.shared.starving.swap(false, SeqCst) {
            // Without a waker the receiver finds out within its next round.
            let _ = self.shared.waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mio::{Events, Poll, Token};

    fn batch(bytes: usize) -> Accepted {
        Accepted {
            position: 1,
            origin: Arc::default(),
            number: 1,
            body: vec![0; bytes],
        }
    }

    #[test]
    fn who_found_no_room_is_woken() {
        let mut poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(1)).unwrap());
        let (sender, taker) = queue(1000, waker);
        assert!(sender.has_room() && sender.send(batch(2000)));
        assert!(!sender.has_room());
        let taken = taker.next(Duration::from_secs(5)).unwrap();
        assert!(!sender.has_room(), "not done yet");
        taker.done(taken.body.len());
        assert!(sender.has_room());
        let mut events = Events::with_capacity(4);
        poll.poll(&mut events, Some(Duration::from_secs(5)))
            .unwrap();
        assert_eq!(events.iter().count(), 1);
        assert_eq!(sender.bytes(), 0);
    }

    #[test]
    fn small_batches_are_bounded_by_number() {
        let poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(1)).unwrap());
        let (sender, taker) = queue(usize::MAX, waker);
        let mut sent = 0;
        while sender.has_room() {
            assert!(sender.send(batch(0)));
            sent += 1;
        }
        assert_eq!(sent, MAX_BATCHES);
        drop(taker);
        assert!(!sender.send(batch(0)));
    }
}
