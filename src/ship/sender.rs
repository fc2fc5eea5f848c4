//! The sender's thread: queue and counts in, batches out.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::Sender as Steps;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tracker_core::descriptors::Own;
use tracker_protocol::outbox::{Backoff, Batches, Loss, Tally};
use tracker_protocol::record::Drops;

use super::Counts;
use super::connection::{Broken, Connection};
use super::queue::Records;
use super::shared::Shared;
use super::who::{Who, draw_id};

/// How long a flush waits for the acknowledgement of what it has written: the
/// agent gets that even if this process is gone by then.
const ACK_WAIT: Duration = Duration::from_millis(5);

/// How long to sleep where the program has closed the descriptor that wakes us.
const UNWOKEN: Duration = Duration::from_millis(200);

/// What one thread at a time does: the sender's, and PHP's at the end of the process.
pub struct Sender {
    shared: Arc<Shared>,
    who: Arc<Who>,
    start_id: u64,
    counts: Box<dyn Counts>,
    /// Out of the queue, not in a batch yet.
    records: Records,
    batches: Batches,
    /// All that was ever in them, and all that turned into a loss before.
    taken: Tally,
    connection: Option<Connection>,
    has_connected: bool,
    /// When to try to connect.
    backoff: Backoff,
    /// When the statistics will have waited long enough, Unix µs.
    counts_due: Option<u64>,
}

/// Until when, and for what, the sender's thread sleeps.
struct Sleep {
    limit: Option<Duration>,
    connection: Option<Arc<Own<OwnedFd>>>,
    is_congested: bool,
}

/// The thread: runs until it is told to stop. Whoever waits for the sender hears from
/// `steps` when it is free.
pub fn run(shared: &Shared, sender: &Mutex<Sender>, steps: &Steps<()>) {
    while !shared.is_stopped() {
        let sleep = {
            // A panic in a step leaves what the next one can go on with.
            let mut sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
            sender.step();
            sender.sleep()
        };
        // It is full if nobody asked since the last step.
        let _ = steps.try_send(());
        sleep.sleep(shared);
    }
}

fn unix() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

fn timespec(limit: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(limit.subsec_nanos()),
    }
}

/// What to wait for on a connection.
fn wanted(is_congested: bool) -> PollFlags {
    if is_congested {
        PollFlags::IN | PollFlags::OUT
    } else {
        PollFlags::IN
    }
}

impl Sleep {
    fn sleep(&self, shared: &Shared) {
        let event = shared.event();
        let mut limit = self.limit;
        if event.is_none() {
            // Nobody can wake us.
            limit = Some(limit.map_or(UNWOKEN, |limit| limit.min(UNWOKEN)));
        }
        let timeout = limit.map(timespec);
        let event = event.map(|event| PollFd::new(event, PollFlags::IN));
        let connection = self.connection.as_ref();
        let connection = connection.map(|c| PollFd::new(&**c, wanted(self.is_congested)));
        // Signals are blocked on this thread; any other error is found again by
        // the next read or write.
        // The process may end while this thread sleeps: it holds nothing of the heap.
        let _ = match (event, connection) {
            (Some(event), Some(connection)) => poll(&mut [event, connection], timeout.as_ref()),
            (Some(one), None) | (None, Some(one)) => poll(&mut [one], timeout.as_ref()),
            (None, None) => poll(&mut [], timeout.as_ref()),
        };
        shared.sleeps(false);
        shared.awake();
    }
}

impl Sender {
    /// The sender of this process.
    pub fn new(shared: Arc<Shared>, who: Arc<Who>, counts: Box<dyn Counts>) -> Self {
        Self {
            shared,
            who,
            start_id: draw_id(),
            counts,
            records: Records::default(),
            batches: Batches::default(),
            taken: Tally::NOTHING,
            connection: None,
            has_connected: false,
            backoff: Backoff::new(Instant::now()),
            counts_due: None,
        }
    }

