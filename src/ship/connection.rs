//! One connection to the agent. Never waits: what cannot be written or read
//! now is written or read at the next step.

use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketFlags, SocketType, connect, recv,
    send, socket_with,
};
use tracker_core::descriptors::Own;
use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::{Ack, Hello, Refused, Welcome, Wishes};
use tracker_protocol::outbox::Batches;

/// Bytes handed to the socket at a time.
const WINDOW: usize = 512 << 10;
/// Answers are short: whoever sends more is no agent.
const MAX_ANSWER: usize = 64 << 10;

/// A connection.
pub struct Connection {
    socket: Arc<Own<OwnedFd>>,
    out: Vec<u8>,
    written: usize,
    answers: Vec<u8>,
    /// Batches up to this one are written, or need not be.
    sent: u64,
    may_send: bool,
}

/// What the agent said.
pub struct Heard {
    /// It keeps all batches up to this one.
    pub kept: u64,
    /// What it wishes.
    pub wishes: Wishes,
}

/// The connection is of no use any more. True if the agent refused us.
#[derive(Debug)]
pub struct Broken(pub bool);

impl Connection {
    /// Connects and says hello. `is_new`: this process has never sent
    /// anything, so that batches may follow at once; else the agent first tells
    /// what it keeps.
    pub fn open(path: &str, hello: &Hello<'_>, is_new: bool) -> Option<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).ok()?;
        let socket = Own::new(socket).ok()?;
        // A queue that is full is an error here, not a wait.
        connect(&socket, &SocketAddrUnix::new(path).ok()?).ok()?;
        let mut out = Vec::with_capacity(256);
        frame::write(&mut out, Type::Hello, |body| hello.write(body));
        Some(Self {
            socket: Arc::new(socket),
            out,
            written: 0,
            answers: Vec::new(),
            sent: 0,
            may_send: is_new,
        })
    }

    /// The descriptor, which stays open as long as somebody waits for it.
    pub fn socket(&self) -> &Arc<Own<OwnedFd>> {
        &self.socket
    }

    /// Sends at once what would wait until the agent has told what it keeps: what it has,
    /// it does not take again. True if anything waited for that.
    pub fn hurry(&mut self) -> bool {
        !std::mem::replace(&mut self.may_send, true)
    }

    /// The last batch of which the system has taken all.
    pub fn gone(&self, batches: &Batches) -> u64 {
        batches.gone(self.sent, self.out.len() - self.written)
    }

    /// Whether the system has taken all that there is to send.
    pub fn has_written(&self, batches: &Batches) -> bool {
        !self.is_congested() && self.may_send && batches.is_sent(self.sent)
    }

    /// Whether it waits for room in the socket.
    pub fn is_congested(&self) -> bool {
        self.written < self.out.len()
    }

    /// Writes what the system takes at once. False if that was nothing.
    ///
    /// # Errors
    /// When the connection is broken, or the program has closed its descriptor.
    pub fn write(&mut self, batches: &Batches) -> Result<bool, Broken> {
        if !self.socket.is_ours() {
            return Err(Broken(false));
        }
        self.fill(batches);
        if !self.is_congested() {
            return Ok(false);
        }
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        match send(&**self.socket, &self.out[self.written..], flags) {
            Ok(count) => self.written += count,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => return Ok(false),
                ErrorKind::Interrupted => {}
                _ => return Err(Broken(false)),
            },
        }
        Ok(true)
    }

    fn fill(&mut self, batches: &Batches) {
        if self.written == self.out.len() {
            self.out.clear();
            self.written = 0;
        }
        while self.may_send && self.out.len() - self.written < WINDOW {
            let Some((number, bytes)) = batches.after(self.sent) else {
                return;
            };
            self.out.extend_from_slice(bytes);
            self.sent = number;
        }
    }

    /// Reads the agent's answers.
    ///
    /// # Errors
    /// When the connection is broken, or the other side is no agent.
    pub fn read(&mut self) -> Result<Option<Heard>, Broken> {
        let mut buffer = [0; 4096];
        loop {
            match recv(&**self.socket, &mut buffer, RecvFlags::DONTWAIT) {
                Ok((_, 0)) => return Err(Broken(false)),
                Ok((_, count)) => self.answers.extend_from_slice(&buffer[..count]),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => break,
                    ErrorKind::Interrupted => {}
                    _ => return Err(Broken(false)),
                },
            }
            if self.answers.len() > MAX_ANSWER {
                return Err(Broken(true));
            }
        }
        let mut heard = None;
        let mut at = 0;
        while let Some(answer) = frame::read(&self.answers[at..]).map_err(|_| Broken(true))? {
            match Type::of(answer.kind) {
                Some(Type::Welcome) => {
                    let welcome = Welcome::read(answer.body).map_err(|_| Broken(true))?;
                    if !self.may_send {
                        self.sent = welcome.kept;
                        self.may_send = true;
                    }
                    heard = Some(Heard {
                        kept: welcome.kept,
                        wishes: welcome.wishes,
                    });
                }
                Some(Type::Ack) => {
                    let ack = Ack::read(answer.body).map_err(|_| Broken(true))?;
                    heard = Some(Heard {
                        kept: ack.number,
                        wishes: ack.wishes,
                    });
                }
                Some(Type::Refused) => {
                    // Why is for a person; `tracker-agent doctor` asks again.
                    let _ = Refused::read(answer.body);
                    return Err(Broken(true));
                }
                _ => {}
            }
            at += answer.len;
        }
        self.answers.drain(..at);
        Ok(heard)
    }
}
