//! The agent: receives what the PHP extension sends, keeps it safe, and hands it on
//! to statistics and store. The program is `main.rs`; tests and the load generator use
//! the parts.
#![forbid(unsafe_code)]

pub mod api;
pub mod args;
pub mod ask;
mod client;
pub mod config;
pub mod data_dir;
pub mod data_size;
pub mod doctor;
pub mod ingest;
pub mod journal;
pub mod ledger;
pub mod live;
pub mod logs;
pub mod merge;
pub mod pipeline;
pub mod run;
pub mod sampling;
pub mod service;
pub mod stats;
pub mod status;
pub mod store;
pub mod writer;

#[cfg(test)]
#[path = "../tests/scratch/mod.rs"]
mod scratch;
