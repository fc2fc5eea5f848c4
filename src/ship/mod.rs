//! Ships records to the agent. PHP's thread puts them into a bounded queue; one
//! thread per process, started by the first record, does all the rest.
//!
//! PHP never waits for the agent. The one exception is [`flush`] at the end of
//! the process: [`EXIT_BUDGET`] in all, nothing when there is no connection.

mod connection;
mod queue;
mod sender;
mod shared;
mod who;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use tracker_protocol::message::Wishes;
use tracker_protocol::outbox::{Loss, Tally};

use self::sender::Sender;
use self::shared::Shared;
use self::who::Who;
use crate::zend::cell::Global;
use crate::zend::process;

/// How long the end of a process may wait for its last records, in all.
pub const EXIT_BUDGET: Duration = Duration::from_millis(20);

/// What the sender asks of whoever counts: called on its thread.
pub trait Counts: Send {
    /// Appends the records of all counts that have waited long enough, or, at the
    /// `end` of the process, of all: each with the number of calls that it counts.
    /// Tells the moment (Unix µs) at which the rest will have, if there is any.
    fn take(&mut self, end: bool, out: &mut Vec<(Vec<u8>, u64)>) -> Option<u64>;

    /// Calls that found no room since it was asked last.
    fn lost(&mut self) -> u64;

    /// All calls that were ever counted, taken or not.
    fn all(&self) -> Arc<AtomicU64>;
}

/// Who sends, as the agent is to know it.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// Path of the agent's socket.
    pub socket: String,
    /// Application.
    pub app: String,
    /// Server interface.
    pub sapi: String,
    /// Version of PHP.
    pub php: String,
    /// Version of Swoole, empty without it.
    pub swoole: String,
    /// What runs.
    pub title: String,
}

/// What the sender's thread works on.
#[derive(Clone)]
struct Thread {
    sender: Arc<Mutex<Sender>>,
    /// Hears when it is free.
    steps: Receiver<()>,
    /// Who sends: known without the sender.
    who: Arc<Who>,
}

struct Ship {
    shared: Option<Arc<Shared>>,
    thread: Option<Thread>,
    /// See [`process::generation`].
    generation: u32,
    /// No thread could be started: said once per process.
    refused: bool,
    spent: Duration,
    /// What PHP's thread has told as lost itself.
    told: Tally,
}

static SHIP: Global<Ship> = Global::new(Ship {
    shared: None,
    thread: None,
    generation: 0,
    refused: false,
    spent: Duration::ZERO,
    told: Tally::NOTHING,
});

/// The queue of this process; its sender is started with what `begin` gives.
fn shared(begin: impl FnOnce() -> (Identity, Box<dyn Counts>)) -> Option<Arc<Shared>> {
    if let Some(shared) = running() {
        return Some(shared);
    }
    if SHIP.with(|ship| ship.refused) {
        return None;
    }
    let (identity, counts) = begin();
    let started = Shared::new(counts.all()).and_then(|shared| {
        let shared = Arc::new(shared);
        let who = Arc::new(Who::new(identity));
        let sender = Sender::new(Arc::clone(&shared), Arc::clone(&who), counts);
        let sender = Arc::new(Mutex::new(sender));
        let (free, steps) = bounded(1);
        let theirs = (Arc::clone(&shared), Arc::clone(&sender));
        let thread = Thread { sender, steps, who };
        process::spawn_quietly("tracker-sender", move || {
            sender::run(&theirs.0, &theirs.1, &free);
        })
        .then_some((shared, thread))
    });
    SHIP.with(|ship| {
        ship.generation = process::generation();
        ship.refused = started.is_none();
        ship.spent = Duration::ZERO;
        ship.told = Tally::NOTHING;
        (ship.shared, ship.thread) = started.unzip();
        ship.shared.clone()
    })
}

/// The queue, if this very process has one. What a fork left is the parent's:
/// its connection is closed here, and nothing of it is sent or freed (its
/// thread does not exist here, and may have held any lock).
fn running() -> Option<Arc<Shared>> {
    SHIP.with(|ship| ship.own().cloned())
}

/// Gives that queue to `look`, which asks nothing else of this room.
#[inline]
fn with<R>(look: impl FnOnce(&Shared) -> R) -> Option<R> {
    SHIP.with(|ship| ship.own().map(|shared| look(shared)))
}

