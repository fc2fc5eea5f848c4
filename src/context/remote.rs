//! What a caller sends along, and what we send along to whom we call.

use crate::zend::cell::Global;
use crate::zend::unit::Unit;

use super::tracer;

/// The caller's side of the trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remote {
    /// Its trace id.
    pub trace_id: Option<[u8; 16]>,
    /// The span that called; 0 is none.
    pub span_id: u64,
    /// Whether the caller keeps the trace, if it says.
    pub sampled: Option<bool>,
    /// `tracestate`, handed on as it came.
    pub state: String,
}

/// State of the generator of ids; 0 before the first.
static SEED: Global<u64> = Global::new(0);

/// Ids are drawn anew: this is a child of a fork, which must not draw those of
/// its parent.
pub fn reseed() {
    SEED.with(|seed| *seed = 0);
}

fn random() -> u64 {
    SEED.with(|seed| {
        if *seed == 0 {
            let mut bytes = [0; 8];
            // 8 bytes are given whole or not at all.
            let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
            *seed = u64::from_ne_bytes(bytes);
        }
        // splitmix64: https://prng.di.unimi.it/splitmix64.c
        *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// A span id, not 0.
pub fn new_span_id() -> u64 {
    random().max(1)
}

/// A trace id.
pub fn new_trace_id() -> [u8; 16] {
    ((u128::from(random()) << 64) | u128::from(new_span_id())).to_be_bytes()
}

/// Whether a trace is kept at a share of `sampling` hundredths of a percent.
/// Every process says the same of the same trace.
pub fn is_sampled(id: &[u8; 16], sampling: u32) -> bool {
    let right = u64::from_be_bytes(id[8..].try_into().unwrap_or_default());
    let place = (u128::from(right.wrapping_mul(0x9e37_79b9_7f4a_7c15)) * 10_000) >> 64;
    place < u128::from(sampling)
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let digit = |c: u8| char::from(c).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
    }
    Some(bytes)
}

impl Remote {
    /// What the headers of a request say; `header` answers for a name in lower
    /// case.
    pub fn read(header: &dyn Fn(&str, &mut dyn FnMut(&str))) -> Self {
        let mut remote = Self::default();
        header("traceparent", &mut |value| {
            let mut parts = value.trim().split('-');
            let (Some(_), Some(trace), Some(span), Some(flags)) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return;
            };
            if let (Some(trace), Some(span), Some([flags])) =
                (hex::<16>(trace), hex::<8>(span), hex::<1>(flags))
                && trace != [0; 16]
                && span != [0; 8]
            {
                remote.trace_id = Some(trace);
                remote.span_id = u64::from_be_bytes(span);
                remote.sampled = Some(flags & 1 == 1);
            }
        });
        if remote.trace_id.is_some() {
            header("tracestate", &mut |value| {
                value.clone_into(&mut remote.state)
            });
            return remote;
        }
        header("x-swoole-traceid", &mut |value| {
            if let Some(right) = hex::<8>(value.trim()) {
                let mut id = [0; 16];
                id[8..].copy_from_slice(&right);
                remote.trace_id = Some(id);
            }
        });
        header("x-swoole-spanid", &mut |value| {
            if let Some(span) = hex::<8>(value.trim()) {
                remote.span_id = u64::from_be_bytes(span);
            }
        });
        remote
    }
}

/// Gives the headers for a call made by `span` to `set`, name and value.
pub fn inject(span: u64, set: &mut dyn FnMut(&str, &str)) {
    let unit = Unit::current();
    let found = tracer::with(|tracer| {
        let trace = tracer.context(unit)?.trace.borrow();
        Some((
            u128::from_be_bytes(trace.id),
            trace.sampled,
            trace.remote.state.clone(),
        ))
    });
    let Some(Some((id, sampled, state))) = found else {
        return;
    };
    set(
        "traceparent",
        &format!("00-{id:032x}-{span:016x}-0{}", u8::from(sampled)),
    );
    if !state.is_empty() {
        set("tracestate", &state);
    }
    #[allow(clippy::cast_possible_truncation, reason = "the right half")]
    let right = id as u64;
    set("x-swoole-traceid", &format!("{right:016x}"));
    set("x-swoole-spanid", &format!("{span:016x}"));
}
