//! How much of a log a reader keeps in memory. Anybody may write a log in which
//! every record names new lines; what an ordinary one names takes a small part
//! of this.

/// Bytes for what is kept per line and per process: several hundred thousand
/// lines.
const BYTES: usize = 160 << 20;

/// What is left of the room, and what found none.
#[derive(Debug)]
pub struct Room {
    left: usize,
    refused: u64,
}

impl Default for Room {
    fn default() -> Self {
        Self::new(BYTES)
    }
}

impl Room {
    /// Room for so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self {
            left: bytes,
            refused: 0,
        }
    }

    /// Takes room for something new; if there is none, that is counted.
    pub fn take(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.left;
        if fits {
            self.left -= bytes;
        } else {
            // From here on nothing new: a smaller one that still fits would
            // depend on what came before it by chance.
            self.left = 0;
            self.refused += 1;
        }
        fits
    }

    /// As [`Self::take`], for what takes the place of something of `old` bytes.
    pub fn replace(&mut self, old: usize, new: usize) -> bool {
        new <= old || self.take(new - old)
    }

    /// Notes that something kept has grown.
    pub fn grow(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }

    /// Whether nothing fits any more.
    pub fn is_out(&self) -> bool {
        self.left == 0
    }

    /// Entries of the log that found no room.
    pub fn refused(&self) -> u64 {
        self.refused
    }
}
