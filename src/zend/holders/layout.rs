//! Read-only handles on the engine's structures.
//!
//! Invariant of every handle in this file: it points to a structure that was
//! alive when the search began, because handles are made only from the
//! engine's globals and by following the engine's own pointers. Nothing is
//! freed or changed before the search ends (no PHP code runs, nothing is
//! allocated from PHP's heap), so it stays alive. The `SAFETY` lines below
//! call this *the handle invariant*; it is the caller of `holders::search` who
//! guarantees its premise (an engine at rest, see there).
//!
//! Layouts come from the bindings of the PHP that is built against. Three things
//! differ between versions and are decided by [`API`]: the stride of packed
//! arrays (zvals since 8.2, buckets before), whether the private structures of
//! `internal.rs` are known ([`KNOWN_INTERNALS`]), and how map pointers are read
//! (`calls.rs`).

use ext_php_rs::ffi::{
    self, HashTable, zend_object, zend_reference, zend_resource, zend_string, zval,
};

use super::calls::Class;

/// Extension API number of the PHP that this is built for.
pub(super) const API: u32 = ffi::ZEND_MODULE_API_NO;
/// PHP 8.1.
pub(super) const API_8_1: u32 = 20_210_902;
/// PHP 8.4.
const API_8_4: u32 = 20_240_924;
/// PHP 8.2.
pub(super) const API_8_2: u32 = 20_220_829;
/// The layouts that PHP keeps in its .c files were read and run for 8.2 only;
/// elsewhere the contents of such objects count as native.
pub(super) const KNOWN_INTERNALS: bool = API == API_8_2;
/// How ext/standard keeps shutdown functions is known for 8.1 to 8.4; elsewhere
/// what they hold counts as native.
pub(super) const KNOWN_BASICS: bool = API >= API_8_1 && API <= API_8_4;

const HASH_PACKED: u32 = 1 << 2;
const HASH_UNINITIALIZED: u32 = 1 << 3;
const OBJ_FREE_CALLED: u32 = 1 << 9;

/// `zend_string`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Str(*const zend_string);

/// `zval`.
#[derive(Clone, Copy)]
pub(super) struct Zv(*const zval);

/// `HashTable`.
#[derive(Clone, Copy)]
pub(super) struct Ht(*const HashTable);

/// `zend_object`.
#[derive(Clone, Copy)]
pub(super) struct Obj(*const zend_object);

/// What a zval holds, as far as it can lead to heap memory.
pub(super) enum Value {
    /// A counted string.
    Str(Str),
    /// A counted array.
    Arr(Ht),
    /// An object.
    Obj(Obj),
    /// A reference: its own block, and what it refers to.
    Ref(usize, Zv),
    /// A slot elsewhere (symbol tables, inherited statics, properties tables).
    Indirect(Zv),
    /// Address of a resource.
    Res(usize),
    /// An engine pointer (class and constant tables).
    Ptr(usize),
    /// Scalars, interned strings and immutable arrays.
    Nothing,
}

/// Key of an element.
#[derive(Clone, Copy)]
pub(super) enum SlotKey {
    /// Integer key.
    Int(i64),
    /// String key.
    Name(Str),
}

impl Str {
    /// Null is None.
    pub(super) fn from_addr(addr: usize) -> Option<Self> {
        (addr != 0).then_some(Self(addr as *const zend_string))
    }

    /// Address of the block.
    pub(super) fn addr(self) -> usize {
        self.0 as usize
    }

    /// The bytes.
    pub(super) fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: the handle invariant; `val` has `len` bytes, and what is
        // borrowed is copied before the search ends.
        unsafe { std::slice::from_raw_parts((&raw const (*self.0).val).cast(), (*self.0).len) }
    }
}

impl Zv {
    /// A zval inside of a structure at `addr`.
    pub(super) fn at(addr: usize) -> Self {
        Self(addr as *const zval)
    }

    /// The n-th zval after this one.
    pub(super) fn plus(self, n: usize) -> Self {
        Self(self.0.wrapping_add(n))
    }

