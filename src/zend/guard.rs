//! Tells when a function's frame is left, without cost and without a trace.
//!
//! A frame may hold an array of extra named arguments
//! (`ZEND_CALL_HAS_EXTRA_NAMED_PARAMS`), which the VM releases when it leaves
//! the frame: after the locals, on exceptions as well. A guard is an empty
//! array of our own in that place. Nothing shows it: backtraces add its
//! elements to the arguments, and it has none. It lies outside of PHP's heap
//! and its count never reaches 0, so the engine never frees it, and
//! `memory_get_usage()` does not move; a count of 1 says that the frame is
//! gone.
//!
//! Not used where the place is taken, for top-level code (whose frame the VM
//! leaves another way), and under a JIT that is kept running (see `jit`),
//! whose traces skip the release for calls that they inline: there the call
//! chain is walked instead.

use std::collections::HashSet;

use ext_php_rs::ffi::{self, zend_array, zend_execute_data};

use super::cell::Global;

/// `ZEND_CALL_HAS_EXTRA_NAMED_PARAMS` of zend_compile.h.
const HAS_EXTRA_NAMED: u32 = 1 << 27;
/// `ZEND_CALL_CODE` of zend_compile.h: top-level code.
const IS_CODE: u32 = 1 << 16;
/// `GC_NOT_COLLECTABLE` in `type_info`.
const NOT_COLLECTABLE: u32 = 1 << 4;
/// Count of a guard that a frame holds.
const HELD: u32 = 2;

/// All guards ever made, by their addresses. None is freed.
struct Pool {
    known: HashSet<usize>,
    /// Given to a frame, which may be gone by now.
    given: Vec<usize>,
    /// In no frame.
    free: Vec<usize>,
    /// Number of `given` at which one looks which of them came back: twice
    /// those that had not the last time, so that a look costs a step per guard.
    look_at: usize,
}

/// Least value of `Pool::look_at`.
const LOOK_AT: usize = 16;

static POOL: Global<Option<Pool>> = Global::new(None);

/// A count that says "held", for no guard.
static NO_GUARD: u32 = HELD;

/// A guard in a frame, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Address of the array's reference count, which comes first in it.
    count: usize,
}

impl Guard {
    /// No guard.
    pub fn never() -> Self {
        Self {
            count: (&raw const NO_GUARD) as usize,
        }
    }

    /// Guards a live frame of a user function.
    ///
    /// # Safety
    /// `frame` is a frame of the running call chain.
    pub unsafe fn of(frame: *mut zend_execute_data) -> Self {
        // SAFETY: by the contract above; one thread.
        unsafe {
            let info = &raw mut (*frame).This.u1.type_info;
            let place = &raw mut (*frame).extra_named_params;
            if *info & HAS_EXTRA_NAMED != 0 {
                let known = Pool::with(|pool| pool.known.contains(&(*place as usize)));
                return if known {
                    Self {
                        count: *place as usize,
                    }
                } else {
                    Self::never()
                };
            }
            if *info & IS_CODE != 0 {
                return Self::never();
            }
            let array = spare();
            (*array).gc.refcount = HELD;
            *place = array;
            *info |= HAS_EXTRA_NAMED;
            Self {
                count: array as usize,
            }
        }
    }

    /// What tells guards apart, or nothing for none. A guard is given to a frame
    /// only if the frame that it was in before is gone.
    pub fn id(self) -> Option<usize> {
        (self != Self::never()).then_some(self.count)
    }

    /// Whether the frame is gone, or there is no guard to tell.
    #[inline(always)]
    pub fn is_released(self) -> bool {
        // SAFETY: guards are never freed.
        unsafe { (self.count as *const u32).read_volatile() != HELD }
    }

    /// Whether there is a guard, and its frame is alive.
    pub fn is_held(self) -> bool {
        self != Self::never() && !self.is_released()
    }
}

/// An empty array that no frame holds, for a frame.
fn spare() -> *mut zend_array {
    Pool::with(|pool| {
        if pool.free.is_empty() && pool.given.len() >= pool.look_at {
            pool.look();
        }
        let address = pool.free.pop().unwrap_or_else(|| {
            let address = made() as usize;
            pool.known.insert(address);
            address
        });
        pool.given.push(address);
        address as *mut zend_array
    })
}

impl Pool {
    fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
        POOL.with(|pool| {
            f(pool.get_or_insert_with(|| Self {
                known: HashSet::new(),
                given: Vec::new(),
                free: Vec::new(),
                look_at: LOOK_AT,
            }))
        })
    }

    /// Takes back the guards whose frame is gone.
    fn look(&mut self) {
        let Self { given, free, .. } = self;
        given.retain(|address| {
            // SAFETY: guards are never freed.
            let held = unsafe { *(*address as *const u32) } == HELD;
            if !held {
                free.push(*address);
            }
            held
        });
        self.look_at = (given.len() * 2).max(LOOK_AT);
    }
}

/// A new empty array.
fn made() -> *mut zend_array {
    // SAFETY: a copy of the engine's own empty array, which points to static
    // memory only.
    let array = unsafe { std::ptr::read(&raw const ffi::zend_empty_array) };
    let array = Box::into_raw(Box::new(array));
    // SAFETY: just made. An array that is not immutable is counted, and one
    // that cannot hold cycles is left alone by the collector.
    unsafe {
        (*array).gc.u.type_info = ffi::IS_ARRAY | NOT_COLLECTABLE;
    }
    array
}
