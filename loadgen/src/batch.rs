//! Records as a small shop would make them.

use tracker_protocol::message::Batch;
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{
    Segment, SegmentFlags, Span, SpanKind, SpanWriter, Stats, StatsRow, Status, UnitKind,
};

/// What a batch consists of.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Segments of one batch.
    pub segments: usize,
    /// Spans of one segment.
    pub spans: usize,
    /// A record of statistics every so many batches; 0 is never.
    pub stats_every: u64,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            segments: 50,
            spans: 10,
            stats_every: 10,
        }
    }
}

/// What a batch holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Content {
    /// Segments.
    pub segments: u64,
    /// Spans.
    pub spans: u64,
    /// Calls that the statistics count.
    pub calls: u64,
}

const ENDPOINTS: [&str; 6] = [
    "GET /cart/$",
    "POST /order",
    "GET /product/$/reviews",
    "GET /",
    "GET /search",
    "POST /login",
];
const SQL: &str = "SELECT id, name, price FROM product WHERE category = ? ORDER BY price LIMIT ?";

/// A small fast source of numbers: xorshift.
#[derive(Debug)]
pub struct Numbers(pub u64);

impl Numbers {
    /// The next.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// The body of batch `number`, at `now_us` (Unix µs).
pub fn write(
    out: &mut Vec<u8>,
    number: u64,
    now_us: u64,
    shape: Shape,
    numbers: &mut Numbers,
) -> Content {
    let mut records = Vec::with_capacity(shape.segments * shape.spans * 150);
    let mut spans = Vec::new();
    for _ in 0..shape.segments {
        spans.clear();
        let endpoint = ENDPOINTS[numbers.next() as usize % ENDPOINTS.len()];
        let duration_us = 200 + numbers.next() % 50_000;
        let is_error = numbers.next().is_multiple_of(100);
        write_spans(
            &mut spans,
            shape.spans,
            endpoint,
            duration_us,
            is_error,
            numbers,
        );
        let mut segment = Segment::default();
        segment.trace_id[..8].copy_from_slice(&numbers.next().to_be_bytes());
        segment.trace_id[8..].copy_from_slice(&numbers.next().to_be_bytes());
        segment.app = "shop.example";
        segment.endpoint = endpoint;
        segment.unit = UnitKind::Request;
        segment.start_us = now_us.saturating_sub(duration_us);
        segment.duration_us = duration_us;
        segment.flags = SegmentFlags(if is_error {
            SegmentFlags::ERROR
        } else {
            SegmentFlags::SAMPLED
        });
        segment.sampling = 10_000;
        segment.write(&mut records, shape.spans, &spans);
    }
    let has_stats = shape.stats_every > 0 && number.is_multiple_of(shape.stats_every);
    let mut calls = 0;
    if has_stats {
        let rows: Vec<_> = ENDPOINTS.iter().map(|endpoint| row(endpoint)).collect();
        calls = rows.iter().map(|row| row.calls).sum();
        let bucket = now_us / 1_000_000 / Stats::SECONDS * Stats::SECONDS;
        Stats::write(&mut records, bucket, rows.into_iter());
    }
    let count = shape.segments + usize::from(has_stats);
    Batch::write(out, number, count, &records);
    Content {
        segments: shape.segments as u64,
        spans: (shape.segments * shape.spans) as u64,
        calls,
    }
}

fn row(endpoint: &str) -> StatsRow<'_> {
    StatsRow {
        app: "shop.example",
        endpoint,
        kind: SpanKind::Server as u8,
        system: "http",
        peer: "gateway",
        calls: 100,
        errors: 1,
        slow: 2,
        satisfied: 95,
        tolerating: 4,
        sum_us: 1_500_000,
        error_sum_us: 30_000,
        min_us: 210,
        max_us: 49_000,
        codes: vec![("200", 99), ("500", 1)],
        ok: (-390..-290)
            .step_by(10)
            .map(|index| (index, if index == -300 { 9 } else { 10 }))
            .collect(),
        failed: vec![(-161, 1)],
        ..StatsRow::default()
    }
}

fn write_spans(
    out: &mut Vec<u8>,
    count: usize,
    endpoint: &str,
    duration_us: u64,
    is_error: bool,
    numbers: &mut Numbers,
) {
    let root = numbers.next() | 1;
    for child in 1..count as u64 {
        let is_sql = child % 2 == 0;
        let mut span = Span::default();
        span.span_id = numbers.next() | 1;
        span.parent_span_id = root;
        span.name = if is_sql { "SELECT product" } else { "GET" };
        span.kind = SpanKind::Client;
        span.offset_us = (duration_us / count as u64 * child) as i64;
        span.duration_us = duration_us / count as u64;
        span.coroutine_id = -1;
        span.system = if is_sql { "mysql" } else { "redis" };
        span.peer = if is_sql {
            "10.0.0.5:3306/shop"
        } else {
            "10.0.0.6:6379"
        };
        let attributes = if is_sql {
            &[
                ("db.system.name", Value::Str("mysql")),
                ("db.query.text", Value::Str(SQL)),
            ][..]
        } else {
            &[
                ("db.system.name", Value::Str("redis")),
                ("db.operation.name", Value::Str("GET")),
            ]
        };
        SpanWriter {
            span,
            attributes,
            encoded: &[],
            events: &[],
            stack: &[],
            links: &[],
        }
        .write(out);
    }
    let mut span = Span::default();
    span.span_id = root;
    span.name = endpoint;
    span.kind = SpanKind::Server;
    span.duration_us = duration_us;
    span.status = if is_error {
        Status::Error
    } else {
        Status::Unset
    };
    span.coroutine_id = -1;
    span.system = "http";
    let attributes = &[
        ("http.request.method", Value::Str("GET")),
        ("url.path", Value::Str("/cart/1234")),
        ("http.response.status_code", Value::Int(200)),
    ];
    SpanWriter {
        span,
        attributes,
        encoded: &[],
        events: &[],
        stack: &[],
        links: &[],
    }
    .write(out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracker_protocol::record::Record;

    #[test]
    fn what_is_said_to_be_there_is_there() {
        let mut body = Vec::new();
        let said = write(
            &mut body,
            10,
            1_700_000_000_000_000,
            Shape::default(),
            &mut Numbers(7),
        );
        let batch = Batch::read(&body).unwrap();
        assert_eq!(batch.number, 10);
        let mut found = Content::default();
        for record in batch.records() {
            match record.unwrap() {
                Record::Segment(segment) => {
                    found.segments += 1;
                    found.spans += segment.spans().filter(Result::is_ok).count() as u64;
                }
                Record::Stats(stats) => {
                    found.calls += stats.rows().map(|row| row.unwrap().calls).sum::<u64>();
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(found, said);
        assert_eq!(said.calls, 600);
    }
}
