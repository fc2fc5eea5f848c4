//! The leak log: one record per loop, appended by any number of processes,
//! read by any CLI process.
//!
//! `record` says what is in a record, `frame` how it lies in the file,
//! `writer` and `files` how it gets there safely, `reader` how it is found
//! again among torn and hostile bytes.

pub mod files;
pub mod frame;
pub mod reader;
pub mod record;
pub mod writer;
