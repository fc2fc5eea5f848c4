//! The leak finder inside the process: heap events in, log records out.

mod cache;
mod entry;
mod holders;
mod names;
mod recorder;
pub mod session;
pub mod trial;
mod units;
