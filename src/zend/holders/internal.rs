//! What objects of internal classes hold beside their properties.
//!
//! Read through `mirrors.rs`, or, for a handful of other bundled classes, asked of
//! `get_gc`. Two traps make the latter an allow-list of functions that were read: many of them call
//! `zend_std_get_properties`, which would build a table in the program's heap
//! (prevented by lending the object an empty one meanwhile), and they share a
//! buffer that grows by erealloc (prevented by lending the engine a mapping
//! that is larger than any object can fill). So the walk allocates nothing
//! from PHP's heap and neither usage nor peak moves. PDOStatement is not on it: while it
//! fetches, what its `get_gc` gives may be the number of a column.

use std::mem::offset_of;

use ext_php_rs::ffi::{self, zval};

use super::calls::{Class, Exec, Func, map_ptr, word};
use super::edges::{CHAIN_LIMIT, Rest, Walk};
use super::graph::{Edge, Node, Tag, What};
use super::layout::{Ht, KNOWN_INTERNALS, Obj, SlotKey, Value, Zv};
use super::mirrors::{
    ArrayObject, Closure, FIBER_SUSPENDED, Fiber, FixedArray, GENERATOR_RUNNING, Generator,
    HEAP_WRITE_LOCKED, Heap, HeapData, LinkedList, ObjectStorage, WeakMap, prefixed, read,
};

/// Names of the things that internal objects hold, for [`Tag::Part`].
pub(super) const PARTS: [&str; 8] = [
    "callback",
    "result",
    "current value",
    "current key",
    "yield from",
    "inner iterator",
    "internals",
    "return value",
];
const CALLBACK: u64 = 0;
const RESULT: u64 = 1;
const CURRENT: u64 = 2;
const CURRENT_KEY: u64 = 3;
const YIELD_FROM: u64 = 4;
const INNER: u64 = 5;
const INTERNALS: u64 = 6;
const RETURNED: u64 = 7;

/// Fields that an internal object may have beside its `zend_object`: more than that
/// are a buffer.
const MOST_WORDS: usize = 64;

/// What an object is, by the nearest internal class that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Properties only, or internals that are not known.
    Plain,
    /// Closure.
    Closure,
    /// Generator.
    Generator,
    /// Fiber.
    Fiber,
    /// ArrayObject, ArrayIterator.
    ArrayObject,
    /// SplObjectStorage, MultipleIterator.
    ObjectStorage,
    /// SplDoublyLinkedList and heirs.
    LinkedList,
    /// SplFixedArray.
    FixedArray,
    /// SplHeap and heirs, SplPriorityQueue.
    Heap,
    /// WeakMap: holds its values, not its keys.
    WeakMap,
    /// IteratorIterator and heirs.
    OuterIterator,
    /// Asked through `get_gc`.
    Ask,
}

/// Known classes; heirs are recognised through their parents.
const KINDS: [(&str, Kind); 26] = [
    ("ArrayIterator", Kind::ArrayObject),
    ("ArrayObject", Kind::ArrayObject),
    ("Closure", Kind::Closure),
    ("CurlHandle", Kind::Ask),
    ("CurlMultiHandle", Kind::Ask),
    ("Fiber", Kind::Fiber),
    ("Generator", Kind::Generator),
    ("IteratorIterator", Kind::OuterIterator),
    ("MultipleIterator", Kind::ObjectStorage),
    ("PDO", Kind::Ask),
    ("ReflectionAttribute", Kind::Ask),
    ("ReflectionClass", Kind::Ask),
    ("ReflectionClassConstant", Kind::Ask),
    ("ReflectionFunctionAbstract", Kind::Ask),
    ("ReflectionParameter", Kind::Ask),
    ("ReflectionProperty", Kind::Ask),
    ("ReflectionType", Kind::Ask),
    ("SQLite3", Kind::Ask),
    ("SplDoublyLinkedList", Kind::LinkedList),
    ("SplFixedArray", Kind::FixedArray),
    ("SplHeap", Kind::Heap),
    ("SplObjectStorage", Kind::ObjectStorage),
    ("SplPriorityQueue", Kind::Heap),
    ("WeakMap", Kind::WeakMap),
    ("WeakReference", Kind::Plain),
    ("XMLParser", Kind::Ask),
];

