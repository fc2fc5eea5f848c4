//! How much a bucket holds (the caps of Datadog's concentrator, which met the same
//! trouble before: identifiers in endpoint names).

/// Keys of one bucket of ten seconds, one minute or one hour.
pub const KEYS: usize = 7_000;
/// Overflow rows that a bucket may have beside its keys, one per application and kind;
/// past these there is a single one.
pub const FOLDED: usize = 1_024;
/// Applications that have rows of their own for good: see [`Regulars`](super::Regulars).
pub const APPS: usize = 512;
/// Applications beside those that may get rows in ten seconds.
pub const STRANGERS: usize = 64;
/// The same in one hour.
pub const STRANGERS_PER_HOUR: usize = 512;
/// Endpoints of one application in one bucket of ten seconds.
pub const ENDPOINTS: usize = 1_024;
/// Peers of one application in one bucket of ten seconds.
pub const PEERS: usize = 512;
/// Result codes of one row; others are counted as [`super::OVERFLOW`].
pub const CODES: usize = 64;
/// Buckets of ten seconds that may be open at the same time.
pub const OPEN: usize = 90;
/// How far ahead of the agent's clock a bucket may lie, seconds; later ones count now.
pub const FUTURE: u64 = 600;
