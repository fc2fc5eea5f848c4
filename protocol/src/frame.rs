//! A frame: twelve bytes of header, then the body.
//!
//! | bytes | what |
//! |---|---|
//! | 0-3 | magic `SWTK` |
//! | 4 | version of the wire |
//! | 5 | frame type |
//! | 6-7 | reserved, zero |
//! | 8-11 | length of the body, big endian |

use crate::{VERSION, limits::MAX_FRAME};

/// First four bytes of every frame.
pub const MAGIC: [u8; 4] = *b"SWTK";
/// Bytes before the body.
pub const HEADER: usize = 12;

/// What a frame carries. The extension sends numbers below 64, the agent the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Type {
    /// [`crate::message::Hello`].
    Hello = 1,
    /// [`crate::message::Batch`].
    Batch = 2,
    /// [`crate::message::Welcome`].
    Welcome = 65,
    /// [`crate::message::Ack`].
    Ack = 66,
    /// [`crate::message::Refused`]; the agent closes afterwards.
    Refused = 67,
}

impl Type {
    /// The type of number `n`, `None` for one of a newer peer.
    #[must_use]
    pub fn of(n: u8) -> Option<Self> {
        Some(match n {
            1 => Self::Hello,
            2 => Self::Batch,
            65 => Self::Welcome,
            66 => Self::Ack,
            67 => Self::Refused,
            _ => return None,
        })
    }
}

/// Why a stream cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// The stream does not continue with [`MAGIC`].
    Magic,
    /// The peer speaks this other version.
    Version(u8),
    /// The body would have this length, beyond [`MAX_FRAME`].
    TooLong(u32),
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Magic => f.write_str("not a frame of the tracker"),
            Self::Version(v) => write!(f, "wire version {v}, this side speaks {VERSION}"),
            Self::TooLong(n) => write!(f, "frame of {n} bytes, the limit is {MAX_FRAME}"),
        }
    }
}

impl std::error::Error for FrameError {}

/// A frame at the head of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Number of the type; see [`Type::of`].
    pub kind: u8,
    /// The body.
    pub body: &'a [u8],
    /// Bytes of the whole frame, header included.
    pub len: usize,
}

/// Appends a frame whose body `write` appends.
///
/// # Panics
/// Never: a body that is too long is left to the receiver, which refuses it. Callers
/// keep batches well below [`MAX_FRAME`].
pub fn write(out: &mut Vec<u8>, kind: Type, write: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[VERSION, kind as u8, 0, 0]);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let len = u32::try_from(out.len() - at - 4).unwrap_or(u32::MAX);
    out[at..at + 4].copy_from_slice(&len.to_be_bytes());
}

/// The frame at the head of `bytes`, or `None` when more bytes are needed.
///
/// # Errors
/// When no more bytes could make it a frame: close the connection.
pub fn read(bytes: &[u8]) -> Result<Option<Frame<'_>>, FrameError> {
    let known = bytes.len().min(MAGIC.len());
    if bytes[..known] != MAGIC[..known] {
        return Err(FrameError::Magic);
    }
    match bytes.get(4) {
        Some(&version) if version != VERSION => return Err(FrameError::Version(version)),
        _ => {}
    }
    let Some(header) = bytes.first_chunk::<HEADER>() else {
        return Ok(None);
    };
    let len = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
    if len as usize > MAX_FRAME {
        return Err(FrameError::TooLong(len));
    }
    let end = HEADER + len as usize;
    Ok(bytes.get(HEADER..end).map(|body| Frame {
        kind: header[5],
        body,
        len: end,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_asks_for_more() {
        let mut bytes = Vec::new();
        write(&mut bytes, Type::Ack, |b| b.extend_from_slice(b"body"));
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut]), Ok(None), "cut at {cut}");
        }
        let frame = read(&bytes).unwrap().unwrap();
        assert_eq!((frame.kind, frame.body, frame.len), (66, &b"body"[..], 16));
    }

    #[test]
    fn foreign_bytes_are_refused_at_the_first() {
        assert_eq!(read(b"G"), Err(FrameError::Magic));
        assert_eq!(read(b"SWTK\x02"), Err(FrameError::Version(2)));
        let huge = [&b"SWTK\x01\x02\0\0"[..], &u32::MAX.to_be_bytes()].concat();
        assert_eq!(read(&huge), Err(FrameError::TooLong(u32::MAX)));
    }
}
