//! Random records come back as they were.

#[path = "spans/mod.rs"]
mod spans;

use proptest::prelude::*;
use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::Batch;
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{
    Drops, EventWriter, LeakLoop, Record, Segment, SegmentFlags, Span, SpanKind, SpanLink,
    SpanWriter, StackFrame, Stats, StatsRow, Status, UnitKind,
};

/// A scalar that owns its text.
#[derive(Debug, Clone)]
enum Scalar {
    Str(String),
    Int(i64),
    Float(f64),
    Bool(bool),
}

impl Scalar {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Str(text) => Value::Str(text),
            Self::Int(n) => Value::Int(*n),
            Self::Float(n) => Value::Float(*n),
            Self::Bool(b) => Value::Bool(*b),
        }
    }
}

type Pairs = Vec<(String, Scalar)>;

fn pairs() -> impl Strategy<Value = Pairs> {
    let scalar = prop_oneof![
        "\\PC{0,40}".prop_map(Scalar::Str),
        any::<i64>().prop_map(Scalar::Int),
        any::<f64>()
            .prop_filter("NaN is not itself", |n| !n.is_nan())
            .prop_map(Scalar::Float),
        any::<bool>().prop_map(Scalar::Bool),
    ];
    prop::collection::vec(("[a-z.]{0,20}", scalar), 0..20)
}

fn borrowed(pairs: &Pairs) -> Vec<(&str, Value<'_>)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.value()))
        .collect()
}

#[derive(Debug, Clone)]
struct Made {
    ids: (u64, u64),
    texts: [String; 4],
    kind: u8,
    status: u8,
    offset_us: i64,
    duration_us: u64,
    coroutine_id: i64,
    attributes: Pairs,
    events: Vec<(String, i64, Pairs)>,
    stack: Vec<(String, u32)>,
    links: Vec<([u8; 16], u64)>,
}

fn span() -> impl Strategy<Value = Made> {
    let plain = (
        any::<(u64, u64)>(),
        prop::array::uniform4("\\PC{0,20}"),
        1..=5u8,
        0..=2u8,
        any::<(i64, u64, i64)>(),
    );
    let lists = (
        pairs(),
        prop::collection::vec(("\\PC{0,9}", any::<i64>(), pairs()), 0..3),
        prop::collection::vec(("\\PC{0,9}", any::<u32>()), 0..5),
        prop::collection::vec(any::<([u8; 16], u64)>(), 0..3),
    );
    (plain, lists).prop_map(
        |((ids, texts, kind, status, times), (attributes, events, stack, links))| Made {
            ids,
            texts,
            kind,
            status,
            offset_us: times.0,
            duration_us: times.1,
            coroutine_id: times.2,
            attributes,
            events,
            stack,
            links,
        },
    )
}

impl Made {
    fn plain(&self) -> Span<'_> {
        let [name, message, system, peer] = &self.texts;
        let mut span = Span::default();
        span.span_id = self.ids.0;
        span.parent_span_id = self.ids.1;
        span.name = name;
        span.kind = SpanKind::of(self.kind);
        span.offset_us = self.offset_us;
        span.duration_us = self.duration_us;
        span.status = Status::of(self.status);
        span.status_message = message;
        span.coroutine_id = self.coroutine_id;
        span.system = system;
        span.peer = peer;
        span
    }

    fn write(&self, out: &mut Vec<u8>) {
        let in_events: Vec<_> = self
            .events
            .iter()
            .map(|(_, _, pairs)| borrowed(pairs))
            .collect();
        let events: Vec<_> = self
            .events
            .iter()
            .zip(&in_events)
            .map(|((name, offset_us, _), attributes)| EventWriter {
                name,
                offset_us: *offset_us,
                attributes,
            })
            .collect();
        let stack: Vec<_> = self
            .stack
            .iter()
            .map(|(text, line)| StackFrame {
                file: text,
                line: *line,
                function: text,
            })
            .collect();
        let links: Vec<_> = self
            .links
            .iter()
            .map(|&(trace_id, span_id)| SpanLink { trace_id, span_id })
            .collect();
        SpanWriter {
            span: self.plain(),
            attributes: &borrowed(&self.attributes),
            encoded: &[],
            events: &events,
            stack: &stack,
            links: &links,
        }
        .write(out);
    }

    fn assert_is(&self, got: &Span<'_>) {
        spans::assert_same(got, &self.plain());
        let attributes: Vec<_> = got.attributes.iter().collect();
        assert_eq!(attributes, borrowed(&self.attributes));
        let events: Vec<_> = got.events().collect();
        assert_eq!(events.len(), self.events.len());
        for (event, (name, offset_us, pairs)) in events.iter().zip(&self.events) {
            assert_eq!((event.name, event.offset_us), (name.as_str(), *offset_us));
            assert_eq!(event.attributes.iter().collect::<Vec<_>>(), borrowed(pairs));
        }
        let stack: Vec<_> = got.stack().map(|f| (f.file.to_owned(), f.line)).collect();
        assert_eq!(stack, self.stack);
        let links: Vec<_> = got.links().map(|l| (l.trace_id, l.span_id)).collect();
        assert_eq!(links, self.links);
    }
}

