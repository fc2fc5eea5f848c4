//! The agent: receives what the PHP extension sends, keeps it safe, and hands it on
//! to statistics and store. The program is `main.rs`; tests and the load generator use
//! the parts.
#![forbid(unsafe_code)]

pub mod journal;
pub mod pipeline;

#[cfg(test)]
#[path = "../tests/scratch/mod.rs"]
mod scratch;
