//! One connection: bytes in, frames out, answers back. Never waits for its peer.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use mio::net::UnixStream;
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use tracker_protocol::frame::{self, FrameError, HEADER, Type};
use tracker_protocol::limits::cut;
use tracker_protocol::message::{Ack, Batch, Hello, Refused, Welcome};

use super::budget::Share;
use super::station::{Station, Taken};
use crate::pipeline::{Loss, Origin};

/// Bytes read at once where no frame is begun; what a connection may hold without a
/// share of the budget.
const CHUNK: usize = 32 << 10;
/// Bytes that are made room for on a claim alone.
const TRUST: usize = 256 << 10;
/// Bytes of one turn, then it is another connection's.
const TURN: usize = 1 << 20;
/// Bytes of each text of a greeting.
const MAX_TEXT: usize = 512;
/// Time for the greeting, and for a frame once it is begun.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a turn ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// All was read.
    Idle,
    /// There may be more to read.
    Again,
    /// There is a frame, and no room for it now.
    Blocked,
    /// It is over; what was lost, if something was.
    Over(Option<Loss>),
}

/// What stands at the head of the bytes.
enum Step {
    /// At most so many bytes more are wanted.
    Want(usize),
    Blocked,
    Close(Loss),
}

/// See the [module](self).
#[derive(Debug)]
pub struct Connection {
    /// The socket.
    pub stream: UnixStream,
    /// Whether the loop has it on a list already.
    pub is_listed: bool,
    origin: Origin,
    /// The origin once it greeted.
    greeted: Option<Arc<Origin>>,
    bytes: Vec<u8>,
    /// Bytes of `bytes` that are done with.
    done: usize,
    share: Option<Share>,
    out: Vec<u8>,
    ack: Option<u64>,
    /// It takes no answers any more; what it sent is read all the same.
    is_deaf: bool,
    deadline: Option<Instant>,
}

impl Connection {
    /// A connection that was just accepted.
    ///
    /// # Errors
    /// When the kernel does not tell who the peer is.
    pub fn new(stream: UnixStream) -> io::Result<Self> {
        let peer = getsockopt(&stream, PeerCredentials)?;
        let origin = Origin {
            pid: u32::try_from(peer.pid()).unwrap_or(0),
            uid: peer.uid(),
            gid: peer.gid(),
            ..Origin::default()
        };
        Ok(Self {
            stream,
            is_listed: false,
            origin,
            greeted: None,
            bytes: Vec::new(),
            done: 0,
            share: None,
            out: Vec::new(),
            ack: None,
            is_deaf: false,
            deadline: Some(Instant::now() + PATIENCE),
        })
    }