/// The kind of a class.
pub(super) fn kind_of(class: Class) -> Kind {
    let mut class = Some(class);
    while let Some(c) = class {
        if !c.is_user() && KNOWN_INTERNALS {
            let name = c.name().map_or(&b""[..], |n| n.bytes());
            let known = KINDS.binary_search_by(|(n, _)| n.as_bytes().cmp(name));
            if let Ok(i) = known {
                return KINDS[i].1;
            }
        }
        class = c.parent();
    }
    Kind::Plain
}

/// The closure object around its function.
pub(super) fn closure_of(func: Func) -> Obj {
    Obj::at(func.addr() - offset_of!(Closure, func))
}

/// The function of a closure object.
pub(super) fn closure_func(object: Obj) -> Option<Func> {
    Func::from_addr(object.addr() + offset_of!(Closure, func))
}

fn zv(zv: &zval) -> Zv {
    Zv::at(std::ptr::from_ref(zv) as usize)
}

/// Number of elements of an internal container.
pub(super) fn count(object: Obj, kind: Kind) -> Option<usize> {
    match kind {
        Kind::ObjectStorage => {
            let s: &ObjectStorage = prefixed(object, offset_of!(ObjectStorage, std))?;
            Some(s.storage.nNumOfElements as usize)
        }
        Kind::WeakMap => {
            let s: &WeakMap = prefixed(object, offset_of!(WeakMap, std))?;
            Some(s.ht.nNumOfElements as usize)
        }
        Kind::FixedArray => {
            let s: &FixedArray = prefixed(object, offset_of!(FixedArray, std))?;
            usize::try_from(s.size).ok()
        }
        Kind::Heap => {
            let s: &Heap = prefixed(object, offset_of!(Heap, std))?;
            usize::try_from(read::<HeapData>(s.heap).count).ok()
        }
        Kind::LinkedList => {
            let s: &LinkedList = prefixed(object, offset_of!(LinkedList, std))?;
            // `spl_ptr_llist`: head, tail, count.
            Some(word(s.llist + 2 * size_of::<usize>()) as u32 as usize)
        }
        _ => None,
    }
}

