//! What holds what: from a value, an array, an object or a frame to the
//! blocks that it keeps alive.

use ext_php_rs::ffi;

use super::calls::{Class, Exec, Func, live_range, map_ptr, word};
use super::gc_buffer::GcBuffer;
use super::graph::{AddrMap, Edge, Graph, Node, Tag, What};
use super::internal::{self, Kind};
use super::layout::{Ht, Obj, SlotKey, Value, Zv};

/// Most frames in one stack and most elements of one linked list: a bound
/// against damaged chains, far above what a program has.
pub(super) const CHAIN_LIMIT: usize = 1 << 20;

const CALL_FREE_EXTRA_ARGS: u32 = 1 << 19;
const CALL_HAS_SYMBOL_TABLE: u32 = 1 << 20;
const CALL_RELEASE_THIS: u32 = 1 << 21;
const CALL_CLOSURE: u32 = 1 << 22;
const CALL_HAS_EXTRA_NAMED_PARAMS: u32 = 1 << 27;

const LIVE_MASK: u32 = 7;
const LIVE_TMPVAR: u32 = 0;
const LIVE_LOOP: u32 = 1;
const LIVE_NEW: u32 = 4;

/// A frame that appears in a path.
#[derive(Clone, Copy)]
pub(super) struct FrameRef {
    /// The function.
    pub(super) func: Func,
    /// Line at which it stands.
    pub(super) line: u32,
}

/// How a frame is at rest, which decides where its opline points.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// In a call: the opline is that of the call.
    Calling,
    /// At a yield: the opline is the one after it.
    Yielded,
}

/// The search and what it needs to know of PHP.
pub(super) struct Walk<'a> {
    /// The tree.
    pub(super) graph: Graph,
    /// Frames named by edges.
    pub(super) frames: Vec<FrameRef>,
    /// Kind of each class met.
    kinds: AddrMap<Kind>,
    /// Buffer for `get_gc`.
    pub(super) buffer: &'a mut GcBuffer,
    /// The global symbol table, whose variables are not repeated as locals.
    pub(super) globals: usize,
}

impl<'a> Walk<'a> {
    /// A walk over an empty tree.
    pub(super) fn new(graph: Graph, buffer: &'a mut GcBuffer, globals: usize) -> Self {
        Self {
            graph,
            frames: Vec::new(),
            kinds: AddrMap::default(),
            buffer,
            globals,
        }
    }

    /// Expands queued nodes until none is left; false when the budget ended.
    pub(super) fn drain(&mut self) -> bool {
        while let Some((index, node)) = self.graph.next() {
            match node {
                Node::Arr(addr) => {
                    if let Some(table) = Ht::from_addr(addr) {
                        self.elements(table, index);
                    }
                }
                Node::Obj(addr) => self.object(Obj::at(addr), index),
            }
        }
        self.graph.go_on(0)
    }

    /// A zval that `parent` holds.
    #[inline]
    pub(super) fn value(&mut self, zv: Zv, parent: u32, edge: Edge) {
        match zv.value() {
            Value::Nothing | Value::Ptr(_) => {}
            Value::Str(s) => self.graph.check(s.addr(), parent, edge, What::Str),
            Value::Arr(table) => self.array(table, parent, edge),
            Value::Obj(object) => self.holds_object(object, parent, edge),
            Value::Ref(block, inner) => {
                self.graph.check(block, parent, edge, What::Ref);
                match inner.value() {
                    Value::Str(s) => self.graph.check(s.addr(), parent, edge, What::Str),
                    Value::Arr(table) => self.array(table, parent, edge),
                    Value::Obj(object) => self.holds_object(object, parent, edge),
                    _ => {}
                }
            }
            Value::Indirect(slot) => {
                // One level only: a chain of them does not occur.
                if !matches!(slot.value(), Value::Indirect(_)) {
                    self.value(slot, parent, edge);
                }
            }
            Value::Res(block) => self.graph.check(block, parent, edge, What::Res),
        }
    }