impl Ship {
    /// See [`running`].
    #[inline]
    fn own(&mut self) -> Option<&Arc<Shared>> {
        if self.generation != process::generation() {
            self.forked();
        }
        self.shared.as_ref()
    }

    #[cold]
    fn forked(&mut self) {
        if let Some(inherited) = self.shared.take() {
            inherited.abandon();
            std::mem::forget(inherited);
        }
        std::mem::forget(self.thread.take());
        self.generation = process::generation();
        self.refused = false;
    }
}

/// Makes sure that the sender runs, and that it looks at the counts.
#[inline]
pub fn nudge(begin: impl FnOnce() -> (Identity, Box<dyn Counts>)) {
    if with(Shared::nudge).is_none()
        && let Some(shared) = shared(begin)
    {
        shared.nudge();
    }
}

/// Whether a record may be built: asked before, so that a full queue costs
/// nothing. A refusal is counted as the loss `otherwise`.
pub fn permit(otherwise: Loss) -> bool {
    let has_room = with(|shared| {
        let has_room = shared.has_room();
        if !has_room {
            shared.losses.add(otherwise, 1);
        }
        has_room
    });
    has_room.unwrap_or(false)
}

/// Hands over the record that `write` appends, encoded as it goes on the wire; if it is
/// lost, it is counted as the loss `otherwise`. Asked before: [`permit`].
pub fn send(otherwise: Loss, write: &mut (dyn FnMut(&mut Vec<u8>) + '_)) {
    with(|shared| shared.push(otherwise, write));
}

/// Counts what is lost for another reason.
pub fn lost(why: Loss, count: u64) {
    with(|shared| shared.losses.add(why, count));
}

/// The agent's wishes; none of its own before it has answered.
pub fn wishes() -> Wishes {
    with(Shared::wishes).unwrap_or_default()
}

/// Sends what is there, at the end of a process: waits at most what is left of
/// [`EXIT_BUDGET`]. PHP's thread does that itself: on a busy machine the sender's may get
/// no turn in so short a time. If it gets none in the middle of its work, all that it has
/// not sent is told to the agent as lost, and it sends nothing more; but where this is not
/// the last flush it goes on, and the last one has to do with what is left.
pub fn flush(is_last: bool) {
    let own = |ship: &mut Ship| ship.own().cloned().zip(ship.thread.clone());
    let Some((shared, thread)) = SHIP.with(own) else {
        return;
    };
    let began = Instant::now();
    let until = began + EXIT_BUDGET.saturating_sub(SHIP.with(|ship| ship.spent));
    if (shared.is_stopped() || !thread.flush(until)) && is_last {
        shared.cut();
        let lost = shared.owed_now().less(&SHIP.with(|ship| ship.told));
        if !lost.is_empty() && thread.who.tell(&lost) {
            SHIP.with(|ship| ship.told.add(&lost));
        }
    }
    shared.wake();
    SHIP.with(|ship| ship.spent += began.elapsed());
}

impl Thread {
    /// See [`flush`]. What can be sent without waiting is sent even if no time is left.
    /// False if the sender is not free in time.
    fn flush(&self, until: Instant) -> bool {
        loop {
            match self.sender.try_lock() {
                Ok(mut sender) => sender.flush(until),
                Err(TryLockError::Poisoned(sender)) => sender.into_inner().flush(until),
                // The thread is at work: not for long.
                Err(TryLockError::WouldBlock) => {
                    if self.steps.recv_deadline(until).is_ok() {
                        continue;
                    }
                    return false;
                }
            }
            return true;
        }
    }
}

/// The process ends: flushes, and ends the thread.
pub fn stop() {
    flush(true);
    SHIP.with(|ship| ship.thread = None);
    if let Some(shared) = SHIP.with(|ship| ship.shared.take()) {
        shared.stop();
    }
}

/// For `php --ri`.
pub fn state() -> String {
    match running() {
        None if SHIP.with(|ship| ship.refused) => "no thread could be started".into(),
        None => "not started: nothing to send yet".into(),
        Some(shared) if shared.is_connected() => "connected".into(),
        Some(_) => "not connected".into(),
    }
}

/// Losses of this process by reason, for `php --ri`.
pub fn losses() -> Vec<(&'static str, u64)> {
    let total = with(|shared| shared.losses.total());
    total.unwrap_or_default().reasons()
}
