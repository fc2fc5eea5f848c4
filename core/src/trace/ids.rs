//! Identities of traces and spans, and the numbers they are drawn from.

use std::fmt;
use std::hash::{BuildHasher, Hasher};

/// Identity of a trace in W3C trace context: 16 bytes, not all zero.
///
/// The right half is the whole id of the original tracker, so both find each other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId([u8; 16]);

/// Identity of a span within its trace: not zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId(std::num::NonZeroU64);

/// The digits of an id in lower case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hex<const N: usize>([u8; N]);

impl<const N: usize> Hex<N> {
    /// The digits of `bytes`; `N` is twice their number.
    fn of(bytes: &[u8]) -> Self {
        let mut digits = [b'0'; N];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        Self(digits)
    }

    /// The digits as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits were written.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The digits as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which letters a number in hex may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// `a` to `f`, as W3C demands.
    Lower,
    /// `A` to `F` as well.
    Any,
}

/// The number that `digits` are, at most 16 of them.
#[must_use]
pub fn parse_hex(digits: &[u8], case: Case) -> Option<u64> {
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            b'A'..=b'F' if case == Case::Any => digit - b'A' + 10,
            _ => return None,
        };
        Some(number << 4 | u64::from(value))
    })
}

impl TraceId {
    /// The id of these bytes; `None` when all are zero.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// The id of the original tracker, filled up with zeros on the left.
    #[must_use]
    pub fn from_right(right: u64) -> Option<Self> {
        Self::new(u128::from(right).to_be_bytes())
    }

    /// Reads 32 digits, or the 16 of the original tracker and of short B3 ids.
    #[must_use]
    pub fn parse(digits: &[u8], case: Case) -> Option<Self> {
        let (left, right) = match digits.len() {
            32 => (parse_hex(&digits[..16], case)?, &digits[16..]),
            16 => (0, digits),
            _ => return None,
        };
        let id = u128::from(left) << 64 | u128::from(parse_hex(right, case)?);
        Self::new(id.to_be_bytes())
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// The right half: the original tracker's id.
    #[must_use]
    pub fn right(self) -> u64 {
        u128::from_be_bytes(self.0) as u64
    }

    /// All 32 digits.
    #[must_use]
    pub fn hex(self) -> Hex<32> {
        Hex::of(&self.0)
    }

    /// The 16 digits of the right half.
    #[must_use]
    pub fn right_hex(self) -> Hex<16> {
        Hex::of(&self.0[8..])
    }
}

impl SpanId {
    /// The id of this number; `None` for zero.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        std::num::NonZeroU64::new(number).map(Self)
    }

    /// Reads 16 digits.
    #[must_use]
    pub fn parse(digits: &[u8], case: Case) -> Option<Self> {
        (digits.len() == 16)
            .then(|| parse_hex(digits, case))
            .flatten()
            .and_then(Self::new)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// The 16 digits.
    #[must_use]
    pub fn hex(self) -> Hex<16> {
        Hex::of(&self.get().to_be_bytes())
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hex().as_str())
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hex().as_str())
    }
}

/// Draws ids: xoshiro256++ (Blackman and Vigna, <https://prng.di.unimi.it/>), some ns per
/// id. Ids must be different, not secret.
///
/// A forked child has its parent's state: it calls [`Ids::reseed`] before it draws.
#[derive(Debug, Clone)]
pub struct Ids {
    state: [u64; 4],
}

impl Ids {
    /// Seeded by the system.
    #[must_use]
    pub fn new() -> Self {
        let mut ids = Self { state: [0; 4] };
        ids.reseed();
        ids
    }

