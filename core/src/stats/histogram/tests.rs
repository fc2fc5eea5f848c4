use super::*;
use proptest::prelude::*;

/// Standard-normal numbers from a fixed seed: SplitMix64 and Box-Muller.
struct Normal(u64);

impl Normal {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ z >> 31) >> 11) as f64 + 1.0) / (1u64 << 53) as f64
    }

    fn next(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// `n` durations, log-normal around `median` µs.
    fn durations(&mut self, n: usize, median: f64, sigma: f64) -> Vec<u64> {
        (0..n)
            .map(|_| (median * (sigma * self.next()).exp()).round().max(1.0) as u64)
            .collect()
    }
}

fn exact(sorted: &[u64], per_mille: usize) -> u64 {
    sorted[(sorted.len() * per_mille).div_ceil(1000).max(1) - 1]
}

/// Counts by `parts` processes, merges the parts, merges the result once more.
fn after_two_merges(values: &[u64]) -> Histogram {
    let tenth = values.len() / 10;
    let minutes: Vec<Histogram> = values
        .chunks(tenth * 5)
        .map(|half| {
            half.chunks(tenth)
                .fold(Histogram::new(), |mut minute, part| {
                    let mut counted = Histogram::new();
                    counted.extend(part.iter().copied());
                    let wire: Vec<_> = counted.pairs().collect();
                    minute.merge(&Histogram::from_pairs(
                        wire,
                        counted.sum(),
                        counted.min,
                        counted.max,
                    ));
                    minute
                })
        })
        .collect();
    let mut hour = Histogram::new();
    minutes.iter().for_each(|minute| hour.merge(minute));
    hour
}

fn assert_accurate(mut values: Vec<u64>, name: &str) {
    let histogram = after_two_merges(&values);
    values.sort_unstable();
    assert_eq!(histogram.n(), values.len() as u64);
    assert_eq!(histogram.sum(), values.iter().sum::<u64>());
    for per_mille in (1..=999).chain([0, 1000]) {
        let exact = exact(&values, per_mille) as f64;
        let ours = histogram.quantile(per_mille as f64 / 1000.0).unwrap();
        let error = (ours - exact).abs() / exact;
        assert!(
            error <= 0.011,
            "{name} at {per_mille} ‰: {ours} for {exact}, {error}"
        );
    }
}

#[test]
fn percentiles_are_within_1_1_percent_of_exact() {
    let mut normal = Normal(1);
    assert_accurate(normal.durations(100_000, 8_000.0, 1.2), "log-normal");
    assert_accurate(normal.durations(100_000, 3.0, 1.5), "log-normal of few µs");
    let mut two = normal.durations(60_000, 900.0, 0.2);
    two.extend(normal.durations(40_000, 250_000.0, 0.4));
    assert_accurate(two, "bimodal");
}

#[test]
fn nearest_rank_is_not_misled_by_binary_fractions() {
    let mut histogram = Histogram::new();
    histogram.extend((0..20).map(|i| 1 << i));
    let rank = |q: f64| histogram.quantile(q).unwrap().log2().round() as u32 + 1;
    for k in 1..=20 {
        assert_eq!(rank(f64::from(k) / 20.0), k);
    }
    assert_eq!(rank(0.0), 1);
    assert_eq!(rank(f64::NAN), 1);
    assert_eq!(rank(7.0), 20);
}

#[test]
fn zero_has_a_count_of_its_own() {
    let mut histogram = Histogram::new();
    assert_eq!((histogram.quantile(0.5), histogram.min()), (None, None));
    histogram.extend([0, 0, 0, 1_000]);
    assert_eq!(histogram.quantile(0.75), Some(0.0));
    assert_eq!(histogram.quantile(1.0), Some(1_000.0));
    assert_eq!(histogram.min(), Some(0));
    assert_eq!(histogram.pairs().next(), Some((-639, 3)));
    let again = Histogram::from_pairs(histogram.pairs(), 1_000, 0, 1_000);
    assert_eq!(again, histogram);
    let contradictory = Histogram::from_pairs([(-640, 2)], 5, 3, 5);
    assert_eq!(contradictory.min(), Some(0));
    assert_eq!(histogram.latency_classes(), [4, 0, 0, 0, 0, 0, 0, 0]);
    histogram.clear();
    assert_eq!(histogram, Histogram::new());
}

#[test]
fn latency_classes_are_the_originals() {
    let mut histogram = Histogram::new();
    for ms in [1, 4, 6, 20, 70, 150, 300, 700, 1_500, 90_000] {
        histogram.add(ms * 1_000);
    }
    assert_eq!(histogram.latency_classes(), [2, 1, 1, 1, 1, 1, 1, 2]);
}

proptest! {
    #[test]
    fn merging_is_counting_together(a: Vec<u64>, b in prop::collection::vec(0..5_000u64, 0..60)) {
        let (mut left, mut right, mut both) = (Histogram::new(), Histogram::new(), Histogram::new());
        left.extend(a.iter().copied());
        right.extend(b.iter().copied());
        both.extend(a.iter().chain(&b).copied());
        let mut merged = left.clone();
        merged.merge(&right);
        prop_assert_eq!(&merged, &both);
        right.merge(&left);
        prop_assert_eq!(&right, &both);
        prop_assert_eq!(merged.latency_classes().iter().sum::<u64>(), merged.n());
    }

    #[test]
    fn takes_any_pairs_of_the_wire(
        pairs: Vec<(i32, u64)>, sum: u64, min: u64, max: u64, q in 0.0..=1.0f64,
    ) {
        let histogram = Histogram::from_pairs(pairs.iter().copied(), sum, min, max);
        prop_assert!(histogram.indexes.is_sorted());
        prop_assert_eq!(histogram.n() == 0, pairs.iter().all(|p| p.1 == 0));
        if let Some(value) = histogram.quantile(q) {
            prop_assert!(value >= histogram.min as f64 && value <= max as f64);
        }
        let mut twice = histogram.clone();
        twice.merge(&histogram);
        prop_assert!(twice.n() >= histogram.n());
    }
}
