//! Handler swap: listed internal functions and methods run through us, all
//! others are not touched.
//!
//! An internal function is a C function behind a pointer, its *handler*. For a
//! listed one the pointer is replaced by [`base`], which finds the row through
//! a slot that the engine reserves in every function, and runs begin, the
//! function itself, and end within one C frame: that frame lies on the
//! coroutine's own stack, so a switch inside of the function loses nothing.
//!
//! Swoole's runtime hooks replace handlers, too, and put back what they found
//! first. So what is set over Swoole's is [`over`], another function: when
//! Swoole puts [`base`] back, that one still leads to PHP's own handler.
//!
//! Functions that wait are heard of the same way (see [`super::waits`]): two
//! sets of handlers, each over the other's, would lead to each other without end.

mod call;
mod table;

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ext_php_rs::ffi::{self, zend_execute_data, zend_function, zval};

pub(super) use self::call::FRAME_SLOTS;
pub use self::call::{Call, thrown};
use self::table::{Handler, Installed, Table, Wanted, function_of, is_ours};
use super::cell::Global;
use super::{catch, engine};

/// What begin hands to end; 0 is "nothing was begun, end is not called".
pub type Token = u64;

/// An internal function or method, and what happens around it. Neither part
/// may run PHP code, throw, or keep anything over the function but the token.
pub struct Row {
    /// Class, empty for a function.
    pub class: &'static str,
    /// Function or method.
    pub function: &'static str,
    /// Both, as a person writes them.
    pub name: &'static str,
    /// Before the function.
    pub begin: fn(&Call<'_>) -> Token,
    /// After it, unless it bailed out.
    pub end: fn(&Call<'_>, Token),
}

static TABLE: Global<Table> = Global::new(Table {
    rows: Vec::new(),
    functions: Vec::new(),
    slot: 0,
    has_slot: false,
    hooked: 0,
    displaced: 0,
    listener: None,
});

/// Whether begin and end are called.
static ON: Global<bool> = Global::new(false);

unsafe extern "C" {
    fn zend_get_resource_handle(module: *const libc::c_char) -> libc::c_int;
}

/// Takes the slot; at the start of the module, so that all processes of a pool
/// have the same one (opcache shares inherited methods between them).
pub fn reserve() {
    // SAFETY: hands out a number, or -1 when there is none left.
    let slot = unsafe { zend_get_resource_handle(c"swoole_tracker".as_ptr()) };
    TABLE.with(|table| {
        if let Ok(slot) = usize::try_from(slot) {
            table.slot = slot;
            table.has_slot = true;
        }
    });
}

/// Puts the handlers of all `rows` in place whose functions exist. The order
/// of the rows must be the same in all processes.
pub fn install(rows: impl Iterator<Item = &'static Row>) {
    TABLE.with(|table| {
        if !table.has_slot || !table.rows.is_empty() {
            return;
        }
        table.rows = rows
            .map(|row| Installed {
                wanted: Wanted {
                    row: Some(row),
                    waits: false,
                },
                native: None,
                displacer: None,
                function: std::ptr::null_mut(),
            })
            .collect();
        for index in 0..table.rows.len() {
            // SAFETY: called within a request: all modules are loaded.
            unsafe { table.hook(index) };
        }
        // SAFETY: as above.
        unsafe { table.hook_children() };
    });
    ON.with(|on| *on = TABLE.with(|table| !table.rows.is_empty()));
}

/// Calls `listener` before each of these functions (lower case) from now on. It
/// may run PHP code.
pub(super) fn listen(names: &[&'static str], listener: fn()) {
    TABLE.with(|table| {
        if !table.has_slot {
            return;
        }
        if table.listener.replace(listener).is_some() {
            return;
        }
        for name in names {
            // SAFETY: called within a request.
            unsafe { table.add_wait(name) };
        }
    });
}

/// Calls the listener no more, and puts back the handlers that nobody else needs.
pub(super) fn ignore() {
    TABLE.with(|table| {
        table.listener = None;
        for index in 0..table.functions.len() {
            let installed = &mut table.rows[table.functions[index]];
            if std::mem::take(&mut installed.wanted.waits) && installed.wanted.row.is_none() {
                // SAFETY: entries of the function table live as long as the process.
                unsafe { installed.leave() };
                table.hooked -= 1;
            }
        }
    });
}

/// Whether somebody listens to waits.
pub(super) fn is_heard() -> bool {
    TABLE.with(|table| table.listener.is_some())
}

/// Looks whether somebody has displaced a handler, and gets over it again.
pub fn recheck() {
    TABLE.with(|table| {
        for index in &table.functions {
            let installed = &mut table.rows[*index];
            // SAFETY: entries of the function table live as long as the process.
            let again = unsafe { installed.is_wanted() && installed.enter() };
            table.displaced += usize::from(again);
        }
    });
}

/// How many handlers are in place, and how often one was displaced by Swoole.
pub fn counts() -> (usize, usize) {
    TABLE.with(|table| (table.hooked, table.displaced))
}

unsafe extern "C" fn base(frame: *mut zend_execute_data, result: *mut zval) {
    // SAFETY: the engine calls a handler with the frame of its function.
    unsafe {
        let function = (*frame).func;
        let found = TABLE.with(|table| table.row(function).map(|i| (i.wanted, i.native)));
        match found {
            Some((wanted, Some(native))) => run(wanted, native, frame, result),
            _ => forward(function, frame, result),
        }
    }
}

unsafe extern "C" fn over(frame: *mut zend_execute_data, result: *mut zval) {
    // SAFETY: as in `base`.
    unsafe {
        let function = (*frame).func;
        let found = TABLE.with(|table| table.row(function).map(|i| (i.wanted, i.displacer)));
        match found {
            Some((wanted, Some(displacer))) => run(wanted, displacer, frame, result),
            _ => forward(function, frame, result),
        }
    }
}

/// Calls whoever listens to waits; false if the function must not run any more.
#[cold]
fn hear(result: *mut zval) -> bool {
    if let Some(listener) = TABLE.with(|table| table.listener) {
        catch(listener);
        // A destructor that the listener ran called exit().
        if engine::has_exception() {
            // SAFETY: the place for the result, which holds nothing yet.
            unsafe { (*result).u1.type_info = ffi::IS_NULL };
            return false;
        }
    }
    true
}

/// # Safety
/// `frame` runs the function that `wanted` is for, and `inner` is its handler.
#[inline(always)]
unsafe fn run(wanted: Wanted, inner: Handler, frame: *mut zend_execute_data, result: *mut zval) {
    if wanted.waits && !hear(result) {
        return;
    }
    let Some(row) = wanted.row else {
        // SAFETY: by the contract above.
        return unsafe { inner(frame, result) };
    };
    let call = Call {
        frame,
        result,
        row,
        alive: PhantomData,
    };
    let token = if ON.with(|on| *on) {
        catch_unwind(AssertUnwindSafe(|| (row.begin)(&call))).unwrap_or(0)
    } else {
        0
    };
    // SAFETY: by the contract above. It may bail out: nothing here is dropped.
    unsafe { inner(frame, result) };
    if token != 0 {
        // A panic must not reach C; it costs this span only.
        catch(|| (row.end)(&call, token));
    }
}

/// A method that another process of the pool hooked before opcache shared the
/// class that inherits it, in a process that hooks nothing: runs PHP's own.
///
/// # Safety
/// `frame` runs `function`.
#[cold]
unsafe fn forward(function: *mut zend_function, frame: *mut zend_execute_data, result: *mut zval) {
    // SAFETY: the class that declares the method is the internal one.
    unsafe {
        let common = &raw const (*function).common;
        let name = super::strings::bytes((*common).function_name).to_ascii_lowercase();
        let class = if (*common).scope.is_null() {
            Vec::new()
        } else {
            super::strings::bytes((*(*common).scope).name).to_ascii_lowercase()
        };
        let native = function_of(&class, &name);
        drop((name, class));
        if !native.is_null()
            && u32::from((*native).type_) == ffi::ZEND_INTERNAL_FUNCTION
            && !is_ours((*native).internal_function.handler)
            && let Some(handler) = (*native).internal_function.handler
        {
            handler(frame, result);
        }
    }
}
