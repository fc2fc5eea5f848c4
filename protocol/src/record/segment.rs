//! A segment: the part of a trace that one unit of work made.

use super::{SEGMENT, Span, head};
use crate::limits::{MAX_SPANS, MAX_STRING, cut};
use crate::msgpack::{Fields, ReadError, Reader, Write};

/// What kind of work a segment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum UnitKind {
    /// Not known, or of a newer extension.
    #[default]
    Unknown = 0,
    /// A request under FPM, CGI or the built-in server.
    Request = 1,
    /// A script run from the command line.
    Script = 2,
    /// A request of an HTTP server in PHP.
    Http = 3,
    /// A message on a WebSocket.
    WebSocket = 4,
    /// Data on a TCP connection.
    Tcp = 5,
    /// A datagram.
    Udp = 6,
    /// A task in a task worker.
    Task = 7,
    /// A run of a timer.
    Timer = 8,
    /// A message from another worker.
    PipeMessage = 9,
    /// A process that the program started.
    Process = 10,
    /// Begun by hand (`beforeExecRpc()`).
    Manual = 11,
    /// A message of a broker that the program's consumer is called with.
    Message = 12,
}

impl UnitKind {
    /// The kind of number `n`.
    #[must_use]
    pub fn of(n: u8) -> Self {
        match n {
            1 => Self::Request,
            2 => Self::Script,
            3 => Self::Http,
            4 => Self::WebSocket,
            5 => Self::Tcp,
            6 => Self::Udp,
            7 => Self::Task,
            8 => Self::Timer,
            9 => Self::PipeMessage,
            10 => Self::Process,
            11 => Self::Manual,
            12 => Self::Message,
            _ => Self::Unknown,
        }
    }
}

/// Why a segment was kept, and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SegmentFlags(pub u32);

impl SegmentFlags {
    /// It failed.
    pub const ERROR: u32 = 1;
    /// It took longer than `slow_ms`.
    pub const SLOW: u32 = 2;
    /// The first of its endpoint for a while.
    pub const RARE: u32 = 4;
    /// Chosen by the hash of its trace id.
    pub const SAMPLED: u32 = 8;
    /// The caller's trace is kept.
    pub const PARENT: u32 = 16;
    /// Ended by a fatal error, an exit or the end of its process, not by itself.
    pub const INTERRUPTED: u32 = 32;

    /// Whether one of these is set.
    #[must_use]
    pub fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }
}

/// The part of a trace that one unit of work made. Its spans are read one by one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Segment<'a> {
    /// Trace id of W3C trace context.
    pub trace_id: [u8; 16],
    /// Application.
    pub app: &'a str,
    /// Endpoint.
    pub endpoint: &'a str,
    /// What the unit was.
    pub unit: UnitKind,
    /// Begin, Unix µs.
    pub start_us: u64,
    /// Duration, µs.
    pub duration_us: u64,
    /// See [`SegmentFlags`].
    pub flags: SegmentFlags,
    /// Sampling in force, hundredths of a percent.
    pub sampling: u32,
    /// Spans that the unit could not keep.
    pub dropped_spans: u64,
    /// Number of spans.
    pub span_count: u32,
    spans: &'a [u8],
}

impl<'a> Segment<'a> {
    /// Appends the segment, its spans as [`super::SpanWriter`] wrote them.
    pub fn write(&self, out: &mut Vec<u8>, span_count: usize, spans: &[u8]) {
        head(out, SEGMENT);
        self.write_body(out, span_count, spans);
    }

    fn write_body(&self, out: &mut Vec<u8>, span_count: usize, spans: &[u8]) {
        out.array(10);
        out.bin(&self.trace_id);
        out.str(cut(self.app, MAX_STRING));
        out.str(cut(self.endpoint, MAX_STRING));
        out.uint(self.unit as u64);
        out.uint(self.start_us);
        out.uint(self.duration_us);
        out.uint(u64::from(self.flags.0));
        out.uint(u64::from(self.sampling));
        out.uint(self.dropped_spans);
        out.array(span_count);
        out.extend_from_slice(spans);
    }

    /// Reads a segment that stands alone, as [`Segment::body`] gave it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read_body(bytes: &'a [u8]) -> Result<Self, ReadError> {
        Self::read(&mut Reader::new(bytes))
    }

    /// The segment's own bytes, to be stored.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.spans.len() + 64);
        self.write_body(&mut out, self.span_count as usize, self.spans);
        out
    }

    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let mut fields = Fields::open(reader)?;
        let mut segment = Self {
            trace_id: fields
                .next(|r| r.bin().map(|b| b.try_into().ok()))?
                .ok_or(ReadError::Type)?,
            app: fields.next(Reader::text)?,
            endpoint: fields.next(Reader::text)?,
            unit: UnitKind::of(fields.next(Reader::small)?),
            start_us: fields.next(Reader::uint)?,
            duration_us: fields.next(Reader::uint)?,
            flags: SegmentFlags(fields.next(Reader::number)?),
            sampling: fields.next(Reader::number)?,
            dropped_spans: fields.next(Reader::uint)?,
            span_count: 0,
            spans: &[],
        };
        (segment.span_count, segment.spans) = fields.next(|r| {
            let count = r.array()?;
            if count > MAX_SPANS {
                return Err(ReadError::Limit("spans"));
            }
            let before = r.rest();
            for _ in 0..count {
                r.skip()?;
            }
            Ok((count, &before[..before.len() - r.rest().len()]))
        })?;
        fields.close()?;
        Ok(segment)
    }

    /// The spans in the order in which they ended; one that cannot be read is an error,
    /// and the next follows it.
    pub fn spans(&self) -> impl Iterator<Item = Result<Span<'a>, ReadError>> + use<'a> {
        let mut reader = Reader::new(self.spans);
        (0..self.span_count).map(move |_| {
            let mut one = reader;
            reader.skip()?;
            Span::read(&mut one)
        })
    }
}