    /// Whether it owes a greeting or the rest of a frame for too long.
    #[must_use]
    pub fn is_late(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| deadline < now)
    }

    /// Reads and takes what is there, up to [`TURN`].
    pub fn turn(&mut self, station: &mut Station) -> Turn {
        let turn = self.read(station);
        if turn == Turn::Blocked {
            // It waits for the agent, not the agent for it.
            self.deadline = Some(Instant::now() + PATIENCE);
        }
        if turn == Turn::Idle && self.done == self.bytes.len() {
            self.bytes = Vec::new();
            self.done = 0;
        }
        self.answer(station);
        turn
    }

    fn read(&mut self, station: &mut Station) -> Turn {
        let mut left = TURN;
        loop {
            let want = match self.take(station) {
                Step::Want(want) => want,
                Step::Blocked => return Turn::Blocked,
                Step::Close(loss) => return Turn::Over(Some(loss)),
            };
            if left == 0 {
                return Turn::Again;
            }
            match self.fill(want) {
                Ok(0) if self.bytes.is_empty() => return Turn::Over(None),
                Ok(0) => return Turn::Over(Some(Loss::Truncated)),
                Ok(n) => left = left.saturating_sub(n),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Turn::Idle,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    let is_whole = self.bytes.is_empty();
                    return Turn::Over((!is_whole).then_some(Loss::Truncated));
                }
            }
        }
    }

    /// Reads at most `want` bytes behind those that are there.
    fn fill(&mut self, want: usize) -> io::Result<usize> {
        let have = self.bytes.len();
        if have < TRUST {
            self.bytes.reserve_exact(want.min(TRUST));
        } else {
            // The peer has sent so much of it that the rest is believed.
            self.bytes.reserve_exact(want);
        }
        self.bytes.resize(have + want.min(TRUST), 0);
        let read = self.stream.read(&mut self.bytes[have..]);
        self.bytes.truncate(have + read.as_ref().map_or(0, |n| *n));
        read
    }

    /// Takes the whole frames that are there.
    fn take(&mut self, station: &mut Station) -> Step {
        loop {
            let (kind, len) = match frame::read(&self.bytes[self.done..]) {
                Ok(Some(frame)) => (frame.kind, frame.len),
                Ok(None) => return self.wait(station),
                Err(e) => return self.refuse_stream(e),
            };
            match self.frame(station, kind, len) {
                Ok(true) => {}
                Ok(false) => return Step::Blocked,
                Err(loss) => return Step::Close(loss),
            }
            self.share = None;
            self.deadline = None;
            station.counters.frames.fetch_add(1, Relaxed);
            (station.counters.frame_bytes).fetch_add(len as u64, Relaxed);
        }
    }

    /// The head of a frame is there, or nothing: how much to read.
    fn wait(&mut self, station: &Station) -> Step {
        self.bytes.drain(..self.done);
        self.done = 0;
        let have = self.bytes.len();
        if have > 0 && self.deadline.is_none() {
            self.deadline = Some(Instant::now() + PATIENCE);
        }
        let Some(head) = self.bytes.first_chunk::<HEADER>() else {
            return Step::Want(CHUNK);
        };
        let len = u32::from_be_bytes([head[8], head[9], head[10], head[11]]) as usize;
        let whole = HEADER + len;
        if whole > CHUNK && self.share.is_none() {
            self.share = station.budget.take(whole);
            if self.share.is_none() {
                return Step::Blocked;
            }
        }
        Step::Want(whole - have)
    }

    /// Takes the frame of `len` bytes behind those that are done; `false` when there is no
    /// room for it.
    fn frame(&mut self, station: &mut Station, kind: u8, len: usize) -> Result<bool, Loss> {
        let body = &self.bytes[self.done + HEADER..self.done + len];
        match (Type::of(kind), &self.greeted) {
            (Some(Type::Hello), None) => {
                let hello = Hello::read(body).map_err(|_| Loss::Malformed)?;
                let origin = greet(&self.origin, &hello);
                let welcome = Welcome {
                    agent_id: &station.identity.agent_id,
                    boot_id: station.identity.boot_id,
                    kept: station.journal.newest(&origin),
                    wishes: station.wishes(),
                };
                frame::write(&mut self.out, Type::Welcome, |out| welcome.write(out));
                self.greeted = Some(Arc::new(origin));
            }
            (Some(Type::Batch), Some(origin)) => {
                let number = Batch::read(body).map_err(|_| Loss::Malformed)?.number;
                if !station.has_room(origin, number) {
                    return Ok(false);
                }
                let origin = Arc::clone(origin);
                let is_last = self.done + len == self.bytes.len();
                let body = if is_last && len > CHUNK {
                    // The buffer is the body, as soon as the header is gone.
                    let mut bytes = std::mem::take(&mut self.bytes);
                    bytes.drain(..self.done + HEADER);
                    bytes
                } else {
                    body.to_vec()
                };
                match station.take(&origin, number, body) {
                    Taken::Kept(newest) => self.ack = Some(newest),
                    Taken::Full(body) => {
                        self.put_back(body);
                        return Ok(false);
                    }
                }
                if self.bytes.is_empty() {
                    self.done = 0;
                    return Ok(true);
                }
            }
            (None, Some(_)) => station.counters.lose(Loss::UnknownFrame, 1),
            _ => return Err(Loss::Order),
        }
        self.done += len;
        Ok(true)
    }

    /// Undoes the taking of the buffer; does nothing where it was not taken.
    fn put_back(&mut self, body: Vec<u8>) {
        if self.bytes.is_empty() {
            frame::write(&mut self.bytes, Type::Batch, |out| {
                out.extend_from_slice(&body);
            });
            self.done = 0;
        }
    }

    fn refuse_stream(&mut self, e: FrameError) -> Step {
        self.refuse(&e.to_string());
        Step::Close(match e {
            FrameError::Magic => Loss::Magic,
            FrameError::Version(_) => Loss::Version,
            FrameError::TooLong(_) => Loss::TooLong,
        })
    }

    /// Tells the peer that it is refused, if it takes that at once.
    pub fn refuse(&mut self, why: &str) {
        frame::write(&mut self.out, Type::Refused, |out| {
            Refused { why }.write(out);
        });
        self.flush();
    }

    /// Writes the answers that are due, as far as the peer takes them. Of acknowledgements
    /// only the newest matters: what waits is bounded.
    pub fn answer(&mut self, station: &Station) {
        if self.out.is_empty()
            && let Some(number) = self.ack.take()
        {
            let ack = Ack {
                number,
                wishes: station.wishes(),
            };
            frame::write(&mut self.out, Type::Ack, |out| ack.write(out));
        }
        self.flush();
    }

    fn flush(&mut self) {
        while !self.out.is_empty() && !self.is_deaf {
            match self.stream.write(&self.out) {
                Ok(n) if n > 0 => {
                    self.out.drain(..n);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                _ => self.is_deaf = true,
            }
        }
        self.out.shrink_to(0);
    }
}

fn greet(peer: &Origin, hello: &Hello<'_>) -> Origin {
    let text = |text: &str| cut(text, MAX_TEXT).to_owned();
    Origin {
        start_id: hello.start_id,
        claimed_pid: hello.pid,
        host: text(hello.host),
        app: text(hello.app),
        sapi: text(hello.sapi),
        php: text(hello.php),
        extension: text(hello.extension),
        swoole: text(hello.swoole),
        started_us: hello.started_us,
        title: text(hello.title),
        ..peer.clone()
    }
}
