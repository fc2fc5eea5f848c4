//! How records lie in the file.
//!
//! ```text
//! "\nSTL" version:u8 length:u32le crc32:u32le payload[length]
//! ```
//!
//! A frame goes out in one `write`, but a full disk or a kill can tear it, and
//! anyone may write into a file under `/tmp`. So a reader trusts nothing: it
//! looks for the next magic, checks length and checksum, and counts what it
//! had to step over.

/// Start of a frame; the newline keeps a torn neighbour out of the match.
pub const MAGIC: &[u8; 4] = b"\nSTL";
/// Version of the payload.
pub const VERSION: u8 = 1;
/// Bytes before the payload.
pub const HEADER: usize = 13;
/// Longest payload. A loop of 100 000 lines takes about 10 MB.
pub const MAX_PAYLOAD: usize = 32 << 20;

/// Wraps a payload; `None` if it is longer than [`MAX_PAYLOAD`].
#[must_use]
pub fn encode(payload: &[u8]) -> Option<Vec<u8>> {
    if payload.len() > MAX_PAYLOAD {
        return None;
    }
    let mut frame = Vec::with_capacity(HEADER + payload.len());
    frame.extend_from_slice(MAGIC);
    frame.push(VERSION);
    frame.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    frame.extend_from_slice(&crc32fast::hash(payload).to_le_bytes());
    frame.extend_from_slice(payload);
    Some(frame)
}

/// What stands at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A frame of that many bytes, header included; its payload is sound.
    Frame(usize),
    /// No frame; step over that many bytes and look again.
    Junk(usize),
    /// The head of a frame whose checksum is wrong; that many bytes were read to
    /// find out. No frame begins within its first [`MAGIC`].
    Wrong(usize),
    /// A frame may begin here; that many bytes in all are needed to tell.
    Need(usize),
}

/// Looks at the start of `bytes`. `at_end`: nothing follows them.
#[must_use]
pub fn look(bytes: &[u8], at_end: bool) -> Look {
    let start = memchr::memmem::find(bytes, MAGIC);
    match start {
        Some(0) => {}
        Some(junk) => return Look::Junk(junk),
        None if at_end => return Look::Junk(bytes.len()),
        // The last bytes may be the first half of a magic.
        None if bytes.len() >= MAGIC.len() => return Look::Junk(bytes.len() - MAGIC.len() + 1),
        None => return Look::Need(HEADER),
    }
    let Some(header) = bytes.get(..HEADER) else {
        return if at_end {
            Look::Junk(bytes.len())
        } else {
            Look::Need(HEADER)
        };
    };
    let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| header[at + i]));
    let length = word(5) as usize;
    if header[4] != VERSION || length > MAX_PAYLOAD {
        return Look::Junk(MAGIC.len());
    }
    match bytes.get(HEADER..HEADER + length) {
        Some(payload) if crc32fast::hash(payload) == word(9) => Look::Frame(HEADER + length),
        Some(_) => Look::Wrong(HEADER + length),
        None if at_end => Look::Junk(MAGIC.len()),
        None => Look::Need(HEADER + length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_found_behind_junk() {
        let frame = encode(b"hello").unwrap();
        let mut bytes = b"junk\nST".to_vec();
        bytes.extend_from_slice(&frame);
        assert_eq!(look(&bytes, true), Look::Junk(7));
        assert_eq!(look(&bytes[7..], true), Look::Frame(HEADER + 5));
    }

    #[test]
    fn a_torn_frame_is_junk_at_the_end_and_a_wish_before() {
        let frame = encode(b"hello").unwrap();
        let torn = &frame[..frame.len() - 1];
        assert_eq!(look(torn, false), Look::Need(frame.len()));
        assert_eq!(look(torn, true), Look::Junk(MAGIC.len()));
    }

    #[test]
    fn a_lying_length_is_not_believed() {
        let mut frame = encode(b"hello").unwrap();
        frame[5..9].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(look(&frame, false), Look::Junk(MAGIC.len()));
    }

    #[test]
    fn a_flipped_bit_is_seen() {
        let mut frame = encode(b"hello").unwrap();
        *frame.last_mut().unwrap() ^= 1;
        assert_eq!(look(&frame, false), Look::Wrong(frame.len()));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_stand_still(bytes: Vec<u8>, at_end: bool) {
            match look(&bytes, at_end) {
                Look::Junk(n) => proptest::prop_assert!(n <= bytes.len() && (n > 0 || bytes.is_empty())),
                Look::Frame(n) | Look::Wrong(n) => proptest::prop_assert!(n <= bytes.len()),
                Look::Need(n) => proptest::prop_assert!(!at_end && n > bytes.len()),
            }
        }
    }
}
