//! Other names of our classes.

use std::ffi::c_char;

use ext_php_rs::ffi::{self, zend_class_entry};

unsafe extern "C" {
    fn zend_register_class_alias_ex(
        name: *const c_char,
        length: usize,
        class: *mut zend_class_entry,
        persistent: bool,
    ) -> i32;
}

/// Gives a class of a module one more name. Call it while modules start. Nothing
/// happens where there is no such class, or the name is taken.
pub fn add(class: &str, alias: &str) {
    let class = class.to_ascii_lowercase();
    // SAFETY: while modules start `CG(class_table)` holds the internal classes, which
    // live as long as the process; the engine copies the name.
    unsafe {
        let table = (&raw const ffi::compiler_globals.class_table).read();
        let found = ffi::zend_hash_str_find(table, class.as_ptr().cast(), class.len());
        if let Some(found) = found.as_ref() {
            zend_register_class_alias_ex(
                alias.as_ptr().cast(),
                alias.len(),
                found.value.ptr.cast(),
                true,
            );
        }
    }
}