    fn step(&mut self) {
        let now = Instant::now();
        self.count(false, now);
        self.receive(false, now);
        if self.batches.due().is_some_and(|due| due <= now) {
            self.tell_losses(false, now);
            self.batches.close();
        }
        self.exchange_or_part(now);
    }

    /// Sends all that there is, until then at most; at the end of the process, on PHP's
    /// own thread. What the system does not take is told to the agent as lost.
    pub fn flush(&mut self, mut until: Instant) {
        let mut now = Instant::now();
        self.count(true, now);
        self.receive(true, now);
        self.tell_losses(true, now);
        self.batches.close();
        let mut is_written = false;
        // An agent that is there again since the last attempt, and one that goes away
        // in the middle and comes back. Where no time is left, each gets what the system
        // takes at once.
        for _ in 0..2 {
            self.backoff = Backoff::new(now);
            while !self.batches.is_empty() {
                let is_open = self.exchange_or_part(now);
                let Some(connection) = self.connection.as_mut().filter(|_| is_open) else {
                    break;
                };
                if connection.hurry() {
                    continue;
                }
                if connection.has_written(&self.batches) && !is_written {
                    is_written = true;
                    until = until.min(now + ACK_WAIT);
                }
                if now >= until {
                    break;
                }
                let wanted = wanted(connection.is_congested());
                let mut descriptor = [PollFd::new(connection.socket(), wanted)];
                // A signal ends it early: the next round waits on.
                let _ = poll(&mut descriptor, Some(&timespec(until - now)));
                now = Instant::now();
            }
            if self.batches.is_empty() || self.connection.is_some() {
                break;
            }
        }
        self.tell_what_stays(now);
    }

    /// What was not handed over is lost with the process. The agent hears of it on a
    /// connection, and under a start id, of its own: the old one is full.
    fn tell_what_stays(&mut self, now: Instant) {
        let Some(connection) = &self.connection else {
            return;
        };
        let gone = connection.gone(&self.batches);
        let lost = self.batches.holds_after(gone);
        if lost.is_empty() {
            return;
        }
        self.batches = Batches::default();
        self.start_id = draw_id();
        self.has_connected = false;
        self.connection = None;
        self.shared.set_connection(None);
        self.add_losses(&lost, now);
        self.batches.close();
        self.exchange_or_part(now);
    }

    /// Takes the statistics that have waited long enough.
    fn count(&mut self, end: bool, now: Instant) {
        let mut records = Vec::new();
        self.counts_due = self.counts.take(end, &mut records);
        match self.counts.lost() {
            0 => {}
            calls => self.lose(Loss::StatsFull, calls, &Tally::of(Loss::StatsFull, calls)),
        }
        for (record, calls) in records {
            let holds = Tally::of(Loss::StatsFull, calls);
            let has_room = end || self.batches.has_room(true);
            if has_room && self.batches.add(&record, &holds, now).is_ok() {
                self.taken.add(&holds);
            } else {
                self.lose(Loss::StatsFull, calls, &holds);
            }
        }
    }

    /// What `was` to be sent is a loss now, which is told like any other.
    fn lose(&mut self, why: Loss, count: u64, was: &Tally) {
        self.shared.losses.add(why, count);
        self.taken.add(was);
        self.settle();
    }

    /// Tells PHP's thread what needs no telling any more.
    fn settle(&self) {
        let connection = self.connection.as_ref();
        let gone = connection.map_or(0, |c| c.gone(&self.batches));
        let left = self.batches.holds_after(gone);
        self.shared.owed.settle(&self.taken.less(&left));
    }

    /// Takes records out of the queue, while there is room for them; at the `end` all.
    fn receive(&mut self, end: bool, now: Instant) {
        while end || self.batches.has_room(false) {
            let Some(record) = self.records.next() else {
                self.shared.take(&mut self.records);
                if self.records.is_empty() {
                    return;
                }
                continue;
            };
            self.shared.took(record.len());
            let holds = Tally::of_record(record);
            if self.batches.add(record, &holds, now).is_ok() {
                self.taken.add(&holds);
            } else {
                self.lose(Loss::TooLarge, 1, &holds);
            }
        }
    }

