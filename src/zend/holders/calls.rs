//! Read-only handles on classes, functions and frames; the invariant is that of
//! `layout.rs`.

use std::ffi::c_void;

use ext_php_rs::ffi::{self, _zend_execute_data, zend_class_entry, zend_function, zval};

use super::layout::{API, API_8_1, API_8_2, Str, Zv};

/// `zend_class_entry`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Class(*const zend_class_entry);

/// `zend_function`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Func(*const zend_function);

/// `zend_execute_data`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Exec(*const _zend_execute_data);

impl Class {
    /// A class entry at `addr`.
    pub(super) fn at(addr: usize) -> Self {
        Self(addr as *const zend_class_entry)
    }

    /// Address of the entry.
    pub(super) fn addr(self) -> usize {
        self.0 as usize
    }

    /// The entry.
    pub(super) fn entry<'a>(self) -> &'a zend_class_entry {
        // SAFETY: the handle invariant; the borrow ends with the search.
        unsafe { &*self.0 }
    }

    /// Written in PHP.
    pub(super) fn is_user(self) -> bool {
        self.entry().type_ == 2
    }

    /// Name as declared.
    pub(super) fn name(self) -> Option<Str> {
        Str::from_addr(self.entry().name as usize)
    }

    /// Parent class of a linked class.
    pub(super) fn parent(self) -> Option<Self> {
        let entry = self.entry();
        if entry.ce_flags & ffi::ZEND_ACC_LINKED == 0 {
            return None;
        }
        // SAFETY: a linked class has the pointer, not the name, in the union.
        let parent = unsafe { entry.__bindgen_anon_1.parent };
        (!parent.is_null()).then_some(Self(parent))
    }
}

impl Func {
    /// Null is None.
    pub(super) fn from_addr(addr: usize) -> Option<Self> {
        (addr != 0).then_some(Self(addr as *const zend_function))
    }

    /// Address of the function.
    pub(super) fn addr(self) -> usize {
        self.0 as usize
    }

    /// Identity of the code: every closure has a copy of its function, but they
    /// share the opcodes.
    pub(super) fn code(self) -> usize {
        self.user()
            .map_or(self.addr(), |op_array| op_array.opcodes as usize)
    }

    /// The op_array of a user function.
    pub(super) fn user<'a>(self) -> Option<&'a ffi::zend_op_array> {
        // SAFETY: the handle invariant; every type but internal (1) has an
        // op_array.
        unsafe { ((*self.0).type_ != 1).then(|| &(*self.0).op_array) }
    }

    /// Name and class.
    pub(super) fn name(self) -> (Option<Class>, Option<Str>) {
        // SAFETY: the handle invariant; `common` is a prefix of both kinds.
        let common = unsafe { (*self.0).common };
        (
            (!common.scope.is_null()).then_some(Class(common.scope)),
            Str::from_addr(common.function_name as usize),
        )
    }
}

impl Exec {
    /// Null is None.
    pub(super) fn from_addr(addr: usize) -> Option<Self> {
        (addr != 0).then_some(Self(addr as *const _zend_execute_data))
    }

    /// Address of the frame.
    pub(super) fn addr(self) -> usize {
        self.0 as usize
    }

    /// The frame.
    pub(super) fn frame<'a>(self) -> &'a _zend_execute_data {
        // SAFETY: the handle invariant; the borrow ends with the search.
        unsafe { &*self.0 }
    }

    /// `ZEND_CALL_INFO`.
    pub(super) fn info(self) -> u32 {
        // SAFETY: every member of the union is a plain integer.
        unsafe { self.frame().This.u1.type_info }
    }

    /// `ZEND_CALL_NUM_ARGS`.
    pub(super) fn num_args(self) -> u32 {
        // SAFETY: every member of the union is a plain integer.
        unsafe { self.frame().This.u2.num_args }
    }

    /// `ZEND_CALL_VAR_NUM`.
    pub(super) fn var(self, n: usize) -> Zv {
        let header = size_of::<_zend_execute_data>().div_ceil(size_of::<zval>());
        Zv::at(self.0 as usize).plus(header + n)
    }

    /// Index of the current opline, if it lies in the function. It may be
    /// NULL, stale, or the engine's exception opline.
    pub(super) fn op_num(self) -> Option<u32> {
        let op_array = Func::from_addr(self.frame().func as usize)?.user()?;
        let size = size_of::<ffi::zend_op>();
        let offset = (self.frame().opline as usize).checked_sub(op_array.opcodes as usize)?;
        let n = offset / size;
        (offset % size == 0 && n < op_array.last as usize).then_some(n as u32)
    }

    /// Line that the frame is at.
    pub(super) fn line(self) -> u32 {
        let Some(op_array) = Func::from_addr(self.frame().func as usize).and_then(Func::user)
        else {
            return 0;
        };
        match self.op_num() {
            // SAFETY: op_num lies in the opcodes.
            Some(n) => unsafe { (*op_array.opcodes.add(n as usize)).lineno },
            None => op_array.line_start,
        }
    }
}

/// Where a map pointer's value is.
enum MapPtr {
    /// It is the value itself.
    Value(usize),
    /// At this address.
    At(usize),
    /// In the map of this process, at this offset.
    Offset(usize),
}

/// How `ZEND_MAP_PTR_GET` of that API takes a map pointer: what is no offset is an
/// indirection up to PHP 8.1, and the value from 8.2 on (php-src, PR 7394).
const fn kind_of_map_ptr(api: u32, raw: usize) -> MapPtr {
    if raw & 1 != 0 {
        MapPtr::Offset(raw)
    } else if raw == 0 || api >= API_8_2 {
        MapPtr::Value(raw)
    } else {
        MapPtr::At(raw)
    }
}

// The extension has no unit tests, and one PHP is built against: both ways are
// checked here.
const _: () = {
    assert!(matches!(kind_of_map_ptr(API_8_1, 16), MapPtr::At(16)));
    assert!(matches!(kind_of_map_ptr(API_8_1, 0), MapPtr::Value(0)));
    assert!(matches!(kind_of_map_ptr(API_8_1, 17), MapPtr::Offset(17)));
    assert!(matches!(kind_of_map_ptr(API_8_2, 16), MapPtr::Value(16)));
    assert!(matches!(kind_of_map_ptr(API_8_2, 17), MapPtr::Offset(17)));
};

/// `ZEND_MAP_PTR_GET`: what a map pointer leads to in this process; 0 for nothing.
pub(super) fn map_ptr(raw: usize) -> usize {
    let raw = match kind_of_map_ptr(API, raw) {
        MapPtr::Value(value) => return value,
        MapPtr::At(address) => return word(address),
        MapPtr::Offset(offset) => offset,
    };
    // SAFETY: the compiler globals exist as long as PHP does; an offset below
    // map_ptr_last is a slot of the map.
    unsafe {
        let cg = &raw const ffi::compiler_globals;
        if raw > (*cg).map_ptr_last * size_of::<*const c_void>() {
            return 0;
        }
        *(((*cg).map_ptr_base as usize + raw) as *const usize)
    }
}

/// Reads a pointer-sized field of an engine structure at `addr`.
pub(super) fn word(addr: usize) -> usize {
    // SAFETY: called with the address of a field of a live structure only
    // (internal.rs, roots.rs, map pointers); alignment is that of the field.
    unsafe { *(addr as *const usize) }
}

/// The i-th live range, i < last_live_range.
pub(super) fn live_range(op_array: &ffi::zend_op_array, i: usize) -> ffi::zend_live_range {
    // SAFETY: called with i < last_live_range only (edges.rs).
    unsafe { *op_array.live_range.add(i) }
}
