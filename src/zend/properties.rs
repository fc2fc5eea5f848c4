//! Arrays in declared properties of objects, changed for as long as a function
//! of the object runs.

use ext_php_rs::ffi::{self, zval};

use super::value::Object;

unsafe extern "C" {
    fn zend_array_dup(array: *mut ffi::HashTable) -> *mut ffi::HashTable;
    fn zend_array_destroy(array: *mut ffi::HashTable);
    fn zend_hash_str_del(array: *mut ffi::HashTable, key: *const libc::c_char, len: usize) -> i32;
    fn add_assoc_stringl_ex(
        array: *mut zval,
        key: *const libc::c_char,
        key_len: usize,
        text: *const libc::c_char,
        len: usize,
    );
}

/// Whether the property was an array before [`add_texts`]; `None` if it is neither
/// an array nor empty, and nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WasArray(pub bool);

/// Adds texts to the array in a declared property. Arrays that the program
/// holds as well are not changed: the property gets a copy.
pub fn add_texts(
    object: Object<'_>,
    property: &str,
    texts: &[(&'static str, String)],
) -> Option<WasArray> {
    let slot = object.slot(property)?;
    // SAFETY: the slot lives as long as the object, which the caller's call of its
    // method keeps alive; nobody else uses it meanwhile, and no PHP code runs.
    unsafe { add_to(slot, texts) }
}

/// Adds texts to the array in a slot, which becomes the slot's own, or to a new
/// one where there is nothing.
///
/// # Safety
/// `slot` holds a value that nobody else uses meanwhile.
pub(super) unsafe fn add_to(slot: *mut zval, texts: &[(&'static str, String)]) -> Option<WasArray> {
    // SAFETY: by the contract above.
    unsafe {
        let kind = u32::from((*slot).u1.v.type_);
        let was_array = kind == ffi::IS_ARRAY;
        if was_array {
            own(slot);
        } else if kind == ffi::IS_UNDEF || kind == ffi::IS_NULL {
            (*slot).value.arr = ffi::_zend_new_array(8);
            (*slot).u1.type_info = ffi::IS_ARRAY_EX;
        } else {
            return None;
        }
        for (key, text) in texts {
            add_assoc_stringl_ex(
                slot,
                key.as_ptr().cast(),
                key.len(),
                text.as_ptr().cast(),
                text.len(),
            );
        }
        Some(WasArray(was_array))
    }
}

/// Takes keys out of the array in a declared property; a property that was no
/// array becomes `null` again.
pub fn remove_keys(object: Object<'_>, property: &str, keys: &[&'static str], was: WasArray) {
    let Some(slot) = object.slot(property) else {
        return;
    };
    // SAFETY: as in `add_texts`.
    unsafe {
        if u32::from((*slot).u1.v.type_) != ffi::IS_ARRAY {
            return;
        }
        own(slot);
        let array = (*slot).value.arr;
        for key in keys {
            zend_hash_str_del(array, key.as_ptr().cast(), key.len());
        }
        if !was.0 && (*array).nNumOfElements == 0 {
            (*slot).u1.type_info = ffi::IS_NULL;
            zend_array_destroy(array);
        }
    }
}

/// Makes the array in a slot the slot's own.
///
/// # Safety
/// `slot` holds an array.
pub(super) unsafe fn own(slot: *mut zval) {
    // SAFETY: by the contract above. An array whose count is not kept (a literal
    // of the program) has a count above one.
    unsafe {
        let array = (*slot).value.arr;
        if (*array).gc.refcount > 1 {
            let copy = zend_array_dup(array);
            if (*slot).u1.v.type_flags != 0 {
                (*array).gc.refcount -= 1;
            }
            (*slot).value.arr = copy;
            (*slot).u1.type_info = ffi::IS_ARRAY_EX;
        }
    }
}
