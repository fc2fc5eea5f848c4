//! Statistics: 55 minutes, every minute the same number of calls of each kind; and half an
//! hour of the day before, for comparisons.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tracker_core::stats::Histogram;
use tracker_protocol::record::{SpanKind, Stats, StatsRow};

use crate::Records;

/// Minutes that are filled, ending two minutes ago.
const MINUTES: u64 = 55;
/// Minutes that are filled a day before, and their calls.
const MINUTES_BEFORE: u64 = 30;
const BEFORE: u64 = 145;
/// Threshold of the Apdex and of slow calls, µs.
const T: u64 = 500_000;

/// What is called, how often in a minute, and how it goes.
struct Kind {
    app: &'static str,
    endpoint: &'static str,
    kind: SpanKind,
    system: &'static str,
    peer: &'static str,
    calls: u64,
    errors: u64,
    timeouts: u64,
    /// Usual duration, µs.
    usual_us: u64,
    codes: [&'static str; 2],
}

/// A call that goes well; `Kind` without what most rows have not.
const fn kind(app: &'static str, endpoint: &'static str, calls: u64, usual_us: u64) -> Kind {
    Kind {
        app,
        endpoint,
        kind: SpanKind::Server,
        system: "http",
        peer: "",
        calls,
        errors: 0,
        timeouts: 0,
        usual_us,
        codes: ["200", "500"],
    }
}

const fn client(of: Kind, system: &'static str, peer: &'static str) -> Kind {
    Kind {
        kind: SpanKind::Client,
        system,
        peer,
        codes: ["", ""],
        ..of
    }
}

const fn failing(of: Kind, errors: u64, timeouts: u64) -> Kind {
    Kind {
        errors,
        timeouts,
        ..of
    }
}

const MYSQL: &str = "10.0.0.5:3306/shop";
const KINDS: [Kind; 12] = [
    kind("shop", "GET /", 120, 3_000),
    failing(kind("shop", "GET /cart/$", 60, 24_000), 3, 0),
    kind("shop", "GET /product/$/reviews", 90, 46_000),
    failing(kind("shop", "POST /order", 20, 380_000), 2, 1),
    client(kind("shop", "SELECT product", 180, 4_000), "mysql", MYSQL),
    client(kind("shop", "INSERT orders", 20, 32_000), "mysql", MYSQL),
    client(kind("shop", "GET", 260, 350), "redis", "10.0.0.6:6379"),
    client(
        failing(kind("shop", "POST api.pay.example", 20, 210_000), 2, 1),
        "http",
        "api.pay.example:443",
    ),
    client(
        failing(kind("shop", "GET stock", 80, 15_000), 1, 0),
        "http",
        "stock",
    ),
    Kind {
        peer: "shop",
        ..failing(kind("stock", "GET /stock/$", 80, 11_000), 1, 0)
    },
    client(
        kind("stock", "SELECT stock", 80, 6_000),
        "mysql",
        "10.0.0.5:3306/stock",
    ),
    Kind {
        kind: SpanKind::Consumer,
        system: "rabbitmq",
        peer: "10.0.0.8:5672",
        codes: ["", ""],
        ..kind("mailer", "order.created", 20, 85_000)
    },
];

/// Writes them and says what was sent by application, what goes out left out.
pub fn write(shop: &mut Records, stock: &mut Records, now_s: u64) -> Value {
    let mut sums: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    let last = (now_s / 60 - 2) * 60;
    for minute in 0..MINUTES {
        let bucket = last - (MINUTES - 1 - minute) * 60;
        for (records, is_shop) in [(&mut *shop, true), (&mut *stock, false)] {
            let kinds = KINDS.iter().filter(|kind| (kind.app == "shop") == is_shop);
            let rows: Vec<_> = kinds.map(|kind| row(kind, minute)).collect();
            for row in rows.iter().filter(|row| !SpanKind::of(row.kind).is_exit()) {
                let sum = sums.entry(row.app).or_default();
                sum[0] += row.calls;
                sum[1] += row.errors;
                sum[2] += row.timeouts;
            }
            Stats::write(&mut records.bytes, bucket, rows.into_iter());
            records.count += 1;
        }
    }
    let before = Kind {
        calls: BEFORE,
        ..kind("shop", "GET /", 0, 3_000)
    };
    for minute in 0..MINUTES_BEFORE {
        let bucket = last - 86_400 - (MINUTES_BEFORE - 1 - minute) * 60;
        Stats::write(
            &mut shop.bytes,
            bucket,
            std::iter::once(row(&before, minute)),
        );
        shop.count += 1;
    }
    let apps = sums.into_iter().map(|(app, [calls, errors, timeouts])| {
        let sums = json!({"calls": calls, "errors": errors, "timeouts": timeouts});
        (app.to_owned(), sums)
    });
    Value::Object(apps.collect())
}

fn row(kind: &Kind, minute: u64) -> StatsRow<'static> {
    // Slower in the middle of the hour.
    let load = 1.0 + 0.6 * (minute as f64 / MINUTES as f64 * std::f64::consts::PI).sin();
    let duration = |n: u64| {
        // From a third of the usual to three times, a few ten times as long.
        let share = (n * 37 + minute * 11) % 101;
        let factor = if share > 98 {
            10.0
        } else {
            0.35 + (share as f64 / 100.0).powi(3) * 2.6
        };
        (kind.usual_us as f64 * load * factor) as u64
    };
    let all: Vec<u64> = (0..kind.calls).map(duration).collect();
    let (failed, well) = all.split_at(kind.errors as usize);
    let pairs = |durations: &[u64]| {
        let mut histogram = Histogram::new();
        histogram.extend(durations.iter().copied());
        histogram.pairs().collect()
    };
    let count = |is: fn(u64) -> bool| well.iter().filter(|us| is(**us)).count() as u64;
    let mut codes = vec![(kind.codes[0], kind.calls - kind.errors)];
    if kind.errors > 0 {
        codes.push((kind.codes[1], kind.errors));
    }
    codes.retain(|(code, _)| !code.is_empty());
    StatsRow {
        app: kind.app,
        endpoint: kind.endpoint,
        kind: kind.kind as u8,
        system: kind.system,
        peer: kind.peer,
        calls: kind.calls,
        errors: kind.errors,
        timeouts: kind.timeouts,
        slow: all.iter().filter(|us| **us > T).count() as u64,
        satisfied: count(|us| us <= T),
        tolerating: count(|us| us > T && us <= 4 * T),
        sum_us: all.iter().sum(),
        error_sum_us: failed.iter().sum(),
        min_us: all.iter().copied().min().unwrap_or(0),
        max_us: all.iter().copied().max().unwrap_or(0),
        codes,
        ok: pairs(well),
        failed: pairs(failed),
    }
}
