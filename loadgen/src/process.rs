//! One process that sends: greets, sends, reads what is acknowledged, and after a
//! reconnect sends again what was not.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::{Ack, Hello, Welcome};

use crate::batch::{self, Content, Numbers, Shape};

/// Batches that wait for their acknowledgement; then the process waits as well.
const WINDOW: usize = 64;
/// Before it connects again.
const BACK_OFF: Duration = Duration::from_millis(20);
/// For a socket that takes or gives nothing.
const PATIENCE: Duration = Duration::from_millis(50);

/// See the [module](self).
#[derive(Debug)]
pub struct Process {
    socket: PathBuf,
    shape: Shape,
    numbers: Numbers,
    report: Report,
    next: u64,
    waiting: VecDeque<Waiting>,
    /// Batches of `waiting` that this connection has.
    sent: usize,
    link: Option<UnixStream>,
    inbox: Vec<u8>,
}

/// A batch that is not acknowledged.
#[derive(Debug)]
struct Waiting {
    number: u64,
    bytes: Vec<u8>,
    content: Content,
    /// When it was first sent.
    sent: Option<Instant>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Names the process for the agent.
    pub start_id: u64,
    /// Newest batch acknowledged; all before it are as well.
    pub acked: u64,
    /// Newest batch made.
    pub made: u64,
    /// What the acknowledged ones hold.
    pub content: Content,
    /// Bytes of their frames.
    pub bytes: u64,
    /// Connections.
    pub connections: u64,
    /// Frames sent more than once.
    pub resent: u64,
    /// From the first sending of a batch to its acknowledgement, µs, of each batch.
    pub latencies: Vec<u32>,
}

impl Process {
    /// A process that sends to `socket`.
    ///
    /// # Panics
    /// When the clock stands before 1970.
    #[must_use]
    pub fn new(socket: &Path, shape: Shape) -> Self {
        let seed = seed();
        Self {
            socket: socket.to_owned(),
            shape,
            numbers: Numbers(seed),
            report: Report {
                start_id: seed,
                ..Report::default()
            },
            next: 1,
            waiting: VecDeque::new(),
            sent: 0,
            link: None,
            inbox: Vec::new(),
        }
    }

    /// What came of it.
    #[must_use]
    pub fn report(self) -> Report {
        self.report
    }

    /// Makes and sends batches until `end`, `pause` apart.
    pub fn send_until(&mut self, end: Instant, pause: Option<Duration>) {
        let mut due = Instant::now();
        while Instant::now() < end {
            if self.waiting.len() < WINDOW {
                if let Some(pause) = pause {
                    self.listen_until(due);
                    due += pause;
                }
                self.make();
            }
            self.step();
        }
    }

