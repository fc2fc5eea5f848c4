//! The virtual machine: does a register hold the current instruction, and
//! what to do where none does.

use std::ffi::{c_char, c_int, c_void};

use ext_php_rs::ffi::{self, zend_execute_data};

use super::cell::Global;
use super::frame::Moment;
use super::heap::{HeapEvents, Resize, Slot, Watch};

/// `ZEND_VM_KIND_HYBRID` of Zend/zend_vm_opcodes.h.
const HYBRID: c_int = 4;
/// `ZEND_USER_OPCODE_DISPATCH` of Zend/zend_execute.h.
const DISPATCH: c_int = 2;

/// Instructions that allocate without saving their place first: CONCAT,
/// CAST, FAST_CONCAT, ROPE_INIT, ROPE_END, INIT_ARRAY, ADD_ARRAY_ELEMENT and
/// BIND_STATIC, by their numbers in Zend/zend_vm_opcodes.h (equal in 8.1 to
/// 8.5).
const UNSAVED: [u8; 8] = [8, 51, 53, 54, 56, 71, 72, 183];

type UserHandler = unsafe extern "C" fn(*mut zend_execute_data) -> c_int;

unsafe extern "C" {
    fn zend_vm_kind() -> c_int;
    fn zend_add_system_entropy(
        module: *const c_char,
        hook: *const c_char,
        data: *const c_void,
        size: usize,
    ) -> c_int;
}

static SAVES: Global<bool> = Global::new(false);
static HELPED: Global<bool> = Global::new(false);
static EARLIER: Global<[Option<UserHandler>; 256]> = Global::new([None; 256]);

/// Whether this build of PHP can have the instruction in a register.
pub fn may_have_register() -> bool {
    // SAFETY: asks for a constant of the engine.
    unsafe { zend_vm_kind() == HYBRID }
}

/// Makes the VM save its place before the instructions that do not; for
/// builds without the register. Only effective for code compiled later, so
/// at start-up.
pub fn save_always() {
    SAVES.with(|on| *on = true);
    save_before(&UNSAVED);
}

/// Makes the VM save its place before CALLABLE_CONVERT: its helper in C uses
/// the register for something else before it allocates. To be called at
/// start-up where the register is used.
pub fn save_before_callables() {
    const CALLABLE_CONVERT: u8 = 202;
    HELPED.with(|on| *on = true);
    save_before(&[CALLABLE_CONVERT]);
}

/// Keeps scripts in opcache's file cache apart from those of processes without
/// our handlers, which the engine does by itself for handlers that are there
/// at its start. For the start of the module.
pub fn announce_late_handlers() {
    // SAFETY: two NUL-terminated names and no data.
    unsafe {
        zend_add_system_entropy(
            c"swoole_tracker".as_ptr(),
            c"opcode handlers".as_ptr(),
            std::ptr::null(),
            0,
        );
    }
}

fn save_before(opcodes: &[u8]) {
    for opcode in opcodes.iter().copied() {
        // SAFETY: a table of the engine; the handler passes on to what it
        // found.
        unsafe {
            let earlier = ffi::zend_get_user_opcode_handler(opcode);
            EARLIER.with(|table| table[opcode as usize] = earlier);
            ffi::zend_set_user_opcode_handler(opcode, Some(pass_through));
        }
    }
}

/// Whether [`save_always`] is in force.
pub fn saves_always() -> bool {
    SAVES.with(|on| *on)
}

/// What [`save_always`] did, for `php --ri`.
pub fn handlers_state() -> &'static str {
    match (saves_always(), HELPED.with(|on| *on)) {
        (true, _) => "installed for the 8 opcodes that allocate without saving their place",
        (false, true) => "installed for CALLABLE_CONVERT",
        (false, false) => "none",
    }
}

unsafe extern "C" fn pass_through(frame: *mut zend_execute_data) -> c_int {
    // SAFETY: the VM has just saved its place in the running frame.
    let opcode = unsafe { (*(*frame).opline).opcode };
    match EARLIER.with(|table| table[opcode as usize]) {
        // SAFETY: the handler that was there before us.
        Some(earlier) => unsafe { earlier(frame) },
        None => DISPATCH,
    }
}

/// Notes an allocation on a known line.
struct Probe {
    seen: bool,
}

static PROBE: Slot<Probe> = Slot::new();

/// Line on which it makes it.
const PROBE_LINE: u32 = 4;

impl HeapEvents for Probe {
    fn slot() -> &'static Slot<Self> {
        &PROBE
    }

    fn allocated(&mut self, moment: Moment, _: u64, _: &mut Watch<'_>) -> u32 {
        let site = moment.site();
        if site.line == PROBE_LINE && !site.compiling {
            self.seen = true;
        }
        0
    }

    fn freed(&mut self, _: Moment, _: u32, _: u64, _: &mut Watch<'_>) {}

    fn resized(&mut self, _: Moment, _: u32, _: Resize, _: &mut Watch<'_>) -> u32 {
        0
    }

    fn unwatched(&mut self, _: usize) {}
}

/// Runs a tiny program whose allocation is known to happen on line 4 while
/// the saved place says line 1, and looks whether the register knew. Not to be
/// called before every module is ready for PHP code.
///
/// The program leaves nothing behind: it makes no name and no variable.
pub fn register_is_proven() -> bool {
    if !may_have_register() || PROBE.install(Probe { seen: false }, true).is_err() {
        return false;
    }
    // One-letter names and constants of the engine: a literal of its own would
    // stay in memory until the end of the request.
    let program = c"(static fn($a) => [\n\n\n$a . $a])(PHP_VERSION);";
    // SAFETY: NUL-terminated source and name; the request is active. Code that is
    // evaluated gets the variables of the function that calls, for which the engine
    // would make a table that stays; without a caller it gets the global ones. A bailout
    // ends the request, which wants no caller either.
    unsafe {
        let current = &raw mut ffi::executor_globals.current_execute_data;
        let caller = current.replace(std::ptr::null_mut());
        ffi::zend_eval_string(
            program.as_ptr(),
            std::ptr::null_mut(),
            c"swoole_tracker self-test".as_ptr(),
        );
        current.write(caller);
    }
    PROBE.uninstall().is_some_and(|(probe, _)| probe.seen)
}
