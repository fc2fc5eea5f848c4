//! What every store must do. `run` drives one through all of it.

#[path = "conformance_statistics.rs"]
mod statistics;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use tracker_protocol::record::{Segment, SegmentFlags};

use super::*;
use crate::pipeline::Origin;
use crate::scratch::Scratch;
use crate::stats::{Figures, Key};

/// A moment within an hour, Unix µs.
pub const NOON: u64 = 1_780_000_000 / 3_600 * 3_600 * 1_000_000 + 1_800_000_000;

/// The whole suite. `open` opens the store in a folder, anew or again; its limits are
/// those of [`Limits::default`].
pub fn run<S: Store>(open: impl Fn(&Path) -> S) {
    for test in [
        segments_come_back::<S>,
        a_replay_adds_nothing::<S>,
        pages_are_complete::<S>,
        a_trace_is_listed_once::<S>,
        attributes_are_searched::<S>,
        statistics::statistics_add_up::<S>,
        statistics::statistics_over_time_add_up::<S>,
        the_slowest_come_first::<S>,
        statistics::totals_are_exact_under_overflow::<S>,
        small_things_are_kept::<S>,
        old_data_goes::<S>,
    ] {
        let scratch = Scratch::new();
        test(&|| open(scratch.path()));
    }
}

type Open<'a, S> = &'a dyn Fn() -> S;

pub fn origin(start_id: u64, host: &str) -> Arc<Origin> {
    Arc::new(Origin {
        start_id,
        claimed_pid: start_id + 100,
        host: host.into(),
        app: "shop".into(),
        ..Origin::default()
    })
}

/// A segment whose trace id ends in `trace`.
pub fn segment(position: u64, trace: u128, start_us: u64) -> SegmentRow {
    let mut segment = Segment::default();
    segment.trace_id = trace.to_be_bytes();
    segment.app = "shop";
    segment.endpoint = "GET /";
    segment.start_us = start_us;
    segment.duration_us = 1_000;
    let mut row = SegmentRow::new(position, &origin(1, "web1"), &segment);
    row.spans = 2;
    row
}

fn pending(rows: impl IntoIterator<Item = SegmentRow>) -> Pending {
    let mut pending = Pending::default();
    rows.into_iter().for_each(|row| pending.segment(row));
    pending
}

pub fn everything() -> TraceFilter {
    TraceFilter {
        range: Range {
            from_us: 0,
            to_us: u64::MAX / 4,
        },
        app: None,
        endpoint: None,
        min_us: 0,
        max_us: u64::MAX,
        status: None,
        attribute: None,
        slowest: false,
        limit: 100,
        cursor: None,
    }
}

fn ids(page: &TracePage) -> Vec<u128> {
    let ids = page.traces.iter().map(|row| row.trace_id);
    ids.map(u128::from_be_bytes).collect()
}

fn segments_come_back<S: Store>(open: Open<'_, S>) {
    let mut store = open();
    let mut reader = store.reader().unwrap();
    let failed = SegmentRow {
        flags: SegmentFlags::ERROR,
        errors: 1,
        duration_us: 9_000,
        endpoint: "GET /slow".into(),
        ..segment(2, 8, NOON + 5)
    };
    store
        .write(2, &mut pending([segment(1, 7, NOON), failed]))
        .unwrap();
    // The reader was open before: it sees the new partition.
    let found = reader.trace(7u128.to_be_bytes()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&*found[0].host, found[0].pid), ("web1", 101));
    let read = Segment::read_body(&found[0].body).unwrap();
    assert_eq!((read.app, read.start_us), ("shop", NOON));
    assert!(reader.trace(9u128.to_be_bytes()).unwrap().is_empty());
    // The right half alone is not enough.
    assert!(
        reader
            .trace((7u128 | 1 << 100).to_be_bytes())
            .unwrap()
            .is_empty()
    );

    let mut list = |change: &dyn Fn(&mut TraceFilter)| {
        let mut filter = everything();
        change(&mut filter);
        ids(&reader.traces(&filter).unwrap())
    };
    assert_eq!(list(&|_| ()), [8, 7]);
    assert_eq!(list(&|f| f.min_us = 5_000), [8]);
    assert_eq!(list(&|f| f.status = Some(Status::Error)), [8]);
    assert_eq!(list(&|f| f.status = Some(Status::Ok)), [7]);
    assert_eq!(list(&|f| f.endpoint = Some("GET /".into())), [7]);
    assert_eq!(list(&|f| f.app = Some("shop".into())), [8, 7]);
    assert!(list(&|f| f.app = Some("other".into())).is_empty());
    assert_eq!(list(&|f| f.range.from_us = NOON + 1), [8]);
    assert_eq!(list(&|f| f.range.to_us = NOON + 5), [7]);
}

