//! `gc_mem_caches()` while the heap is hooked.
//!
//! Up to PHP 8.3 it does nothing on a heap that is flagged (see
//! `heap::forward`), so for as long as the hook is there its handler is ours.

use std::ffi::CStr;

use ext_php_rs::ffi::{zend_execute_data, zval};

use super::cell::Global;
use super::heap::{HeapEvents, Slot};
use super::tables::{self, Handler};

const NAME: &CStr = c"gc_mem_caches";

static ORIGINAL: Global<Option<Handler>> = Global::new(None);

/// Puts ours in place.
pub fn wrap<L: HeapEvents>() {
    ORIGINAL.with(|kept| tables::replace_handler(NAME, collect::<L>, kept));
}

/// Puts the engine's back.
pub fn unwrap<L: HeapEvents>() {
    tables::restore_handler(NAME, collect::<L>, ORIGINAL.with(|kept| *kept));
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
