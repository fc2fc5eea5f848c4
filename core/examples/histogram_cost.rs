//! What counting one duration costs, next to the definition's logarithm.
//!
//! `cargo run --release -p tracker-core --example histogram_cost`

use std::{hint::black_box, time::Instant};
use tracker_core::stats::{Histogram, bucket};

const ROUNDS: usize = 200;

/// Best time per value of `ROUNDS` passes, in ns.
fn best(values: &[u64], mut pass: impl FnMut(&[u64])) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            pass(black_box(values));
            begin.elapsed().as_secs_f64() * 1e9 / values.len() as f64
        })
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    // Spread over five decades, from 20 µs to 2 s, without an order.
    let mut state = 1u64;
    let values: Vec<u64> = (0..10_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let unit = (state >> 11) as f64 / (1u64 << 53) as f64;
            (20.0 * 10f64.powf(5.0 * unit)) as u64
        })
        .collect();
    let mut all = Histogram::new();
    all.extend(values.iter().copied());
    let add = best(&values, |values| {
        for &us in values {
            all.add(black_box(us));
        }
    });
    let table = best(&values, |values| {
        for &us in values {
            black_box(bucket(black_box(us)));
        }
    });
    let logarithm = best(&values, |values| {
        for &us in values {
            black_box((((black_box(us) as f64) * 1e-6).log2() * 32.0).ceil() as i32 - 1);
        }
    });
    let merge = best(&[0; 100], |times| {
        for _ in times {
            let mut sum = all.clone();
            sum.merge(black_box(&all));
            black_box(&sum);
        }
    });
    println!(
        "add {add:.1} ns ({} buckets), bucket alone {table:.1} ns, by logarithm {logarithm:.1} ns, clone + merge {merge:.0} ns",
        all.pairs().count()
    );
}
