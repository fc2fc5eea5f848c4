//! What every store must do with statistics.

use super::*;
use crate::stats::{OVERFLOW, caps};

pub(super) fn statistics_add_up<S: Store>(open: Open<'_, S>) {
    let noon = NOON / 1_000_000;
    let mut store = open();
    // Three hours, a call each ten seconds; then once more, a day later.
    for (at, begin) in [(1, noon - 5_400), (2, noon - 1_800), (3, noon + 1_800)] {
        let rows: Vec<_> = (0..360)
            .map(|n| bucket(begin + n * 10, "shop", "GET /", 1))
            .collect();
        store.checkpoint(at, &rows, &[]).unwrap();
    }
    drop(store);
    let store = open();
    assert_eq!(store.counted(), 3);
    let mut reader = store.reader().unwrap();
    let mut count = |from: u64, to: u64| {
        let range = Range {
            from_us: from * 1_000_000,
            to_us: to * 1_000_000,
        };
        let rows = reader.statistics(range, None).unwrap();
        let edges = reader.edges(range).unwrap();
        assert_eq!(calls(&rows, "shop"), calls(&edges, "shop"));
        assert!(edges.iter().all(|edge| edge.key.endpoint.is_empty()));
        assert_eq!(reader.statistics(range, Some("no")).unwrap(), []);
        let histogram: u64 = rows.iter().map(|row| row.figures.all().n()).sum();
        assert_eq!(histogram, calls(&rows, "shop"));
        histogram
    };
    assert_eq!(count(0, u64::MAX / 2_000_000), 1_080);
    assert_eq!(count(noon, noon + 60), 6);
    assert_eq!(count(noon - 5_400, noon + 5_400), 1_080);
    assert_eq!(count(noon - 4_800, noon + 4_800), 960);
    assert_eq!(count(noon + 7_200, noon + 9_000), 0);
}

pub(super) fn statistics_over_time_add_up<S: Store>(open: Open<'_, S>) {
    let noon = NOON / 1_000_000;
    let mut store = open();
    // Three hours, one call and one more each minute by another application.
    let rows: Vec<_> = (0..180)
        .flat_map(|minute| {
            let at = noon - 5_400 + minute * 60 + 20;
            let endpoint = if minute % 2 == 0 {
                "GET /even"
            } else {
                "GET /odd"
            };
            [
                bucket(at, "shop", endpoint, 1),
                bucket(at, "blog", "GET /", 2),
            ]
        })
        .collect();
    store.checkpoint(1, &rows, &[]).unwrap();
    let mut reader = store.reader().unwrap();
    let range = Range {
        from_us: (noon - 5_400) * 1_000_000,
        to_us: (noon + 5_400) * 1_000_000,
    };
    let mut points = |step, filter: &SeriesFilter| {
        let points = reader.series(range, step, filter).unwrap();
        for point in &points {
            assert_eq!(point.at % step, 0);
            assert_eq!(point.figures.all().n(), point.figures.calls);
        }
        let calls = points.iter().map(|point| point.figures.calls).sum::<u64>();
        (points.len(), calls)
    };
    let all = SeriesFilter::default();
    let shop = SeriesFilter {
        app: Some("shop".into()),
        ..all.clone()
    };
    let odd = SeriesFilter {
        endpoint: Some("GET /odd".into()),
        ..shop.clone()
    };
    assert_eq!(points(60, &all), (360, 540));
    assert_eq!(points(60, &shop), (180, 180));
    assert_eq!(points(60, &odd), (90, 90));
    assert_eq!(points(300, &odd), (36, 90));
    assert_eq!(points(3_600, &shop), (3, 180));
    assert_eq!(points(3_600, &odd), (3, 90));
    assert_eq!(points(86_400, &all).1, 540);
    let kind = rows[0].key.kind;
    for (kind, wanted) in [(kind, 180), (kind % 5 + 1, 0)] {
        let filter = SeriesFilter {
            kind: Some(kind),
            ..shop.clone()
        };
        assert_eq!(points(60, &filter).1, wanted);
    }
    let nobody = SeriesFilter {
        host: Some("nobody".into()),
        ..all
    };
    assert_eq!(points(60, &nobody), (0, 0));
}

pub(super) fn totals_are_exact_under_overflow<S: Store>(open: Open<'_, S>) {
    let noon = NOON / 1_000_000;
    let mut store = open();
    let mut sent = 0;
    for round in 0..4u64 {
        let rows: Vec<_> = (0..caps::KEYS as u64)
            .map(|n| {
                bucket(
                    noon + round * 10,
                    "shop",
                    &format!("{round}.{n}"),
                    n % 3 + 1,
                )
            })
            .collect();
        sent += rows.iter().map(|row| row.figures.calls).sum::<u64>();
        store.checkpoint(round + 1, &rows, &[]).unwrap();
    }
    let mut reader = store.reader().unwrap();
    let minute = Range {
        from_us: NOON,
        to_us: NOON + 60_000_000,
    };
    let day = Range {
        from_us: NOON - 3_600_000_000,
        to_us: NOON + 7_200_000_000,
    };
    for range in [minute, day] {
        let rows = reader.statistics(range, Some("shop")).unwrap();
        assert_eq!(calls(&rows, "shop"), sent);
        let sums: u64 = rows.iter().map(|row| row.figures.sum_us).sum();
        assert_eq!(sums, sent * 100);
        assert_eq!(rows.len(), caps::KEYS + 1);
        assert!(rows.iter().any(|row| &*row.key.endpoint == OVERFLOW));
    }
}
