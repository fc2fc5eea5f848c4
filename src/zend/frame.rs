//! Where the program is: frames, lines, stacks.
//!
//! The line of an allocation comes from the instruction that runs. The virtual
//! machine saves it to the frame only now and then, so the saved one may be
//! stale (`"pre".$x` on line 5 saved as line 21); the heap hook hands over the
//! register that the VM keeps it in. Either is believed only if it lies within
//! the function that runs.

use ext_php_rs::ffi::{
    self, ZEND_INTERNAL_FUNCTION, zend_execute_data, zend_function, zend_op, zend_op_array,
    zend_string,
};

use super::guard::Guard;
use super::strings;

/// An instant inside the heap hook; valid for the duration of the event.
#[derive(Clone, Copy)]
pub struct Moment {
    register: *const zend_op,
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

/// One frame of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackFrame {
    /// File; empty for internal functions.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Function, with its class.
    pub function: String,
}

/// A frame in the engine's memory.
type FramePtr = *const zend_execute_data;

fn globals() -> *const ffi::zend_executor_globals {
    &raw const ffi::executor_globals
}

/// The frame that runs.
#[inline(always)]
fn current() -> FramePtr {
    // SAFETY: NTS: a plain global of the engine.
    unsafe { (*globals()).current_execute_data }
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
    let start = code.opcodes as usize;
    let bytes = code.last as usize * size_of::<zend_op>();
    let is_inside = |op: *const zend_op| {
        let offset = (op as usize).wrapping_sub(start);
        offset < bytes && offset.is_multiple_of(size_of::<zend_op>())
    };
    if is_inside(register) {
        return Some(register);
    }
    // SAFETY: by the contract above.
    let saved = unsafe { (*frame).opline };
    if is_inside(saved) {
        return Some(saved);
    }
    // An exception is being handled: the frame points to the engine's
    // pseudo-instruction.
    // SAFETY: NTS global.
    let before = unsafe { (*globals()).opline_before_exception };
    is_inside(before).then_some(before)
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
        unsafe { (*globals()).vm_stack as usize }
    }

    /// Address of the frame that runs; 0 if none does.
    #[inline(always)]
    pub fn frame(self) -> usize {
        current() as usize
    }

    /// Whether the request has begun to shut down.
    #[inline(always)]
    pub fn in_shutdown(self) -> bool {
        /// `EG_FLAGS_IN_SHUTDOWN` of zend_globals.h.
        const IN_SHUTDOWN: u8 = 1;
        // SAFETY: NTS global.
        unsafe { (*globals()).flags & IN_SHUTDOWN != 0 }
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
            let inside = |op: *const zend_op| {
                (op as usize).wrapping_sub(code.opcodes as usize)
                    < code.last as usize * size_of::<zend_op>()
            };
            let saved = (*frame).opline;
            (!inside(self.register) && inside(saved)).then(|| Place {
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
                Some(code) => {
                    let inside = (self.register as usize).wrapping_sub(code.opcodes as usize)
                        < code.last as usize * size_of::<zend_op>();
                    (
                        code,
                        if inside {
                            self.register
                        } else {
                            (*frame).opline
                        },
                    )
                }
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
            let start = owner.opcodes as usize;
            let inside =
                (known as usize).wrapping_sub(start) < owner.last as usize * size_of::<zend_op>();
            let lasting = owner.fn_flags & ffi::ZEND_ACC_CALL_VIA_TRAMPOLINE == 0;
            (inside && lasting).then_some(start)
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

    /// Name of the internal function on top, with its class.
    pub fn internal_function(self) -> Option<String> {
        let mut frame = current();
        while !frame.is_null() {
            // SAFETY: as in `site`.
            unsafe {
                if let Some(callee) = function_of(frame).as_ref() {
                    return code_of(callee).is_none().then(|| function_name(callee));
                }
                frame = (*frame).prev_execute_data;
            }
        }
        None
    }

    /// The call stack, innermost frame first, at most `limit` frames. Internal
    /// functions stand with their caller's place.
    pub fn stack(self, limit: usize) -> Vec<StackFrame> {
        let mut frames = Vec::new();
        let mut frame = current();
        let mut register = self.register;
        while !frame.is_null() && frames.len() < limit {
            // SAFETY: as in `site`.
            unsafe {
                if let Some(callee) = function_of(frame).as_ref() {
                    let mut entry = StackFrame {
                        function: function_name(callee),
                        ..StackFrame::default()
                    };
                    if let Some(code) = code_of(callee) {
                        entry.file = strings::lossy(code.filename);
                        entry.line =
                            instruction(frame, code, register).map_or(0, |op| (*op).lineno);
                    }
                    frames.push(entry);
                }
                frame = (*frame).prev_execute_data;
            }
            register = std::ptr::null();
        }
        frames
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

/// `function` or `Class::method`; `{main}` for top-level code.
///
/// # Safety
/// `function` is a live function.
unsafe fn function_name(function: &zend_function) -> String {
    // SAFETY: all function kinds share the head that `common` describes.
    unsafe {
        let common = &function.common;
        if common.function_name.is_null() {
            return "{main}".into();
        }
        let name = strings::lossy(common.function_name);
        match common.scope.as_ref() {
            Some(class) => format!("{}::{name}", strings::lossy(class.name)),
            None => name,
        }
    }
}

/// Text of a file name by its address in a [`RawSite`] of this very event, and
/// whether it lives on the heap, so that its address may come to mean
/// something else.
pub fn file_name(address: usize) -> (String, bool) {
    let name = address as *const zend_string;
    // SAFETY: the address was read from the function that is running now.
    unsafe { (strings::lossy(name), !strings::is_permanent(name)) }
}

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
                    let walks = super::vm::has_jit();
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
        below || function != self.function || (self.walks && !self.is_near())
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

    /// Whether the frame is among the innermost of the call chain, or the
    /// chain is longer than one looks.
    #[cold]
    fn is_near(&self) -> bool {
        let mut frame = current();
        for _ in 0..WALK {
            // SAFETY: the running call chain.
            let Some(here) = (unsafe { frame.as_ref() }) else {
                return false;
            };
            if frame as usize == self.frame {
                // Another call may have taken its place.
                return here.func as usize == self.function;
            }
            frame = here.prev_execute_data;
        }
        true
    }

    /// Whether the frame is in the running call chain, as far as one looks.
    pub fn is_running(&self) -> bool {
        if self.guard.is_released() {
            return false;
        }
        self.guard.is_held() || self.is_near()
    }

    /// Whether the frame is certainly gone, without a look at the call chain.
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
        let mut page = (*globals()).vm_stack;
        // The end of the newest page is kept in the globals only.
        let mut end = (*globals()).vm_stack_end as usize;
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
