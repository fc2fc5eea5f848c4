//! The SQLite store, by the suite and in what only files have; and the writer in front.

use std::path::Path;
use std::sync::Arc;

use tracker_core::stats::Histogram;
use tracker_protocol::message::Batch;
use tracker_protocol::record::{Drops, Segment, Span, SpanKind, SpanWriter, Stats, StatsRow};

use super::conformance::{self, NOON, everything, origin, segment};
use super::*;
use crate::pipeline::{Accepted, Loss, Sink};
use crate::scratch::Scratch;

fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(folder, Limits::default()).unwrap()
}

#[test]
fn sqlite_conforms() {
    conformance::run(open);
}

fn one(row: SegmentRow) -> Pending {
    let mut pending = Pending::default();
    pending.segment(row);
    pending
}

#[test]
fn damaged_files_are_put_aside_and_service_goes_on() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let mut store = open(folder);
    store.write(1, &mut one(segment(1, 7, NOON))).unwrap();
    store
        .write(2, &mut one(segment(2, 8, NOON + 3_600_000_000)))
        .unwrap();
    store.close();
    let mut files: Vec<_> = std::fs::read_dir(folder.join("seg"))
        .unwrap()
        .flatten()
        .collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    std::fs::write(
        files[0].path(),
        b"this is no database, but long enough to be looked at",
    )
    .unwrap();
    std::fs::write(folder.join("roll.db"), [0xff; 4_096]).unwrap();
    let mut store = open(folder);
    assert_eq!(store.size().corrupt.len(), 2);
    assert!(
        store
            .size()
            .corrupt
            .iter()
            .all(|name| name.ends_with(".corrupt"))
    );
    let mut reader = store.reader().unwrap();
    assert!(reader.trace(7u128.to_be_bytes()).unwrap().is_empty());
    assert_eq!(reader.trace(8u128.to_be_bytes()).unwrap().len(), 1);
    // The damaged hour can be written again.
    store.write(3, &mut one(segment(3, 9, NOON))).unwrap();
    assert_eq!(reader.trace(9u128.to_be_bytes()).unwrap().len(), 1);
}

#[test]
fn damage_found_while_reading_is_put_aside_too() {
    let scratch = Scratch::new();
    let mut store = open(scratch.path());
    for n in 1..400 {
        store
            .write(n, &mut one(segment(n, u128::from(n), NOON + n)))
            .unwrap();
    }
    store
        .write(400, &mut one(segment(400, 400, NOON + 3_600_000_000)))
        .unwrap();
    store.close();
    let mut files: Vec<_> = std::fs::read_dir(scratch.path().join("seg"))
        .unwrap()
        .flatten()
        .collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    let path = files[0].path();
    let mut bytes = std::fs::read(&path).unwrap();
    // The head stays, so opening sees nothing.
    bytes[8_192 * 3..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let mut store = open(scratch.path());
    let mut reader = store.reader().unwrap();
    let page = reader.traces(&everything()).unwrap();
    assert_eq!(page.traces.len(), 1, "the other hour answers");
    store.retain(NOON + 7_200_000_000).unwrap();
    assert_eq!(store.size().corrupt.len(), 1);
    assert_eq!(store.size().partitions, 1);
}

const HOUR_US: u64 = 3_600_000_000;

#[test]
fn a_question_for_a_trace_opens_only_the_partitions_that_hold_it() {
    let scratch = Scratch::new();
    let mut store = open(scratch.path());
    let id = |n: u64| u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let after = |hours: u64| NOON + hours * HOUR_US;
    let mut pending = Pending::default();
    for n in 0..4_000 {
        pending.segment(segment(1, id(n), after(n % 40) + n));
    }
    store.write(1, &mut pending).unwrap();
    // The last hour is not over, the one before only just.
    let make = |store: &mut SqliteStore, wanted: u64| {
        for _ in 0..100 {
            store.retain(after(39) + 60_000_000).unwrap();
            if store.size().filters >= wanted {
                break;
            }
        }
        assert_eq!(store.size().filters, wanted);
    };
    make(&mut store, 39);
    let mut reader = store.reader().unwrap();
    for n in 4_000..4_020 {
        assert!(reader.trace(id(n).to_be_bytes()).unwrap().is_empty());
    }
    // The open hour, and what a filter said yes to wrongly.
    assert!(
        reader.partitions_open() < 15,
        "{}",
        reader.partitions_open()
    );
    for n in 0..4_000 {
        assert_eq!(reader.trace(id(n).to_be_bytes()).unwrap().len(), 1);
    }
    assert!(reader.partitions_open() <= 24);
    // A late segment is there at once, and after a start; only its hour has no filter.
    let late = segment(2, id(9_999), after(3));
    store.write(2, &mut one(late)).unwrap();
    assert_eq!(store.size().filters, 38);
    assert_eq!(reader.trace(id(9_999).to_be_bytes()).unwrap().len(), 1);
    store.close();
    let mut store = open(scratch.path());
    assert_eq!(store.size().filters, 38, "filters are kept");
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.trace(id(9_999).to_be_bytes()).unwrap().len(), 1);
    make(&mut store, 39);
    for n in [0, 3, 9_999] {
        assert_eq!(reader.trace(id(n).to_be_bytes()).unwrap().len(), 1);
    }
}

