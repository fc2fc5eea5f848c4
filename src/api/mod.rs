//! What PHP can call, one file per documented group; thin.

pub mod assert;
pub mod info;
pub mod leak;
pub mod lifecycle;
pub mod tracing;
