//! Which bucket a duration belongs to.
//!
//! The bucket of `v` seconds is `⌈log2(v) · 32⌉ − 1`: base 2 and scale 5 of
//! OpenTelemetry's exponential histogram. A logarithm per call is slow, and wrong
//! next to a border. The borders `2^(n/32)` seconds, counted in µs, have the same 32
//! mantissas in every octave, so one comparison of whole numbers is enough.

/// Mantissas of `2^(n/32) · 10^6`, n from −29 to 2, as numbers in `2^63..2^64`,
/// rounded down: the upper borders of the 32 buckets that end within an octave of µs.
const BORDERS: [u64; 32] = [
    0x8244_2334_960c_eda4,
    0x851e_5ddc_7f9a_447e,
    0x8808_95f0_d61d_84b2,
    0x8b03_2513_fb50_fc8e,
    0x8e0e_66de_c6c7_4fad,
    0x912a_b8eb_868b_ef75,
    0x9458_7ae1_3d70_a83d,
    0x9798_0e7f_2061_ff7f,
    0x9ae9_d7a8_5423_b18a,
    0x9e4e_3c6f_ecde_59ab,
    0xa1c5_a525_30ef_37b6,
    0xa550_7c60_2073_19f3,
    0xa8ef_2f0e_430d_b402,
    0xaca2_2c7f_bd77_1b14,
    0xb069_e674_b061_bed8,
    0xb446_d12a_e254_05e5,
    0xb839_636b_b619_b537,
    0xbc42_169a_6f7a_7d91,
    0xc061_66c2_c7ec_7068,
    0xc497_d2a7_d502_b97b,
    0xc8e5_dbd3_4262_cbad,
    0xcd4c_06a4_e114_3813,
    0xd1ca_da62_8e09_a6cd,
    0xd662_e148_71cb_e373,
    0xdb14_a899_9b3a_a3b6,
    0xdfe0_c0b0_f761_9f98,
    0xe4c7_bd12_a86b_c110,
    0xe9ca_347d_bdc9_9d8f,
    0xeee8_c0fe_4fac_18fc,
    0xf424_0000_0000_0000,
    0xf97c_9260_e323_98c7,
    0xfef3_1c84_d29b_9f02,
];

/// For each 64th of an octave, the number of borders below its begin. No 64th holds
/// two borders: 2^(1/32) is more than its width.
const BELOW: [u8; 64] = below();

const fn below() -> [u8; 64] {
    let mut table = [0; 64];
    let mut slot = 0;
    let mut border = 0;
    while slot < 64 {
        while border < 32 && BORDERS[border] < (64 + slot as u64) << 57 {
            border += 1;
        }
        table[slot] = border as u8;
        slot += 1;
    }
    table
}

/// Bucket of the shortest duration that is not zero, 1 µs.
pub const MIN_INDEX: i32 = -638;
/// Bucket of `u64::MAX` µs.
pub const MAX_INDEX: i32 = MIN_INDEX + 32 * 63 + 32;

/// The bucket of `us` µs; `us` must not be 0 (which would get the bucket of 1).
#[inline]
pub const fn bucket(us: u64) -> i32 {
    let octave = (us | 1).ilog2();
    let mantissa = us << (63 - octave);
    let below = BELOW[(mantissa >> 57 & 63) as usize];
    // The border that this 64th may hold; there is none after the last.
    let above = below < 32 && mantissa > BORDERS[(below & 31) as usize];
    MIN_INDEX + 32 * octave as i32 + below as i32 + above as i32
}

/// Upper border of a bucket, µs. The lower one is that of the bucket before.
pub fn upper(index: i32) -> f64 {
    (f64::from(index + 1) / 32.0).exp2() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;

    /// Whether `us` µs ≤ 2^(n/32) s, by whole numbers: us^32 ≤ 2^n · 10^192.
    fn within(us: u64, n: i32) -> bool {
        let left = BigUint::from(us).pow(32);
        let right = BigUint::from(10u32).pow(192);
        if n < 0 {
            left << n.unsigned_abs() <= right
        } else {
            left <= right << n.unsigned_abs()
        }
    }

    /// Whether the bucket of `us` is the one whose borders enclose it.
    fn is_right(us: u64) -> bool {
        let index = bucket(us);
        !within(us, index) && within(us, index + 1)
    }

    #[test]
    fn equals_the_definition_on_both_sides_of_every_border() {
        let mut checked = 0;
        for index in MIN_INDEX..=MAX_INDEX {
            // A float is near the border, not on it: look around.
            let near = upper(index);
            let step = (near / (1u64 << 50) as f64).ceil() as u64;
            for around in -3i64..=3 {
                let us = (near as u64).saturating_add_signed(around * step as i64);
                if us > 0 {
                    assert!(is_right(us), "{us} in {index}");
                    checked += 1;
                }
            }
        }
        assert!(checked > 14_000, "{checked}");
        for us in (1..20_000).chain([1 << 40, u64::MAX - 1, u64::MAX]) {
            assert!(is_right(us), "{us}");
        }
    }

    #[test]
    fn each_border_itself_is_in_the_lower_bucket() {
        // The last whole µs below each border, found by halving: exact.
        for n in MIN_INDEX + 1..=MAX_INDEX {
            let (mut low, mut high) = (0u64, u64::MAX);
            while low < high {
                let middle = low + (high - low).div_ceil(2);
                if within(middle, n) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            assert!(bucket(low) < n, "{low} at {n}");
            assert!(low == u64::MAX || bucket(low + 1) >= n, "{low} at {n}");
        }
    }

    #[test]
    fn known_places() {
        assert_eq!(bucket(1), -638);
        assert_eq!(bucket(1_000_000), -1);
        assert_eq!(bucket(1_000_001), 0);
        assert_eq!(bucket(2_000_000), 31);
        assert_eq!(bucket(3_600_000_000), 378);
        assert_eq!(bucket(u64::MAX), MAX_INDEX);
    }
}
