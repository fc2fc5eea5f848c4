//! What PHP's thread and the sender share: a queue, a few atomics, and an
//! eventfd that wakes the sender.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::event::{EventfdFlags, eventfd};
use rustix::net::{Shutdown, shutdown};
use tracker_core::descriptors::Own;
use tracker_protocol::message::Wishes;
use tracker_protocol::outbox::{BATCH_BYTES, Loss, Losses, Owed, Tally};

use super::queue::{Queue, Records};
use crate::zend::process;

/// Bytes that may wait for the sender.
const MAX_BYTES: usize = 4 << 20;
/// "The process's own setting" in an atomic.
const OWN: u32 = u32::MAX;

/// Shared by PHP's thread and the sender of one process.
pub struct Shared {
    records: Queue,
    bytes: AtomicUsize,
    event: Own<OwnedFd>,
    /// The sender sleeps until somebody wakes it.
    sleeps: AtomicBool,
    stopped: AtomicBool,
    connected: AtomicBool,
    /// The connection, for PHP's thread to cut.
    connection: Mutex<Option<Arc<Own<OwnedFd>>>>,
    /// The same, for a forked child to close.
    socket: AtomicI32,
    /// What that names.
    socket_device: AtomicU64,
    socket_inode: AtomicU64,
    sampling: AtomicU32,
    ceiling: AtomicU32,
    stack_depth: AtomicU32,
    probe: AtomicBool,
    /// What was lost.
    pub losses: Losses,
    /// What the agent has to get or to be told.
    pub owed: Owed,
    /// All calls that were counted: a part of that.
    calls: Arc<AtomicU64>,
}

impl Shared {
    /// A queue, beside `calls` that are counted; `None` if the system has no descriptor
    /// to spare.
    pub fn new(calls: Arc<AtomicU64>) -> Option<Self> {
        let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).ok()?;
        let event = Own::new(event).ok()?;
        Some(Self {
            records: Queue::default(),
            bytes: AtomicUsize::new(0),
            event,
            sleeps: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            connected: AtomicBool::new(false),
            connection: Mutex::new(None),
            socket: AtomicI32::new(-1),
            socket_device: AtomicU64::new(0),
            socket_inode: AtomicU64::new(0),
            sampling: AtomicU32::new(OWN),
            ceiling: AtomicU32::new(OWN),
            stack_depth: AtomicU32::new(OWN),
            probe: AtomicBool::new(true),
            losses: Losses::default(),
            owed: Owed::default(),
            calls,
        })
    }

    /// Whether one more record finds room.
    pub fn has_room(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) < MAX_BYTES
    }

    /// Puts the record that `write` appends into the queue. If it is lost, that is the
    /// loss `otherwise`.
    pub fn push(&self, otherwise: Loss, write: impl FnOnce(&mut Vec<u8>)) {
        let new = self.records.write(write);
        self.owed.queue(otherwise);
        let before = self.bytes.fetch_add(new, Ordering::Relaxed);
        // As much as a batch holds waits from now on.
        if before < BATCH_BYTES && before + new >= BATCH_BYTES {
            self.wake();
        } else {
            self.nudge();
        }
    }

    /// Exchanges the records that wait for `room`.
    pub fn take(&self, room: &mut Records) {
        self.records.take(room);
    }

    /// Whether a record waits.
    pub fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    /// The sender is done with that many bytes of the queue.
    pub fn took(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Wakes the sender if it sleeps for want of work.
    pub fn nudge(&self) {
        if self.sleeps.load(Ordering::SeqCst) && self.sleeps.swap(false, Ordering::SeqCst) {
            self.wake();
        }
    }

    /// Wakes the sender.
    pub fn wake(&self) {
        if self.event.is_ours() {
            // The only error is a counter that is full, which wakes as well.
            let _ = rustix::io::write(&self.event, &1_u64.to_ne_bytes());
        }
    }

    /// The descriptor that wakes the sender; none if the program has closed it.
    pub fn event(&self) -> Option<&OwnedFd> {
        self.event.is_ours().then_some(&*self.event)
    }

    /// Forgets the wakes so far.
    pub fn awake(&self) {
        if let Some(event) = self.event() {
            // Nothing to read is fine.
            let _ = rustix::io::read(event, &mut [0; 8]);
        }
    }

    /// The sender is about to sleep without a limit.
    pub fn sleeps(&self, on: bool) {
        self.sleeps.store(on, Ordering::SeqCst);
    }

    /// What is owed to the agent now.
    pub fn owed_now(&self) -> Tally {
        let calls = self.calls.load(Ordering::Relaxed);
        self.owed.now(&self.losses, calls)
    }

    /// Nothing is sent from now on but by who says this. Of what the sender is just doing,
    /// one `send` may have succeeded already that is not known to have.
    pub fn cut(&self) {
        self.stop();
        // Where it is just connecting or parting, it looks whether it is stopped next.
        if let Ok(connection) = self.connection.try_lock()
            && let Some(connection) = connection.as_ref().filter(|c| c.is_ours())
        {
            // The other side may be gone already.
            let _ = shutdown(&***connection, Shutdown::Write);
        }
    }

    /// Ends the sender's thread, which sends nothing more.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Whether it shall end.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Whether the agent is there.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// The sender has a connection, or has one no more.
    pub fn set_connection(&self, socket: Option<&Arc<Own<OwnedFd>>>) {
        *self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = socket.map(Arc::clone);
        self.connected.store(socket.is_some(), Ordering::Relaxed);
        let (device, inode) = socket.map_or((0, 0), |s| s.identity());
        self.socket_device.store(device, Ordering::SeqCst);
        self.socket_inode.store(inode, Ordering::SeqCst);
        let number = socket.map_or(-1, |s| s.as_raw_fd());
        self.socket.store(number, Ordering::SeqCst);
    }

    /// In a forked child: closes what was the parent's.
    pub fn abandon(&self) {
        let file = (
            self.socket_device.load(Ordering::SeqCst),
            self.socket_inode.load(Ordering::SeqCst),
        );
        process::close_inherited(self.socket.swap(-1, Ordering::SeqCst), file);
        process::close_inherited(self.event.as_raw_fd(), self.event.identity());
    }

    /// Takes the agent's wishes.
    pub fn set_wishes(&self, wishes: Wishes) {
        self.sampling
            .store(wishes.sampling.unwrap_or(OWN), Ordering::Relaxed);
        self.ceiling
            .store(wishes.ceiling.unwrap_or(OWN), Ordering::Relaxed);
        self.stack_depth
            .store(wishes.stack_depth.unwrap_or(OWN), Ordering::Relaxed);
        self.probe.store(wishes.probe, Ordering::Relaxed);
    }

    /// The agent's wishes.
    pub fn wishes(&self) -> Wishes {
        let number = |atomic: &AtomicU32| {
            let n = atomic.load(Ordering::Relaxed);
            (n != OWN).then_some(n)
        };
        Wishes {
            sampling: number(&self.sampling),
            stack_depth: number(&self.stack_depth),
            probe: self.probe.load(Ordering::Relaxed),
            ceiling: number(&self.ceiling),
        }
    }
}
