//! Which ordinary traces are kept.

use super::ids::{TraceId, mix};

/// All traces, in the unit of [`keeps`].
pub const ALL: u32 = 10_000;

/// Whether a trace is kept at `rate` hundredths of a percent.
///
/// Decided by the id alone, so that all hosts decide alike without talking; a trace kept at
/// one rate is kept at every higher one. Only the right half counts: it is all that peers
/// with the original's headers know. It is mixed first, because ids of others may count up.
#[must_use]
pub fn keeps(id: TraceId, rate: u32) -> bool {
    rate >= ALL || mix(id.right()) < u64::MAX / u64::from(ALL) * u64::from(rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::ids::Ids;

    /// Percent of `ids` that are kept at 10 %.
    fn kept(ids: impl ExactSizeIterator<Item = TraceId>) -> f64 {
        let all = ids.len() as f64;
        ids.filter(|id| keeps(*id, ALL / 10)).count() as f64 / all * 100.0
    }

    #[test]
    fn ten_percent_keep_ten_percent() {
        for seed in 0..20 {
            let mut ids = Ids::from_seed(seed);
            let share = kept((0..20_000).map(|_| ids.trace()));
            assert!((share - 10.0).abs() <= 1.0, "{share} % with seed {seed}");
        }
        // Ids that count up, as a foreign caller may make them.
        for step in [1u64, 256, 1 << 32] {
            let share = kept(
                (1..20_001u32)
                    .map(|i| TraceId::from_right(u64::from(i).wrapping_mul(step)).unwrap()),
            );
            assert!((share - 10.0).abs() <= 1.0, "{share} % with step {step}");
        }
    }

    #[test]
    fn hosts_with_half_the_id_agree_and_higher_rates_keep_more() {
        let mut ids = Ids::from_seed(3);
        for _ in 0..20_000 {
            let id = ids.trace();
            let half = TraceId::from_right(id.right()).unwrap();
            assert!(!keeps(id, 0) && keeps(id, ALL) && keeps(id, u32::MAX));
            assert_eq!(keeps(id, 2_500), keeps(half, 2_500));
            assert!(keeps(id, 5_000) || !keeps(id, 2_500));
        }
    }
}
