//! One entry of a journal file: marker, length, check sum, payload.
//!
//! | bytes | what |
//! |---|---|
//! | 0-3 | marker `SWTE` |
//! | 4-7 | length of the payload, big endian |
//! | 8-11 | CRC-32 over the file's salt, the length and the payload, big endian |
//! | 12- | payload; its first byte is the kind |
//!
//! The salt is random and stays in the file: bytes that a sender put into a batch are
//! never taken for an entry, not even where the reader looks for the next good one.

use std::sync::Arc;

use tracker_protocol::msgpack::{Fields, ReadError, Reader, Write};

use crate::pipeline::Origin;

/// Begin of each entry.
pub const MARKER: [u8; 4] = *b"SWTE";
/// Bytes before the payload.
pub const HEAD: usize = 12;
/// Bytes of a batch's payload before its body.
pub const BATCH_HEAD: usize = 1 + 8 + 4 + 8 + 8;
/// Longest payload: a frame's body, or the table of what was seen.
pub const MAX_PAYLOAD: usize = tracker_protocol::limits::MAX_FRAME + (1 << 20);
/// Makes a file's check sums its own.
pub type Salt = [u8; 8];

const ORIGIN: u8 = 1;
const BATCH: u8 = 2;
const SEEN: u8 = 3;

/// A process, as far as the kernel vouches for it: user id and start id.
pub type Process = (u32, u64);

/// What a payload says.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// The batches of this process that follow in this file are of this origin.
    Origin(Arc<Origin>),
    /// A batch.
    Batch {
        /// See [`crate::pipeline::Accepted::position`].
        position: u64,
        /// Whose.
        process: Process,
        /// See [`crate::pipeline::Accepted::number`].
        number: u64,
        /// Body of the frame.
        body: &'a [u8],
    },
    /// Newest batch of each process, and the moment it came (Unix seconds), when the file
    /// was begun.
    Seen(Vec<(Process, u64, u64)>),
    /// Of a newer agent.
    Unknown,
}

/// The head of an entry whose payload is `parts` one after the other.
#[must_use]
pub fn head(salt: Salt, parts: &[&[u8]]) -> [u8; HEAD] {
    let len = u32::try_from(parts.iter().map(|p| p.len()).sum::<usize>()).unwrap_or(u32::MAX);
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&MARKER);
    head[4..8].copy_from_slice(&len.to_be_bytes());
    head[8..].copy_from_slice(&crc(salt, len, parts).to_be_bytes());
    head
}

fn crc(salt: Salt, len: u32, parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&salt);
    hasher.update(&len.to_be_bytes());
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

/// The payload of the entry at the head of `bytes`, if a whole and sound one stands
/// there.
#[must_use]
pub fn payload(salt: Salt, bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.first_chunk::<HEAD>()?;
    if head[..4] != MARKER {
        return None;
    }
    let len = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
    if len as usize > MAX_PAYLOAD {
        return None;
    }
    let payload = bytes.get(HEAD..HEAD + len as usize)?;
    let sum = u32::from_be_bytes([head[8], head[9], head[10], head[11]]);
    (crc(salt, len, &[payload]) == sum).then_some(payload)
}

/// The payload of a batch, without the body that follows it.
#[must_use]
pub fn batch_head(position: u64, process: Process, number: u64) -> [u8; BATCH_HEAD] {
    let mut head = [0; BATCH_HEAD];
    head[0] = BATCH;
    head[1..9].copy_from_slice(&position.to_be_bytes());
    head[9..13].copy_from_slice(&process.0.to_be_bytes());
    head[13..21].copy_from_slice(&process.1.to_be_bytes());
    head[21..].copy_from_slice(&number.to_be_bytes());
    head
}

/// The payload of an origin.
#[must_use]
pub fn origin(origin: &Origin) -> Vec<u8> {
    let mut out = vec![ORIGIN];
    out.array(13);
    for number in [origin.pid, origin.uid, origin.gid] {
        out.uint(u64::from(number));
    }
    out.uint(origin.start_id);
    out.uint(origin.claimed_pid);
    for text in [
        &origin.host,
        &origin.app,
        &origin.sapi,
        &origin.php,
        &origin.extension,
        &origin.swoole,
    ] {
        out.str(text);
    }
    out.uint(origin.started_us);
    out.str(&origin.title);
    out
}

