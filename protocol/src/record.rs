//! Records: what a batch is made of. Each is an array of its kind and its body.

mod drops;
mod leak_loop;
mod segment;
mod span;
mod stats;

pub use drops::Drops;
pub use leak_loop::LeakLoop;
pub use segment::{Segment, SegmentFlags, UnitKind};
pub use span::{
    Attribute, Attributes, Encoded, Event, EventWriter, Span, SpanKind, SpanLink, SpanWriter,
    StackFrame, Status,
};
pub use stats::{Stats, StatsRow};

use crate::msgpack::{ReadError, Reader, Write};

const SEGMENT: u64 = 1;
const STATS: u64 = 2;
const LEAK_LOOP: u64 = 3;
const DROPS: u64 = 4;

/// One record.
#[derive(Debug, Clone, Copy)]
pub enum Record<'a> {
    /// Spans of one unit of work.
    Segment(Segment<'a>),
    /// Counts of ten seconds.
    Stats(Stats<'a>),
    /// A closed loop of the leak finder.
    LeakLoop(LeakLoop<'a>),
    /// What the process could not send.
    Drops(Drops<'a>),
    /// Of a newer extension; skipped.
    Unknown(u64),
}

impl<'a> Record<'a> {
    /// Reads one record.
    ///
    /// # Errors
    /// When the bytes are no record, or hold more than the limits allow.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let fields = reader.array()?;
        if fields < 2 {
            return Err(ReadError::Truncated);
        }
        let kind = reader.uint()?;
        let record = match kind {
            SEGMENT => Self::Segment(Segment::read(reader)?),
            STATS => Self::Stats(Stats::read(reader)?),
            LEAK_LOOP => Self::LeakLoop(LeakLoop::read(reader)?),
            DROPS => Self::Drops(Drops::read(reader)?),
            other => {
                reader.skip()?;
                Self::Unknown(other)
            }
        };
        for _ in 2..fields {
            reader.skip()?;
        }
        Ok(record)
    }

    /// Whether these bytes are a closed loop of the leak finder; they are not read.
    #[must_use]
    pub fn is_leak_loop(record: &[u8]) -> bool {
        let mut reader = Reader::new(record);
        reader.array().is_ok() && matches!(reader.uint(), Ok(LEAK_LOOP))
    }
}

/// Appends the head of a record; its body follows.
fn head(out: &mut Vec<u8>, kind: u64) {
    out.array(2);
    out.uint(kind);
}
