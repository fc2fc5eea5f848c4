//! A closed loop of the leak finder.

use super::{LEAK_LOOP, head};
use crate::msgpack::{Fields, ReadError, Reader, Write};

/// The record that the leak log has, on its way to the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeakLoop<'a> {
    /// Name of the application.
    pub app: &'a str,
    /// The log's record without its frame: `docs/FORMAT.md`.
    pub record: &'a [u8],
}

impl<'a> LeakLoop<'a> {
    /// Appends the record.
    pub fn write(&self, out: &mut Vec<u8>) {
        head(out, LEAK_LOOP);
        out.array(2);
        out.str(self.app);
        out.bin(self.record);
    }

    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let mut fields = Fields::open(reader)?;
        let leak_loop = Self {
            app: fields.next(Reader::text)?,
            record: fields.next(Reader::bin)?,
        };
        fields.close()?;
        Ok(leak_loop)
    }
}
