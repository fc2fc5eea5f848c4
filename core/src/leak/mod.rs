//! The leak finder: heap events go in at one end, a report comes out at the
//! other.
//!
//! `ledger` (in the worker) → `log` (one record per loop) → `analysis` (any
//! CLI process) → `report` (texts, exports).

pub mod analysis;
pub mod cache;
pub mod ledger;
pub mod log;
pub mod model;
pub mod report;
pub mod verdict;
