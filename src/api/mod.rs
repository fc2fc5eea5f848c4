//! What PHP can call, one file per documented group; thin.

pub mod assert;
mod given;
pub mod ids;
pub mod info;
pub mod leak;
pub mod lifecycle;
pub mod span;
pub mod stats;
pub mod tracing;
