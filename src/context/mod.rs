//! Which unit of work runs, and which spans are open in it.
//!
//! A *root* is a unit that work came to from outside: a request, a task, a run
//! of a script. It owns a [`trace::Trace`]. A coroutine or fiber that starts
//! while its parent has a context gets one of the same trace; it shows as a
//! span of its own, a *lane*, as soon as a span is made in it.
//!
//! Nothing here calls the engine, so no bailout can leave it half done: see
//! [`crate::zend::cell::Global`].

pub mod by_hand;
pub mod config;
pub mod counts;
pub mod failures;
mod lane;
pub mod notes;
pub mod outlet;
pub mod remote;
pub mod request;
pub mod roots;
pub mod routes;
pub mod spans;
mod trace;
mod tracer;
pub mod turns;
pub mod units;
pub mod work;
