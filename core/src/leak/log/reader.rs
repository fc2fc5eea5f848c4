//! Reads frames from a file, in order or by offset, in constant memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::frame::{self, Look};

/// Bytes read at a time while scanning.
const SCAN_CHUNK: usize = 1 << 20;
/// Bytes read at a time when jumping to a known offset.
const JUMP_CHUNK: usize = 128 << 10;
/// Places of the file that are kept in memory: as many workers as usually
/// write side by side.
const WINDOWS: usize = 8;

/// A part of the file.
#[derive(Debug, Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
    used: u64,
}

/// Reads one log file.
#[derive(Debug)]
pub struct FrameReader {
    file: File,
    length: u64,
    windows: Vec<Window>,
    clock: u64,
}

impl FrameReader {
    /// A reader of all that the file holds now.
    ///
    /// # Errors
    /// If the file's length cannot be had.
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self {
            file,
            length,
            windows: Vec::new(),
            clock: 0,
        })
    }

    /// Length of the file when it was opened, bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Calls `each` with the offset and payload of every sound frame, in
    /// order. `each` says whether the payload made sense. Returns how often
    /// something had to be stepped over (a run of junk counts once).
    ///
    /// # Errors
    /// If reading fails.
    pub fn scan(&mut self, mut each: impl FnMut(u64, &[u8]) -> bool) -> io::Result<u64> {
        let mut buffer = Vec::with_capacity(SCAN_CHUNK);
        let mut start = 0;
        let mut used = 0;
        let mut skipped = 0;
        let mut in_junk = false;
        // Heads that lie about a length make every byte be summed again and
        // again. After so many in vain, what a head claims is stepped over.
        let mut patience = 2 * self.length + (frame::MAX_PAYLOAD as u64);
        loop {
            let read_to = start + buffer.len() as u64;
            let at_end = read_to >= self.length;
            let step = match frame::look(&buffer[used..], at_end) {
                Look::Frame(size) => {
                    let payload = &buffer[used + frame::HEADER..used + size];
                    if !each(start + used as u64, payload) {
                        skipped += 1;
                    }
                    in_junk = false;
                    used += size;
                    continue;
                }
                Look::Need(size) => {
                    start += used as u64;
                    buffer.drain(..used);
                    used = 0;
                    // At least a chunk more: what is kept is moved every time.
                    let want = size.saturating_sub(buffer.len()).max(SCAN_CHUNK);
                    let want = (self.length - read_to).min(want as u64) as usize;
                    let filled = buffer.len();
                    buffer.resize(filled + want, 0);
                    let got = self.read_at(&mut buffer[filled..], read_to)?;
                    buffer.truncate(filled + got);
                    if got < want {
                        // Truncated while we read.
                        self.length = read_to + got as u64;
                    }
                    continue;
                }
                Look::Junk(0) => return Ok(skipped),
                Look::Junk(size) => size,
                Look::Wrong(size) => match patience.checked_sub(size as u64) {
                    Some(left) => {
                        patience = left;
                        frame::MAGIC.len()
                    }
                    None => size,
                },
            };
            skipped += u64::from(!std::mem::replace(&mut in_junk, true));
            used += step;
        }
    }

    /// The payload of the frame at an offset that [`Self::scan`] gave; `None`
    /// if the file has changed since.
    ///
    /// # Errors
    /// If reading fails.
    pub fn at(&mut self, offset: u64) -> io::Result<Option<&[u8]>> {
        let mut want = JUMP_CHUNK;
        loop {
            let index = self.window(offset, want)?;
            let window = &self.windows[index];
            let from = (offset - window.start) as usize;
            match frame::look(&window.bytes[from..], want == 0) {
                Look::Frame(size) => {
                    let window = &self.windows[index];
                    return Ok(Some(&window.bytes[from + frame::HEADER..from + size]));
                }
                Look::Need(size) if offset + size as u64 <= self.length => want = size,
                _ => return Ok(None),
            }
        }
    }

    /// The window that holds `offset`, and `want` bytes from there on unless
    /// one does with any (the caller asks again with what it needs).
    fn window(&mut self, offset: u64, want: usize) -> io::Result<usize> {
        self.clock += 1;
        let need = if want == JUMP_CHUNK {
            frame::HEADER
        } else {
            want
        } as u64;
        let found = self
            .windows
            .iter()
            .position(|w| w.start <= offset && offset + need <= w.start + w.bytes.len() as u64);
        let index = match found {
            Some(index) => index,
            None => {
                if self.windows.len() < WINDOWS {
                    self.windows.push(Window::default());
                }
                let oldest = (0..self.windows.len()).min_by_key(|i| self.windows[*i].used);
                let index = oldest.unwrap_or(0);
                let size = want.max(JUMP_CHUNK).min((self.length - offset) as usize);
                let mut bytes = std::mem::take(&mut self.windows[index].bytes);
                bytes.resize(size, 0);
                let got = self.read_at(&mut bytes, offset)?;
                bytes.truncate(got);
                self.windows[index] = Window {
                    start: offset,
                    bytes,
                    used: 0,
                };
                index
            }
        };
        self.windows[index].used = self.clock;
        Ok(index)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match self.file.read_at(&mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn reader(bytes: &[u8]) -> FrameReader {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        FrameReader::new(file).unwrap()
    }

    fn payloads(bytes: &[u8]) -> (Vec<Vec<u8>>, u64) {
        let mut found = Vec::new();
        let skipped = reader(bytes)
            .scan(|_, payload| {
                found.push(payload.to_vec());
                true
            })
            .unwrap();
        (found, skipped)
    }

    fn frame_of(payload: &[u8]) -> Vec<u8> {
        frame::encode(payload).unwrap()
    }

    #[test]
    fn heads_that_lie_cost_no_more_than_the_file_a_few_times() {
        // Each claims all that follows it; the true frame stands at the end.
        let head = b"\nSTL\x01\xff\xff\x0f\x00";
        let mut bytes = head.repeat(200_000);
        let begun = std::time::Instant::now();
        assert_eq!(payloads(&bytes).0, Vec::<Vec<u8>>::new());
        // Summed from every head it would be 100 GB.
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
        bytes.truncate(9 * 20);
        bytes.extend(frame::encode(b"true").unwrap());
        assert_eq!(payloads(&bytes).0, [b"true".to_vec()]);
    }

    #[test]
    fn torn_and_hostile_bytes_are_stepped_over_and_counted() {
        let mut bytes = b"random".to_vec();
        bytes.extend(frame_of(b"one"));
        bytes.extend(&frame_of(b"torn")[..9]);
        bytes.extend(frame_of(b"two"));
        bytes.extend(b"\nSTL\x01\xff\xff\xff\xff");
        let (found, skipped) = payloads(&bytes);
        assert_eq!(found, [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(skipped, 3);
    }

    #[test]
    fn frames_larger_than_a_chunk_are_read_both_ways() {
        let large = vec![7_u8; 3 * SCAN_CHUNK];
        let mut bytes = Vec::new();
        for payload in [&b"a"[..], &large, b"b"] {
            bytes.extend(frame_of(payload));
        }
        let mut reader = reader(&bytes);
        let mut offsets = Vec::new();
        reader
            .scan(|offset, _| {
                offsets.push(offset);
                true
            })
            .unwrap();
        assert_eq!(offsets.len(), 3);
        for _ in 0..2 {
            assert_eq!(reader.at(offsets[1]).unwrap().unwrap().len(), large.len());
            assert_eq!(reader.at(offsets[2]).unwrap().unwrap(), b"b");
            assert_eq!(reader.at(offsets[0]).unwrap().unwrap(), b"a");
        }
        assert_eq!(reader.at(1).unwrap(), None);
    }

    proptest::proptest! {
        #[test]
        fn sound_frames_are_found_whatever_lies_between(
            parts in proptest::collection::vec(
                (proptest::collection::vec(0_u8..=255, 0..40), proptest::bool::ANY), 0..12)
        ) {
            let mut bytes = Vec::new();
            let mut sound = Vec::new();
            for (part, is_frame) in &parts {
                if *is_frame {
                    bytes.extend(frame_of(part));
                    sound.push(part.clone());
                } else {
                    bytes.extend(part);
                }
            }
            let (found, _) = payloads(&bytes);
            proptest::prop_assert_eq!(found, sound);
        }
    }
}