    /// An array that `parent` holds.
    pub(super) fn array(&mut self, table: Ht, parent: u32, edge: Edge) {
        // Being destroyed, maybe in another coroutine: its elements are freed one by one.
        if table.is_dead() {
            return;
        }
        let what = What::Arr(table.addr());
        self.graph.check(table.addr(), parent, edge, what);
        self.graph.check(table.data_addr(), parent, edge, what);
        self.graph.enter(Node::Arr(table.addr()), parent, edge);
    }

    /// An object that `parent` holds.
    pub(super) fn holds_object(&mut self, object: Obj, parent: u32, edge: Edge) {
        if let Some(subject) = object.iterated() {
            self.graph.check(object.addr(), parent, edge, What::Part);
            if let Value::Obj(subject) = subject.value()
                && subject.iterated().is_none()
            {
                self.holds_object(subject, parent, edge);
            }
            return;
        }
        let what = What::Obj(object.addr());
        self.graph.check(object.block(), parent, edge, what);
        self.graph.enter(Node::Obj(object.addr()), parent, edge);
    }

    /// The elements of an array node.
    fn elements(&mut self, table: Ht, parent: u32) {
        for (key, zv) in table.slots() {
            if !self.graph.go_on(1) {
                return;
            }
            let edge = match key {
                SlotKey::Int(i) => Edge::new(Tag::Index, i as u64),
                SlotKey::Name(s) => {
                    let payload = s.addr() as u64;
                    let name = Edge::new(Tag::KeyName, payload);
                    self.graph.check(s.addr(), parent, name, What::Str);
                    Edge::new(Tag::Key, payload)
                }
            };
            self.value(zv, parent, edge);
        }
    }

    /// A table that is no value of its own but a part of `parent`: its blocks
    /// count as the parent's, its elements hang from the parent.
    pub(super) fn inner_table(
        &mut self,
        table: Ht,
        parent: u32,
        own: Edge,
        edge: impl Fn(SlotKey) -> Edge,
    ) {
        self.graph.check(table.addr(), parent, own, What::Part);
        self.graph.check(table.data_addr(), parent, own, What::Part);
        for (key, zv) in table.slots() {
            if !self.graph.go_on(1) {
                return;
            }
            if let SlotKey::Name(s) = key {
                self.graph.check(s.addr(), parent, own, What::Part);
            }
            // Slots of declared properties and of variables are walked where
            // they live.
            if !matches!(zv.value(), Value::Indirect(_)) {
                self.value(zv, parent, edge(key));
            }
        }
    }

    /// What an object node holds.
    fn object(&mut self, object: Obj, parent: u32) {
        let kind = self.kind(object.class());
        for (i, (name, zv)) in object.declared().enumerate() {
            let edge = match name {
                Some(name) => Edge::new(Tag::Prop, name.addr() as u64),
                None => Edge::new(Tag::PropIndex, i as u64),
            };
            self.value(zv, parent, edge);
        }
        if let Some(table) = object.properties() {
            let own = Edge::new(Tag::Itself, 0);
            self.inner_table(table, parent, own, |key| match key {
                SlotKey::Name(s) => Edge::new(Tag::Prop, s.addr() as u64),
                SlotKey::Int(i) => Edge::new(Tag::PropIndex, i as u64),
            });
        }
        if kind != Kind::Plain {
            self.internal(object, kind, parent);
        }
    }

    /// Kind of a class, looked up once.
    pub(super) fn kind(&mut self, class: Class) -> Kind {
        *self
            .kinds
            .entry(class.addr())
            .or_insert_with(|| internal::kind_of(class))
    }

    /// Registers a frame; None when it runs no code of its own.
    pub(super) fn frame_ref(&mut self, exec: Exec) -> Option<u32> {
        let func = Func::from_addr(exec.frame().func as usize)?;
        if self.frames.len() >= 1 << 24 {
            return None;
        }
        let line = exec.line();
        self.frames.push(FrameRef { func, line });
        Some((self.frames.len() - 1) as u32)
    }

