//! The search itself, over addresses: breadth first, with parent links.
//!
//! Knows nothing of PHP. A node is an array or an object that was visited;
//! strings and references are leaves that are only compared with the targets.
//! A node costs 24 bytes and an entry in the visited set: together some 75.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Instant;

use super::Limits;

/// Set in a parent index that names a root, not a node.
pub(super) const ROOT: u32 = 1 << 31;
/// Hits remembered per target: enough to see which keys vary.
const HITS_PER_TARGET: u32 = 4096;
/// Slots (or nodes, which count four) between two looks at the clock.
const CLOCK_EVERY: u32 = 4096;
/// Bits of the filter in front of the target table; 8 KB, stays in L1.
const FILTER_BITS: usize = 1 << 16;

/// How a node is held by its parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Tag {
    /// The node itself: its own block.
    Itself,
    /// Array element, payload: string key.
    Key,
    /// Array element, payload: integer key.
    Index,
    /// The string that is the key, payload: string key.
    KeyName,
    /// Property, payload: mangled name.
    Prop,
    /// Property whose name is a number or not known, payload: the number.
    PropIndex,
    /// Variable of a frame, aux: frame, payload: name.
    Local,
    /// Temporary of a frame, aux: frame.
    Temp,
    /// `$this` of a frame, aux: frame.
    FrameThis,
    /// The closure that a frame runs, aux: frame.
    FrameClosure,
    /// Argument of a frame, aux: frame, payload: number from 1.
    Arg,
    /// Argument collected by name, aux: frame, payload: name.
    NamedArg,
    /// Variable that a closure binds, payload: name.
    Use,
    /// `$this` of a closure.
    This,
    /// Storage of an ArrayObject.
    Storage,
    /// Element of an internal container, payload: position.
    Elem,
    /// Value beside such an element, payload: position.
    Data,
    /// Something that an internal object holds, payload: index into
    /// [`super::internal::PARTS`].
    Part,
    /// Constant or enum case of a class, payload: name.
    ClassConst,
}

/// An edge from a parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    /// What kind.
    pub(super) tag: Tag,
    /// Index of a frame, less than 2^24.
    pub(super) aux: u32,
    /// See [`Tag`].
    pub(super) payload: u64,
}

impl Edge {
    /// An edge that needs no frame.
    pub(super) fn new(tag: Tag, payload: u64) -> Self {
        Self {
            tag,
            aux: 0,
            payload,
        }
    }

    /// May be printed as `*`.
    pub(super) fn can_vary(self) -> bool {
        matches!(
            self.tag,
            Tag::Key | Tag::Index | Tag::KeyName | Tag::Elem | Tag::Data
        )
    }
}

/// What was found at the end of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// A string.
    Str,
    /// An array, at this address.
    Arr(usize),
    /// An object, at this address.
    Obj(usize),
    /// A reference.
    Ref,
    /// A resource.
    Res,
    /// Part of the internals of the parent.
    Part,
}

/// Kind of a node, kept in the low bits of its address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Node {
    /// An array.
    Arr(usize),
    /// An object.
    Obj(usize),
}

/// A visited node.
#[derive(Clone, Copy)]
struct Link {
    parent: u32,
    tag: Tag,
    aux: [u8; 3],
    payload: u64,
    node: usize,
}

/// A target block that was met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// Index of the target.
    pub(super) target: u32,
    /// Node or root that holds it.
    pub(super) parent: u32,
    /// How.
    pub(super) edge: Edge,
    /// What it is.
    pub(super) what: What,
}

/// Addresses are aligned and clustered: a multiplication spreads them.
#[derive(Default)]
pub(super) struct AddrHasher(u64);

impl Hasher for AddrHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.write_usize(*b as usize);
        }
    }
    fn write_usize(&mut self, n: usize) {
        let x = (self.0 ^ n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = x ^ (x >> 32);
    }
}

/// A map keyed by addresses.
pub(super) type AddrMap<V> = HashMap<usize, V, BuildHasherDefault<AddrHasher>>;

/// The state of a search.
pub(super) struct Graph {
    links: Vec<Link>,
    head: usize,
    seen: AddrMap<u32>,
    /// Block to (target, found).
    targets: AddrMap<(u32, bool)>,
    filter: Vec<u64>,
    left: usize,
    hits: Vec<Hit>,
    hits_of: Vec<u32>,
    /// While set, nodes that hang from this root may move under another node.
    movable: Option<u32>,
    work: u32,
    started: Instant,
    limits: Limits,
    stop_at: usize,
    exhausted: bool,
}

