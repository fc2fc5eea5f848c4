//! The sender's thread: queue and counts in, batches out.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tracker_protocol::message::Hello;
use tracker_protocol::outbox::{Backoff, Batches, Loss};
use tracker_protocol::record::Drops;

use super::connection::{Broken, Connection};
use super::queue::Records;
use super::shared::{FlushRequest, Receivers, Shared};
use super::{Counts, Identity};

/// How long a flush waits for the acknowledgement of what it has written: the
/// agent gets that even if this process is gone by then.
const ACK_WAIT: Duration = Duration::from_millis(5);

/// How long to sleep where the program has closed the descriptor that wakes us.
const UNWOKEN: Duration = Duration::from_millis(200);

struct Sender<'a> {
    shared: &'a Shared,
    receivers: &'a Receivers,
    identity: Identity,
    host: String,
    start_id: u64,
    started_us: u64,
    counts: Box<dyn Counts>,
    /// Out of the queue, not in a batch yet.
    taken: Records,
    batches: Batches,
    connection: Option<Connection>,
    has_connected: bool,
    /// When to try to connect.
    backoff: Backoff,
    /// When the statistics will have waited long enough, Unix µs.
    counts_due: Option<u64>,
    flush: Option<FlushRequest>,
}

/// Runs until it is told to stop.
pub fn run(shared: &Shared, receivers: &Receivers, identity: Identity, counts: Box<dyn Counts>) {
    let mut id = [0; 8];
    // 8 bytes are always given whole; without them the id stays 0, which the
    // agent takes like any other.
    let _ = rustix::rand::getrandom(&mut id, rustix::rand::GetRandomFlags::empty());
    let mut sender = Sender {
        shared,
        receivers,
        identity,
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        start_id: u64::from_ne_bytes(id),
        started_us: u64::try_from(unix().as_micros()).unwrap_or(0),
        counts,
        taken: Records::default(),
        batches: Batches::default(),
        connection: None,
        has_connected: false,
        backoff: Backoff::new(Instant::now()),
        counts_due: None,
        flush: None,
    };
    while !shared.is_stopped() {
        sender.step();
        sender.sleep();
    }
}

fn unix() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

impl Sender<'_> {
    fn step(&mut self) {
        if let Ok(request) = self.receivers.flushes.try_recv() {
            self.flush = Some(request);
        }
        let ends = self.flush.is_some();
        let now = Instant::now();
        self.count(ends, now);
        self.receive(now);
        if ends || self.batches.due().is_some_and(|due| due <= now) {
            self.tell_losses(now);
            self.batches.close();
        }
        if let Err(Broken(refused)) = self.exchange(now) {
            self.disconnect(now, refused);
        }
        let has_written = |c: &Connection| c.has_written(&self.batches);
        if let Some(flush) = &mut self.flush
            && self.connection.as_ref().is_some_and(has_written)
            && !std::mem::replace(&mut flush.is_written, true)
        {
            flush.until = flush.until.min(now + ACK_WAIT);
        }
        if let Some(flush) = &self.flush
            && (self.batches.is_empty() || self.connection.is_none() || flush.until <= now)
        {
            // Nobody may be waiting any more.
            let _ = flush.done.try_send(());
            self.flush = None;
        }
    }

    /// Takes the statistics that have waited long enough.
    fn count(&mut self, end: bool, now: Instant) {
        let mut records = Vec::new();
        self.counts_due = self.counts.take(end, &mut records);
        match self.counts.lost() {
            0 => {}
            calls => self.shared.losses.add(Loss::StatsFull, calls),
        }
        for (record, calls) in records {
            if !self.batches.has_room(true) || self.batches.add(&record, now).is_err() {
                self.shared.losses.add(Loss::StatsFull, calls);
            }
        }
    }

    /// Takes records out of the queue, while there is room for them.
    fn receive(&mut self, now: Instant) {
        while self.batches.has_room(false) {
            let Some(record) = self.taken.next() else {
                self.shared.take(&mut self.taken);
                if self.taken.is_empty() {
                    return;
                }
                continue;
            };
            self.shared.took(record.len());
            if self.batches.add(record, now).is_err() {
                self.shared.losses.add(Loss::TooLarge, 1);
            }
        }
    }

    fn tell_losses(&mut self, now: Instant) {
        if !self.shared.losses.is_empty() && self.batches.has_room(true) {
            let mut record = Vec::new();
            Drops::write(&mut record, &self.shared.losses.take());
            // A few reasons always fit.
            let _ = self.batches.add(&record, now);
        }
    }

    fn exchange(&mut self, now: Instant) -> Result<(), Broken> {
        if self.connection.is_none() {
            if self.batches.is_empty() || !self.backoff.is_over(now) {
                return Ok(());
            }
            self.connection = Some(self.connect().ok_or(Broken(false))?);
        }
        let Some(connection) = &mut self.connection else {
            return Ok(());
        };
        self.has_connected = true;
        connection.write(&self.batches)?;
        if let Some(heard) = connection.read()? {
            let known = self.batches.acknowledged(heard.kept);
            known.map_err(|_| Broken(true))?;
            self.shared.set_wishes(heard.wishes);
            self.backoff.succeeded();
            connection.write(&self.batches)?;
        }
        Ok(())
    }

    fn connect(&self) -> Option<Connection> {
        let hello = Hello {
            start_id: self.start_id,
            pid: u64::from(std::process::id()),
            host: &self.host,
            app: &self.identity.app,
            sapi: &self.identity.sapi,
            php: &self.identity.php,
            extension: env!("CARGO_PKG_VERSION"),
            swoole: &self.identity.swoole,
            started_us: self.started_us,
            title: &self.identity.title,
        };
        let opened = Connection::open(&self.identity.socket, &hello, !self.has_connected);
        self.shared
            .set_connection(opened.as_ref().map(Connection::socket));
        opened
    }

    fn disconnect(&mut self, now: Instant, refused: bool) {
        self.shared.set_connection(None);
        self.connection = None;
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
        let flush = self
            .flush
            .as_ref()
            .map(|flush| flush.until.saturating_duration_since(now));
        [bucket, batch, retry, flush].into_iter().flatten().min()
    }

    fn sleep(&mut self) {
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
        let event = self.shared.event();
        if event.is_none() {
            // Nobody can wake us.
            limit = Some(limit.map_or(UNWOKEN, |limit| limit.min(UNWOKEN)));
        }
        let timeout = limit.map(|limit| Timespec {
            tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(limit.subsec_nanos()),
        });
        let mut descriptors = Vec::with_capacity(2);
        descriptors.extend(event.map(|event| PollFd::new(event, PollFlags::IN)));
        if let Some(connection) = &self.connection {
            let mut wanted = PollFlags::IN;
            if connection.is_congested() {
                wanted |= PollFlags::OUT;
            }
            descriptors.push(PollFd::new(connection.socket(), wanted));
        }
        // Signals are blocked on this thread; any other error is found again by
        // the next read or write.
        let _ = poll(&mut descriptors, timeout.as_ref());
        self.shared.sleeps(false);
        self.shared.awake();
    }
}
