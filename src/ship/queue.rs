//! Records on their way from PHP's thread to the sender, in one buffer that the
//! sender takes whole: a record costs PHP's thread no allocation.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Room that a buffer keeps when it is empty: that of a few batches.
const KEPT_BYTES: usize = 1 << 20;

/// Records one after another.
#[derive(Default)]
pub struct Records {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// Those that were read.
    read: usize,
}

impl Records {
    fn end(&self, count: usize) -> usize {
        count.checked_sub(1).map_or(0, |last| self.ends[last])
    }

    fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        // A writer that panicked left half a record.
        self.bytes.truncate(self.end(self.ends.len()));
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// Whether all were read.
    pub fn is_empty(&self) -> bool {
        self.read == self.ends.len()
    }

    /// The next one.
    pub fn next(&mut self) -> Option<&[u8]> {
        let end = *self.ends.get(self.read)?;
        let begin = self.end(self.read);
        self.read += 1;
        Some(&self.bytes[begin..end])
    }

    /// Forgets them; the room stays.
    fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.ends.clear();
        self.ends.shrink_to(KEPT_BYTES / 64);
        self.read = 0;
    }
}

/// Records that wait for the sender.
#[derive(Default)]
pub struct Queue(Mutex<Records>);

impl Queue {
    fn records(&self) -> MutexGuard<'_, Records> {
        // After a panic at most the last record is cut short, see `Records::write`.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends the record that `write` appends, and tells its length.
    pub fn write(&self, write: impl FnOnce(&mut Vec<u8>)) -> usize {
        let mut records = self.records();
        records.write(write);
        let count = records.ends.len();
        records.bytes.len() - records.end(count - 1)
    }

    /// Exchanges all that waits for `room`, whose records are forgotten.
    pub fn take(&self, room: &mut Records) {
        room.clear();
        std::mem::swap(&mut *self.records(), room);
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.records().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(records: &mut Records) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| records.next().map(<[u8]>::to_vec)).collect()
    }

    #[test]
    fn records_come_out_as_they_went_in() {
        let queue = Queue::default();
        let mut room = Records::default();
        assert!(queue.is_empty());
        assert_eq!(3, queue.write(|out| out.extend(b"one")));
        assert_eq!(0, queue.write(|_| ()));
        assert_eq!(5, queue.write(|out| out.extend(b"three")));
        assert!(!queue.is_empty());
        queue.take(&mut room);
        assert!(queue.is_empty());
        assert_eq!(2, queue.write(|out| out.extend(b"on")));
        assert_eq!(all(&mut room), [b"one".to_vec(), vec![], b"three".to_vec()]);
        assert!(room.is_empty());
        queue.take(&mut room);
        assert_eq!(all(&mut room), [b"on".to_vec()]);
        queue.take(&mut room);
        assert!(room.is_empty() && room.next().is_none());
    }

    #[test]
    fn a_writer_that_panics_leaves_no_half_record() {
        let queue = Queue::default();
        let panics = std::panic::AssertUnwindSafe(|| {
            queue.write(|out| {
                out.extend(b"half");
                panic!("in the middle");
            })
        });
        assert!(std::panic::catch_unwind(panics).is_err());
        assert!(queue.is_empty());
        assert_eq!(5, queue.write(|out| out.extend(b"whole")));
        let mut room = Records::default();
        queue.take(&mut room);
        assert_eq!(all(&mut room), [b"whole".to_vec()]);
    }

    #[test]
    fn much_room_is_given_back() {
        let queue = Queue::default();
        let mut room = Records::default();
        queue.write(|out| out.resize(4 << 20, 0));
        queue.take(&mut room);
        queue.take(&mut room);
        queue.take(&mut room);
        assert!(queue.records().bytes.capacity() + room.bytes.capacity() <= 2 * KEPT_BYTES);
    }
}
