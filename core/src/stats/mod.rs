//! Statistics of calls: what the extension counts and the agent adds up.

mod borders;
pub mod histogram;
mod newcomers;

pub use borders::{MAX_INDEX, MIN_INDEX, bucket, upper};
pub use histogram::Histogram;
pub use newcomers::Newcomers;
