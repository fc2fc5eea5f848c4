//! What the tracker can do without PHP: the leak ledger and its verdicts, the
//! leak log, the texts and exports made of it, and the statistics of calls.
//!
//! Used by the extension (which feeds the ledger and writes the log) and by
//! the agent (which reads logs). Nothing in here knows a Zend type, so all of
//! it runs under plain `cargo test`.
#![forbid(unsafe_code)]

pub mod descriptors;
pub mod functions;
pub mod leak;
pub mod stats;
pub mod trace;