    fn tell_losses(&mut self, end: bool, now: Instant) {
        if !self.shared.losses.is_empty() && (end || self.batches.has_room(true)) {
            let losses = self.shared.losses.take();
            self.add_losses(&losses, now);
            self.taken.add(&losses);
        }
    }

    fn add_losses(&mut self, losses: &Tally, now: Instant) {
        let mut record = Vec::new();
        Drops::write(&mut record, &losses.reasons());
        // A few reasons always fit.
        let _ = self.batches.add(&record, losses, now);
    }

    /// False if there is no connection afterwards.
    fn exchange_or_part(&mut self, now: Instant) -> bool {
        if let Err(Broken(refused)) = self.exchange(now) {
            self.disconnect(now, refused);
        }
        self.connection.is_some()
    }

    fn exchange(&mut self, now: Instant) -> Result<(), Broken> {
        if self.connection.is_none() {
            if self.batches.is_empty() || !self.backoff.is_over(now) {
                return Ok(());
            }
            self.connection = Some(self.connect().ok_or(Broken(false))?);
        }
        self.has_connected = true;
        self.write()?;
        let Some(connection) = &mut self.connection else {
            return Ok(());
        };
        if let Some(heard) = connection.read()? {
            let known = self.batches.acknowledged(heard.kept);
            known.map_err(|_| Broken(true))?;
            self.shared.set_wishes(heard.wishes);
            self.backoff.succeeded();
            self.settle();
            self.write()?;
        }
        Ok(())
    }

    /// Writes what can be written; nothing once PHP's thread has told it as lost.
    fn write(&mut self) -> Result<(), Broken> {
        while !self.shared.is_stopped()
            && let Some(connection) = &mut self.connection
            && connection.write(&self.batches)?
        {
            self.settle();
        }
        Ok(())
    }

    fn connect(&self) -> Option<Connection> {
        if self.shared.is_stopped() {
            return None;
        }
        let hello = self.who.hello(self.start_id);
        let opened = Connection::open(&self.who.identity.socket, &hello, !self.has_connected);
        self.shared
            .set_connection(opened.as_ref().map(Connection::socket));
        opened
    }

    fn disconnect(&mut self, now: Instant, refused: bool) {
        self.shared.set_connection(None);
        self.connection = None;
        self.settle();
        self.backoff.failed(now, refused);
    }

    /// When there will be something to do, if nothing happens until then;
    /// `None` is never.
    fn next(&self, now: Instant) -> Option<Duration> {
        let bucket = self.counts_due.map(|due| {
            Duration::from_micros(due).saturating_sub(unix()) + Duration::from_millis(1)
        });
        let batch = self
            .batches
            .due()
            .map(|due| due.saturating_duration_since(now));
        let retry =
            (self.connection.is_none() && !self.batches.is_empty()).then(|| self.backoff.left(now));
        [bucket, batch, retry].into_iter().flatten().min()
    }

    fn sleep(&mut self) -> Sleep {
        let mut limit = self.next(Instant::now());
        if self.batches.due().is_none() && self.batches.has_room(false) {
            // The next record, or the first count of a bucket, shall wake us. What
            // came before that was said is found here.
            self.shared.sleeps(true);
            if self.shared.has_records() {
                limit = Some(Duration::ZERO);
            } else if self.counts_due.is_none() {
                self.count(false, Instant::now());
                limit = self.next(Instant::now());
            }
        }
        Sleep {
            limit,
            connection: self.connection.as_ref().map(|c| Arc::clone(c.socket())),
            is_congested: self
                .connection
                .as_ref()
                .is_some_and(Connection::is_congested),
        }
    }
}
