//! Curves, and what is to be said of them.

use super::*;

fn judge(values: impl IntoIterator<Item = i64>) -> (Verdict, History) {
    let mut history = History::new(0);
    let mut now = 0;
    for (number, live) in values.into_iter().enumerate() {
        now = number as u64;
        history.sample(now, live);
    }
    (history.verdict(now), history)
}

#[test]
fn a_peak_does_not_hide_a_leak() {
    // A list's array doubles on this line, and moves on to another at the next doubling.
    let log = |k: i64| 60 * k + if (200..300).contains(&k) { 65_536 } else { 0 };
    let (verdict, history) = judge((0..600).map(log));
    assert_eq!(verdict, Verdict::Grows);
    let fit = history.fit(599);
    assert!((fit.bytes_per_loop - 60.0).abs() < 6.0, "{fit:?}");
    // A block of 100 KB that is freed a loop later.
    let peak = |k: i64| 200 * k + if k == 9 { 100_000 } else { 0 };
    assert_eq!(judge((0..40).map(peak)).0, Verdict::Grows);
    // A cache that is full, one that is emptied now and then, a value that is replaced.
    let full = |k: i64| 60 * k.min(400) + if (200..300).contains(&k) { 65_536 } else { 0 };
    assert_eq!(judge((0..600).map(full)).0, Verdict::Flat);
    assert_ne!(judge((0..600).map(|k| 60 * (k % 100))).0, Verdict::Grows);
    let replaced = |k: i64| (k * 7919 + 13) % 1009 * 100;
    assert_ne!(judge((0..600).map(replaced)).0, Verdict::Grows);
}

#[test]
fn a_steady_leak_grows_with_its_exact_slope() {
    let (verdict, history) = judge((0..40).map(|k| 12_288 * (k + 1)));
    assert_eq!(verdict, Verdict::Grows);
    let fit = history.fit(39);
    assert!((fit.bytes_per_loop - 12_288.0).abs() < 1e-6, "{fit:?}");
    assert!(fit.r > 0.999);
}

#[test]
fn a_steady_leak_keeps_its_slope_when_the_history_is_thinned() {
    let (verdict, history) = judge((0..5_000).map(|k| 100 * (k + 1)));
    assert_eq!(verdict, Verdict::Grows);
    assert!((history.fit(4_999).bytes_per_loop - 100.0).abs() < 1.0);
    assert!(history.curve(4_999).0.len() <= POINTS);
}

#[test]
fn a_pool_that_fills_in_twenty_loops_is_flat_at_eighty() {
    let (verdict, _) = judge((0..80).map(|k: i64| (k + 1).min(20) * 500));
    assert_eq!(verdict, Verdict::Flat);
}

#[test]
fn a_half_full_pool_cannot_be_told_from_a_leak() {
    let (verdict, _) = judge((0..15).map(|k: i64| (k + 1).min(20) * 500));
    assert_eq!(verdict, Verdict::Grows);
}

#[test]
fn a_doubling_array_grows_within_three_doublings() {
    let values = (1..=65_u64).map(|k| (k.next_power_of_two() * 16) as i64);
    assert_eq!(judge(values).0, Verdict::Grows);
}

/// What the heap gives for a block of that size (`ZEND_MM_BINS_INFO`).
fn given(size: i64) -> i64 {
    match size {
        ..=64 => (size + 7) / 8 * 8,
        65..=3072 => {
            let step = (size - 1).ilog2() - 2;
            (((size - 1) >> step) + 1) << step
        }
        _ => (size + PAGE - 1) / PAGE * PAGE,
    }
}

#[test]
fn a_string_that_grows_in_pages_is_no_cache() {
    assert_eq!([1, 65, 3_072, 3_073].map(given), [8, 80, 3_072, 4_096]);
    for added in [24, 100, 300, 1_000] {
        let mut history = History::new(0);
        let full = PAGE * 9 / added;
        for k in 0..full {
            history.sample(k as u64, given(added * (k + 1)));
            let verdict = history.verdict(k as u64);
            assert_ne!(verdict, Verdict::Flat, "{added} bytes per loop, loop {k}");
        }
        assert_eq!(history.verdict(full as u64 - 1), Verdict::Grows);
    }
}

#[test]
fn a_string_that_stops_growing_in_pages_is_flat() {
    for added in [24, 100, 300, 1_000] {
        let full = (PAGE * 4 / added) as u64;
        let values = (0..full as i64 * 4).map(|k| given(added * k.min(full as i64)));
        assert_eq!(judge(values).0, Verdict::Flat, "{added} bytes per loop");
    }
}

#[test]
fn warm_up_only_is_once() {
    assert_eq!(judge((0..30).map(|k: i64| k.min(2) * 100)).0, Verdict::Once);
    assert_eq!(judge([500; 5]).0, Verdict::Undecided);
}

#[test]
fn memory_that_comes_once_and_late_is_once_and_a_second_step_is_not() {
    for (second, verdict) in [(0, Verdict::Once), (50, Verdict::Flat)] {
        let mut history = History::new(0);
        history.sample(7, 100);
        history.sample(9, 100 + second);
        assert_eq!(history.verdict(16), Verdict::Undecided);
        assert_eq!(history.verdict(30), verdict);
    }
}

#[test]
fn a_rare_leak_grows() {
    assert_eq!(
        judge((0..210).map(|k: i64| k / 50 * 10_000_000)).0,
        Verdict::Grows
    );
}

#[test]
fn a_value_that_fluctuates_does_not_grow() {
    // A small generator of our own: the test must not depend on a crate's.
    let mut seed = 42_u64;
    for n in 12..400 {
        let values: Vec<i64> = (0..n)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 40) as i64
            })
            .collect();
        assert_ne!(judge(values).0, Verdict::Grows, "{n} loops");
    }
}

#[test]
fn a_leak_that_begins_late_is_found_soon() {
    let values = (0..1_030_i64).map(|k| 5_000 + (k - 1_000).max(0) * 64);
    assert_eq!(judge(values).0, Verdict::Grows);
}

#[test]
fn a_site_that_stands_still_gets_no_points() {
    let mut history = History::new(0);
    history.sample(4, 100);
    history.sample(90, 100);
    assert_eq!(history.last_loop(), 4);
    assert_eq!(history.verdict(90), Verdict::Once);
    assert_eq!(history.live(), 100);
}
