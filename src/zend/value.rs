//! PHP values, read without running PHP code, and without copying.

use std::marker::PhantomData;

use ext_php_rs::ffi::{self, zend_class_entry, zend_object, zval};

use super::strings;

unsafe extern "C" {
    fn zend_hash_get_current_key_ex(
        table: *const ffi::HashTable,
        name: *mut *mut ffi::zend_string,
        index: *mut u64,
        position: *const u32,
    ) -> libc::c_int;
}

/// A value that lives for `'a`. References are followed.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    zval: *const zval,
    alive: PhantomData<&'a ()>,
}

const NULL: u8 = ffi::IS_NULL as u8;
const FALSE: u8 = ffi::IS_FALSE as u8;
const TRUE: u8 = ffi::IS_TRUE as u8;
const LONG: u8 = ffi::IS_LONG as u8;
const DOUBLE: u8 = ffi::IS_DOUBLE as u8;
const STRING: u8 = ffi::IS_STRING as u8;
const ARRAY: u8 = ffi::IS_ARRAY as u8;
const OBJECT: u8 = ffi::IS_OBJECT as u8;
const REFERENCE: u8 = ffi::IS_REFERENCE as u8;
const INDIRECT: u8 = ffi::IS_INDIRECT as u8;

impl<'a> Value<'a> {
    /// # Safety
    /// `zval` is null or a value that lives for `'a`.
    pub(super) unsafe fn new(zval: *const zval) -> Option<Self> {
        let mut zval = zval;
        // SAFETY: by the contract above; what a value refers to lives as long.
        unsafe {
            while !zval.is_null() {
                match (*zval).u1.v.type_ {
                    REFERENCE => zval = &raw const (*(*zval).value.ref_).val,
                    INDIRECT => zval = (*zval).value.zv,
                    0 => return None,
                    _ => {
                        return Some(Self {
                            zval,
                            alive: PhantomData,
                        });
                    }
                }
            }
        }
        None
    }

    /// A value of an argument or a result; none for one that is not set.
    pub fn of(zval: &'a zval) -> Option<Self> {
        // SAFETY: a reference to a value, which lives for 'a.
        unsafe { Self::new(std::ptr::from_ref(zval)) }
    }

    /// Where it lies; not to be written to.
    pub(super) fn place(self) -> *mut zval {
        self.zval.cast_mut()
    }

    fn kind(self) -> u8 {
        // SAFETY: alive by the type's contract.
        unsafe { (*self.zval).u1.v.type_ }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == NULL
    }

    /// Whether it is `false`, the answer of most functions that fail.
    pub fn is_false(self) -> bool {
        self.kind() == FALSE
    }

    /// Whether it is `true`.
    pub fn is_true(self) -> bool {
        self.kind() == TRUE
    }

    /// A whole number.
    pub fn long(self) -> Option<i64> {
        // SAFETY: the type says which field is set.
        (self.kind() == LONG).then(|| unsafe { (*self.zval).value.lval })
    }

    /// A floating-point number.
    pub fn double(self) -> Option<f64> {
        // SAFETY: the type says which field is set.
        (self.kind() == DOUBLE).then(|| unsafe { (*self.zval).value.dval })
    }

    /// The bytes of a string.
    pub fn bytes(self) -> Option<&'a [u8]> {
        // SAFETY: the type says which field is set; the string lives for 'a.
        (self.kind() == STRING).then(|| unsafe { strings::bytes((*self.zval).value.str_) })
    }

    /// A string that is UTF-8.
    pub fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// An object.
    pub fn object(self) -> Option<Object<'a>> {
        if self.kind() != OBJECT {
            return None;
        }
        // SAFETY: the type says which field is set; the object lives for 'a.
        unsafe { Object::new((*self.zval).value.obj) }
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        self.kind() == ARRAY
    }

    /// Element of an array under a text.
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        if self.kind() != ARRAY {
            return None;
        }
        // SAFETY: an array that lives for 'a; its elements do, too.
        unsafe {
            let table = (*self.zval).value.arr;
            Value::new(ffi::zend_hash_str_find(
                table,
                key.as_ptr().cast(),
                key.len(),
            ))
        }
    }

    /// Element of an array under a number.
    pub fn at(self, index: u64) -> Option<Value<'a>> {
        if self.kind() != ARRAY {
            return None;
        }
        // SAFETY: as in `get`.
        unsafe { Value::new(ffi::zend_hash_index_find((*self.zval).value.arr, index)) }
    }

    /// Number of elements of an array.
    pub fn len(self) -> usize {
        if self.kind() != ARRAY {
            return 0;
        }
        // SAFETY: the type says which field is set.
        unsafe { (*(*self.zval).value.arr).nNumOfElements as usize }
    }

    /// The elements of an array in order; nothing for other types.
    pub fn entries(self) -> Entries<'a> {
        Entries {
            table: if self.kind() == ARRAY {
                // SAFETY: the type says which field is set.
                unsafe { (*self.zval).value.arr }
            } else {
                std::ptr::null_mut()
            },
            position: 0,
            alive: PhantomData,
        }
    }
}