fn a_replay_adds_nothing<S: Store>(open: Open<'_, S>) {
    let rows = || (1..=50).map(|n| segment(n, u128::from(n), NOON + n * 400_000_000));
    let mut store = open();
    store.write(30, &mut pending(rows().take(30))).unwrap();
    assert_eq!(store.newest(), 30);
    store.write(50, &mut pending(rows())).unwrap();
    // As after kill -9: not closed. Everything comes again, in other batches.
    drop(store);
    let mut store = open();
    assert_eq!(store.newest(), 50);
    assert_eq!(store.durable(), 0, "statistics have nothing yet");
    for row in rows() {
        store.write(row.position, &mut pending([row])).unwrap();
    }
    let mut reader = store.reader().unwrap();
    let page = reader.traces(&everything()).unwrap();
    assert_eq!(ids(&page), (1..=50).rev().collect::<Vec<u128>>());
    assert!(page.traces.iter().all(|row| row.spans == 2));
    let counted = [bucket(NOON / 1_000_000, "shop", "GET /", 3)];
    store.checkpoint(50, &counted, &[]).unwrap();
    assert_eq!((store.counted(), store.durable()), (50, 50));
}

fn pages_are_complete<S: Store>(open: Open<'_, S>) {
    let mut store = open();
    // Many begin at the same moment.
    let rows = (1..=230u64).map(|n| segment(n, u128::from(n), NOON + n / 7 * 100_000_000));
    store.write(230, &mut pending(rows)).unwrap();
    let mut reader = store.reader().unwrap();
    let mut filter = everything();
    filter.limit = 13;
    let mut seen = Vec::new();
    loop {
        let page = reader.traces(&filter).unwrap();
        assert!(page.traces.len() <= 13);
        seen.extend(ids(&page));
        match page.next {
            Some(next) => filter.cursor = Some(next.to_string().parse().unwrap()),
            None => break,
        }
        assert!(seen.len() <= 230);
    }
    assert_eq!(seen.len(), 230);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 230);
}

fn a_trace_is_listed_once<S: Store>(open: Open<'_, S>) {
    let mut store = open();
    let root = SegmentRow {
        flags: row_flags::ROOT,
        ..segment(1, 7, NOON + 10)
    };
    let callee = SegmentRow {
        app: "stock".into(),
        errors: 1,
        ..segment(2, 7, NOON + 20)
    };
    // The clock of another process is a little behind, and the hour has just begun.
    let early = segment(3, 7, NOON + 5);
    let late = segment(4, 7, NOON + 1_800_000_001);
    store
        .write(4, &mut pending([callee, root, early, late]))
        .unwrap();
    let mut reader = store.reader().unwrap();
    let all = reader.traces(&everything()).unwrap().traces;
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].start_us, all[0].spans, all[0].errors),
        (NOON + 10, 8, 1)
    );
    let mut filter = everything();
    filter.app = Some("stock".into());
    let of_app = reader.traces(&filter).unwrap().traces;
    assert_eq!((of_app.len(), of_app[0].start_us), (1, NOON + 20));
    assert_eq!(reader.trace(7u128.to_be_bytes()).unwrap().len(), 4);
}

fn attributes_are_searched<S: Store>(open: Open<'_, S>) {
    let mut store = open();
    let with = |position, code: &str| SegmentRow {
        attributes: vec![("http.response.status_code".into(), code.into())],
        ..segment(position, u128::from(position), NOON + position)
    };
    let rows = [with(1, "200"), with(2, "503"), with(3, "200")];
    store.write(3, &mut pending(rows)).unwrap();
    let mut reader = store.reader().unwrap();
    let mut filter = everything();
    for (key, value, expected) in [
        ("http.response.status_code", "200", vec![3, 1]),
        ("http.response.status_code", "503", vec![2]),
        ("http.response.status_code", "404", vec![]),
        ("of.no.span", "1", vec![]),
    ] {
        filter.attribute = Some((key.into(), value.into()));
        assert_eq!(
            ids(&reader.traces(&filter).unwrap()),
            expected,
            "{key}={value}"
        );
    }
}

pub fn bucket(at: u64, app: &str, endpoint: &str, calls: u64) -> BucketRow {
    let mut figures = Figures {
        calls,
        sum_us: 100 * calls,
        min_us: 100,
        max_us: 100,
        ..Figures::default()
    };
    figures.histograms([(tracker_core_index(100), calls)], []);
    let key = Key {
        app,
        kind: 2,
        endpoint,
        system: "http",
        peer: "",
        host: "web1",
    };
    BucketRow {
        bucket: at - at % 10,
        key: key.map(|text| Arc::from(*text)),
        figures,
    }
}

fn tracker_core_index(us: u64) -> i32 {
    let mut one = tracker_core::stats::Histogram::new();
    one.add(us);
    one.buckets().map(|(index, _)| index).next().unwrap_or(0)
}

fn calls(rows: &[Counted], app: &str) -> u64 {
    let of_app = rows.iter().filter(|row| &*row.key.app == app);
    of_app.map(|row| row.figures.calls).sum()
}

