//! The one room with `unsafe`: everything that touches the Zend Engine.
//!
//! Out go small safe façades; no raw pointer leaves. Invariants that all
//! `SAFETY` comments lean on:
//!
//! - *one thread*: the extension is built for NTS PHP only (`build.rs` refuses
//!   anything else), so engine globals and our own cells are touched by the
//!   thread that runs PHP and by no other;
//! - *nothing to drop over engine calls*: a bailout is a `longjmp` past Rust
//!   frames, so no guard, borrow or owned value is alive across a call that
//!   may end in one (any allocation, any PHP code);
//! - *no panic into C*: entry points that C calls run what they do within
//!   [`catch`] or `heap::cold`. Those that only pass on to what they replaced, and
//!   the hot part of the heap events, do nothing that panics; if they did, an
//!   `extern "C"` function of Rust aborts and never unwinds into C.

pub mod aliases;
pub mod arguments;
pub mod ast;
pub mod caches;
pub mod call;
pub mod callback;
pub mod cell;
pub mod clock;
pub mod engine;
pub mod errors;
pub mod exceptions;
pub mod fiber;
pub mod frame;
mod guard;
pub mod handlers;
pub mod heap;
pub mod holders;
pub mod http_wrapper;
pub mod ini;
pub mod interrupt;
pub mod jit;
pub mod lend;
pub mod module;
pub mod opcache;
pub mod output;
pub mod process;
pub mod properties;
pub mod request;
pub mod shutdown;
pub mod stream_context;
pub mod strings;
pub mod swoole;
mod tables;
pub mod unit;
pub mod value;
pub mod vm;
pub mod waits;

/// Runs an entry point that C calls; a panic ends here, and what it leaves
/// behind is the entry's own affair.
pub fn catch(entry: impl FnOnce()) {
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(entry));
}
