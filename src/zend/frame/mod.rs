//! Where the program is: frames, lines, stacks.
//!
//! The line of an allocation comes from the instruction that runs. The virtual
//! machine saves it to the frame only now and then, so the saved one may be
//! stale (`"pre".$x` on line 5 saved as line 21); the heap hook hands over the
//! register that the VM keeps it in. Either is believed only if it lies within
//! the function that runs.

mod main_frame;
mod moment;
mod stack;

use ext_php_rs::ffi::{
    self, ZEND_INTERNAL_FUNCTION, zend_execute_data, zend_function, zend_op, zend_op_array,
};

pub use main_frame::MainFrame;
pub use moment::{Moment, Place, RawSite};
pub use stack::{StackFrame, file_name};

/// A frame in the engine's memory.
type FramePtr = *const zend_execute_data;

/// The frame that runs.
#[inline(always)]
fn current() -> FramePtr {
    // SAFETY: NTS: a plain global of the engine.
    unsafe { ffi::executor_globals.current_execute_data }
}

/// The function of a frame.
///
/// # Safety
/// `frame` points to a frame of the running call chain.
#[inline(always)]
unsafe fn function_of(frame: FramePtr) -> *const zend_function {
    // SAFETY: by the contract above.
    unsafe { (*frame).func }
}

/// The code of a user function; `None` for an internal one.
///
/// # Safety
/// `function` points to a live function.
#[inline(always)]
unsafe fn code_of<'a>(function: *const zend_function) -> Option<&'a zend_op_array> {
    // SAFETY: the first byte of every function is its type, and everything but
    // internal functions is an op_array.
    unsafe {
        let kind = u32::from((*function).type_);
        (kind & ZEND_INTERNAL_FUNCTION == 0).then(|| &(*function).op_array)
    }
}

/// The instructions of a function, by addresses.
struct Extent {
    start: usize,
    bytes: usize,
}

impl Extent {
    #[inline(always)]
    fn of(code: &zend_op_array) -> Self {
        Self {
            start: code.opcodes as usize,
            bytes: code.last as usize * size_of::<zend_op>(),
        }
    }

    /// Whether `op` lies between the ends.
    #[inline(always)]
    fn covers(&self, op: *const zend_op) -> bool {
        (op as usize).wrapping_sub(self.start) < self.bytes
    }

    /// Whether `op` is one of the instructions: between the ends, and at the
    /// start of one.
    #[inline(always)]
    fn has(&self, op: *const zend_op) -> bool {
        let offset = (op as usize).wrapping_sub(self.start);
        self.covers(op) && offset.is_multiple_of(size_of::<zend_op>())
    }
}

/// The instruction that a frame of `code` is at.
///
/// # Safety
/// `frame` is a live frame of `code`.
#[inline(always)]
unsafe fn instruction(
    frame: FramePtr,
    code: &zend_op_array,
    register: *const zend_op,
) -> Option<*const zend_op> {
    let extent = Extent::of(code);
    if extent.has(register) {
        return Some(register);
    }
    // SAFETY: by the contract above.
    let saved = unsafe { (*frame).opline };
    if extent.has(saved) {
        return Some(saved);
    }
    // An exception is being handled: the frame points to the engine's
    // pseudo-instruction.
    // SAFETY: NTS global.
    let before = unsafe { ffi::executor_globals.opline_before_exception };
    extent.has(before).then_some(before)
}