    /// The content.
    pub(super) fn value(self) -> Value {
        // SAFETY: the handle invariant; the union member read is the one that
        // the type names.
        unsafe {
            let v = &(*self.0).value;
            let info = (*self.0).u1.type_info;
            let counted = info & 0xff00 != 0;
            match info & 0xff {
                ffi::IS_STRING if counted => Value::Str(Str(v.str_)),
                ffi::IS_ARRAY if counted => Value::Arr(Ht(v.arr)),
                ffi::IS_OBJECT => Value::Obj(Obj(v.obj)),
                ffi::IS_REFERENCE => {
                    let r: *const zend_reference = v.ref_;
                    Value::Ref(r as usize, Self(&raw const (*r).val))
                }
                ffi::IS_INDIRECT => Value::Indirect(Self(v.zv)),
                ffi::IS_RESOURCE if counted => {
                    let r: *const zend_resource = v.res;
                    Value::Res(r as usize)
                }
                ffi::IS_PTR => Value::Ptr(v.ptr as usize),
                _ => Value::Nothing,
            }
        }
    }
}

impl Ht {
    /// Null is None.
    pub(super) fn from_addr(addr: usize) -> Option<Self> {
        (addr != 0).then_some(Self(addr as *const HashTable))
    }

    /// Address of the block.
    pub(super) fn addr(self) -> usize {
        self.0 as usize
    }

    /// Nobody holds it any more.
    pub(super) fn is_dead(self) -> bool {
        // SAFETY: the handle invariant.
        unsafe { (*self.0).gc.refcount == 0 }
    }

    fn flags(self) -> u32 {
        // SAFETY: the handle invariant.
        unsafe { (*self.0).u.flags }
    }

    /// `HT_GET_DATA_ADDR`: the block of the elements; 0 if there is none.
    pub(super) fn data_addr(self) -> usize {
        if self.flags() & HASH_UNINITIALIZED != 0 {
            return 0;
        }
        // SAFETY: the handle invariant.
        let (data, mask) = unsafe { ((*self.0).__bindgen_anon_1.arData, (*self.0).nTableMask) };
        (data as usize).wrapping_sub(mask.wrapping_neg() as usize * size_of::<u32>())
    }

    /// Number of elements.
    pub(super) fn len(self) -> u32 {
        // SAFETY: the handle invariant.
        unsafe { (*self.0).nNumOfElements }
    }

    /// All elements, holes included (they read as [`Value::Nothing`]).
    pub(super) fn slots(self) -> Slots {
        let flags = self.flags();
        // SAFETY: the handle invariant.
        let (data, used) = unsafe { ((*self.0).__bindgen_anon_1.arData, (*self.0).nNumUsed) };
        let packed = flags & HASH_PACKED != 0;
        Slots {
            at: data as usize,
            index: 0,
            used: if flags & HASH_UNINITIALIZED != 0 {
                0
            } else {
                used as usize
            },
            bare: packed && API >= API_8_2,
        }
    }
}

/// Iterator over the elements of a table.
pub(super) struct Slots {
    at: usize,
    index: usize,
    used: usize,
    /// Zvals without keys.
    bare: bool,
}

impl Iterator for Slots {
    type Item = (SlotKey, Zv);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.index >= self.used {
            return None;
        }
        let index = self.index;
        self.index += 1;
        if self.bare {
            return Some((
                SlotKey::Int(index as i64),
                Zv::at(self.at + index * size_of::<zval>()),
            ));
        }
        let bucket = (self.at as *const ffi::Bucket).wrapping_add(index);
        // SAFETY: the handle invariant; index < nNumUsed.
        let (key, h) = unsafe { ((*bucket).key, (*bucket).h) };
        let key = if key.is_null() {
            SlotKey::Int(h as i64)
        } else {
            SlotKey::Name(Str(key))
        };
        Some((key, Zv(bucket.cast())))
    }
}

impl Obj {
    /// An object at `addr`.
    pub(super) fn at(addr: usize) -> Self {
        Self(addr as *const zend_object)
    }

