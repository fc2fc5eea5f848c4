//! Statistics of calls: what the extension counts and the agent adds up.

mod borders;
pub mod histogram;

pub use borders::{MAX_INDEX, MIN_INDEX, bucket, upper};
pub use histogram::Histogram;