    /// Reads what is acknowledged meanwhile.
    fn listen_until(&mut self, due: Instant) {
        loop {
            let rest = due.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return;
            }
            let is_listening = self.sent > 0 && self.link.is_some();
            let heard = match &self.link {
                Some(link) if is_listening => link
                    .set_read_timeout(Some(rest))
                    .and_then(|()| self.answers(false)),
                _ => {
                    std::thread::sleep(rest);
                    Ok(false)
                }
            };
            self.heard(heard.map(drop));
        }
    }

    /// Sends what is left, and waits for its acknowledgement, at most `patience`.
    pub fn settle(&mut self, patience: Duration) {
        let end = Instant::now() + patience;
        while !self.waiting.is_empty() && Instant::now() < end {
            self.step();
        }
    }

    fn make(&mut self) {
        let mut bytes = Vec::new();
        let mut content = Content::default();
        frame::write(&mut bytes, Type::Batch, |out| {
            content = batch::write(out, self.next, now_us(), self.shape, &mut self.numbers);
        });
        self.waiting.push_back(Waiting {
            number: self.next,
            bytes,
            content,
            sent: None,
        });
        self.report.made = self.next;
        self.next += 1;
    }

    /// Goes on as far as the agent lets it.
    fn step(&mut self) {
        let exchanged = self.exchange();
        self.heard(exchanged);
    }

    /// A connection that failed is given up.
    fn heard(&mut self, outcome: io::Result<()>) {
        if let Err(e) = outcome
            && !matches!(
                e.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
            )
        {
            self.link = None;
            std::thread::sleep(BACK_OFF);
        }
    }

    fn exchange(&mut self) -> io::Result<()> {
        if self.link.is_none() {
            self.connect()?;
        }
        while let Some(batch) = self.waiting.get_mut(self.sent) {
            let Some(link) = &mut self.link else {
                return Ok(());
            };
            // Within a frame there is no way back: whatever fails, the connection ends.
            batch.sent.get_or_insert_with(Instant::now);
            link.write_all(&batch.bytes).map_err(io::Error::other)?;
            self.sent += 1;
        }
        let must_wait = self.waiting.len() >= WINDOW;
        self.read(must_wait)
    }

    fn connect(&mut self) -> io::Result<()> {
        let mut link = UnixStream::connect(&self.socket)?;
        // An agent that is stopped for long is left, and tried again.
        link.set_write_timeout(Some(Duration::from_secs(5)))?;
        link.set_read_timeout(Some(Duration::from_secs(5)))?;
        let hello = Hello {
            start_id: self.report.start_id,
            pid: std::process::id().into(),
            host: "loadgen",
            app: "shop.example",
            sapi: "fpm-fcgi",
            php: "8.2.0",
            extension: env!("CARGO_PKG_VERSION"),
            started_us: now_us(),
            title: "pool www",
            ..Hello::default()
        };
        let mut out = Vec::new();
        frame::write(&mut out, Type::Hello, |out| hello.write(out));
        link.write_all(&out)?;
        self.inbox.clear();
        self.report.connections += 1;
        self.report.resent += self.sent as u64;
        self.sent = 0;
        self.link = Some(link);
        while self.report.connections > 0 && !self.answers(true)? {}
        if let Some(link) = &self.link {
            link.set_read_timeout(Some(PATIENCE))?;
        }
        Ok(())
    }

    fn read(&mut self, must_wait: bool) -> io::Result<()> {
        if let Some(link) = &self.link {
            link.set_nonblocking(!must_wait)?;
            link.set_read_timeout(Some(PATIENCE))?;
        }
        let read = self.answers(false);
        if let Some(link) = &self.link {
            link.set_nonblocking(false)?;
        }
        read.map(drop)
    }

    /// Reads once; whether the agent said welcome.
    fn answers(&mut self, is_greeting: bool) -> io::Result<bool> {
        let Some(link) = &mut self.link else {
            return Ok(false);
        };
        let mut chunk = [0; 4096];
        let n = match link.read(&mut chunk) {
            Err(e) if is_greeting => return Err(io::Error::other(e)),
            other => other?,
        };
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.inbox.extend_from_slice(&chunk[..n]);
        let mut is_welcome = false;
        let mut at = 0;
        while let Some(frame) = frame::read(&self.inbox[at..]).map_err(io::Error::other)? {
            at += frame.len;
            let newest = match Type::of(frame.kind) {
                Some(Type::Welcome) => {
                    is_welcome = true;
                    // What the agent keeps is sent again all the same: that it takes nothing
                    // twice is to be seen.
                    Welcome::read(frame.body).map_err(io::Error::other)?;
                    0
                }
                Some(Type::Ack) => Ack::read(frame.body).map_err(io::Error::other)?.number,
                _ => return Err(io::Error::other("refused")),
            };
            while self.waiting.front().is_some_and(|w| w.number <= newest)
                && let Some(batch) = self.waiting.pop_front()
            {
                self.sent = self.sent.saturating_sub(1);
                self.report.note(&batch);
            }
        }
        self.inbox.drain(..at);
        Ok(is_welcome)
    }
}

impl Report {
    fn note(&mut self, batch: &Waiting) {
        self.acked = batch.number;
        self.bytes += batch.bytes.len() as u64;
        self.content.segments += batch.content.segments;
        self.content.spans += batch.content.spans;
        self.content.calls += batch.content.calls;
        if let Some(sent) = batch.sent {
            let us = sent.elapsed().as_micros();
            self.latencies.push(u32::try_from(us).unwrap_or(u32::MAX));
        }
    }
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as u64)
}

/// A number that no other process has.
fn seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id()) | 1
}
