//! Structures whose layout is PHP's own affair, in its .c files and private
//! headers, from the source of PHP 8.2.
//!
//! Used for that version only (`layout::KNOWN_INTERNALS`), and for an object
//! with a prefix only if its `handlers->offset` is that of the mirror.

use ext_php_rs::ffi::{self, HashTable, zend_function, zend_object, zval};

use super::layout::Obj;

/// `zend_closure` of Zend/zend_closures.c.
#[repr(C)]
pub(super) struct Closure {
    pub(super) std: zend_object,
    pub(super) func: zend_function,
    pub(super) this_ptr: zval,
}

/// `zend_generator` of Zend/zend_generators.h up to what is used.
#[repr(C)]
pub(super) struct Generator {
    pub(super) std: zend_object,
    pub(super) execute_data: usize,
    pub(super) frozen_call_stack: usize,
    pub(super) value: zval,
    pub(super) key: zval,
    pub(super) retval: zval,
    pub(super) send_target: usize,
    pub(super) largest_used_integer_key: i64,
    pub(super) values: zval,
    pub(super) node_parent: usize,
    pub(super) node_children: u32,
    pub(super) node_child: usize,
    pub(super) node_ptr: usize,
    pub(super) execute_fake: ffi::_zend_execute_data,
    pub(super) flags: u8,
}

pub(super) const GENERATOR_RUNNING: u8 = 1;

/// `zend_fiber` of Zend/zend_fibers.h.
#[repr(C)]
pub(super) struct Fiber {
    pub(super) std: zend_object,
    pub(super) flags: u8,
    pub(super) handle: usize,
    pub(super) kind: usize,
    pub(super) function: usize,
    pub(super) cleanup: usize,
    pub(super) stack: usize,
    pub(super) status: u32,
    pub(super) top_observed_frame: usize,
    pub(super) reserved: [usize; 6],
    pub(super) caller: usize,
    pub(super) previous: usize,
    pub(super) fci: ffi::zend_fcall_info,
    pub(super) fci_cache: ffi::zend_fcall_info_cache,
    pub(super) execute_data: usize,
    pub(super) stack_bottom: usize,
    pub(super) vm_stack: usize,
    pub(super) result: zval,
}

pub(super) const FIBER_SUSPENDED: u32 = 2;

/// `spl_array_object` of ext/spl/spl_array.c.
#[repr(C)]
pub(super) struct ArrayObject {
    pub(super) array: zval,
    pub(super) ht_iter: u32,
    pub(super) ar_flags: i32,
    pub(super) n_apply_count: u8,
    pub(super) is_child: bool,
    pub(super) pointers: [usize; 7],
    pub(super) std: zend_object,
}

/// `spl_SplObjectStorage` of ext/spl/spl_observer.c. An element is a pointer to
/// `{ zend_object *obj; zval inf; }`.
#[repr(C)]
pub(super) struct ObjectStorage {
    pub(super) storage: HashTable,
    pub(super) index: i64,
    pub(super) pos: u32,
    pub(super) flags: i64,
    pub(super) fptr_get_hash: usize,
    pub(super) std: zend_object,
}

/// `spl_dllist_object` of ext/spl/spl_dllist.c. The list starts with `head`; an
/// element is `{ prev, next, zval data }`.
#[repr(C)]
pub(super) struct LinkedList {
    pub(super) llist: usize,
    pub(super) traverse_position: i32,
    pub(super) traverse_pointer: usize,
    pub(super) flags: i32,
    pub(super) pointers: [usize; 6],
    pub(super) std: zend_object,
}

/// `spl_fixedarray_object` of ext/spl/spl_fixedarray.c.
#[repr(C)]
pub(super) struct FixedArray {
    pub(super) size: i64,
    pub(super) elements: usize,
    pub(super) should_rebuild_properties: bool,
    pub(super) cached_resize: i64,
    pub(super) fptr_count: usize,
    pub(super) std: zend_object,
}

/// `spl_heap_object` of ext/spl/spl_heap.c.
#[repr(C)]
pub(super) struct Heap {
    pub(super) heap: usize,
    pub(super) flags: i32,
    pub(super) fptr_cmp: usize,
    pub(super) fptr_count: usize,
    pub(super) std: zend_object,
}

/// `spl_ptr_heap` of ext/spl/spl_heap.c.
#[repr(C)]
pub(super) struct HeapData {
    pub(super) elements: usize,
    pub(super) functions: [usize; 3],
    pub(super) count: i32,
    pub(super) flags: i32,
    pub(super) max_size: usize,
    pub(super) elem_size: usize,
}

/// `SPL_HEAP_WRITE_LOCKED` of ext/spl/spl_heap.c.
pub(super) const HEAP_WRITE_LOCKED: i32 = 2;

/// `zend_weakmap` of Zend/zend_weakrefs.c.
#[repr(C)]
pub(super) struct WeakMap {
    pub(super) ht: HashTable,
    pub(super) std: zend_object,
}

/// Reads a structure.
pub(super) fn read<T>(addr: usize) -> &'static T {
    // SAFETY: called for an object whose class says that it is a T (and whose
    // handlers say so where T has a prefix), or for a block that such an object
    // points to; the borrow ends with the search.
    unsafe { &*(addr as *const T) }
}

/// An object with a prefix, if the prefix is as long as the mirror says.
pub(super) fn prefixed<T>(object: Obj, std: usize) -> Option<&'static T> {
    (object.prefix() == std).then(|| read(object.block()))
}
