//! How far the end of a request has come.
//!
//! The engine raises its flag *before* it calls what the program gave to
//! `register_shutdown_function()`, and whole programs run there: the event loop
//! of ReactPHP that nobody started, and Swoole's where nobody called
//! `Event::wait()`. The end, for us, comes after the last of these functions,
//! when the engine destroys the table of them: before it frees what they hold.
//!
//! Nothing of ours is registered for that: it would move `memory_get_usage()`,
//! and would have to stay the last one. The table's destructor is ours instead.

use ext_php_rs::ffi::{self, HashTable, zval};

use super::cell::Global;

unsafe extern "C" {
    /// `php_basic_globals` of ext/standard/basic_functions.h, of which this is
    /// the first field (`build.rs` looks): the functions, or null.
    static mut basic_globals: *mut HashTable;
}

/// The table of these functions; null if none was registered.
pub(super) fn functions() -> *mut HashTable {
    // SAFETY: NTS global; ext/standard cannot be left out of PHP.
    unsafe { basic_globals }
}

type Destructor = unsafe extern "C" fn(*mut zval);

/// `EG_FLAGS_IN_SHUTDOWN` of Zend/zend_globals.h.
const IN_SHUTDOWN: u8 = 1;

/// The destructor that the table had.
static ORIGINAL: Global<Option<Destructor>> = Global::new(None);
/// The table is being destroyed, or was.
static DESTROYED: Global<bool> = Global::new(false);

/// Whether the engine has raised its flag. Shutdown functions may be running.
#[inline(always)]
pub fn has_begun() -> bool {
    // SAFETY: NTS global.
    unsafe {
        let globals = &raw const ffi::executor_globals;
        (*globals).flags & IN_SHUTDOWN != 0
    }
}

/// Whether no shutdown function runs any more: from here on the engine only
/// destroys. One that ended by `exit()` or a fatal error was the last: the
/// table is still there then, but the engine notes that the end is unclean.
pub fn is_tearing_down() -> bool {
    if !has_begun() {
        return false;
    }
    // SAFETY: NTS globals.
    let (unclean, none) = unsafe {
        (
            ffi::compiler_globals.unclean_shutdown,
            functions().is_null(),
        )
    };
    if unclean || none || DESTROYED.with(|destroyed| *destroyed) {
        return true;
    }
    watch();
    false
}

/// Makes sure that the begin of the destruction is noticed, if there is a table
/// by now. A few loads where that is done; may be called within a heap event.
pub fn watch() {
    // SAFETY: NTS global; the table is alive while the global points to it.
    let Some(table) = (unsafe { functions().as_mut() }) else {
        return;
    };
    let ours: Destructor = destroy;
    if let Some(found) = table.pDestructor
        && found as usize != ours as usize
    {
        ORIGINAL.with(|slot| *slot = Some(found));
        DESTROYED.with(|destroyed| *destroyed = false);
        table.pDestructor = Some(ours);
    }
}

/// Takes one function out of the table.
unsafe extern "C" fn destroy(entry: *mut zval) {
    if has_begun() {
        DESTROYED.with(|destroyed| *destroyed = true);
    }
    if let Some(original) = ORIGINAL.with(|slot| *slot) {
        // SAFETY: the table's own destructor with the engine's argument.
        unsafe { original(entry) };
    }
}
