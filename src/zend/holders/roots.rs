//! Where the search starts, nearest to the program first: global variables,
//! static members, static variables, constants, handlers, the current call
//! stack; at the end every object that none of these reaches.
//!
//! Not roots, because PHP exports no way to them: autoload functions (static
//! in ext/spl), tick functions, output callbacks, stream contexts, and the
//! stacks of suspended Swoole coroutines. What they hold appears as held by
//! native code.

use ext_php_rs::ffi::{self, zval};

use super::super::shutdown;
use super::calls::{Class, Exec, Func, map_ptr};
use super::edges::{CHAIN_LIMIT, Rest, Walk};
use super::graph::{Edge, Node, ROOT, Tag, What};
use super::layout::{Ht, KNOWN_BASICS, Obj, SlotKey, Value, Zv, store};

const USER_FUNCTION: u32 = 2;

/// A root of the search.
#[derive(Clone, Copy)]
pub(super) enum Root {
    /// The global symbol table.
    Globals,
    /// A class: its static members and constants.
    Class(Class),
    /// A function: its static variables.
    Function(Func),
    /// The constants table.
    Constants,
    /// A frame of the current stack.
    Frame(u32),
    /// A handler, by its name.
    Handler(&'static str),
    /// A shutdown function.
    Shutdown(u32),
    /// The pages of PHP's call stack.
    Stack,
    /// An exception in flight.
    Exception,
    /// Something outside of PHP's variables.
    Native,
}

/// The global symbol table.
pub(super) fn globals() -> usize {
    // SAFETY: NTS global; only its address is taken.
    unsafe { &raw const (*eg()).symbol_table as usize }
}

fn eg() -> *mut ffi::zend_executor_globals {
    &raw mut ffi::executor_globals
}

/// Collects roots while their edges are walked.
pub(super) struct Roots {
    /// In the order in which they were searched.
    pub(super) list: Vec<Root>,
}

impl Roots {
    fn add(&mut self, root: Root) -> u32 {
        self.list.push(root);
        (self.list.len() - 1) as u32 | ROOT
    }

    /// Queues everything that the roots hold, and searches it; false when the
    /// budget ended.
    pub(super) fn search(&mut self, walk: &mut Walk<'_>) -> bool {
        self.variables(walk);
        // SAFETY: the handle invariant of layout.rs; tables of the engine.
        let (classes, functions, constants) = unsafe {
            let eg = &*eg();
            (
                eg.class_table as usize,
                eg.function_table as usize,
                eg.zend_constants as usize,
            )
        };
        for ptr in pointers(classes) {
            if !walk.graph.go_on(1) {
                return false;
            }
            let class = Class::at(ptr);
            if class.is_user() {
                self.class(walk, class);
            }
        }
        for ptr in pointers(functions) {
            self.function(walk, ptr);
        }
        self.constants(walk, constants);
        self.handlers(walk);
        self.stack(walk);
        walk.drain() && self.unreached(walk)
    }

    fn variables(&mut self, walk: &mut Walk<'_>) {
        let root = self.add(Root::Globals);
        let own = Edge::new(Tag::Itself, 0);
        let Some(table) = Ht::from_addr(globals()) else {
            return;
        };
        walk.graph.check(table.data_addr(), root, own, What::Part);
        for (key, zv) in table.slots() {
            if let SlotKey::Name(name) = key {
                walk.value(zv, root, Edge::new(Tag::Key, name.addr() as u64));
            }
        }
    }

    fn class(&mut self, walk: &mut Walk<'_>, class: Class) {
        let entry = class.entry();
        let root = self.add(Root::Class(class));
        let statics = map_ptr(entry.static_members_table__ptr as usize);
        if statics != 0 {
            let own = Edge::new(Tag::Itself, 0);
            walk.graph.check(statics, root, own, What::Part);
            let infos = Ht::from_addr(&raw const entry.properties_info as usize);
            for (key, zv) in infos.into_iter().flat_map(Ht::slots) {
                let (SlotKey::Name(name), Value::Ptr(info)) = (key, zv.value()) else {
                    continue;
                };
                // SAFETY: values of properties_info are property infos.
                let info = unsafe { &*(info as *const ffi::zend_property_info) };
                if info.flags & ffi::ZEND_ACC_STATIC == 0 {
                    continue;
                }
                let slot = Zv::at(statics).plus(info.offset as usize);
                // An inherited member lives in the class that declared it.
                if !matches!(slot.value(), Value::Indirect(_)) {
                    walk.value(slot, root, Edge::new(Tag::Prop, name.addr() as u64));
                }
            }
        }
        let mut constants = &raw const entry.constants_table as usize;
        let mutable = map_ptr(entry.mutable_data__ptr as usize);
        if mutable != 0 {
            // SAFETY: the map entry of mutable_data is NULL or this structure.
            let own =
                unsafe { (*(mutable as *const ffi::zend_class_mutable_data)).constants_table };
            if !own.is_null() {
                constants = own as usize;
            }
        }
        for (key, zv) in Ht::from_addr(constants).into_iter().flat_map(Ht::slots) {
            let (SlotKey::Name(name), Value::Ptr(constant)) = (key, zv.value()) else {
                continue;
            };
            // SAFETY: values of a constants table are class constants.
            let constant = unsafe { &*(constant as *const ffi::zend_class_constant) };
            if constant.ce as usize == class.addr() {
                let value = Zv::at(&raw const constant.value as usize);
                walk.value(value, root, Edge::new(Tag::ClassConst, name.addr() as u64));
            }
        }
        for ptr in pointers(&raw const entry.function_table as usize) {
            self.function(walk, ptr);
        }
    }

