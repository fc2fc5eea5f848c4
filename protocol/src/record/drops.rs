//! What was lost before it reached the wire.

use super::{DROPS, head};
use crate::limits::MAX_REASONS;
use crate::msgpack::{ReadError, Reader, Write};

/// Losses by reason, since the last such record.
#[derive(Debug, Clone, Copy)]
pub struct Drops<'a> {
    entries: Reader<'a>,
    count: u32,
}

impl<'a> Drops<'a> {
    /// Appends a record of losses, of the first [`MAX_REASONS`] reasons.
    pub fn write(out: &mut Vec<u8>, losses: &[(&str, u64)]) {
        let losses = &losses[..losses.len().min(MAX_REASONS as usize)];
        head(out, DROPS);
        out.map(losses.len());
        for (reason, count) in losses {
            out.str(reason);
            out.uint(*count);
        }
    }

    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let count = reader.map()?;
        if count > MAX_REASONS {
            return Err(ReadError::Limit("reasons"));
        }
        let entries = *reader;
        for _ in 0..count {
            reader.text()?;
            reader.uint()?;
        }
        Ok(Self { entries, count })
    }

    /// Reason and count, such as `("queue_full", 3)`.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, u64)> + use<'a> {
        let mut entries = self.entries;
        (0..self.count).map_while(move |_| Some((entries.text().ok()?, entries.uint().ok()?)))
    }
}