/// The elements of an array in order.
pub fn entries(array: &ffi::HashTable) -> Entries<'_> {
    Entries {
        table: std::ptr::from_ref(array).cast_mut(),
        position: 0,
        alive: PhantomData,
    }
}

/// Key of an array's element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// A number.
    Index(u64),
    /// Bytes.
    Name(&'a [u8]),
}

/// See [`Value::entries`].
pub struct Entries<'a> {
    table: *mut ffi::HashTable,
    position: u32,
    alive: PhantomData<&'a ()>,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Key<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.table.is_null() {
            return None;
        }
        loop {
            // SAFETY: the array lives for 'a and nobody changes it meanwhile; the
            // functions skip what was deleted and answer null at the end.
            unsafe {
                let element =
                    ffi::zend_hash_get_current_data_ex(self.table, &raw mut self.position);
                if element.is_null() {
                    return None;
                }
                let mut name = std::ptr::null_mut();
                let mut index = 0;
                zend_hash_get_current_key_ex(
                    self.table,
                    &raw mut name,
                    &raw mut index,
                    &raw const self.position,
                );
                ffi::zend_hash_move_forward_ex(self.table, &raw mut self.position);
                let key = if name.is_null() {
                    Key::Index(index)
                } else {
                    Key::Name(strings::bytes(name))
                };
                if let Some(value) = Value::new(element) {
                    return Some((key, value));
                }
            }
        }
    }
}

/// An object that lives for `'a`.
#[derive(Clone, Copy)]
pub struct Object<'a> {
    pub(super) object: *mut zend_object,
    alive: PhantomData<&'a ()>,
}

impl<'a> Object<'a> {
    /// # Safety
    /// `object` is null or lives for `'a`.
    pub(super) unsafe fn new(object: *mut zend_object) -> Option<Self> {
        (!object.is_null()).then_some(Self {
            object,
            alive: PhantomData,
        })
    }

    /// Its address: an identity for as long as it lives, and then of another.
    pub fn address(self) -> usize {
        self.object as usize
    }

    /// Name of its class.
    pub fn class_name(self) -> &'a str {
        // SAFETY: alive; class names live as long as the class.
        unsafe { std::str::from_utf8(strings::bytes((*(*self.object).ce).name)).unwrap_or("?") }
    }

    /// Whether its class is, or descends from, the class of this name.
    pub fn is_a(self, name: &str) -> bool {
        // SAFETY: alive; parents of linked classes are classes.
        unsafe {
            let mut class: *mut zend_class_entry = (*self.object).ce;
            while !class.is_null() {
                if strings::bytes((*class).name).eq_ignore_ascii_case(name.as_bytes()) {
                    return true;
                }
                class = (*class).__bindgen_anon_1.parent;
            }
        }
        false
    }

    /// A declared property as it is stored: no `__get`, no handler of the
    /// class. `None` if there is none of that name, or it is not set.
    pub fn declared(self, name: &str) -> Option<Value<'a>> {
        // SAFETY: the slot lives as long as the object.
        unsafe { Value::new(self.slot(name)?) }
    }

    /// The properties of an object that declares none, such as a `stdClass`.
    pub fn dynamic(self) -> Entries<'a> {
        Entries {
            // SAFETY: alive; null, or a table that lives as long as the object.
            table: unsafe { (*self.object).properties },
            position: 0,
            alive: PhantomData,
        }
    }

    /// Where a declared property lies; references are followed.
    pub(super) fn slot(self, name: &str) -> Option<*mut zval> {
        /// `ZEND_VIRTUAL_PROPERTY_OFFSET`: made by hooks, without a place
        /// (PHP 8.4).
        const VIRTUAL: u32 = u32::MAX;
        // SAFETY: a class's table of properties holds `zend_property_info`; the
        // offset of one that is not static lies within the object.
        unsafe {
            let properties = &raw const (*(*self.object).ce).properties_info;
            // What the engine throws for `exit` is of a class that was never registered.
            if (*properties).nTableMask == 0 {
                return None;
            }
            let found = ffi::zend_hash_str_find(properties, name.as_ptr().cast(), name.len());
            let info = found
                .as_ref()?
                .value
                .ptr
                .cast::<ffi::zend_property_info>()
                .as_ref()?;
            if info.flags & ffi::ZEND_ACC_STATIC != 0 || info.offset == VIRTUAL {
                return None;
            }
            let mut slot = self
                .object
                .cast::<u8>()
                .add(info.offset as usize)
                .cast::<zval>();
            while (*slot).u1.v.type_ == REFERENCE {
                slot = &raw mut (*(*slot).value.ref_).val;
            }
            Some(slot)
        }
    }
}
