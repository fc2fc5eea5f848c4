//! Questions to the engine, and the few things that we ask it to do.

use std::ffi::CStr;

use ext_php_rs::ffi;

/// `memory_get_usage($real)`, bytes.
pub fn memory_usage(real: bool) -> u64 {
    // SAFETY: reads the heap's counters.
    unsafe { ffi::zend_memory_usage(real) as u64 }
}

/// Name of the SAPI, such as `cli`.
pub fn sapi_name() -> &'static str {
    // SAFETY: set by the SAPI before any module starts, and never freed.
    unsafe {
        let name = ffi::sapi_module.name;
        if name.is_null() {
            ""
        } else {
            CStr::from_ptr(name).to_str().unwrap_or("")
        }
    }
}

/// Collects garbage cycles and returns how many zvals were collected; `None` if the
/// collector is at work already, further out or in another coroutine whose
/// destructor yields: nothing was collected then.
///
/// Runs destructors, so PHP code; may bail out. Hold nothing.
pub fn collect_cycles() -> Option<u64> {
    let before = collector();
    // SAFETY: called from within PHP's thread outside of heap events.
    let collected = unsafe { ffi::zend_gc_collect_cycles() };
    if collected == 0 && before.turned_away() {
        return None;
    }
    Some(u64::try_from(collected).unwrap_or(0))
}

/// `zend_gc_status` of Zend/zend_gc.h up to PHP 8.2, which does not say whether the
/// collector is at work. `more` is room for what later versions add.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Collector {
    runs: u32,
    collected: u32,
    threshold: u32,
    roots: u32,
    more: [u64; 16],
}

impl Collector {
    /// Whether a collection that was asked for after this was noted, and collected
    /// nothing, has not begun at all.
    fn turned_away(self) -> bool {
        if crate::build_info::PHP_VERSION_ID >= 80_300 {
            // The first byte is `active`.
            return self.runs.to_ne_bytes()[0] != 0;
        }
        // A run is counted as soon as there is a root, unless one is under way.
        self.roots > 0 && collector().runs == self.runs
    }
}

fn collector() -> Collector {
    unsafe extern "C" {
        fn zend_gc_get_status(status: *mut Collector);
    }
    let mut status = Collector::default();
    // SAFETY: fills in the structure, which is as large as that of any version.
    unsafe { zend_gc_get_status(&raw mut status) };
    status
}

/// Whether an exception waits to be handled: no PHP code may run then.
pub fn has_exception() -> bool {
    // SAFETY: NTS global.
    unsafe { !ffi::executor_globals.exception.is_null() }
}

/// Whether PHP code may run here although the program has not called us: no
/// exception is on its way or put aside, the compiler is not at work, the request is in
/// order and is not torn down, and the engine [is at rest](is_at_rest) (a destructor may be
/// one that the collector of cycles called, which cannot be called again from within).
///
/// Of a destructor further out, or in another coroutine, [`collect_cycles`] tells.
pub fn is_calm() -> bool {
    // SAFETY: NTS globals; the running call chain, whose frames and functions
    // are alive.
    unsafe {
        let globals = &raw const ffi::executor_globals;
        if !(*globals).exception.is_null()
            || !(*globals).prev_exception.is_null()
            || super::shutdown::is_tearing_down()
            || ffi::compiler_globals.in_compilation
            || ffi::compiler_globals.unclean_shutdown
        {
            return false;
        }
        is_at_rest(NEAR)
    }
}

/// Whether none of the engine's structures is half-way through a change that PHP code
/// interrupts: no destructor runs (what is destroyed may still be pointed to), and
/// [no heap compares](a_heap_compares), among the innermost `frames`.
pub fn is_at_rest(frames: usize) -> bool {
    !has_method(frames, |method, class| {
        // SAFETY: `has_method` gives a live method and its class.
        std::ptr::eq(class.destructor, method) || unsafe { is_comparison_of_a_heap(method, class) }
    })
}

/// Whether a heap of the SPL compares its elements: one of them may be freed already, and be
/// in its place still. Not even the collector of cycles may look at it then.
pub fn a_heap_compares() -> bool {
    // SAFETY: `has_method` gives a live method and its class.
    has_method(NEAR, |method, class| unsafe {
        is_comparison_of_a_heap(method, class)
    })
}

