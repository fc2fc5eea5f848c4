//! The loop over all connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Interest, Poll, Token, Waker};
use tracker_protocol::message::Wishes;

use super::connection::{Connection, Turn};
use super::queue::{Taker, queue};
use super::socket::Bound;
use super::station::Station;
use super::{Control, MAX_PARTIAL, MAX_QUEUE, budget::Budget};
use crate::journal::{Journal, State};
use crate::pipeline::{Counters, Identity, Loss};

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);
/// Between two looks at the clock, the disk, and what is durable.
const TICK: Duration = Duration::from_millis(250);
/// Between two tries of a connection that has no room.
const RETRY: Duration = Duration::from_millis(20);
/// For reading what is already in the sockets, at the end.
const LAST_ROUND: Duration = Duration::from_millis(500);

/// How the receiver is set.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Connections open at the same time.
    pub max_connections: usize,
    /// See [`Control::set_wishes`].
    pub wishes: Wishes,
}

/// The receiver.
#[derive(Debug)]
pub struct Server {
    poll: Poll,
    /// `None` once the agent stops.
    bound: Option<Bound>,
    must_accept: bool,
    /// Connections by token; the free places are on `free`.
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    /// To be read now.
    ready: Vec<usize>,
    /// No room for what they have.
    blocked: Vec<usize>,
    station: Station,
    max_connections: usize,
}

