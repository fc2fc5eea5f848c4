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
        let name = (*(&raw const ffi::sapi_module)).name;
        if name.is_null() { "" } else { CStr::from_ptr(name).to_str().unwrap_or("") }
    }
}

/// Collects garbage cycles and returns how many zvals were collected.
///
/// Runs destructors, so PHP code; may bail out. Hold nothing.
pub fn collect_cycles() -> u64 {
    // SAFETY: called from within PHP's thread outside of heap events.
    let collected = unsafe { ffi::zend_gc_collect_cycles() };
    u64::try_from(collected).unwrap_or(0)
}

/// Whether an exception waits to be handled: no PHP code may run then.
pub fn has_exception() -> bool {
    // SAFETY: NTS global.
    unsafe { !(*(&raw const ffi::executor_globals)).exception.is_null() }
}

/// Whether the request ends by a fatal error: its memory is not in order.
pub fn is_unclean() -> bool {
    // SAFETY: NTS global.
    unsafe { (*(&raw const ffi::compiler_globals)).unclean_shutdown }
}

/// Value of a setting, whoever owns it; `None` if there is no such setting.
pub fn setting(name: &CStr) -> Option<String> {
    // SAFETY: NTS global; the table of settings lives as long as the process.
    unsafe {
        let table = (*(&raw const ffi::executor_globals)).ini_directives;
        let found = ffi::zend_hash_str_find(table, name.as_ptr(), name.to_bytes().len());
        let entry = found.as_ref()?.value.ptr.cast::<ffi::zend_ini_entry>().as_ref()?;
        Some(super::strings::lossy(entry.value))
    }
}

/// Whether a setting was given a value by php.ini, `-d`, the pool or a script.
pub fn setting_is_explicit(name: &CStr) -> bool {
    // SAFETY: as in `setting`; the configuration table lives with the process.
    unsafe {
        let table = (*(&raw const ffi::executor_globals)).ini_directives;
        let found = ffi::zend_hash_str_find(table, name.as_ptr(), name.to_bytes().len());
        let Some(entry) =
            found.as_ref().and_then(|f| f.value.ptr.cast::<ffi::zend_ini_entry>().as_ref())
        else {
            return false;
        };
        entry.modified != 0 || !ffi::cfg_get_entry_ex(entry.name).is_null()
    }
}

