//! What runs: the program, a coroutine, a fiber.

use super::fiber::{self, Fiber};
use super::swoole::{self, Cid};

/// A unit of execution: whatever has a call stack of its own. Both are none in
/// the main program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Unit {
    /// Swoole's coroutine.
    pub coroutine: Option<Cid>,
    /// Native fiber.
    pub fiber: Option<Fiber>,
}

impl Unit {
    /// The unit that runs now.
    #[inline]
    pub fn current() -> Self {
        Self {
            coroutine: swoole::current(),
            fiber: fiber::current(),
        }
    }
}

/// Who listens to the births and ends of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ear {
    /// The leak finder.
    Leak,
    /// Tracing.
    Trace,
}

/// How many listeners there can be.
pub const EARS: usize = 2;
