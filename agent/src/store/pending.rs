//! What waits to be written.

use std::collections::HashMap;
use std::sync::Arc;

use tracker_protocol::record::{Segment, SegmentFlags};

use crate::pipeline::Origin;

/// Flags that the agent adds to those of [`SegmentFlags`].
pub mod row_flags {
    /// The segment begins the trace: nothing called it.
    pub const ROOT: u32 = 1 << 16;
    /// Spans of it are missing.
    pub const INCOMPLETE: u32 = 1 << 17;
}

/// A segment, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// Position of its batch.
    pub position: u64,
    /// Trace id.
    pub trace_id: [u8; 16],
    /// Application.
    pub app: Box<str>,
    /// Endpoint.
    pub endpoint: Box<str>,
    /// Host and process.
    pub origin: Arc<Origin>,
    /// Begin, Unix µs.
    pub start_us: u64,
    /// Duration, µs.
    pub duration_us: u64,
    /// [`SegmentFlags`] and [`row_flags`].
    pub flags: u32,
    /// Spans.
    pub spans: u32,
    /// Spans that failed.
    pub errors: u32,
    /// Attributes to be searched by, without doubles.
    pub attributes: Vec<(Arc<str>, Box<str>)>,
    /// The wire's bytes of the segment, compressed by lz4 behind their length.
    pub body: Vec<u8>,
}

impl SegmentRow {
    /// A row of `segment`; what its spans tell is added by the caller.
    #[must_use]
    pub fn new(position: u64, origin: &Arc<Origin>, segment: &Segment<'_>) -> Self {
        Self {
            position,
            trace_id: segment.trace_id,
            app: segment.app.into(),
            endpoint: segment.endpoint.into(),
            origin: origin.clone(),
            start_us: segment.start_us,
            duration_us: segment.duration_us,
            flags: segment.flags.0 & 0xffff,
            spans: segment.span_count,
            errors: 0,
            attributes: Vec::new(),
            body: lz4_flex::compress_prepend_size(&segment.body()),
        }
    }

    /// Whether the segment failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        SegmentFlags(self.flags).has(SegmentFlags::ERROR)
    }
}

/// A closed loop of the leak finder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeakRow {
    /// Position of its batch.
    pub position: u64,
    /// Application.
    pub app: Box<str>,
    /// Host and process.
    pub origin: Arc<Origin>,
    /// When the agent took it, Unix µs.
    pub seen_us: u64,
    /// The log's record.
    pub record: Vec<u8>,
}

/// A process and what came from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessRow {
    /// Who.
    pub origin: Arc<Origin>,
    /// Number of its newest batch.
    pub number: u64,
    /// When that came, Unix µs.
    pub seen_us: u64,
}

/// What waits to be written.
#[derive(Debug, Default)]
pub struct Pending {
    /// Segments in the order of their arrival.
    pub segments: Vec<SegmentRow>,
    /// Loops in the order of their arrival.
    pub leaks: Vec<LeakRow>,
    /// Processes by their start id.
    pub processes: HashMap<u64, ProcessRow>,
    /// Spans of the segments.
    pub spans: u64,
    /// Bytes of the bodies, about.
    pub bytes: usize,
}

impl Pending {
    /// Adds a segment.
    pub fn segment(&mut self, row: SegmentRow) {
        self.spans += u64::from(row.spans);
        self.bytes += row.body.len() + 256;
        self.segments.push(row);
    }

    /// Adds a loop.
    pub fn leak(&mut self, row: LeakRow) {
        self.bytes += row.record.len() + 256;
        self.leaks.push(row);
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty() && self.leaks.is_empty() && self.processes.is_empty()
    }

    /// Forgets the segments that `is_written`.
    pub fn forget(&mut self, is_written: impl Fn(&SegmentRow) -> bool) {
        self.segments.retain(|row| !is_written(row));
        self.spans = self.segments.iter().map(|row| u64::from(row.spans)).sum();
    }

    /// Gives up the segments and loops of which nothing is written yet; tells how many.
    pub fn shed(&mut self) -> u64 {
        let shed = self.segments.len() + self.leaks.len();
        self.segments.clear();
        self.leaks.clear();
        (self.spans, self.bytes) = (0, 0);
        shed as u64
    }

    /// Forgets all: it is written.
    pub fn clear(&mut self) {
        self.shed();
        self.processes.clear();
    }
}