    /// What a frame holds. `aux` is its [`FrameRef`].
    pub(super) fn frame(&mut self, exec: Exec, aux: u32, parent: u32, rest: Rest) {
        let Some(func) = Func::from_addr(exec.frame().func as usize) else {
            return;
        };
        let edge = |tag, payload| Edge { tag, aux, payload };
        let info = exec.info();
        if info & CALL_RELEASE_THIS != 0
            && let Value::Obj(object) = this(exec).value()
        {
            self.holds_object(object, parent, edge(Tag::FrameThis, 0));
        }
        if info & CALL_CLOSURE != 0 {
            let object = internal::closure_of(func);
            self.holds_object(object, parent, edge(Tag::FrameClosure, 0));
        }
        let Some(op_array) = func.user() else {
            for n in 0..(exec.num_args() as usize).min(CHAIN_LIMIT) {
                self.value(exec.var(n), parent, edge(Tag::Arg, n as u64 + 1));
            }
            return;
        };
        let vars = usize::try_from(op_array.last_var).unwrap_or(0);
        let table = exec.frame().symbol_table as usize;
        let has_table = info & CALL_HAS_SYMBOL_TABLE != 0 && table != 0;
        if !(has_table && table == self.globals) {
            for i in 0..vars {
                let name = word(op_array.vars as usize + i * size_of::<usize>());
                self.value(exec.var(i), parent, edge(Tag::Local, name as u64));
            }
            if has_table && let Some(table) = Ht::from_addr(table) {
                self.inner_table(table, parent, edge(Tag::Temp, 0), |key| match key {
                    SlotKey::Name(s) => edge(Tag::Local, s.addr() as u64),
                    SlotKey::Int(_) => edge(Tag::Temp, 0),
                });
            }
        }
        let first_temp = vars + op_array.T as usize;
        if info & CALL_FREE_EXTRA_ARGS != 0 {
            let extra = exec.num_args().saturating_sub(op_array.num_args) as usize;
            for i in 0..extra.min(CHAIN_LIMIT) {
                let number = u64::from(op_array.num_args) + i as u64 + 1;
                let zv = exec.var(first_temp + i);
                self.value(zv, parent, edge(Tag::Arg, number));
            }
        }
        if info & CALL_HAS_EXTRA_NAMED_PARAMS != 0
            && let Some(table) = Ht::from_addr(exec.frame().extra_named_params as usize)
        {
            self.inner_table(table, parent, edge(Tag::Temp, 0), |key| match key {
                SlotKey::Name(s) => edge(Tag::NamedArg, s.addr() as u64),
                SlotKey::Int(i) => edge(Tag::Arg, i as u64),
            });
        }
        self.temporaries(exec, op_array, edge(Tag::Temp, 0), parent, rest);
    }

    /// Temporaries that are live at the opline, as `zend_cleanup_live_vars`
    /// finds them. Arguments of calls that are still being prepared are not
    /// searched.
    fn temporaries(
        &mut self,
        exec: Exec,
        op_array: &ffi::zend_op_array,
        edge: Edge,
        parent: u32,
        rest: Rest,
    ) {
        let Some(at) = exec.op_num() else { return };
        let at = match rest {
            Rest::Calling => at,
            Rest::Yielded => at.saturating_sub(1),
        };
        for i in 0..usize::try_from(op_array.last_live_range).unwrap_or(0) {
            let range = live_range(op_array, i);
            if range.start > at {
                break;
            }
            if at < range.end && matches!(range.var & LIVE_MASK, LIVE_TMPVAR | LIVE_LOOP | LIVE_NEW)
            {
                // The number is an offset in bytes from the frame.
                let zv = Zv::at(exec.addr() + (range.var & !LIVE_MASK) as usize);
                self.value(zv, parent, edge);
            }
        }
    }

    /// Static variables of a user function that `parent` stands for.
    pub(super) fn static_vars(&mut self, func: Func, parent: u32, tag: Tag) {
        let Some(op_array) = func.user() else { return };
        if op_array.static_variables.is_null() {
            return;
        }
        let Some(table) = Ht::from_addr(map_ptr(op_array.static_variables_ptr__ptr as usize))
        else {
            return;
        };
        let own = Edge::new(Tag::Itself, 0);
        self.inner_table(table, parent, own, |key| match key {
            SlotKey::Name(s) => Edge::new(tag, s.addr() as u64),
            SlotKey::Int(_) => own,
        });
    }
}

/// The `This` of a frame.
fn this(exec: Exec) -> Zv {
    Zv::at(&raw const exec.frame().This as usize)
}