    /// Address of the `zend_object`.
    pub(super) fn addr(self) -> usize {
        self.0 as usize
    }

    /// Address of the block: internal classes put their own data before the
    /// `zend_object`.
    pub(super) fn block(self) -> usize {
        self.addr().wrapping_sub(self.prefix())
    }

    /// `handlers->offset`.
    pub(super) fn prefix(self) -> usize {
        // SAFETY: the handle invariant; every object has handlers.
        let offset = unsafe { (*(*self.0).handlers).offset };
        usize::try_from(offset).unwrap_or(0)
    }

    /// For the iterator of a running `foreach`, which the engine dresses up as
    /// an object without a class: what it iterates.
    pub(super) fn iterated(self) -> Option<Zv> {
        // SAFETY: the handle invariant; every object has handlers, and only
        // the iterator's (`iterator_object_handlers`) lack this one.
        let plain = unsafe { (*(*self.0).handlers).read_property.is_some() };
        (!plain).then(|| Zv(self.0.wrapping_byte_add(size_of::<zend_object>()).cast()))
    }

    /// `handlers->get_gc`.
    pub(super) fn get_gc(self) -> ffi::zend_object_get_gc_t {
        // SAFETY: the handle invariant; every object has handlers.
        unsafe { (*(*self.0).handlers).get_gc }
    }

    /// Runs `f` with `properties` set to a shared empty table if it is NULL,
    /// so that `zend_std_get_properties` has nothing to build.
    pub(super) fn with_properties<R>(self, f: impl FnOnce(*mut zend_object) -> R) -> R {
        let object = self.0.cast_mut();
        // SAFETY: the handle invariant; the engine is single-threaded and at
        // rest, so nobody sees the field in between; `f` only reads.
        unsafe {
            let before = (*object).properties;
            if before.is_null() {
                (*object).properties = (&raw const ffi::zend_empty_array).cast_mut();
            }
            let result = f(object);
            (*object).properties = before;
            result
        }
    }

    /// Its class.
    pub(super) fn class(self) -> Class {
        // SAFETY: the handle invariant.
        Class::at(unsafe { (*self.0).ce } as usize)
    }

    /// Dynamic properties, or a table built over the declared ones.
    pub(super) fn properties(self) -> Option<Ht> {
        // SAFETY: the handle invariant.
        Ht::from_addr(unsafe { (*self.0).properties } as usize)
    }

    /// The declared slots, with their (mangled) names where known. Reading a
    /// slot never initialises a lazy object.
    pub(super) fn declared(self) -> impl Iterator<Item = (Option<Str>, Zv)> {
        // SAFETY: the handle invariant.
        let (count, info, first) = unsafe {
            let ce = (*self.0).ce;
            (
                usize::try_from((*ce).default_properties_count).unwrap_or(0),
                (*ce).properties_info_table,
                Zv((&raw const (*self.0).properties_table).cast()),
            )
        };
        (0..count).map(move |i| {
            let name = if info.is_null() {
                None
            } else {
                // SAFETY: the table has default_properties_count entries, some
                // of them NULL.
                unsafe {
                    let entry = *info.add(i);
                    (!entry.is_null()).then(|| Str((*entry).name))
                }
            };
            (name, first.plus(i))
        })
    }
}

/// The live objects of the store.
pub(super) fn store() -> impl Iterator<Item = Obj> {
    // SAFETY: the executor globals exist as long as PHP does; the caller of
    // the search guarantees a running request.
    let (buckets, top) = unsafe {
        let s = &raw const ffi::executor_globals.objects_store;
        ((*s).object_buckets, (*s).top as usize)
    };
    (1..top).filter_map(move |i| {
        // SAFETY: i < top; free slots are odd (the list of free handles), and
        // a freed object keeps its header until its handle is reused.
        unsafe {
            let object: *mut zend_object = *buckets.add(i);
            if object.is_null() || object as usize & 1 != 0 {
                return None;
            }
            ((*object).gc.u.type_info & OBJ_FREE_CALLED == 0).then_some(Obj(object))
        }
    })
}
