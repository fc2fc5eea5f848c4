//! The frame of a loop's main function: is it still there?

use ext_php_rs::ffi::{self, zend_execute_data};

unsafe extern "C" {
    // Zend/zend_generators.h. For the stand-in of a generator that delegates to
    // another: the frame of the innermost, with all those in between linked;
    // else its argument.
    fn zend_generator_check_placeholder_frame(
        frame: *mut zend_execute_data,
    ) -> *mut zend_execute_data;
}

use super::super::guard::Guard;
use super::super::jit;
use super::{FramePtr, Moment, code_of, current};

/// The function that called into the extension: the main function of a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MainFrame {
    frame: usize,
    function: usize,
    /// Start of the page of the VM stack that the frame lies on, and how far
    /// from there; 0 and 0 for a generator, whose frame lies on the heap.
    page: usize,
    offset: usize,
    /// What tells that the frame was left; see `guard`.
    guard: Guard,
    /// The guard tells for certain.
    guarded: bool,
    /// There is no guard: look for the frame in the call chain.
    walks: bool,
}

/// Frames looked at for a main function without a guard. A main function
/// that is further out is taken to be alive.
const WALK: usize = 64;

/// Frames looked at for a generator. One that is further out is taken to run.
const GENERATOR_WALK: usize = 1024;

/// Stands for "no frame": never left.
static NO_FRAME: [usize; size_of::<zend_execute_data>() / size_of::<usize>()] =
    [0; size_of::<zend_execute_data>() / size_of::<usize>()];

impl MainFrame {
    /// A frame that is never left, for children of a unit.
    pub fn never() -> Self {
        Self {
            frame: (&raw const NO_FRAME) as usize,
            function: 0,
            page: 0,
            offset: 0,
            guard: Guard::never(),
            guarded: true,
            walks: false,
        }
    }

    /// The frame of the user function that called into the extension.
    pub fn caller() -> Option<Self> {
        let mut frame = current();
        // SAFETY: the running call chain.
        unsafe {
            while let Some(here) = frame.as_ref() {
                if let Some(function) = here.func.as_ref()
                    && code_of(function).is_some()
                {
                    let function = here.func as usize;
                    let (page, offset) = page_of(frame as usize);
                    let walks = jit::is_running();
                    let guard = if walks {
                        Guard::never()
                    } else {
                        Guard::of(frame.cast_mut())
                    };
                    let guarded = guard.is_held();
                    return Some(Self {
                        frame: frame as usize,
                        function,
                        page,
                        offset,
                        guard,
                        guarded,
                        walks,
                    });
                }
                frame = here.prev_execute_data;
            }
        }
        None
    }

    /// Whether the frame on the VM's stack has been left, seen from the
    /// running frame at `frame`.
    ///
    /// Frames lie on a page in the order of their calls: a lower address than
    /// the main function's on its own page is a caller of it, so it is gone. A
    /// later call takes its place first, so another function there says the
    /// same.
    #[inline(always)]
    pub fn is_left(&self, moment: Moment) -> bool {
        self.guard.is_released() || (!self.guarded && self.is_left_unguarded(moment))
    }

    #[inline(never)]
    fn is_left_unguarded(&self, moment: Moment) -> bool {
        let below = moment.frame().wrapping_sub(self.page) < self.offset;
        // SAFETY: the page (for a generator: the frame) is alive: the owner of
        // this value has asked to hear of its free and drops the value then.
        let function = unsafe { (*(self.frame as FramePtr)).func as usize };
        below || function != self.function || (self.walks && !self.is_within(WALK))
    }

    /// Whether the frame lies on the heap (a generator's).
    pub fn is_generator(&self) -> bool {
        self.page == 0
    }

    /// Block whose free ends the frame for certain.
    pub fn block(&self) -> usize {
        if self.page == 0 {
            self.frame
        } else {
            self.page
        }
    }

    /// Whether the frame is among the `limit` innermost of the call chain, or
    /// the chain is longer.
    #[cold]
    fn is_within(&self, limit: usize) -> bool {
        let mut frame = current();
        for _ in 0..limit {
            // SAFETY: the running call chain, whose links the engine may set
            // for a backtrace at any time.
            let Some(here) = (unsafe { frame.as_ref() }) else {
                return false;
            };
            if here.func.is_null() {
                // SAFETY: as above.
                frame = unsafe { zend_generator_check_placeholder_frame(frame.cast_mut()) };
            }
            // SAFETY: as above; never null.
            let here = unsafe { &*frame };
            if frame as usize == self.frame {
                // Another call may have taken its place.
                return here.func as usize == self.function;
            }
            frame = here.prev_execute_data;
        }
        true
    }

    /// Whether the call has not been left. A generator is alive while it is
    /// suspended, if a guard tells; see [`Self::is_on_call_chain`].
    pub fn is_running(&self) -> bool {
        if self.guard.is_released() {
            return false;
        }
        self.guard.is_held() || self.is_within(WALK)
    }

    /// Whether the frame runs or has called, however indirectly, what runs: not
    /// so for a generator that is suspended, or that another fiber or coroutine
    /// resumed. One that delegates (`yield from`) has called the other. Asks
    /// the call chain, up to 1,024 frames.
    pub fn is_on_call_chain(&self) -> bool {
        !self.guard.is_released() && self.is_within(GENERATOR_WALK)
    }

    /// Its guard, if it has one; see [`Guard::id`].
    pub fn guard_id(&self) -> Option<usize> {
        self.guard.id()
    }

    /// Whether [`Self::is_released`] alone tells whether it is gone.
    pub fn is_guarded(&self) -> bool {
        self.guarded
    }

    /// Whether the frame is certainly gone, without a look at the call chain.
    #[inline(always)]
    pub fn is_released(&self) -> bool {
        self.guard.is_released()
    }

    /// Whether both are the same frame of the same function: one call, or two
    /// calls one after the other.
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.frame == other.frame && self.function == other.function
    }
}

/// Page of the VM stack that holds an address, and the distance from its
/// start; zeros if none does.
fn page_of(address: usize) -> (usize, usize) {
    // SAFETY: NTS global; the pages form a list that the engine keeps.
    unsafe {
        let mut page = ffi::executor_globals.vm_stack;
        // The end of the newest page is kept in the globals only.
        let mut end = ffi::executor_globals.vm_stack_end as usize;
        while let Some(head) = page.as_ref() {
            let start = page as usize;
            if (start..end).contains(&address) {
                return (start, address - start);
            }
            page = head.prev;
            end = page.as_ref().map_or(0, |older| older.end as usize);
        }
    }
    (0, 0)
}
