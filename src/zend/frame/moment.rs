//! The place that runs, by addresses: what the heap hook asks at every event.

use ext_php_rs::ffi::{self, ZEND_INTERNAL_FUNCTION, zend_function, zend_op};

use super::super::strings;
use super::{Extent, code_of, current, function_of, instruction};

/// An instant inside the heap hook; valid for the duration of the event.
#[derive(Clone, Copy)]
pub struct Moment {
    pub(super) register: *const zend_op,
}

/// A site by addresses: equal addresses are equal sites for as long as the
/// file name lives (see `Shadow::watch`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RawSite {
    /// Address of the file name; 0 where no PHP code runs.
    pub file: usize,
    /// Address of the internal function's name mixed with its class; 0 if the
    /// line allocates by itself.
    pub function: usize,
    /// Line.
    pub line: u32,
    /// The compiler is at work.
    pub compiling: bool,
}

/// See [`Moment::place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Address of the instruction.
    pub instruction: usize,
    /// Address of the function that runs, internal or not.
    pub function: usize,
}

impl Moment {
    /// The instant of an event; `register` is the VM's instruction register,
    /// or null where there is none.
    #[inline(always)]
    pub fn new(register: *const zend_op) -> Self {
        Self { register }
    }

    /// Identifies the stack of the virtual machine, and so the coroutine or
    /// fiber.
    #[inline(always)]
    pub fn vm_stack(self) -> usize {
        // SAFETY: NTS global.
        unsafe { ffi::executor_globals.vm_stack as usize }
    }

    /// Address of the frame that runs; 0 if none does.
    #[inline(always)]
    pub fn frame(self) -> usize {
        current() as usize
    }

    /// The site that runs.
    #[inline(always)]
    pub fn site(self) -> RawSite {
        // SAFETY: NTS global.
        let compiling = unsafe { ffi::compiler_globals.in_compilation };
        let mut frame = current();
        let mut register = self.register;
        let mut function = 0;
        while !frame.is_null() {
            // SAFETY: `frame` comes from the running call chain, whose frames
            // and functions are alive; a frame may have no function.
            unsafe {
                let callee = function_of(frame);
                if let Some(callee) = callee.as_ref() {
                    if let Some(code) = code_of(callee) {
                        if code.fn_flags & ffi::ZEND_ACC_CALL_VIA_TRAMPOLINE != 0 {
                            // __call() on its way: the line is the caller's.
                            frame = (*frame).prev_execute_data;
                            register = std::ptr::null();
                            continue;
                        }
                        let line = instruction(frame, code, register).map_or(0, |op| (*op).lineno);
                        let file = code.filename as usize;
                        return RawSite {
                            file,
                            function,
                            line,
                            compiling,
                        };
                    }
                    if function == 0 {
                        function = internal_identity(callee);
                    }
                }
                frame = (*frame).prev_execute_data;
            }
            // Only the frame on top runs in the registers.
            register = std::ptr::null();
        }
        RawSite {
            function,
            compiling,
            ..RawSite::default()
        }
    }

    /// Where the program is, by addresses only: two loads more than nothing.
    /// Equal places are equal sites for as long as the code lives; `None` where
    /// the full look ([`Self::site`]) is needed, as while the compiler works.
    #[inline(always)]
    pub fn place(self) -> Option<Place> {
        let frame = current();
        // SAFETY: as in `site`.
        unsafe {
            let function = frame.as_ref()?.func.as_ref()?;
            if ffi::compiler_globals.in_compilation {
                return None;
            }
            let instruction = if u32::from(function.type_) & ZEND_INTERNAL_FUNCTION == 0 {
                self.register
            } else {
                let caller = (*frame).prev_execute_data.as_ref()?;
                let kind = u32::from(caller.func.as_ref()?.type_);
                if kind & ZEND_INTERNAL_FUNCTION != 0 {
                    return None;
                }
                caller.opline
            };
            Some(Place {
                instruction: instruction as usize,
                function: (*frame).func as usize,
            })
        }
    }

    /// [`Self::place`] where the register turned out to hold something else: the
    /// place that the VM saved. `None` where that is not so.
    #[inline]
    pub fn saved_place(self) -> Option<Place> {
        let frame = current();
        // SAFETY: as in `site`.
        unsafe {
            let code = code_of(function_of(frame.as_ref()?).as_ref()?)?;
            let compiling = ffi::compiler_globals.in_compilation;
            if compiling || code.fn_flags & ffi::ZEND_ACC_CALL_VIA_TRAMPOLINE != 0 {
                return None;
            }
            let extent = Extent::of(code);
            let saved = (*frame).opline;
            // A register that is within the code and at no instruction's start
            // is left to the full look.
            (!extent.covers(self.register) && extent.covers(saved)).then(|| Place {
                instruction: saved as usize,
                function: (*frame).func as usize,
            })
        }
    }

    /// The block of the code that runs, to be watched; `None` if a place in it
    /// must not be remembered: the instruction is not known for certain, or the
    /// function is made for one call.
    pub fn code_block(self) -> Option<usize> {
        let frame = current();
        // SAFETY: as in `site`.
        unsafe {
            let callee = function_of(frame.as_ref()?).as_ref()?;
            let (owner, known) = match code_of(callee) {
                Some(code) if Extent::of(code).has(self.register) => (code, self.register),
                Some(code) => (code, (*frame).opline),
                None => {
                    let caller = (*frame).prev_execute_data.as_ref()?;
                    let common = &callee.common;
                    if common.fn_flags
                        & (ffi::ZEND_ACC_CALL_VIA_TRAMPOLINE | ffi::ZEND_ACC_FAKE_CLOSURE)
                        != 0
                    {
                        return None;
                    }
                    (code_of(caller.func.as_ref()?)?, caller.opline)
                }
            };
            let lasting = owner.fn_flags & ffi::ZEND_ACC_CALL_VIA_TRAMPOLINE == 0;
            (lasting && Extent::of(owner).has(known)).then_some(owner.opcodes as usize)
        }
    }

    /// Whether the line that runs is about to call something, so that the
    /// engine may need more stack for it.
    pub fn is_calling(self) -> bool {
        /// INIT_FCALL_BY_NAME, INIT_FCALL, NEW, INIT_NS_FCALL_BY_NAME,
        /// INIT_METHOD_CALL, INIT_STATIC_METHOD_CALL, INIT_USER_CALL and
        /// INIT_DYNAMIC_CALL of Zend/zend_vm_opcodes.h.
        const CALLS: [u8; 8] = [59, 61, 68, 69, 112, 113, 118, 128];
        let frame = current();
        // SAFETY: as in `site`.
        unsafe {
            let Some(callee) = frame.as_ref().and_then(|f| f.func.as_ref()) else {
                return false;
            };
            code_of(callee)
                .and_then(|code| instruction(frame, code, self.register))
                .is_some_and(|op| CALLS.contains(&(*op).opcode))
        }
    }
}

/// What tells internal functions apart: the name (interned, so it stays where
/// it is) and the class. 0 for the nameless and for names on the heap.
///
/// # Safety
/// `function` is a live internal function.
#[inline(always)]
unsafe fn internal_identity(function: &zend_function) -> usize {
    // SAFETY: all function kinds share the head that `common` describes.
    unsafe {
        let common = &function.common;
        if !strings::is_interned(common.function_name) {
            return 0;
        }
        common.function_name as usize ^ (common.scope as usize).rotate_left(17)
    }
}