    fn function(&mut self, walk: &mut Walk<'_>, ptr: usize) {
        let Some(func) = Func::from_addr(ptr) else {
            return;
        };
        let Some(op_array) = func.user() else { return };
        if u32::from(op_array.type_) != USER_FUNCTION || op_array.static_variables.is_null() {
            return;
        }
        let root = self.add(Root::Function(func));
        walk.static_vars(func, root, Tag::Local);
    }

    fn constants(&mut self, walk: &mut Walk<'_>, table: usize) {
        let root = self.add(Root::Constants);
        for (key, zv) in Ht::from_addr(table).into_iter().flat_map(Ht::slots) {
            if let (SlotKey::Name(name), Value::Ptr(constant)) = (key, zv.value()) {
                // `zend_constant` begins with its value.
                let edge = Edge::new(Tag::Key, name.addr() as u64);
                walk.value(Zv::at(constant), root, edge);
            }
        }
    }

    fn handlers(&mut self, walk: &mut Walk<'_>) {
        // SAFETY: as for `search`.
        let eg = unsafe { &*eg() };
        let itself = Edge::new(Tag::Itself, 0);
        for (name, handler) in [
            ("error handler", &raw const eg.user_error_handler),
            ("exception handler", &raw const eg.user_exception_handler),
        ] {
            let root = self.add(Root::Handler(name));
            walk.value(Zv::at(handler as usize), root, itself);
        }
        for (name, stack) in [
            ("previous error handler", &eg.user_error_handlers),
            ("previous exception handler", &eg.user_exception_handlers),
        ] {
            let root = self.add(Root::Handler(name));
            for i in 0..usize::try_from(stack.top).unwrap_or(0) {
                walk.value(Zv::at(stack.elements as usize).plus(i), root, itself);
            }
        }
        self.shutdown(walk);
        for exception in [eg.exception, eg.prev_exception] {
            if !exception.is_null() {
                let root = self.add(Root::Exception);
                walk.holds_object(Obj::at(exception as usize), root, itself);
            }
        }
    }

    fn shutdown(&mut self, walk: &mut Walk<'_>) {
        if !KNOWN_BASICS {
            return;
        }
        let table = shutdown::functions() as usize;
        for (i, entry) in pointers(table).enumerate() {
            let root = self.add(Root::Shutdown(i as u32));
            // SAFETY: values of the table are `php_shutdown_function_entry`,
            // which begins with the call info (`KNOWN_BASICS`).
            let fci = unsafe { &*(entry as *const ffi::zend_fcall_info) };
            let name = Zv::at(&raw const fci.function_name as usize);
            walk.value(name, root, Edge::new(Tag::Itself, 0));
            let params = fci.params as usize;
            for n in 0..(fci.param_count as usize).min(CHAIN_LIMIT) {
                let at = Zv::at(params + n * size_of::<zval>());
                walk.value(at, root, Edge::new(Tag::Arg, n as u64 + 1));
            }
        }
    }

    fn stack(&mut self, walk: &mut Walk<'_>) {
        // SAFETY: as for `search`.
        let (mut at, pages) = unsafe {
            let eg = &*eg();
            (
                Exec::from_addr(eg.current_execute_data as usize),
                eg.vm_stack as usize,
            )
        };
        for _ in 0..CHAIN_LIMIT {
            let Some(exec) = at else { break };
            if !walk.graph.go_on(1) {
                return;
            }
            if let Some(aux) = walk.frame_ref(exec) {
                let root = self.add(Root::Frame(aux));
                walk.frame(exec, aux, root, Rest::Calling);
            }
            at = Exec::from_addr(exec.frame().prev_execute_data as usize);
        }
        let root = self.add(Root::Stack);
        walk.stack_pages(pages, root, Edge::new(Tag::Itself, 0));
    }

    /// Objects that nothing above reached. Those that hang from another of
    /// them are moved under it.
    fn unreached(&mut self, walk: &mut Walk<'_>) -> bool {
        let root = self.add(Root::Native);
        walk.graph.set_movable(root);
        for object in store() {
            if walk.graph.met(object.addr()) {
                continue;
            }
            let itself = Edge::new(Tag::Itself, 0);
            // The hit names the node, so that it moves with it.
            let node = Node::Obj(object.addr());
            if let Some(index) = walk.graph.enter(node, root, itself) {
                let what = What::Obj(object.addr());
                walk.graph.check(object.block(), index, itself, what);
            }
            if !walk.drain() {
                return false;
            }
        }
        walk.private_memory();
        true
    }
}

/// The pointers in an engine table.
fn pointers(table: usize) -> impl Iterator<Item = usize> {
    Ht::from_addr(table)
        .into_iter()
        .flat_map(Ht::slots)
        .filter_map(|(_, zv)| match zv.value() {
            Value::Ptr(p) => Some(p),
            _ => None,
        })
}

/// Whether this request was left by a bailout.
pub(super) fn bailed_out() -> bool {
    crate::zend::engine::is_unclean()
}

/// Whether a class of this (lower case) name is loaded.
pub(super) fn class_exists(name: &[u8]) -> bool {
    // SAFETY: as for `Roots::search`.
    let classes = unsafe { (*eg()).class_table };
    // SAFETY: looks up only; the name is read up to its length.
    !unsafe { ffi::zend_hash_str_find(classes, name.as_ptr().cast(), name.len()) }.is_null()
}