impl Walk<'_> {
    /// What an object of an internal class holds beside its properties.
    pub(super) fn internal(&mut self, object: Obj, kind: Kind, parent: u32) {
        match kind {
            Kind::Plain => {}
            Kind::Closure => self.closure(object, parent),
            Kind::Generator => self.generator(object, parent),
            Kind::Fiber => self.fiber(object, parent),
            Kind::ArrayObject => {
                if let Some(s) = prefixed::<ArrayObject>(object, offset_of!(ArrayObject, std)) {
                    self.value(zv(&s.array), parent, Edge::new(Tag::Storage, 0));
                }
            }
            Kind::OuterIterator => {
                // `spl_dual_it_object` begins with the inner iterator's zval,
                // three pointers, and the current value and key.
                let at = object.block();
                if at != object.addr() {
                    let current = at + size_of::<zval>() + 3 * size_of::<usize>();
                    self.part(Zv::at(at), parent, INNER);
                    self.part(Zv::at(current), parent, CURRENT);
                    self.part(Zv::at(current).plus(1), parent, CURRENT_KEY);
                }
            }
            Kind::Ask => self.ask(object, parent),
            _ => self.container(object, kind, parent),
        }
    }

    fn part(&mut self, zv: Zv, parent: u32, part: u64) {
        self.value(zv, parent, Edge::new(Tag::Part, part));
    }

    fn closure(&mut self, object: Obj, parent: u32) {
        let s: &Closure = read(object.addr());
        self.value(zv(&s.this_ptr), parent, Edge::new(Tag::This, 0));
        let Some(func) = closure_func(object) else {
            return;
        };
        if let Some(op_array) = func.user()
            && op_array.fn_flags & ffi::ZEND_ACC_HEAP_RT_CACHE != 0
        {
            let cache = map_ptr(op_array.run_time_cache__ptr as usize);
            let own = Edge::new(Tag::Itself, 0);
            self.graph.check(cache, parent, own, What::Part);
        }
        self.static_vars(func, parent, Tag::Use);
    }

    fn generator(&mut self, object: Obj, parent: u32) {
        let s: &Generator = read(object.addr());
        // One that runs may be about to replace them: they are freed first.
        if s.flags & GENERATOR_RUNNING == 0 {
            self.part(zv(&s.value), parent, CURRENT);
            self.part(zv(&s.key), parent, CURRENT_KEY);
            self.part(zv(&s.retval), parent, RETURNED);
        }
        let Some(exec) = Exec::from_addr(s.execute_data) else {
            return;
        };
        let own = Edge::new(Tag::Itself, 0);
        self.graph.check(exec.addr(), parent, own, What::Part);
        self.part(zv(&s.values), parent, YIELD_FROM);
        if s.node_parent != 0 {
            let edge = Edge::new(Tag::Part, YIELD_FROM);
            self.holds_object(Obj::at(s.node_parent), parent, edge);
        }
        // A running one is a frame of the current stack.
        if s.flags & GENERATOR_RUNNING == 0
            && let Some(aux) = self.frame_ref(exec)
        {
            self.frame(exec, aux, parent, Rest::Yielded);
        }
    }

    fn fiber(&mut self, object: Obj, parent: u32) {
        let s: &Fiber = read(object.addr());
        self.part(zv(&s.fci.function_name), parent, CALLBACK);
        self.part(zv(&s.result), parent, RESULT);
        // The note of its C stack, which lives outside of PHP's heap.
        self.own(s.stack, parent);
        // A running one, or one that waits for another, is part of the current
        // stack.
        if s.status != FIBER_SUSPENDED || s.caller != 0 {
            return;
        }
        let own = Edge::new(Tag::Itself, 0);
        self.stack_pages(s.vm_stack, parent, own);
        let mut at = Exec::from_addr(s.execute_data);
        for _ in 0..CHAIN_LIMIT {
            let Some(exec) = at else { break };
            if let Some(aux) = self.frame_ref(exec) {
                self.frame(exec, aux, parent, Rest::Calling);
            }
            if exec.addr() == s.stack_bottom {
                break;
            }
            at = Exec::from_addr(exec.frame().prev_execute_data as usize);
        }
    }

    /// Pages of a call stack.
    pub(super) fn stack_pages(&mut self, mut page: usize, parent: u32, edge: Edge) {
        for _ in 0..CHAIN_LIMIT {
            if page == 0 {
                break;
            }
            self.graph.check(page, parent, edge, What::Part);
            // `_zend_vm_stack`: top, end, prev.
            page = word(page + 2 * size_of::<usize>());
        }
    }

    fn container(&mut self, object: Obj, kind: Kind, parent: u32) {
        // None only if the mirror does not fit: then nothing is searched.
        let _ = match kind {
            Kind::ObjectStorage => self.object_storage(object, parent),
            Kind::LinkedList => self.linked_list(object, parent),
            Kind::FixedArray => self.fixed_array(object, parent),
            Kind::Heap => self.heap(object, parent),
            _ => self.weak_map(object, parent),
        };
    }

    /// A block that belongs to the container itself.
    fn own(&mut self, block: usize, parent: u32) {
        let own = Edge::new(Tag::Itself, 0);
        self.graph.check(block, parent, own, What::Part);
    }

    fn object_storage(&mut self, object: Obj, parent: u32) -> Option<()> {
        let s: &ObjectStorage = prefixed(object, offset_of!(ObjectStorage, std))?;
        let table = Ht::from_addr(std::ptr::from_ref(&s.storage) as usize)?;
        self.own(table.data_addr(), parent);
        for (i, (_, slot)) in table.slots().enumerate() {
            if !self.graph.go_on(1) {
                break;
            }
            let Value::Ptr(element) = slot.value() else {
                continue;
            };
            self.own(element, parent);
            let edge = Edge::new(Tag::Elem, i as u64);
            self.holds_object(Obj::at(word(element)), parent, edge);
            let data = Zv::at(element + size_of::<usize>());
            self.value(data, parent, Edge::new(Tag::Data, i as u64));
        }
        Some(())
    }

    fn linked_list(&mut self, object: Obj, parent: u32) -> Option<()> {
        let s: &LinkedList = prefixed(object, offset_of!(LinkedList, std))?;
        self.own(s.llist, parent);
        let mut element = word(s.llist);
        for i in 0.. {
            if element == 0 || !self.graph.go_on(1) {
                break;
            }
            self.own(element, parent);
            let data = Zv::at(element + 2 * size_of::<usize>());
            self.value(data, parent, Edge::new(Tag::Elem, i));
            element = word(element + size_of::<usize>());
        }
        Some(())
    }

    fn fixed_array(&mut self, object: Obj, parent: u32) -> Option<()> {
        let s: &FixedArray = prefixed(object, offset_of!(FixedArray, std))?;
        self.own(s.elements, parent);
        self.zvals(s.elements, usize::try_from(s.size).ok()?, parent);
        Some(())
    }

    fn heap(&mut self, object: Obj, parent: u32) -> Option<()> {
        let s: &Heap = prefixed(object, offset_of!(Heap, std))?;
        let data: &HeapData = read(s.heap);
        self.own(s.heap, parent);
        self.own(data.elements, parent);
        // It compares, maybe in another coroutine: an element is freed and in its place.
        if data.flags & HEAP_WRITE_LOCKED != 0 {
            return Some(());
        }
        // A priority queue keeps two zvals per element.
        let each = data.elem_size / size_of::<zval>();
        let count = usize::try_from(data.count).ok()? * each;
        self.zvals(data.elements, count, parent);
        Some(())
    }

    fn zvals(&mut self, first: usize, count: usize, parent: u32) {
        for i in 0..count {
            if !self.graph.go_on(1) {
                break;
            }
            let edge = Edge::new(Tag::Elem, i as u64);
            self.value(Zv::at(first).plus(i), parent, edge);
        }
    }

    fn weak_map(&mut self, object: Obj, parent: u32) -> Option<()> {
        let s: &WeakMap = prefixed(object, offset_of!(WeakMap, std))?;
        let table = Ht::from_addr(std::ptr::from_ref(&s.ht) as usize)?;
        self.own(table.data_addr(), parent);
        for (i, (key, slot)) in table.slots().enumerate() {
            if !self.graph.go_on(1) {
                break;
            }
            debug_assert!(matches!(key, SlotKey::Int(_)));
            self.value(slot, parent, Edge::new(Tag::Data, i as u64));
        }
        Some(())
    }

    /// Looks through the private memory of every object that was met, for what nothing
    /// else holds. What it looks like is not known, so a word that is the address of
    /// such a block counts as a pointer to it. One step deep: how large the structures
    /// behind the pointers are, is not known either. Nor in objects with a buffer among
    /// their fields (`SplFileInfo`): such may never have been filled, and hold what the
    /// memory held before.
    pub(super) fn private_memory(&mut self) {
        for index in 0..self.graph.len() as u32 {
            let Node::Obj(addr) = self.graph.node(index) else {
                continue;
            };
            let object = Obj::at(addr);
            // The engine frees the block from there: the words before the object are its.
            let words = object.prefix() / size_of::<usize>();
            let words = if words <= MOST_WORDS { words } else { 0 };
            if !self.graph.go_on(words as u32 + 1) {
                return;
            }
            for n in 0..words {
                let edge = Edge::new(Tag::Part, INTERNALS);
                let at = object.block() + n * size_of::<usize>();
                self.graph.guess(word(at), index, edge);
            }
        }
    }

    /// Asks `get_gc` of an allow-listed class.
    fn ask(&mut self, object: Obj, parent: u32) {
        for zv in self.buffer.ask(object) {
            self.part(zv, parent, INTERNALS);
        }
    }
}