#[test]
fn a_file_that_is_damaged_in_use_is_replaced_and_readers_follow() {
    let scratch = Scratch::new();
    let mut store = open(scratch.path());
    let mut reader = store.reader().unwrap();
    let rows = [conformance::bucket(NOON / 1_000_000, "shop", "GET /", 5)];
    store.checkpoint(7, &rows, &[]).unwrap();
    let range = Range {
        from_us: NOON,
        to_us: NOON + 60_000_000,
    };
    assert_eq!(reader.statistics(range, None).unwrap()[0].figures.calls, 5);
    let roll = scratch.path().join("roll.db");
    let error = store.heal::<()>(Err(StoreError::Corrupt(roll, "as a test".into())));
    assert!(matches!(error, Err(StoreError::Other(_))));
    assert_eq!((store.counted(), store.size().corrupt.len()), (0, 1));
    assert!(reader.statistics(range, None).unwrap().is_empty());
    store.checkpoint(8, &rows, &[]).unwrap();
    assert_eq!(reader.statistics(range, None).unwrap()[0].figures.calls, 5);
}

#[test]
fn bytes_limit_the_traces() {
    let scratch = Scratch::new();
    let limits = Limits {
        trace_bytes: 300_000,
        ..Limits::default()
    };
    let mut store = SqliteStore::open(scratch.path(), limits).unwrap();
    for n in 0..10 {
        store
            .write(
                n + 1,
                &mut one(segment(n + 1, u128::from(n), NOON + n * 3_600_000_000)),
            )
            .unwrap();
    }
    store.retain(NOON + 36_000_000_000).unwrap();
    let size = store.size();
    assert!(size.partitions < 10 && size.partitions > 0, "{size:?}");
    assert!(
        size.trace_bytes <= 300_000 || size.partitions == 1,
        "{size:?}"
    );
    let mut reader = store.reader().unwrap();
    let newest = reader.traces(&everything()).unwrap().traces[0].start_us;
    assert_eq!(newest, NOON + 9 * 3_600_000_000);
}

