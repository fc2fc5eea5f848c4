//! Reads whatever a stream of bytes holds, down to the last attribute, as an agent would.
//! Shared by the tests and the fuzz target.

use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::{Ack, Batch, Hello, Refused, Welcome};
use tracker_protocol::record::{Record, Segment, Span};

/// What was found.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub struct Found {
    /// Frames.
    pub frames: usize,
    /// Records of all batches.
    pub records: usize,
    /// Spans of all segments.
    pub spans: usize,
    /// Things inside of spans and other records.
    pub details: usize,
    /// Values that could not be read.
    pub errors: usize,
}

impl Found {
    /// Reads frame after frame until the stream is over or broken.
    pub fn in_stream(mut bytes: &[u8]) -> Self {
        let mut found = Self::default();
        loop {
            match frame::read(bytes) {
                Ok(Some(frame)) => {
                    found.frames += 1;
                    found.body(frame.kind, frame.body);
                    bytes = &bytes[frame.len..];
                }
                Ok(None) => return found,
                Err(_) => {
                    found.errors += 1;
                    return found;
                }
            }
        }
    }

    /// Reads one body.
    pub fn body(&mut self, kind: u8, body: &[u8]) {
        let is_wrong = match Type::of(kind) {
            Some(Type::Hello) => Hello::read(body).is_err(),
            Some(Type::Welcome) => Welcome::read(body).is_err(),
            Some(Type::Ack) => Ack::read(body).is_err(),
            Some(Type::Refused) => Refused::read(body).is_err(),
            Some(Type::Batch) => match Batch::read(body) {
                Ok(batch) => {
                    batch.records().for_each(|record| match record {
                        Ok(record) => self.record(&record),
                        Err(_) => self.errors += 1,
                    });
                    false
                }
                Err(_) => true,
            },
            None => false,
        };
        self.errors += usize::from(is_wrong);
    }

    fn record(&mut self, record: &Record<'_>) {
        self.records += 1;
        match record {
            Record::Segment(segment) => self.segment(segment),
            Record::Stats(stats) => {
                for row in stats.rows() {
                    match row {
                        Ok(row) => self.details += row.codes.len() + row.ok.len(),
                        Err(_) => self.errors += 1,
                    }
                }
            }
            Record::LeakLoop(leak_loop) => self.details += leak_loop.record.len(),
            Record::Drops(drops) => self.details += drops.iter().count(),
            Record::Unknown(_) => {}
        }
    }

    fn segment(&mut self, segment: &Segment<'_>) {
        for span in segment.spans() {
            match span {
                Ok(span) => self.span(&span),
                Err(_) => self.errors += 1,
            }
        }
        // What is stored reads like what came.
        let body = segment.body();
        let stored = Segment::read_body(&body).map(|s| s.span_count);
        assert_eq!(stored, Ok(segment.span_count));
    }

    fn span(&mut self, span: &Span<'_>) {
        self.spans += 1;
        let in_events: usize = span.events().map(|e| 1 + e.attributes.iter().count()).sum();
        self.details += in_events + span.attributes.iter().count() + span.stack().count();
        self.details += span.links().count();
    }
}