/// Whether a method like this runs, among the innermost `frames` of the running call chain.
fn has_method(
    frames: usize,
    is_it: impl Fn(&ffi::zend_function, &ffi::zend_class_entry) -> bool,
) -> bool {
    // SAFETY: NTS globals; the running call chain, whose frames and functions are alive, and
    // so are their classes.
    unsafe {
        let mut frame: *const ffi::zend_execute_data = ffi::executor_globals.current_execute_data;
        for _ in 0..frames {
            let Some(here) = frame.as_ref() else {
                break;
            };
            if let Some(function) = here.func.as_ref()
                && let Some(class) = function.common.scope.as_ref()
                && is_it(function, class)
            {
                return true;
            }
            frame = here.prev_execute_data;
        }
        false
    }
}

/// Whether a method is `compare()` of a class that inherits from `SplHeap` or
/// `SplPriorityQueue`.
///
/// # Safety
/// A live function and its class.
unsafe fn is_comparison_of_a_heap(
    function: &ffi::zend_function,
    class: &ffi::zend_class_entry,
) -> bool {
    // SAFETY: by the contract above; a method has a name, a linked class has its parent.
    unsafe {
        let name = function.common.function_name;
        if name.is_null() || !super::strings::bytes(name).eq_ignore_ascii_case(b"compare") {
            return false;
        }
        let mut class: *const ffi::zend_class_entry = class;
        while let Some(here) = class.as_ref() {
            if matches!(
                super::strings::bytes(here.name),
                b"SplHeap" | b"SplPriorityQueue"
            ) {
                return true;
            }
            class = here.__bindgen_anon_1.parent;
        }
        false
    }
}

/// Frames looked at where that is done often: deep recursion must not make every loop end
/// slow.
const NEAR: usize = 1024;

/// Whether the request ends by a fatal error: its memory is not in order.
pub fn is_unclean() -> bool {
    // SAFETY: NTS global.
    unsafe { ffi::compiler_globals.unclean_shutdown }
}

/// Value of a setting, whoever owns it; `None` if there is no such setting.
pub fn setting(name: &CStr) -> Option<String> {
    let entry = super::tables::ini_entry(name)?;
    // SAFETY: a live setting.
    Some(unsafe { super::strings::lossy((*entry).value) })
}

/// Whether a setting was given a value by php.ini, `-d`, the pool or a script.
pub fn setting_is_explicit(name: &CStr) -> bool {
    super::tables::ini_entry(name).is_some_and(|entry| {
        // SAFETY: a live setting; the configuration table lives with the process.
        unsafe { (*entry).modified != 0 || !ffi::cfg_get_entry_ex((*entry).name).is_null() }
    })
}

/// Value of a setting in php.ini or on the command line, before any request;
/// `None` if it is not there.
pub fn configured(name: &CStr) -> Option<String> {
    unsafe extern "C" {
        fn cfg_get_string(name: *const libc::c_char, result: *mut *mut libc::c_char)
        -> libc::c_int;
    }
    let mut value = std::ptr::null_mut();
    // SAFETY: the configuration is read by now and lives as long as the
    // process; `value` is set to a string of it.
    unsafe {
        if cfg_get_string(name.as_ptr(), &raw mut value) != 0 || value.is_null() {
            return None;
        }
        Some(CStr::from_ptr(value).to_string_lossy().into_owned())
    }
}

/// Whether the program may open `path`, by `open_basedir`; else a warning has been
/// raised, which may run PHP code and bail out: own nothing across the call.
pub fn may_open(path: &CStr) -> bool {
    unsafe extern "C" {
        // main/fopen_wrappers.h; 0 if it may.
        fn php_check_open_basedir(path: *const libc::c_char) -> libc::c_int;
    }
    // SAFETY: a NUL-terminated path; called from within PHP's thread.
    unsafe { php_check_open_basedir(path.as_ptr()) == 0 }
}

/// What php.ini takes for "on".
pub fn is_true(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "1" | "on" | "yes" | "true"
    )
}

/// Version of the PHP that runs.
pub fn php_version() -> String {
    unsafe extern "C" {
        fn zend_get_module_version(name: *const libc::c_char) -> *const libc::c_char;
    }
    // SAFETY: the version of a module is a text that lives as long as it.
    unsafe {
        let version = zend_get_module_version(c"standard".as_ptr());
        if version.is_null() {
            return String::new();
        }
        CStr::from_ptr(version).to_string_lossy().into_owned()
    }
}