/// The payload of what was seen.
#[must_use]
pub fn seen(rows: impl ExactSizeIterator<Item = (Process, u64, u64)>) -> Vec<u8> {
    let mut out = vec![SEEN];
    out.array(rows.len() * 4);
    for ((uid, start_id), number, moment) in rows {
        out.uint(u64::from(uid));
        out.uint(start_id);
        out.uint(number);
        out.uint(moment);
    }
    out
}

/// Reads a payload.
///
/// # Errors
/// When it is none. A sound check sum excludes that, save for an agent's own mistake.
pub fn read(payload: &[u8]) -> Result<Entry<'_>, ReadError> {
    let (&kind, rest) = payload.split_first().ok_or(ReadError::Truncated)?;
    match kind {
        ORIGIN => read_origin(rest).map(|o| Entry::Origin(Arc::new(o))),
        BATCH => read_batch(rest).ok_or(ReadError::Truncated),
        SEEN => read_seen(rest).map(Entry::Seen),
        _ => Ok(Entry::Unknown),
    }
}

fn read_batch(bytes: &[u8]) -> Option<Entry<'_>> {
    let (position, rest) = bytes.split_first_chunk()?;
    let (uid, rest) = rest.split_first_chunk()?;
    let (start_id, rest) = rest.split_first_chunk()?;
    let (number, body) = rest.split_first_chunk()?;
    Some(Entry::Batch {
        position: u64::from_be_bytes(*position),
        process: (u32::from_be_bytes(*uid), u64::from_be_bytes(*start_id)),
        number: u64::from_be_bytes(*number),
        body,
    })
}

fn read_origin(bytes: &[u8]) -> Result<Origin, ReadError> {
    let mut reader = Reader::new(bytes);
    let mut fields = Fields::open(&mut reader)?;
    let text = |r: &mut Reader<'_>| r.text().map(str::to_owned);
    let origin = Origin {
        pid: fields.next(Reader::number)?,
        uid: fields.next(Reader::number)?,
        gid: fields.next(Reader::number)?,
        start_id: fields.next(Reader::uint)?,
        claimed_pid: fields.next(Reader::uint)?,
        host: fields.next(text)?,
        app: fields.next(text)?,
        sapi: fields.next(text)?,
        php: fields.next(text)?,
        extension: fields.next(text)?,
        swoole: fields.next(text)?,
        started_us: fields.next(Reader::uint)?,
        title: fields.next(text)?,
    };
    fields.close()?;
    Ok(origin)
}

fn read_seen(bytes: &[u8]) -> Result<Vec<(Process, u64, u64)>, ReadError> {
    let mut reader = Reader::new(bytes);
    let rows = reader.array()? / 4;
    (0..rows)
        .map(|_| {
            let process = (reader.number()?, reader.uint()?);
            Ok((process, reader.uint()?, reader.uint()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: Salt = [7; 8];

    #[test]
    fn entries_come_back() {
        let one = Origin {
            pid: 1,
            uid: 33,
            gid: 34,
            start_id: u64::MAX,
            claimed_pid: 5,
            host: "h".into(),
            app: "a".into(),
            sapi: "s".into(),
            php: "8.2".into(),
            extension: "0.1".into(),
            swoole: "6".into(),
            started_us: 9,
            title: "t".into(),
        };
        assert_eq!(read(&origin(&one)), Ok(Entry::Origin(Arc::new(one))));
        let rows = vec![((33, 4), 5, 6), ((0, u64::MAX), 1, 2)];
        assert_eq!(read(&seen(rows.clone().into_iter())), Ok(Entry::Seen(rows)));
        let batch = [&batch_head(3, (33, 4), 5)[..], b"body"].concat();
        let wanted = Entry::Batch {
            position: 3,
            process: (33, 4),
            number: 5,
            body: b"body",
        };
        assert_eq!(read(&batch), Ok(wanted));
        assert_eq!(read(&[99, 1]), Ok(Entry::Unknown));
    }

    #[test]
    fn a_cut_or_a_changed_byte_or_another_salt_is_seen() {
        let parts: [&[u8]; 2] = [b"pay", b"load"];
        let whole = [&head(SALT, &parts)[..], b"payload"].concat();
        assert_eq!(payload(SALT, &whole), Some(&b"payload"[..]));
        assert_eq!(payload([8; 8], &whole), None);
        for at in 0..whole.len() {
            assert_eq!(payload(SALT, &whole[..at]), None, "cut at {at}");
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert_eq!(payload(SALT, &changed), None, "changed at {at}");
        }
    }
}
