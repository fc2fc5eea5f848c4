//! The part of a trace that one root and its children make.

use tracker_protocol::limits::MAX_SPANS;
use tracker_protocol::record::{Segment, SegmentFlags, SpanWriter, UnitKind};

use tracker_core::trace::ids::TraceId;
use tracker_core::trace::propagation::Remote;

use super::notes::Notes;

/// Bytes of spans that a segment may have: a frame must hold it.
const MAX_BYTES: usize = 2 << 20;

/// Whether a trace is sent, and why: bits of [`SegmentFlags`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// It is sent.
    pub keep: bool,
    /// Why.
    pub flags: u32,
    /// Sampling in force, hundredths of a percent.
    pub sampling: u32,
}

/// Shared by a root and its children.
pub struct Trace {
    /// Trace id.
    pub id: TraceId,
    /// What the caller sent along.
    pub remote: Option<Remote>,
    /// Own choice by the hash of the trace id, told to whom we call.
    pub sampled: bool,
    /// What the root is.
    pub unit: UnitKind,
    /// Begin, monotonic.
    pub start_ns: u64,
    /// Begin, Unix time.
    pub start_us: u64,
    /// Application.
    pub app: String,
    /// Endpoint.
    pub endpoint: String,
    /// The endpoint holds a route, or a command, that a framework told.
    pub is_routed: bool,
    /// Status of the HTTP answer, as far as a server of Swoole was told; 0 is none.
    pub status: u16,
    /// The program has begun an entry by hand, which is this one.
    pub is_claimed: bool,
    /// Class and message of an exception of which a framework made the answer.
    pub caught: Option<Box<(String, String)>>,
    /// What the program told of the root by hand.
    pub notes: Option<Box<Notes>>,
    /// Set when the root ends.
    pub decision: Option<Decision>,
    /// Not sent, whatever happens: the main request of a server.
    pub is_dropped: bool,
    spans: Vec<u8>,
    count: u32,
    dropped: u64,
    last_ns: u64,
}

impl Trace {
    /// An empty one.
    pub fn new(id: TraceId, remote: Option<Remote>, unit: UnitKind, start: (u64, u64)) -> Self {
        Self {
            id,
            remote,
            sampled: true,
            unit,
            start_ns: start.0,
            start_us: start.1,
            app: String::new(),
            endpoint: String::new(),
            is_routed: false,
            status: 0,
            is_claimed: false,
            caught: None,
            notes: None,
            decision: None,
            is_dropped: false,
            spans: Vec::new(),
            count: 0,
            dropped: 0,
            last_ns: start.0,
        }
    }

    /// µs from the begin of the trace to a moment.
    pub fn offset_us(&self, ns: u64) -> i64 {
        (ns.cast_signed() - self.start_ns.cast_signed()) / 1_000
    }

    /// Appends a finished span; false if there is no room for it. The `root` span
    /// always has room.
    pub fn add(&mut self, span: &SpanWriter<'_>, end_ns: u64, is_root: bool) -> bool {
        self.last_ns = self.last_ns.max(end_ns);
        let is_full = self.is_full();
        if self.is_dropped || self.decision.is_some_and(|d| !d.keep) || (is_full && !is_root) {
            self.dropped += u64::from(is_full);
            return !is_full;
        }
        span.write(&mut self.spans);
        self.count += 1;
        true
    }

    fn is_full(&self) -> bool {
        self.count + 1 >= MAX_SPANS || self.spans.len() >= MAX_BYTES
    }

    /// Whether a span that is about to begin would find no room: it is counted as
    /// dropped then, and need not begin.
    pub fn turns_away(&mut self) -> bool {
        let is_full = self.is_full();
        self.dropped += u64::from(is_full);
        is_full
    }

    /// Whether there are spans that have not been sent.
    pub fn has_spans(&self) -> bool {
        self.count > 0
    }

    /// Appends the record of what there is, and tells how many spans it lacks; the
    /// trace is empty afterwards. `flags`: further [`SegmentFlags`].
    pub fn take_record(&mut self, flags: u32, out: &mut Vec<u8>) -> u64 {
        let decision = self.decision;
        let mut segment = Segment::default();
        segment.trace_id = self.id.bytes();
        segment.app = &self.app;
        segment.endpoint = &self.endpoint;
        segment.unit = self.unit;
        segment.start_us = self.start_us;
        segment.duration_us = (self.last_ns - self.start_ns) / 1_000;
        segment.flags = SegmentFlags(decision.map_or(0, |d| d.flags) | flags);
        segment.sampling = decision.map_or(0, |d| d.sampling);
        segment.dropped_spans = self.dropped;
        segment.write(out, self.count as usize, &self.spans);
        let dropped = self.dropped;
        self.forget();
        dropped
    }

    /// Drops the spans.
    pub fn forget(&mut self) {
        self.spans.clear();
        self.count = 0;
        self.dropped = 0;
    }

    /// Uses the room of `spare` for the spans.
    pub fn with_room(mut self, spare: Vec<u8>) -> Self {
        self.spans = spare;
        self
    }

    /// Gives the room away.
    pub fn take_room(&mut self) -> Vec<u8> {
        self.forget();
        std::mem::take(&mut self.spans)
    }
}
