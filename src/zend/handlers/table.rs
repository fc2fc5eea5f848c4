//! What is known of every function whose handler is ours, and how it is put in
//! place.

use ext_php_rs::ffi::{
    self, ZEND_INTERNAL_FUNCTION as INTERNAL_FUNCTION, zend_class_entry, zend_execute_data,
    zend_function, zval,
};

use super::{Row, base, over};
use crate::zend::strings;

pub(super) type Handler = unsafe extern "C" fn(*mut zend_execute_data, *mut zval);

/// `ZEND_INTERNAL_CLASS` of Zend/zend_compile.h.
const INTERNAL_CLASS: u32 = 1;

/// What runs when a listed function is called.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) row: Option<&'static Row>,
    /// Whoever listens to waits is called first.
    pub(super) waits: bool,
}

pub(super) struct Installed {
    pub(super) wanted: Wanted,
    /// PHP's own.
    pub(super) native: Option<Handler>,
    /// Swoole's, where it has displaced us.
    pub(super) displacer: Option<Handler>,
    /// The entry of the function table; null for methods.
    pub(super) function: *mut zend_function,
}

pub(super) struct Table {
    pub(super) rows: Vec<Installed>,
    /// Places of the functions, which alone can be displaced.
    pub(super) functions: Vec<usize>,
    pub(super) slot: usize,
    pub(super) has_slot: bool,
    pub(super) hooked: usize,
    pub(super) displaced: usize,
    /// Called before functions that wait.
    pub(super) listener: Option<fn()>,
}

fn same(one: Option<Handler>, other: Option<Handler>) -> bool {
    one.zip(other)
        .is_some_and(|(a, b)| std::ptr::fn_addr_eq(a, b))
}

pub(super) fn is_ours(handler: Option<Handler>) -> bool {
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
pub(super) unsafe fn function_of(class: &[u8], function: &[u8]) -> *mut zend_function {
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

impl Installed {
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.row.is_some() || self.wanted.waits
    }

    /// Empty for a function.
    fn class(&self) -> &'static str {
        self.wanted.row.map_or("", |row| row.class)
    }

    /// Puts the handler in place over what is there; false if it is already.
    ///
    /// # Safety
    /// `function` is an internal function.
    pub(super) unsafe fn enter(&mut self) -> bool {
        // SAFETY: by the contract above; NTS, so nobody calls it meanwhile.
        unsafe {
            let internal = &raw mut (*self.function).internal_function;
            let now = (*internal).handler;
            if is_ours(now) {
                return false;
            }
            if self.native.is_none() || same(self.native, now) {
                self.native = now;
                (*internal).handler = Some(base);
            } else {
                self.displacer = now;
                (*internal).handler = Some(over);
            }
            true
        }
    }

    /// Puts back what was there, unless somebody has covered it: what they call
    /// goes on to lead to PHP's own.
    ///
    /// # Safety
    /// As for `enter`.
    pub(super) unsafe fn leave(&self) {
        // SAFETY: by the contract above.
        unsafe {
            let internal = &raw mut (*self.function).internal_function;
            if same((*internal).handler, Some(base)) {
                (*internal).handler = self.native;
            } else if same((*internal).handler, Some(over)) {
                (*internal).handler = self.displacer;
            }
        }
    }
}

impl Table {
    /// # Safety
    /// Within a request.
    pub(super) unsafe fn add_wait(&mut self, name: &'static str) {
        // SAFETY: the engine's own table.
        let function = unsafe { function_of(b"", name.as_bytes()) };
        // SAFETY: the first byte of every function is its type. A script may define
        // one of the name of an internal one that is not there.
        if function.is_null() || u32::from(unsafe { (*function).type_ }) != INTERNAL_FUNCTION {
            return;
        }
        let functions = self.functions.iter().copied();
        let known = functions
            .clone()
            .find(|i| self.rows[*i].function == function);
        let index = known.unwrap_or_else(|| {
            self.rows.push(Installed {
                wanted: Wanted {
                    row: None,
                    waits: false,
                },
                native: None,
                displacer: None,
                function,
            });
            self.functions.push(self.rows.len() - 1);
            self.rows.len() - 1
        });
        let installed = &mut self.rows[index];
        let is_new = !installed.is_wanted();
        installed.wanted.waits = true;
        // SAFETY: an internal function, checked above.
        unsafe {
            (*function).internal_function.reserved[self.slot] = (index + 1) as *mut libc::c_void;
            installed.enter();
        }
        self.hooked += usize::from(is_new);
    }

    /// # Safety
    /// Within a request.
    pub(super) unsafe fn hook(&mut self, index: usize) {
        let installed = &mut self.rows[index];
        let Some(row) = installed.wanted.row else {
            return;
        };
        // SAFETY: functions of modules live as long as the process, and only
        // internal ones are written to.
        unsafe {
            let class = row.class.to_ascii_lowercase();
            let name = row.function.to_ascii_lowercase();
            let function = function_of(class.as_bytes(), name.as_bytes());
            if function.is_null() || u32::from((*function).type_) != INTERNAL_FUNCTION {
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
    pub(super) unsafe fn hook_children(&mut self) {
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
                let name = strings::bytes((*parent).name);
                if self.rows.iter().any(|installed| {
                    installed.native.is_some()
                        && installed.class().as_bytes().eq_ignore_ascii_case(name)
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
                let (Some(row), Some(_)) = (installed.wanted.row, installed.native) else {
                    continue;
                };
                if row.class.is_empty() {
                    continue;
                }
                let name = row.function.to_ascii_lowercase();
                let method: *mut zend_function = find(methods, name.as_bytes());
                if method.is_null()
                    || u32::from((*method).type_) != INTERNAL_FUNCTION
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
    pub(super) unsafe fn row(&self, function: *mut zend_function) -> Option<&Installed> {
        // SAFETY: by the contract above the slot holds what `hook` put there.
        let index = unsafe { (*function).internal_function.reserved[self.slot] } as usize;
        self.rows.get(index.wrapping_sub(1))
    }
}
