//! `traceparent`: W3C Trace Context, level 2, section 3.2.

use super::{Format, Outgoing, Remote};
use crate::trace::ids::{Case, SpanId, TraceId, parse_hex};

/// Bytes of version 00, and of what newer versions have in common with it.
const LENGTH: usize = 55;
const SAMPLED: u64 = 1;
const RANDOM: u64 = 2;

/// Reads the value of `traceparent`; `None` when it is not valid.
///
/// A newer version may be longer, then a dash follows. Flags that are not known are
/// ignored. Letters are in lower case; ids are not zero; version `ff` is none.
#[must_use]
pub fn parse(value: &[u8]) -> Option<Remote> {
    let (known, more) = value.split_at_checked(LENGTH)?;
    let version = parse_hex(&known[..2], Case::Lower)?;
    let end_is_right = match version {
        0 => more.is_empty(),
        0xff => false,
        _ => more.is_empty() || more[0] == b'-',
    };
    let dashes = known[2] == b'-' && known[35] == b'-' && known[52] == b'-';
    if !end_is_right || !dashes {
        return None;
    }
    let trace_id = TraceId::parse(&known[3..35], Case::Lower)?;
    let mut remote = Remote::new(trace_id, Format::W3c);
    remote.span_id = Some(SpanId::parse(&known[36..52], Case::Lower)?);
    let flags = parse_hex(&known[53..], Case::Lower)?;
    remote.sampled = Some(flags & SAMPLED != 0);
    remote.random = flags & RANDOM != 0;
    Some(remote)
}

/// Always version 00, with the two flags that it knows.
pub fn write(out: &Outgoing<'_>) -> String {
    let mut value = String::with_capacity(LENGTH);
    value.push_str("00-");
    value.push_str(out.trace_id.hex().as_str());
    value.push('-');
    value.push_str(out.span_id.hex().as_str());
    value.push_str(match (out.sampled, out.random) {
        (false, false) => "-00",
        (true, false) => "-01",
        (false, true) => "-02",
        (true, true) => "-03",
    });
    value
}
