//! What the parts cost that run once per span or per request on the PHP thread.
//!
//! `cargo run --release -p tracker-core --example trace_cost`

use std::{hint::black_box, time::Instant};
use tracker_core::trace::ids::Ids;
use tracker_core::trace::propagation::{self, Outgoing};
use tracker_core::trace::sql::{self, Dialect};
use tracker_core::trace::{names, redis, sampling, url};

/// Best time of 50 passes of 1000 calls, ns per call.
fn cost(name: &str, mut call: impl FnMut()) {
    let best = (0..50)
        .map(|_| {
            let begin = Instant::now();
            (0..1_000).for_each(|_| call());
            begin.elapsed().as_nanos() as f64 / 1_000.0
        })
        .fold(f64::INFINITY, f64::min);
    println!("{name:<40} {best:>8.1} ns");
}

fn main() {
    let mut ids = Ids::new();
    let (trace_id, span_id) = (ids.trace(), ids.span());
    cost("span id", || {
        black_box(ids.span());
    });
    cost("sampling decision", || {
        black_box(sampling::keeps(black_box(trace_id), 1_000));
    });
    let out = Outgoing {
        trace_id,
        span_id,
        sampled: true,
        random: true,
        state: None,
        app: "shop.example.com:80",
    };
    let (parent, state) = (out.traceparent(), out.tracestate());
    cost("traceparent written", || {
        black_box(black_box(&out).traceparent());
    });
    cost("tracestate written", || {
        black_box(black_box(&out).tracestate());
    });
    cost("headers read (traceparent, tracestate)", || {
        let header = |name: &str| match name {
            propagation::TRACEPARENT => Some(parent.as_bytes()),
            propagation::TRACESTATE => Some(state.as_bytes()),
            _ => None,
        };
        black_box(propagation::read(header, false));
    });
    cost("endpoint of /api/v2/users/42/orders", || {
        black_box(names::endpoint(black_box("/api/v2/users/42/orders")));
    });
    cost("redis SET user:42:name", || {
        black_box(redis::Command::of(b"SET").text(black_box(&[b"user:42:name", b"value"])));
    });
    cost("url with query", || {
        black_box(url::redact(black_box(
            "https://api.example.com/v1/pay?id=42&token=abc",
        )));
    });
    let short: &[u8] = b"SELECT * FROM users WHERE id = 42 AND name = 'x'";
    cost("SQL of 48 bytes", || {
        black_box(sql::redact(black_box(short), Dialect::MySql, 4_096));
    });
    let long = format!(
        "SELECT p.ID, p.post_title FROM wp_posts p LEFT JOIN wp_postmeta m ON (p.ID = m.post_id) \
         WHERE p.ID IN ({}) AND p.post_status = 'publish' ORDER BY p.post_date DESC LIMIT 0, 10",
        (1..100)
            .map(|id| id.to_string())
            .collect::<Vec<_>>()
            .join(",")
    );
    cost(&format!("SQL of {} bytes", long.len()), || {
        black_box(sql::redact(
            black_box(long.as_bytes()),
            Dialect::MySql,
            4_096,
        ));
    });
}
