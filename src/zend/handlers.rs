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

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ext_php_rs::ffi::{self, zend_class_entry, zend_execute_data, zend_function, zval};

use super::catch;
use super::cell::Global;
use super::value::{Object, Value};

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

type Handler = unsafe extern "C" fn(*mut zend_execute_data, *mut zval);

/// `ZEND_INTERNAL_CLASS` of Zend/zend_compile.h.
const INTERNAL_CLASS: u32 = 1;

struct Installed {
    row: &'static Row,
    /// PHP's own.
    native: Option<Handler>,
    /// Swoole's, where it has displaced us.
    displacer: Option<Handler>,
    /// The entry of the function table; null for methods.
    function: *mut zend_function,
}

struct Table {
    rows: Vec<Installed>,
    /// Places of the functions, which alone can be displaced.
    functions: Vec<usize>,
    slot: usize,
    has_slot: bool,
    hooked: usize,
    displaced: usize,
}

static TABLE: Global<Table> = Global::new(Table {
    rows: Vec::new(),
    functions: Vec::new(),
    slot: 0,
    has_slot: false,
    hooked: 0,
    displaced: 0,
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
                row,
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

/// Looks whether somebody has displaced a handler, and gets over it again.
pub fn recheck() {
    TABLE.with(|table| {
        for index in &table.functions {
            let installed = &mut table.rows[*index];
            // SAFETY: entries of the function table live as long as the process.
            unsafe {
                let internal = &raw mut (*installed.function).internal_function;
                let now = (*internal).handler;
                if is_ours(now) {
                    continue;
                }
                installed.displacer = now;
                (*internal).handler = Some(over);
                table.displaced += 1;
            }
        }
    });
}

/// How many handlers are in place, and how often one was displaced by Swoole.
pub fn counts() -> (usize, usize) {
    TABLE.with(|table| (table.hooked, table.displaced))
}

fn same(one: Option<Handler>, other: Option<Handler>) -> bool {
    one.zip(other)
        .is_some_and(|(a, b)| std::ptr::fn_addr_eq(a, b))
}

fn is_ours(handler: Option<Handler>) -> bool {
    handler.is_some_and(|h| {
        std::ptr::fn_addr_eq(h, base as Handler) || std::ptr::fn_addr_eq(h, over as Handler)
    })
}

/// # Safety
/// `table` is null or a table of the engine whose values are pointers.
unsafe fn find<T>(table: *const ffi::HashTable, name: &[u8]) -> *mut T {
    // SAFETY: by the contract above.
    unsafe {
        ffi::zend_hash_str_find(table, name.as_ptr().cast(), name.len())
            .as_ref()
            .map_or(std::ptr::null_mut(), |found| found.value.ptr.cast())
    }
}

/// # Safety
/// Within a request.
unsafe fn function_of(class: &[u8], function: &[u8]) -> *mut zend_function {
    // SAFETY: the engine's own tables.
    unsafe {
        let globals = &raw const ffi::executor_globals;
        if class.is_empty() {
            return find((*globals).function_table, function);
        }
        let class: *mut zend_class_entry = find((*globals).class_table, class);
        if class.is_null() {
            return std::ptr::null_mut();
        }
        find(&raw const (*class).function_table, function)
    }
}

impl Table {
    /// # Safety
    /// Within a request.
    unsafe fn hook(&mut self, index: usize) {
        let installed = &mut self.rows[index];
        let row = installed.row;
        // SAFETY: functions of modules live as long as the process, and only
        // internal ones are written to.
        unsafe {
            let class = row.class.to_ascii_lowercase();
            let name = row.function.to_ascii_lowercase();
            let function = function_of(class.as_bytes(), name.as_bytes());
            if function.is_null() || u32::from((*function).type_) != ffi::ZEND_INTERNAL_FUNCTION {
                return;
            }
            let internal = &raw mut (*function).internal_function;
            if is_ours((*internal).handler) {
                return;
            }
            installed.native = (*internal).handler;
            if row.class.is_empty() {
                installed.function = function;
                self.functions.push(index);
            }
            (*internal).reserved[self.slot] = (index + 1) as *mut libc::c_void;
            (*internal).handler = Some(base);
            self.hooked += 1;
        }
    }

    /// Internal classes copy the methods of their parents when they are
    /// registered: those copies need the handler, too. Classes of the program
    /// copy later, and get it that way.
    ///
    /// # Safety
    /// Within a request.
    unsafe fn hook_children(&mut self) {
        // SAFETY: as in `hook`.
        unsafe {
            let globals = &raw const ffi::executor_globals;
            let classes = (*globals).class_table;
            let mut position = 0;
            loop {
                let found = ffi::zend_hash_get_current_data_ex(classes, &raw mut position);
                let Some(class) = found
                    .as_ref()
                    .map(|f| f.value.ptr.cast::<zend_class_entry>())
                else {
                    break;
                };
                ffi::zend_hash_move_forward_ex(classes, &raw mut position);
                let parent = (*class).__bindgen_anon_1.parent;
                if u32::from((*class).type_.cast_unsigned()) != INTERNAL_CLASS || parent.is_null() {
                    continue;
                }
                if self.has_hooked_parent(class) {
                    self.hook_copies(class);
                }
            }
        }
    }

    /// # Safety
    /// `class` is a linked class.
    unsafe fn has_hooked_parent(&self, class: *mut zend_class_entry) -> bool {
        // SAFETY: by the contract above; parents of linked classes are classes.
        unsafe {
            let mut parent = (*class).__bindgen_anon_1.parent;
            while !parent.is_null() {
                let name = super::strings::bytes((*parent).name);
                if self.rows.iter().any(|installed| {
                    installed.native.is_some()
                        && installed.row.class.as_bytes().eq_ignore_ascii_case(name)
                }) {
                    return true;
                }
                parent = (*parent).__bindgen_anon_1.parent;
            }
        }
        false
    }

    /// # Safety
    /// `class` is an internal class.
    unsafe fn hook_copies(&mut self, class: *mut zend_class_entry) {
        // SAFETY: by the contract above.
        unsafe {
            let methods = &raw mut (*class).function_table;
            for (index, installed) in self.rows.iter().enumerate() {
                if installed.row.class.is_empty() || installed.native.is_none() {
                    continue;
                }
                let name = installed.row.function.to_ascii_lowercase();
                let method: *mut zend_function = find(methods, name.as_bytes());
                if method.is_null()
                    || u32::from((*method).type_) != ffi::ZEND_INTERNAL_FUNCTION
                    || !same((*method).internal_function.handler, installed.native)
                {
                    continue;
                }
                (*method).internal_function.reserved[self.slot] = (index + 1) as *mut libc::c_void;
                (*method).internal_function.handler = Some(base);
                self.hooked += 1;
            }
        }
    }

    /// # Safety
    /// `function` runs, with one of our handlers.
    unsafe fn row(&self, function: *mut zend_function) -> Option<&Installed> {
        // SAFETY: by the contract above the slot holds what `hook` put there.
        let index = unsafe { (*function).internal_function.reserved[self.slot] } as usize;
        self.rows.get(index.wrapping_sub(1))
    }
}

unsafe extern "C" fn base(frame: *mut zend_execute_data, result: *mut zval) {
    // SAFETY: the engine calls a handler with the frame of its function.
    unsafe {
        let function = (*frame).func;
        let found = TABLE.with(|table| table.row(function).map(|i| (i.row, i.native)));
        match found {
            Some((row, Some(native))) => run(row, native, frame, result),
            _ => forward(function, frame, result),
        }
    }
}

unsafe extern "C" fn over(frame: *mut zend_execute_data, result: *mut zval) {
    // SAFETY: as in `base`.
    unsafe {
        let function = (*frame).func;
        let found = TABLE.with(|table| table.row(function).map(|i| (i.row, i.displacer)));
        match found {
            Some((row, Some(displacer))) => run(row, displacer, frame, result),
            _ => forward(function, frame, result),
        }
    }
}

/// # Safety
/// `frame` runs the function of `row`, and `inner` is its handler.
#[inline(always)]
unsafe fn run(row: &'static Row, inner: Handler, frame: *mut zend_execute_data, result: *mut zval) {
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

/// A running call of a listed function.
pub struct Call<'a> {
    frame: *mut zend_execute_data,
    result: *mut zval,
    /// The row that brought us here.
    pub row: &'static Row,
    alive: PhantomData<&'a ()>,
}

/// Slots that the frame itself takes before its arguments.
pub(super) const FRAME_SLOTS: usize = size_of::<zend_execute_data>().div_ceil(size_of::<zval>());

impl Call<'_> {
    /// Number of arguments.
    pub fn count(&self) -> usize {
        // SAFETY: the frame runs.
        unsafe { (*self.frame).This.u2.num_args as usize }
    }

    /// Argument, counted from 0.
    pub fn arg(&self, index: usize) -> Option<Value<'_>> {
        if index >= self.count() {
            return None;
        }
        // SAFETY: internal functions have all arguments behind the frame.
        unsafe { Value::new(self.frame.cast::<zval>().add(FRAME_SLOTS + index)) }
    }

    /// Where an argument lies, for [`super::callback`].
    pub(super) fn slot(&self, index: usize) -> Option<*mut zval> {
        // SAFETY: as in `arg`.
        (index < self.count())
            .then(|| unsafe { self.frame.cast::<zval>().add(FRAME_SLOTS + index) })
    }

    /// Where the result lies.
    pub(super) fn result_slot(&self) -> *mut zval {
        self.result
    }

    /// The object that the method is called on.
    pub fn this(&self) -> Option<Object<'_>> {
        // SAFETY: the frame runs; `This` is an object or not set.
        unsafe {
            let this = &raw const (*self.frame).This;
            if (*this).u1.v.type_ != ffi::IS_OBJECT as u8 {
                return None;
            }
            Object::new((*this).value.obj)
        }
    }

    /// What it returned; for end.
    pub fn result(&self) -> Option<Value<'_>> {
        // SAFETY: the engine passes a place for the result, which the function
        // has filled or left undefined.
        unsafe { Value::new(self.result) }
    }

    /// What it has thrown; for end.
    pub fn thrown(&self) -> Option<Object<'_>> {
        thrown()
    }
}

/// The exception that is in flight.
pub fn thrown<'a>() -> Option<Object<'a>> {
    // SAFETY: NTS global; the engine holds the exception while it is handled.
    unsafe { Object::new(ffi::executor_globals.exception) }
}