#[test]
fn a_newer_version_is_refused_not_overwritten() {
    let scratch = Scratch::new();
    open(scratch.path()).close();
    let path = scratch.path().join("meta.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = SqliteStore::open(scratch.path(), Limits::default()).unwrap_err();
    assert!(error.to_string().contains("newer"), "{error}");
}

// ---- the writer ----

/// A batch of one segment with two spans, and the row that counts it.
fn batch(position: u64, trace: u128, duration_us: u64, now: u64) -> Accepted {
    let mut records = Vec::new();
    let mut spans = Vec::new();
    for (span_id, parent, kind) in [(2, 1, SpanKind::Client), (1, 0, SpanKind::Server)] {
        let mut span = Span::default();
        span.span_id = span_id;
        span.parent_span_id = parent;
        span.name = "GET /";
        span.kind = kind;
        span.duration_us = duration_us;
        span.coroutine_id = -1;
        let writer = SpanWriter {
            span,
            attributes: &[],
            encoded: &[],
            events: &[],
            stack: &[],
            links: &[],
        };
        writer.write(&mut spans);
    }
    let mut segment = Segment::default();
    segment.trace_id = trace.to_be_bytes();
    segment.app = "shop";
    segment.endpoint = "GET /";
    segment.start_us = now * 1_000_000;
    segment.duration_us = duration_us;
    segment.write(&mut records, 2, &spans);
    let mut ok = Histogram::new();
    ok.add(duration_us);
    let row = StatsRow {
        app: "shop",
        endpoint: "GET /",
        kind: 2,
        calls: 1,
        sum_us: duration_us,
        min_us: duration_us,
        max_us: duration_us,
        ok: ok.pairs().collect(),
        ..StatsRow::default()
    };
    Stats::write(&mut records, now - now % 10, [row].into_iter());
    Drops::write(&mut records, &[("queue_full", 1)]);
    let mut body = Vec::new();
    Batch::write(&mut body, position, 3, &records);
    Accepted {
        position,
        origin: origin(1, "web1"),
        number: position,
        body,
    }
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

fn last_hours(now: u64) -> Range {
    Range {
        from_us: (now - 7_200) * 1_000_000,
        to_us: (now + 600) * 1_000_000,
    }
}

/// Log-normal durations, by the sum of twelve uniform numbers.
fn durations(count: usize) -> Vec<u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    (0..count)
        .map(|_| (8.0 + 1.2 * normal()).exp() as u64 + 1)
        .collect()
}

#[test]
fn percentiles_are_right_through_the_whole_pipeline() {
    let scratch = Scratch::new();
    let store = open(scratch.path());
    let mut reader = store.reader().unwrap();
    let mut writer = Writer::new(store, WriterOptions::default());
    let now = now();
    let mut exact = durations(20_000);
    for (position, &us) in (1..).zip(&exact) {
        // Over half an hour, so through several minutes.
        let at = now - position % 1_800;
        writer
            .take(&batch(position, u128::from(position), us, at))
            .unwrap();
    }
    writer.finish();
    exact.sort_unstable();
    let rows = reader.statistics(last_hours(now), None).unwrap();
    let all = grouped(&rows, |_| Some(()));
    let figures = &all[&()];
    assert_eq!(figures.calls, 20_000);
    assert_eq!(figures.sum_us, exact.iter().sum::<u64>());
    for q in [0.5, 0.75, 0.9, 0.95, 0.99] {
        let rank = (q * exact.len() as f64).ceil() as usize;
        let right = exact[rank - 1] as f64;
        let got = figures.all().quantile(q).unwrap();
        assert!((got / right - 1.0).abs() <= 0.011, "{q}: {got} for {right}");
    }
}

#[test]
fn a_crash_at_any_moment_and_a_replay_count_everything_once() {
    let now = now();
    let all: Vec<_> = (1..=400u64)
        .map(|n| batch(n, u128::from(n), n, now - n))
        .collect();
    for crash in [1, 57, 200, 399] {
        let scratch = Scratch::new();
        let mut writer = Writer::new(open(scratch.path()), WriterOptions::default());
        for (n, batch) in (0..).zip(&all[..crash]) {
            writer.take(batch).unwrap();
            // Files commit at different moments.
            if n % 50 == 49 {
                writer.write();
            }
            if n % 120 == 119 {
                writer.checkpoint();
            }
        }
        // As by kill -9: nothing is finished.
        drop(writer);
        let store = open(scratch.path());
        let durable = store.durable();
        let mut reader = store.reader().unwrap();
        let mut writer = Writer::new(store, WriterOptions::default());
        assert_eq!(writer.durable(), durable);
        assert!(writer.newest() <= crash as u64);
        for batch in all.iter().filter(|batch| batch.position > durable) {
            writer.take(batch).unwrap();
        }
        writer.finish();
        assert_eq!(writer.durable(), 400);
        let rows = reader.statistics(last_hours(now), None).unwrap();
        assert_eq!(rows.iter().map(|row| row.figures.calls).sum::<u64>(), 400);
        assert_eq!(reader.losses().unwrap()[0].count, 400);
        for n in 1..=400u128 {
            let found = reader.trace(n.to_be_bytes()).unwrap();
            assert_eq!(found.len(), 1, "trace {n} after a crash at {crash}");
        }
        assert_eq!(reader.processes(10).unwrap()[0].number, 400);
    }
}

#[test]
fn ends_of_a_call_give_an_alias_and_nonsense_is_counted() {
    let scratch = Scratch::new();
    let store = open(scratch.path());
    let mut reader = store.reader().unwrap();
    let options = WriterOptions::default();
    let counters = options.counters.clone();
    let mut writer = Writer::new(store, options);
    let mut records = Vec::new();
    for (app, span_id, parent, kind, peer) in [
        ("shop", 5, 0, SpanKind::Client, "10.0.0.9:80"),
        ("stock", 6, 5, SpanKind::Server, "shop"),
    ] {
        let mut span = Span::default();
        span.span_id = span_id;
        span.parent_span_id = parent;
        span.kind = kind;
        span.peer = peer;
        span.system = "http";
        let mut spans = Vec::new();
        let parts = SpanWriter {
            span,
            attributes: &[],
            encoded: &[],
            events: &[],
            stack: &[],
            links: &[],
        };
        parts.write(&mut spans);
        let mut segment = Segment::default();
        segment.app = app;
        segment.start_us = now() * 1_000_000;
        segment.write(&mut records, 1, &spans);
    }
    let mut body = Vec::new();
    Batch::write(&mut body, 1, 3, &records);
    let mut accepted = Accepted {
        position: 1,
        origin: origin(1, "web1"),
        number: 1,
        body,
    };
    writer.take(&accepted).unwrap();
    accepted.position = 2;
    accepted.body = vec![0x91];
    writer.take(&accepted).unwrap();
    writer.finish();
    // The third record of the first batch was not there.
    assert_eq!(counters.lost(Loss::RecordMalformed), 2);
    assert_eq!(writer.durable(), 2);
    let aliases = reader.aliases().unwrap();
    assert_eq!(aliases, [(Arc::from("10.0.0.9:80"), Arc::from("stock"))]);
}