    /// The same ids for the same `seed`: for tests.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let mut state = seed;
        Self {
            state: std::array::from_fn(|_| {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                mix(state)
            }),
        }
    }

    /// Begins anew with numbers of the system; in every child after `fork()`.
    pub fn reseed(&mut self) {
        let mut bytes = [0u8; 32];
        // Never waits: a kernel without entropy yet says so, and the rest must do.
        let filled = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::NONBLOCK);
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() as u64);
        let place = now ^ u64::from(std::process::id()) << 32 ^ u64::from(filled.is_ok());
        let keys = std::collections::hash_map::RandomState::new();
        for (index, word) in self.state.iter_mut().enumerate() {
            let at = index * 8;
            let random = bytes[at..at + 8]
                .iter()
                .fold(0, |n, &b| n << 8 | u64::from(b));
            let mut hasher = keys.build_hasher();
            hasher.write_u64(place.wrapping_add(index as u64));
            *word = random ^ hasher.finish();
        }
        // The one state that xoshiro never leaves.
        if self.state == [0; 4] {
            self.state = [1, 2, 3, 4];
        }
    }

    /// The next number.
    #[inline]
    pub fn draw(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let shifted = b << 17;
        let c = c ^ a;
        let d = d ^ b;
        self.state = [a ^ d, b ^ c, c ^ shifted, d.rotate_left(45)];
        result
    }

    /// A new span id.
    #[inline]
    pub fn span(&mut self) -> SpanId {
        loop {
            if let Some(id) = SpanId::new(self.draw()) {
                return id;
            }
        }
    }

    /// A new trace id. Neither half is zero: the right one alone names the trace for
    /// peers that know only the original's ids.
    pub fn trace(&mut self) -> TraceId {
        let (left, right) = (self.span().get(), self.span().get());
        TraceId((u128::from(left) << 64 | u128::from(right)).to_be_bytes())
    }
}

impl Default for Ids {
    fn default() -> Self {
        Self::new()
    }
}

/// Spreads a number over all 64 bits: the finaliser of SplitMix64.
#[inline]
#[must_use]
pub const fn mix(mut z: u64) -> u64 {
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn digits_come_back() {
        let mut ids = Ids::from_seed(7);
        for _ in 0..1_000 {
            let (trace, span) = (ids.trace(), ids.span());
            assert_eq!(
                TraceId::parse(trace.hex().as_bytes(), Case::Lower),
                Some(trace)
            );
            assert_eq!(
                SpanId::parse(span.hex().as_bytes(), Case::Lower),
                Some(span)
            );
            assert!(trace.hex().as_str().ends_with(trace.right_hex().as_str()));
            let old = TraceId::parse(trace.right_hex().as_bytes(), Case::Lower).unwrap();
            assert_eq!(old, TraceId::from_right(trace.right()).unwrap());
            assert_eq!(old.hex().as_str()[..16], *"0000000000000000");
        }
        assert_eq!(SpanId::new(255).unwrap().hex().as_str(), "00000000000000ff");
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let zero = [b'0'; 32];
        assert_eq!(TraceId::parse(&zero, Case::Any), None);
        assert_eq!(SpanId::parse(&zero[..16], Case::Any), None);
        assert_eq!(SpanId::parse(b"ABCDEF0123456789", Case::Lower), None);
        assert!(SpanId::parse(b"ABCDEF0123456789", Case::Any).is_some());
        for wrong in [
            &b""[..],
            b"1",
            b"0123456789abcdeg",
            b"+123456789abcdef",
            &[0xff; 16],
        ] {
            assert_eq!(SpanId::parse(wrong, Case::Any), None);
            assert_eq!(TraceId::parse(wrong, Case::Any), None);
        }
    }

    #[test]
    fn xoshiro_gives_the_published_numbers() {
        // rand_xoshiro's test vector of the authors' C code: state 1, 2, 3, 4.
        let mut ids = Ids {
            state: [1, 2, 3, 4],
        };
        let first: Vec<u64> = (0..4).map(|_| ids.draw()).collect();
        assert_eq!(
            first,
            [
                41_943_041,
                58_720_359,
                3_588_806_011_781_223,
                3_591_011_842_654_386
            ]
        );
    }

    #[test]
    fn a_copy_parts_from_its_origin_when_reseeded() {
        let mut parent = Ids::new();
        let mut child = parent.clone();
        child.reseed();
        let all: HashSet<u64> = (0..10_000)
            .flat_map(|_| [parent.draw(), child.draw()])
            .collect();
        assert_eq!(all.len(), 20_000);
    }
}
