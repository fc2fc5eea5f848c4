//! `gc_mem_caches()` while the heap is hooked.
//!
//! Up to PHP 8.3 it does nothing on a heap that is flagged (see
//! `heap::forward`), so for as long as the hook is there its handler is ours.

use ext_php_rs::ffi::{self, zend_execute_data, zval};

use super::cell::Global;
use super::heap::{HeapEvents, Slot};

type Handler = unsafe extern "C" fn(*mut zend_execute_data, *mut zval);

static ORIGINAL: Global<Option<Handler>> = Global::new(None);

fn entry() -> Option<*mut ffi::zend_internal_function> {
    let name = c"gc_mem_caches";
    // SAFETY: the function table lives as long as the process; the function
    // is internal (a script cannot define one of that name).
    unsafe {
        let table = ffi::executor_globals.function_table;
        let found = ffi::zend_hash_str_find(table, name.as_ptr(), name.count_bytes());
        Some(found.as_ref()?.value.ptr.cast())
    }
}

/// Puts ours in place.
pub fn wrap<L: HeapEvents>() {
    let Some(function) = entry() else { return };
    // SAFETY: see `entry`; NTS, so nobody calls it meanwhile.
    unsafe {
        let ours: Handler = collect::<L>;
        if ORIGINAL.with(|slot| slot.is_none()) {
            ORIGINAL.with(|slot| *slot = (*function).handler);
            (*function).handler = Some(ours);
        }
    }
}

/// Puts the engine's back.
pub fn unwrap() {
    let (Some(function), Some(original)) = (entry(), ORIGINAL.with(Option::take)) else {
        return;
    };
    // SAFETY: see `entry`.
    unsafe { (*function).handler = Some(original) };
}

unsafe extern "C" fn collect<L: HeapEvents>(frame: *mut zend_execute_data, result: *mut zval) {
    let Some(original) = ORIGINAL.with(|slot| *slot) else {
        return;
    };
    let slot: &Slot<L> = L::slot();
    // SAFETY: the engine's own handler with the engine's own arguments. Its
    // only way to bail out is a wrong number of arguments, which throws.
    slot.unflagged(|| unsafe { original(frame, result) });
}
