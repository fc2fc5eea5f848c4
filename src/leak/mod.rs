//! The leak finder inside the process: heap events in, log records out.

mod entry;
mod holders;
mod names;
mod recorder;
mod records;
pub mod session;
pub mod settling;
pub mod trial;
mod turns;
mod units;