fn the_slowest_come_first<S: Store>(open: Open<'_, S>) {
    let mut store = open();
    let mut rows = Vec::new();
    for n in 0..300u64 {
        // Each trace has a second, shorter segment, in the next hour as a rule.
        for (begin, duration) in [(0, n * 7 % 300 + 10), (3_000_000_000, 5)] {
            rows.push(SegmentRow {
                duration_us: duration,
                flags: if begin == 0 { row_flags::ROOT } else { 0 },
                ..segment(1, u128::from(n + 1), NOON + begin + n)
            });
        }
    }
    store.write(1, &mut pending(rows)).unwrap();
    let mut reader = store.reader().unwrap();
    let mut durations = |change: &dyn Fn(&mut TraceFilter)| {
        let mut filter = TraceFilter {
            slowest: true,
            limit: 20,
            ..everything()
        };
        change(&mut filter);
        let page = reader.traces(&filter).unwrap();
        assert_eq!(page.next, None);
        page.traces
            .iter()
            .map(|t| t.duration_us)
            .collect::<Vec<_>>()
    };
    let slowest: Vec<_> = (290..310).rev().collect();
    assert_eq!(durations(&|_| ()), slowest);
    let bounded: Vec<_> = (90..=100).rev().collect();
    let within = |filter: &mut TraceFilter| (filter.min_us, filter.max_us) = (90, 100);
    assert_eq!(durations(&within), bounded);
    assert!(durations(&|filter| filter.app = Some("none".into())).is_empty());
}

fn small_things_are_kept<S: Store>(open: Open<'_, S>) {
    let mut store = open();
    let mut pending = Pending::default();
    for n in 1..=3u64 {
        let row = ProcessRow {
            origin: origin(n, "web1"),
            number: n * 10,
            seen_us: NOON + n,
        };
        pending.processes.insert(n, row);
        for position in [n * 2 - 1, n * 2] {
            pending.leak(LeakRow {
                position,
                app: "shop".into(),
                origin: origin(n, "web1"),
                seen_us: NOON + n,
                record: vec![n as u8, position as u8],
            });
        }
    }
    let losses = [LossRow {
        app: "shop".into(),
        host: "web1".into(),
        reason: "queue_full".into(),
        count: 4,
    }];
    for at in [6, 6] {
        store.write(at, &mut pending).unwrap();
    }
    for at in [7, 8] {
        store.checkpoint(at, &[], &losses).unwrap();
    }
    store.alias("10.0.0.1:80", "old").unwrap();
    store.alias("10.0.0.1:80", "stock").unwrap();
    let mut reader = store.reader().unwrap();
    let processes = reader.processes(2).unwrap();
    let numbers: Vec<_> = processes
        .iter()
        .map(|p| (p.origin.start_id, p.number))
        .collect();
    assert_eq!(numbers, [(3, 30), (2, 20)]);
    let leaks = reader.leaks(Some("shop"), 10).unwrap();
    let seen: Vec<_> = leaks
        .iter()
        .map(|p| (p.start_id, p.records.clone()))
        .collect();
    assert_eq!(
        seen,
        [
            (3, vec![vec![3, 5], vec![3, 6]]),
            (2, vec![vec![2, 3], vec![2, 4]]),
            (1, vec![vec![1, 1], vec![1, 2]])
        ]
    );
    assert!(reader.leaks(Some("other"), 10).unwrap().is_empty());
    assert_eq!(reader.losses().unwrap()[0].count, 8);
    assert_eq!(
        reader.aliases().unwrap(),
        [("10.0.0.1:80".into(), "stock".into())]
    );
}

fn old_data_goes<S: Store>(open: Open<'_, S>) {
    const DAY: u64 = 86_400_000_000;
    let mut store = open();
    let rows = (0..10).map(|day| segment(day + 1, u128::from(day + 1), NOON + day * DAY));
    store.write(10, &mut pending(rows)).unwrap();
    store
        .checkpoint(10, &[bucket(NOON / 1_000_000, "shop", "GET /", 1)], &[])
        .unwrap();
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.traces(&everything()).unwrap().traces.len(), 10);
    store.retain(NOON + 10 * DAY).unwrap();
    // Three days are kept; of an hour that ended before nothing is left.
    assert_eq!(ids(&reader.traces(&everything()).unwrap()), [10, 9, 8]);
    assert_eq!(store.size().partitions, 3);
    let range = Range {
        from_us: NOON - DAY,
        to_us: NOON + DAY,
    };
    // Minutes are gone, hours are not.
    assert_eq!(calls(&reader.statistics(range, None).unwrap(), "shop"), 1);
    store.retain(NOON + 200 * DAY).unwrap();
    assert_eq!(calls(&reader.statistics(range, None).unwrap(), "shop"), 0);
    drop(store);
    assert_eq!(open().size().partitions, 0);
}
