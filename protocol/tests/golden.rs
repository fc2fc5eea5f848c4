//! The bytes of every message and record, as they were when version 1 was fixed. If this
//! fails, peers that are out there stop understanding each other: append fields (and
//! add a golden file), or raise the version; never change an old file.

#[path = "samples/mod.rs"]
mod samples;
#[path = "spans/mod.rs"]
mod spans;
#[path = "walk/mod.rs"]
mod walk;

use std::path::Path;
use tracker_protocol::frame;
use tracker_protocol::message::{Ack, Batch, Hello, Refused, Welcome, Wishes};
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::Record;

fn hex(bytes: &[u8]) -> String {
    let lines = bytes.chunks(32).map(|line| {
        let digits: String = line.iter().map(|byte| format!("{byte:02x}")).collect();
        digits + "\n"
    });
    lines.collect()
}

/// The checked-in bytes.
fn golden(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
        .with_extension("hex");
    let text = std::fs::read_to_string(path).unwrap();
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] << 4 | pair[1]) as u8)
        .collect()
}

#[test]
fn every_frame_is_written_as_before() {
    for (name, bytes) in samples::frames() {
        assert_eq!(hex(&bytes), hex(&golden(name)), "{name}");
    }
}

#[test]
fn old_messages_are_read_as_before() {
    let body = |name: &str| {
        let bytes = golden(name);
        frame::read(&bytes).unwrap().unwrap().body.to_vec()
    };
    assert_eq!(Hello::read(&body("hello")), Ok(samples::HELLO));
    assert_eq!(Welcome::read(&body("welcome")), Ok(samples::WELCOME));
    let ack = Ack {
        number: 18,
        wishes: Wishes::default(),
    };
    assert_eq!(Ack::read(&body("ack")), Ok(ack));
    let wishes = samples::CEILING;
    let welcome = Welcome {
        wishes,
        ..samples::WELCOME
    };
    assert_eq!(Welcome::read(&body("welcome_ceiling")), Ok(welcome));
    let ack = Ack { wishes, ..ack };
    assert_eq!(Ack::read(&body("ack_ceiling")), Ok(ack));
    assert_eq!(Refused::read(&body("refused")), Ok(Refused { why: "full" }));
}

/// Hands the only record of a golden batch to `check`.
fn with_record(name: &str, check: impl FnOnce(Record<'_>)) {
    let bytes = golden(name);
    let batch = Batch::read(frame::read(&bytes).unwrap().unwrap().body).unwrap();
    assert_eq!(batch.number, 18);
    let mut records = batch.records();
    check(records.next().unwrap().unwrap());
    assert!(records.next().is_none());
}

#[test]
fn an_old_segment_is_read_as_before() {
    with_record("segment", |record| {
        let Record::Segment(got) = record else {
            panic!("{record:?}")
        };
        let want = samples::segment();
        assert_eq!(got.trace_id, want.trace_id);
        assert_eq!(
            (got.app, got.endpoint, got.unit),
            (want.app, want.endpoint, want.unit)
        );
        assert_eq!(
            (got.start_us, got.duration_us),
            (want.start_us, want.duration_us)
        );
        assert_eq!((got.flags, got.sampling), (want.flags, want.sampling));
        assert_eq!((got.dropped_spans, got.span_count), (2, 1));
        let (got, want) = (got.spans().next().unwrap().unwrap(), samples::span());
        spans::assert_same(&got, &want);
        assert_eq!(got.attributes.iter().count(), 4);
        assert_eq!(got.attributes.get("ratio"), Some(Value::Float(0.5)));
        assert_eq!(got.attributes.get("ok"), Some(Value::Bool(false)));
        assert_eq!(
            got.attributes.get("db.response.returned_rows"),
            Some(Value::Int(-3))
        );
        let event = got.events().next().unwrap();
        assert_eq!((event.name, event.offset_us), ("exception", 9));
        assert_eq!(
            event.attributes.get("exception.type"),
            Some(Value::Str("PDOException"))
        );
        let frame = got.stack().next().unwrap();
        assert_eq!(
            (frame.file, frame.line, frame.function),
            ("/srv/a.php", 300, "A::b")
        );
    });
}

#[test]
fn other_old_records_are_read_as_before() {
    with_record("stats", |record| {
        let Record::Stats(stats) = record else {
            panic!("{record:?}")
        };
        assert_eq!((stats.bucket, stats.len()), (1_700_000_000, 1));
        assert_eq!(stats.rows().next(), Some(Ok(samples::row())));
    });
    with_record("leak_loop", |record| {
        let Record::LeakLoop(leak_loop) = record else {
            panic!("{record:?}")
        };
        assert_eq!(
            (leak_loop.app, leak_loop.record),
            ("shop", &b"\x81\xa1v\x01"[..])
        );
    });
    with_record("drops", |record| {
        let Record::Drops(drops) = record else {
            panic!("{record:?}")
        };
        let losses: Vec<_> = drops.iter().collect();
        assert_eq!(losses, [("queue_full", 300), ("oversize", 1)]);
    });
}

#[test]
fn the_fuzzers_corpus_is_readable_and_covers_every_frame() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/stream");
    for (name, _) in samples::frames() {
        let bytes = std::fs::read(corpus.join(name)).unwrap();
        let found = walk::Found::in_stream(&bytes);
        assert_eq!((found.frames, found.errors), (1, 0), "{name}");
    }
}