/// Frames the only record, reads it back and hands it to `check`.
fn through_the_wire(number: u64, record: &[u8], check: impl FnOnce(Record<'_>)) {
    let mut bytes = Vec::new();
    frame::write(&mut bytes, Type::Batch, |out| {
        Batch::write(out, number, 1, record)
    });
    let whole = frame::read(&bytes).unwrap().unwrap();
    assert_eq!(whole.len, bytes.len());
    let batch = Batch::read(whole.body).unwrap();
    assert_eq!(batch.number, number);
    let records: Vec<_> = batch.records().collect();
    let [Ok(record)] = records[..] else {
        panic!("{records:?}")
    };
    check(record);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn segments(
        trace_id: [u8; 16], app in "\\PC{0,20}", unit in 0..=11u8, numbers: (u64, u64, u64, u64),
        flags: u32, sampling: u32, spans in prop::collection::vec(span(), 0..6),
    ) {
        let mut segment = Segment::default();
        segment.trace_id = trace_id;
        segment.app = &app;
        segment.endpoint = &app;
        segment.unit = UnitKind::of(unit);
        segment.start_us = numbers.0;
        segment.duration_us = numbers.1;
        segment.flags = SegmentFlags(flags);
        segment.sampling = sampling;
        segment.dropped_spans = numbers.2;
        let (mut body, mut record) = (Vec::new(), Vec::new());
        spans.iter().for_each(|span| span.write(&mut body));
        segment.write(&mut record, spans.len(), &body);
        through_the_wire(numbers.3, &record, |got| {
            let Record::Segment(got) = got else { panic!("{got:?}") };
            assert_eq!(got.trace_id, trace_id);
            assert_eq!((got.app, got.endpoint, got.unit), (&*app, &*app, segment.unit));
            assert_eq!((got.start_us, got.duration_us), (numbers.0, numbers.1));
            assert_eq!((got.flags.0, got.sampling, got.dropped_spans), (flags, sampling, numbers.2));
            let stored = got.body();
            for got in [got, Segment::read_body(&stored).unwrap()] {
                let read: Vec<_> = got.spans().map(Result::unwrap).collect();
                assert_eq!(read.len(), spans.len());
                spans.iter().zip(&read).for_each(|(made, read)| made.assert_is(read));
            }
        });
    }

    #[test]
    fn statistics(
        texts in prop::array::uniform4("\\PC{0,20}"), kind: u8, numbers: [u64; 10],
        codes in prop::collection::vec(("\\PC{0,5}", any::<u64>()), 0..64),
        ok: Vec<(i32, u64)>, failed: Vec<(i32, u64)>, bucket: u64, rows in 0..4usize,
    ) {
        let [calls, errors, timeouts, slow, satisfied, tolerating, sum_us, error_sum_us, min_us,
            max_us] = numbers;
        let row = StatsRow {
            app: &texts[0], endpoint: &texts[1], kind, system: &texts[2], peer: &texts[3],
            calls, errors, timeouts, slow, satisfied, tolerating, sum_us, error_sum_us, min_us,
            max_us, ok, failed,
            codes: codes.iter().map(|(code, n)| (code.as_str(), *n)).collect(),
        };
        let mut record = Vec::new();
        Stats::write(&mut record, bucket, vec![row.clone(); rows].into_iter());
        through_the_wire(1, &record, |got| {
            let Record::Stats(got) = got else { panic!("{got:?}") };
            assert_eq!((got.bucket, got.len()), (bucket, rows));
            assert!(got.rows().all(|read| read.as_ref() == Ok(&row)));
        });
    }

    #[test]
    fn losses_and_loops(
        losses in prop::collection::vec(("[a-z_]{1,12}", any::<u64>()), 0..64),
        app in "\\PC{0,20}", bytes: Vec<u8>,
    ) {
        let losses: Vec<_> = losses.iter().map(|(reason, n)| (reason.as_str(), *n)).collect();
        let mut record = Vec::new();
        Drops::write(&mut record, &losses);
        through_the_wire(1, &record, |got| {
            let Record::Drops(got) = got else { panic!("{got:?}") };
            assert_eq!(got.iter().collect::<Vec<_>>(), losses);
        });
        record.clear();
        let leak_loop = LeakLoop { app: &app, record: &bytes };
        leak_loop.write(&mut record);
        through_the_wire(1, &record, |got| {
            let Record::LeakLoop(got) = got else { panic!("{got:?}") };
            assert_eq!(got, leak_loop);
        });
    }
}