impl Server {
    /// A receiver at the socket `bound`; also gives the writer's end of the queue, and
    /// what other threads reach it by.
    ///
    /// # Errors
    /// When the system gives no event queue.
    pub fn new(
        mut bound: Bound,
        options: Options,
        journal: Journal,
        identity: Identity,
        counters: Arc<Counters>,
    ) -> io::Result<(Self, Taker, Arc<Control>)> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        poll.registry()
            .register(&mut bound.listener, LISTENER, Interest::READABLE)?;
        let (sender, taker) = queue(MAX_QUEUE, Arc::clone(&waker));
        let control = Arc::new(Control::new(options.wishes, waker));
        let station = Station {
            journal,
            queue: sender,
            counters,
            budget: Budget::new(MAX_PARTIAL),
            identity,
            control: Arc::clone(&control),
        };
        let server = Self {
            poll,
            bound: Some(bound),
            must_accept: true,
            connections: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            blocked: Vec::new(),
            station,
            max_connections: options.max_connections,
        };
        Ok((server, taker, control))
    }

    /// Serves until it is [stopped](Control::stop). The queue ends with it.
    ///
    /// # Errors
    /// When the system's event queue fails.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut next_tick = Instant::now() + TICK;
        while !self.station.control.is_stopping() {
            let patience = if !self.ready.is_empty() {
                Duration::ZERO
            } else if !self.blocked.is_empty() {
                RETRY
            } else {
                next_tick.saturating_duration_since(Instant::now())
            };
            self.wait(&mut events, patience)?;
            if self.must_accept {
                self.accept();
            }
            self.round();
            let now = Instant::now();
            if now >= next_tick {
                next_tick = now + TICK;
                self.tick(now);
            }
        }
        self.last_round();
        Ok(())
    }

    fn wait(&mut self, events: &mut Events, patience: Duration) -> io::Result<()> {
        match self.poll.poll(events, Some(patience)) {
            Err(e) if e.kind() != io::ErrorKind::Interrupted => return Err(e),
            _ => {}
        }
        for event in events.iter() {
            match event.token() {
                LISTENER => self.must_accept = true,
                WAKER => {}
                Token(at) => self.event(at, event),
            }
        }
        Ok(())
    }

    fn event(&mut self, at: usize, event: &Event) {
        let Some(Some(connection)) = self.connections.get_mut(at) else {
            return;
        };
        if event.is_writable() {
            connection.answer(&self.station);
        }
        if !connection.is_listed && (event.is_readable() || event.is_read_closed()) {
            connection.is_listed = true;
            self.ready.push(at);
        }
    }

    fn accept(&mut self) {
        while let Some(bound) = &self.bound {
            match bound.listener.accept() {
                Ok((stream, _)) => self.admit(stream),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    self.must_accept = false;
                    return;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    // Out of descriptors, as a rule: tried again in the next round.
                    tracing::warn!(error = %e, "cannot accept a connection");
                    return;
                }
            }
        }
    }

    fn admit(&mut self, mut stream: mio::net::UnixStream) {
        let counters = &self.station.counters;
        let at = self.free.pop().unwrap_or(self.connections.len());
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registered = self
            .poll
            .registry()
            .register(&mut stream, Token(at), interest);
        let connection = registered.and_then(|()| Connection::new(stream));
        let place = match connection {
            Ok(mut connection) => {
                if self.len() < self.max_connections {
                    counters.connections_total.fetch_add(1, Relaxed);
                    connection.is_listed = true;
                    self.ready.push(at);
                    Some(connection)
                } else {
                    counters.lose(Loss::Connections, 1);
                    connection.refuse("too many connections");
                    None
                }
            }
            Err(e) => {
                tracing::warn!(error = %e, "cannot serve a connection");
                None
            }
        };
        if place.is_none() {
            self.free.push(at);
        }
        if at == self.connections.len() {
            self.connections.push(place);
        } else {
            self.connections[at] = place;
        }
        counters.connections.store(self.len() as u64, Relaxed);
    }

    /// Open connections.
    fn len(&self) -> usize {
        self.connections.len().saturating_sub(self.free.len())
    }

    /// One turn for each that has something to read or to place.
    fn round(&mut self) {
        let mut round = std::mem::take(&mut self.ready);
        round.append(&mut self.blocked);
        for at in round {
            let Some(Some(connection)) = self.connections.get_mut(at) else {
                continue;
            };
            match connection.turn(&mut self.station) {
                Turn::Idle => connection.is_listed = false,
                Turn::Again => self.ready.push(at),
                Turn::Blocked => self.blocked.push(at),
                Turn::Over(loss) => {
                    if let Some(loss) = loss {
                        self.station.counters.lose(loss, 1);
                        tracing::debug!(reason = loss.name(), "connection closed");
                    }
                    self.close(at);
                }
            }
        }
    }

    fn close(&mut self, at: usize) {
        // Dropping the socket takes it from the event queue as well.
        self.connections[at] = None;
        self.free.push(at);
        let open = self.len() as u64;
        self.station.counters.connections.store(open, Relaxed);
    }

    fn tick(&mut self, now: Instant) {
        let is_late =
            |connection: &Option<Connection>| connection.as_ref().is_some_and(|c| c.is_late(now));
        let late: Vec<_> = (0..self.connections.len())
            .filter(|&at| is_late(&self.connections[at]))
            .collect();
        for at in late {
            self.station.counters.lose(Loss::Slow, 1);
            self.ready.retain(|&listed| listed != at);
            self.blocked.retain(|&listed| listed != at);
            self.close(at);
        }
        let station = &mut self.station;
        if let Some((max_connections, journal)) = station.control.bounds() {
            self.max_connections = max_connections;
            station.journal.set_limits(journal);
        }
        station.journal.cut(station.control.durable());
        station.journal.recover();
        let waiting = station.queue.bytes() as u64;
        station.counters.queue_bytes.store(waiting, Relaxed);
    }

    /// Reads what was sent before the end: its senders may be gone already.
    fn last_round(&mut self) {
        self.accept();
        self.bound = None;
        let end = Instant::now() + LAST_ROUND;
        self.ready = (0..self.connections.len()).collect();
        self.blocked.clear();
        while Instant::now() < end && self.station.journal.state() != State::Full {
            self.round();
            if self.ready.is_empty() && self.blocked.is_empty() {
                break;
            }
            if self.ready.is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}
