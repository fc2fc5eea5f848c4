//! How far the end of a request has come.
//!
//! The engine raises its flag *before* it calls what the program gave to
//! `register_shutdown_function()`, and whole programs run there: the event loop
//! of ReactPHP that nobody started, and Swoole's where nobody called
//! `Event::wait()`. The end, for us, comes after the last of these functions. The
//! engine does not tell; it is seen at what comes next, before anything is freed by it:
//! the engine takes objects out of the table of global variables, calls the destructors
//! of the others, and destroys the table of the functions.
//!
//! Nothing of ours is registered for that: it would move `memory_get_usage()`,
//! and would have to stay the last one. The tables' destructors are ours instead.

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
/// `EG_FLAGS_OBJECT_STORE_NO_REUSE`: the engine has begun to call the destructors of all
/// objects.
const DESTRUCTING: u8 = 2;

/// The destructor that the table of the functions had.
static OF_FUNCTIONS: Global<Option<Destructor>> = Global::new(None);
/// The destructor that the table of global variables had.
static OF_VARIABLES: Global<Option<Destructor>> = Global::new(None);
/// One of the tables is being destroyed, or was.
static DESTROYED: Global<bool> = Global::new(false);

#[inline(always)]
fn flags() -> u8 {
    // SAFETY: NTS global.
    unsafe { ffi::executor_globals.flags }
}

/// Whether the engine has raised its flag. Shutdown functions may be running.
#[inline(always)]
pub fn has_begun() -> bool {
    flags() & IN_SHUTDOWN != 0
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
    let destructing = flags() & DESTRUCTING != 0;
    if unclean || none || destructing || DESTROYED.with(|destroyed| *destroyed) {
        return true;
    }
    watch();
    false
}

/// Makes sure that the begin of the destruction is noticed. A few loads where that is
/// done; may be called within a heap event.
pub fn watch() {
    // SAFETY: NTS globals; a table is alive while its global points to it.
    let (variables, functions) = unsafe {
        let globals = &raw mut ffi::executor_globals;
        (&mut (*globals).symbol_table, functions().as_mut())
    };
    replace(variables, destroy_variable, &OF_VARIABLES);
    if let Some(functions) = functions {
        replace(functions, destroy_function, &OF_FUNCTIONS);
    }
}

fn replace(table: &mut HashTable, ours: Destructor, original: &Global<Option<Destructor>>) {
    if let Some(found) = table.pDestructor
        && found as usize != ours as usize
    {
        original.with(|slot| *slot = Some(found));
        DESTROYED.with(|destroyed| *destroyed = false);
        table.pDestructor = Some(ours);
    }
}

/// Takes one function out of its table.
unsafe extern "C" fn destroy_function(entry: *mut zval) {
    if has_begun() {
        DESTROYED.with(|destroyed| *destroyed = true);
    }
    call(&OF_FUNCTIONS, entry);
}

/// Takes one variable out of the global table: a program does by `unset()`.
unsafe extern "C" fn destroy_variable(entry: *mut zval) {
    // SAFETY: NTS global.
    let nobody_runs = unsafe { ffi::executor_globals.current_execute_data.is_null() };
    if has_begun() && nobody_runs {
        DESTROYED.with(|destroyed| *destroyed = true);
    }
    call(&OF_VARIABLES, entry);
}

fn call(original: &Global<Option<Destructor>>, entry: *mut zval) {
    if let Some(original) = original.with(|slot| *slot) {
        // SAFETY: the table's own destructor with the engine's argument.
        unsafe { original(entry) };
    }
}