impl Graph {
    /// A search for these blocks.
    pub(super) fn new(targets: &[super::Target<'_>], limits: Limits) -> Self {
        let mut graph = Self {
            links: Vec::new(),
            head: 0,
            seen: AddrMap::default(),
            targets: AddrMap::default(),
            filter: vec![0; FILTER_BITS / 64],
            left: 0,
            hits: Vec::new(),
            hits_of: vec![0; targets.len()],
            movable: None,
            work: 0,
            started: Instant::now(),
            stop_at: limits.max_nodes.min(ROOT as usize - 1),
            limits,
            exhausted: false,
        };
        for (index, target) in targets.iter().enumerate() {
            for &block in target.blocks {
                let bit = Self::bit(block);
                graph.filter[bit / 64] |= 1 << (bit % 64);
                if graph.targets.insert(block, (index as u32, false)).is_none() {
                    graph.left += 1;
                }
            }
        }
        graph
    }

    fn bit(addr: usize) -> usize {
        ((addr >> 3) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) as usize >> 48
    }

    /// Compares a block with the targets.
    #[inline]
    pub(super) fn check(&mut self, block: usize, parent: u32, edge: Edge, what: What) {
        let bit = Self::bit(block);
        if self.filter[bit / 64] & (1 << (bit % 64)) != 0 {
            self.check_slow(block, parent, edge, what);
        }
    }

    fn check_slow(&mut self, block: usize, parent: u32, edge: Edge, what: What) {
        let Some((target, found)) = self.targets.get_mut(&block) else {
            return;
        };
        let target = *target;
        if !*found {
            *found = true;
            self.left -= 1;
            if self.left == 0 {
                // Everything has a holder: look as far again for others.
                let further = self.links.len() * 2 + CLOCK_EVERY as usize;
                self.stop_at = self.stop_at.min(further);
            }
        }
        let count = &mut self.hits_of[target as usize];
        if *count < HITS_PER_TARGET {
            *count += 1;
            self.hits.push(Hit {
                target,
                parent,
                edge,
                what,
            });
        }
    }

    /// Queues a node unless it was met before.
    pub(super) fn enter(&mut self, node: Node, parent: u32, edge: Edge) -> Option<u32> {
        let packed = match node {
            Node::Arr(addr) => addr,
            Node::Obj(addr) => addr | 1,
        };
        let link = Link {
            parent,
            tag: edge.tag,
            aux: [
                edge.aux as u8,
                (edge.aux >> 8) as u8,
                (edge.aux >> 16) as u8,
            ],
            payload: edge.payload,
            node: packed,
        };
        match self.seen.entry(packed & !7) {
            Entry::Vacant(slot) => {
                let index = self.links.len() as u32;
                slot.insert(index);
                self.links.push(link);
                Some(index)
            }
            Entry::Occupied(slot) => {
                let index = *slot.get();
                let movable = self
                    .movable
                    .is_some_and(|root| self.links[index as usize].parent == root);
                if movable && parent & ROOT == 0 && !self.hangs_below(parent, index) {
                    self.links[index as usize] = link;
                }
                None
            }
        }
    }

    /// From now on the roots given by `root` are only candidates: one that
    /// another of them holds moves under it.
    pub(super) fn set_movable(&mut self, root: u32) {
        self.movable = Some(root);
    }

    fn hangs_below(&mut self, mut node: u32, ancestor: u32) -> bool {
        while node & ROOT == 0 {
            if node == ancestor {
                return true;
            }
            node = self.links[node as usize].parent;
            self.work += 1;
        }
        false
    }

    /// The next node to expand; None at the end or when the budget is used up.
    pub(super) fn next(&mut self) -> Option<(u32, Node)> {
        if !self.go_on(4) || self.head >= self.links.len() {
            return None;
        }
        let index = self.head;
        self.head += 1;
        Some((index as u32, self.node(index as u32)))
    }

    /// Counts work; false when the search has to end.
    #[inline]
    pub(super) fn go_on(&mut self, work: u32) -> bool {
        self.work += work;
        if self.links.len() >= self.stop_at {
            self.exhausted |= self.left > 0 || self.links.len() >= self.limits.max_nodes;
            return false;
        }
        if self.work >= CLOCK_EVERY {
            self.work = 0;
            if self.started.elapsed() >= self.limits.budget {
                self.give_up();
                return false;
            }
        }
        true
    }

    /// A visited node.
    pub(super) fn node(&self, index: u32) -> Node {
        let node = self.links[index as usize].node;
        if node & 1 == 0 {
            Node::Arr(node)
        } else {
            Node::Obj(node & !1)
        }
    }

    /// Parent and edge of a node.
    pub(super) fn up(&self, index: u32) -> (u32, Edge) {
        let link = &self.links[index as usize];
        let aux = u32::from_le_bytes([link.aux[0], link.aux[1], link.aux[2], 0]);
        let edge = Edge {
            tag: link.tag,
            aux,
            payload: link.payload,
        };
        (link.parent, edge)
    }

    /// Ends the search before it is through.
    pub(super) fn give_up(&mut self) {
        self.exhausted = true;
        self.stop_at = 0;
    }

    /// Whether this is the address of a target block that has no holder so far.
    fn is_wanted(&self, block: usize) -> bool {
        let bit = Self::bit(block);
        self.filter[bit / 64] & (1 << (bit % 64)) != 0
            && self.targets.get(&block).is_some_and(|(_, found)| !found)
    }

    /// A word of the private memory of `parent`, which may be anything: an address of a
    /// target that nothing holds so far, or of an object that only hangs from the
    /// movable root, is taken for one.
    pub(super) fn guess(&mut self, word: usize, parent: u32, edge: Edge) {
        if self.is_wanted(word) {
            self.check_slow(word, parent, Edge::new(Tag::Itself, 0), What::Part);
        } else if self
            .seen
            .get(&word)
            .is_some_and(|i| self.movable == Some(self.links[*i as usize].parent))
        {
            self.enter(Node::Obj(word), parent, edge);
        }
    }

    /// Whether this address was met as a node.
    pub(super) fn met(&self, addr: usize) -> bool {
        self.seen.contains_key(&addr)
    }

    /// Number of visited nodes.
    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    /// The budget ended before the search did.
    pub(super) fn exhausted(&self) -> bool {
        self.exhausted
    }

    /// What was found, in the order of the search.
    pub(super) fn hits(&self) -> &[Hit] {
        &self.hits
    }
}
