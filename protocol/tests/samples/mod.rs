//! One of each message and record, with a value in every field.

use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::{Ack, Batch, Hello, Refused, Welcome, Wishes};
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{
    Drops, EventWriter, LeakLoop, Segment, SegmentFlags, Span, SpanKind, SpanWriter, StackFrame,
    Stats, StatsRow, Status, UnitKind,
};

/// The greeting.
pub const HELLO: Hello<'static> = Hello {
    start_id: 0x0123_4567_89ab_cdef,
    pid: 4_711,
    host: "web-1",
    app: "shop.example.com:80",
    sapi: "fpm-fcgi",
    php: "8.2.30",
    extension: "0.1.0",
    swoole: "6.2.1",
    started_us: 1_700_000_000_000_000,
    title: "www",
};

/// What the agent wants.
pub const WISHES: Wishes = Wishes {
    ceiling: None,
    sampling: Some(1_000),
    stack_depth: Some(8),
    probe: true,
};

/// The same of an agent that takes less than all: the field that was appended.
pub const CEILING: Wishes = Wishes {
    ceiling: Some(300),
    ..WISHES
};

/// The agent's answer.
pub const WELCOME: Welcome<'static> = Welcome {
    agent_id: "7f3a",
    boot_id: 42,
    kept: 17,
    wishes: WISHES,
};

/// The plain fields of a span.
pub fn span() -> Span<'static> {
    let mut span = Span::default();
    span.span_id = 0x00f0_67aa_0ba9_02b7;
    span.parent_span_id = 1;
    span.name = "SELECT users";
    span.kind = SpanKind::Client;
    span.offset_us = -5;
    span.duration_us = 1_234;
    span.status = Status::Error;
    span.status_message = "gone away";
    span.coroutine_id = -1;
    span.system = "mysql";
    span.peer = "db:3306/shop";
    span
}

/// Appends the span with attributes, an event and a stack.
pub fn write_span(out: &mut Vec<u8>) {
    let attributes = [
        (
            "db.query.text",
            Value::Str("SELECT * FROM users WHERE id = ?"),
        ),
        ("db.response.returned_rows", Value::Int(-3)),
        ("ratio", Value::Float(0.5)),
        ("ok", Value::Bool(false)),
    ];
    SpanWriter {
        span: span(),
        attributes: &attributes,
        encoded: &[],
        events: &[EventWriter {
            name: "exception",
            offset_us: 9,
            attributes: &[("exception.type", Value::Str("PDOException"))],
        }],
        stack: &[StackFrame {
            file: "/srv/a.php",
            line: 300,
            function: "A::b",
        }],
        links: &[],
    }
    .write(out);
}

/// The plain fields of a segment.
pub fn segment() -> Segment<'static> {
    let mut segment = Segment::default();
    segment.trace_id = *b"\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36";
    segment.app = "shop";
    segment.endpoint = "/userinfo/$";
    segment.unit = UnitKind::Request;
    segment.start_us = 1_700_000_000_000_001;
    segment.duration_us = 70_000;
    segment.flags = SegmentFlags(SegmentFlags::ERROR | SegmentFlags::SAMPLED);
    segment.sampling = 10_000;
    segment.dropped_spans = 2;
    segment
}

/// A row of statistics.
pub fn row() -> StatsRow<'static> {
    StatsRow {
        app: "shop",
        endpoint: "/userinfo/$",
        kind: 2,
        system: "http",
        peer: "front",
        calls: 5,
        errors: 1,
        timeouts: 1,
        slow: 2,
        satisfied: 3,
        tolerating: 1,
        sum_us: 700_000,
        error_sum_us: 600_000,
        min_us: 1,
        max_us: 600_000,
        codes: vec![("200", 4), ("500", 1)],
        ok: vec![(-638, 1), (-200, 3)],
        failed: vec![(-24, 1)],
    }
}

fn framed(kind: Type, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    frame::write(&mut out, kind, write);
    out
}

fn batch(record: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut records = Vec::new();
    record(&mut records);
    framed(Type::Batch, |out| Batch::write(out, 18, 1, &records))
}

fn welcome(wishes: Wishes) -> Vec<u8> {
    framed(Type::Welcome, |out| {
        Welcome { wishes, ..WELCOME }.write(out)
    })
}

fn ack(wishes: Wishes) -> Vec<u8> {
    let number = 18;
    framed(Type::Ack, |out| Ack { number, wishes }.write(out))
}

/// Name and bytes of a frame for each message and record.
pub fn frames() -> [(&'static str, Vec<u8>); 10] {
    [
        ("hello", framed(Type::Hello, |out| HELLO.write(out))),
        ("welcome", welcome(WISHES)),
        ("ack", ack(Wishes::default())),
        ("ack_ceiling", ack(CEILING)),
        ("welcome_ceiling", welcome(CEILING)),
        (
            "refused",
            framed(Type::Refused, |out| Refused { why: "full" }.write(out)),
        ),
        (
            "segment",
            batch(|out| {
                let mut spans = Vec::new();
                write_span(&mut spans);
                segment().write(out, 1, &spans);
            }),
        ),
        (
            "stats",
            batch(|out| Stats::write(out, 1_700_000_000, [row()].into_iter())),
        ),
        (
            "leak_loop",
            batch(|out| {
                LeakLoop {
                    app: "shop",
                    record: b"\x81\xa1v\x01",
                }
                .write(out);
            }),
        ),
        (
            "drops",
            batch(|out| Drops::write(out, &[("queue_full", 300), ("oversize", 1)])),
        ),
    ]
}
