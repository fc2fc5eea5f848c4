//! A conversation with a running agent over its socket, as the extension begins it.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::{Hello, Refused, Welcome};

/// Time for the whole conversation's each step.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the agent says of itself, and the kernel of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// See [`crate::pipeline::Identity::agent_id`].
    pub agent_id: String,
    /// See [`crate::pipeline::Identity::boot_id`].
    pub boot_id: u64,
    /// Its process.
    pub pid: i32,
    /// Its user.
    pub uid: u32,
}

/// Greets the agent at `socket`.
///
/// # Errors
/// Those of the connection; `TimedOut` when it does not answer, `InvalidData` when it is
/// no agent, or refuses.
pub fn greet(socket: &Path) -> io::Result<Agent> {
    let mut stream = connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let peer = getsockopt(&stream, PeerCredentials)?;
    let mut start_id = [0; 8];
    getrandom::fill(&mut start_id).map_err(io::Error::other)?;
    let hello = Hello {
        start_id: u64::from_ne_bytes(start_id),
        pid: std::process::id().into(),
        title: "tracker-agent",
        extension: env!("CARGO_PKG_VERSION"),
        ..Hello::default()
    };
    let mut out = Vec::new();
    frame::write(&mut out, Type::Hello, |out| hello.write(out));
    stream.write_all(&out)?;
    let (kind, body) = read_frame(&mut stream)?;
    let foreign =
        |e: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidData, e.to_string());
    match Type::of(kind) {
        Some(Type::Welcome) => {
            let welcome = Welcome::read(&body).map_err(|e| foreign(&e))?;
            Ok(Agent {
                agent_id: welcome.agent_id.to_owned(),
                boot_id: welcome.boot_id,
                pid: peer.pid(),
                uid: peer.uid(),
            })
        }
        Some(Type::Refused) => {
            let refused = Refused::read(&body).map_err(|e| foreign(&e))?;
            Err(foreign(&format!("refused: {}", refused.why)))
        }
        _ => Err(foreign(&"an answer that was not expected")),
    }
}

/// Connects without waiting for an agent that is stopped.
fn connect(socket: &Path) -> io::Result<UnixStream> {
    let stream = UnixStream::from(std::os::fd::OwnedFd::from(mio::net::UnixStream::connect(
        socket,
    )?));
    stream.set_nonblocking(false)?;
    Ok(stream)
}

fn read_frame(stream: &mut UnixStream) -> io::Result<(u8, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let frame = frame::read(&bytes);
        let frame = frame.map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e.to_string()))?;
        if let Some(frame) = frame {
            return Ok((frame.kind, frame.body.to_vec()));
        }
        let n = match stream.read(&mut chunk) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                return Err(io::ErrorKind::TimedOut.into());
            }
            other => other?,
        };
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&chunk[..n]);
    }
}
