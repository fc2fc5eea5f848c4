//! The receiver: one thread for all connections of the Unix socket.
//!
//! It reads frames, writes batches to the journal, acknowledges them, and hands them to
//! the writer thread. See `docs/decisions/0020-one-thread-receives.md` for why it is one
//! thread, and no tasks.
//!
//! Memory is bounded: [`MAX_PARTIAL`] for frames that have not arrived whole, 32 KiB for each
//! connection besides, [`MAX_QUEUE`] for batches that wait for the writer.

mod budget;
mod connection;
mod queue;
mod server;
pub mod socket;
mod station;

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

use mio::Waker;
use tracker_protocol::message::Wishes;

use crate::journal::Limits;

pub use queue::Taker;
pub use server::{Options, Server};

/// Bytes of frames that have not arrived whole, of all connections together.
pub const MAX_PARTIAL: usize = 32 << 20;
/// Bytes of batches that wait for the writer.
pub const MAX_QUEUE: usize = 32 << 20;

/// How other threads reach the receiver.
#[derive(Debug)]
pub struct Control {
    stopping: AtomicBool,
    durable: AtomicU64,
    wishes: Mutex<Wishes>,
    /// See [`Control::set_ceiling`]; `u32::MAX` is none.
    ceiling: AtomicU32,
    /// See [`Control::set_bounds`].
    bounds: Mutex<Option<(usize, Limits)>>,
    waker: Arc<Waker>,
}

impl Control {
    pub(crate) fn new(wishes: Wishes, waker: Arc<Waker>) -> Self {
        Self {
            stopping: AtomicBool::new(false),
            durable: AtomicU64::new(0),
            wishes: Mutex::new(wishes),
            ceiling: AtomicU32::new(u32::MAX),
            bounds: Mutex::new(None),
            waker,
        }
    }

    /// So many connections at the same time from now on, and a journal of this size.
    pub fn set_bounds(&self, max_connections: usize, journal: Limits) {
        let bounds = self.bounds.lock();
        *bounds.unwrap_or_else(PoisonError::into_inner) = Some((max_connections, journal));
    }

    /// What was set since the last look.
    fn bounds(&self) -> Option<(usize, Limits)> {
        let bounds = self.bounds.lock();
        bounds.unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Ends the receiver soon.
    pub fn stop(&self) {
        self.stopping.store(true, SeqCst);
        // Without the waker it sees the flag a quarter of a second later.
        let _ = self.waker.wake();
    }

    /// Whether it was told to end.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(SeqCst)
    }

    /// Everything up to this position is stored: the journal may forget it.
    pub fn set_durable(&self, position: u64) {
        self.durable.store(position, SeqCst);
    }

    fn durable(&self) -> u64 {
        self.durable.load(SeqCst)
    }

    /// What the processes are told with each answer from now on.
    pub fn set_wishes(&self, wishes: Wishes) {
        *self.wishes.lock().unwrap_or_else(PoisonError::into_inner) = wishes;
    }

    /// No process is to send a larger share of ordinary traces than this, hundredths of
    /// a percent: more come than the agent takes.
    pub fn set_ceiling(&self, ceiling: Option<u32>) {
        self.ceiling.store(ceiling.unwrap_or(u32::MAX), SeqCst);
    }

    fn wishes(&self) -> Wishes {
        let mut wishes = *self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        let ceiling = self.ceiling.load(SeqCst);
        wishes.ceiling = (ceiling != u32::MAX).then_some(ceiling);
        wishes
    }
}
