//! What a sender keeps, apart from threads and sockets: batches until they are
//! acknowledged, the time of the next attempt, and what was lost.

mod backoff;
mod batches;
mod losses;
mod owed;

pub use backoff::Backoff;
pub use batches::{BATCH_AGE, BATCH_BYTES, Batches, NeverSent, TooLarge};
pub use losses::{Loss, Losses, Tally};
pub use owed::Owed;
