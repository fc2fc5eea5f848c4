//! From hits to texts: groups hits of the same shape and reads the names.

use std::collections::HashMap;

use super::HeldBy;
use super::edges::{FrameRef, Walk};
use super::graph::{AddrMap, Edge, Hit, Node, ROOT, Tag, What};
use super::internal;
use super::layout::{Ht, Obj};
use super::names::{
    class_name, closure_name, frame_name, frame_place, func_name, key_of, name_of, variable,
};
use super::path::{Path, Step, elements};
use super::roots::{Root, class_exists};

/// Paths told per target.
const PATHS: usize = 3;
/// Paths longer than this are not compared step by step.
const COMPARED: usize = 64;

/// Hits that differ only in keys.
struct Group {
    first: Hit,
    /// Bit n: the n-th edge from the end varies.
    varies: u64,
    /// They begin at several roots of the same kind.
    roots_vary: bool,
}

/// The finished search.
pub(super) struct Report<'w, 'a> {
    walk: &'w mut Walk<'a>,
    roots: &'w [Root],
    shapes: AddrMap<u64>,
}

impl<'w, 'a> Report<'w, 'a> {
    /// Over a finished walk.
    pub(super) fn new(walk: &'w mut Walk<'a>, roots: &'w [Root]) -> Self {
        Self {
            walk,
            roots,
            shapes: AddrMap::default(),
        }
    }

    /// The holders of every target.
    pub(super) fn holders(&mut self, targets: usize) -> Vec<Vec<HeldBy>> {
        let complete = !self.walk.graph.exhausted();
        let mut groups: Vec<Vec<Group>> = Vec::new();
        groups.resize_with(targets, Vec::new);
        let mut known: HashMap<(u32, u64), Option<usize>> = HashMap::new();
        let hits = self.walk.graph.hits().to_vec();
        for hit in hits {
            let shape = mix(self.shape(hit.parent), self.edge_shape(hit.edge, false));
            let list = &mut groups[hit.target as usize];
            let slot = known.entry((hit.target, shape)).or_insert_with(|| {
                (list.len() < PATHS * 4).then(|| {
                    list.push(Group {
                        first: hit,
                        varies: 0,
                        roots_vary: false,
                    });
                    list.len() - 1
                })
            });
            if let Some(index) = *slot {
                let first = list[index].first;
                let (varies, roots_vary) = self.compare(first, hit);
                list[index].varies |= varies;
                list[index].roots_vary |= roots_vary;
            }
        }
        groups
            .into_iter()
            .map(|groups| {
                let mut found: Vec<(usize, HeldBy)> = Vec::new();
                for group in &groups {
                    let edges = self.chain(group.first);
                    let holder = self.holder(group, &edges, complete);
                    if found.iter().all(|(_, h)| h.path != holder.path) {
                        found.push((edges.len(), holder));
                    }
                }
                found.sort_by_key(|(len, h)| (h.kind == "native", *len));
                found.truncate(PATHS);
                found.into_iter().map(|(_, h)| h).collect()
            })
            .collect()
    }

    /// Edges from the hit up to its root, each with its parent.
    fn chain(&self, hit: Hit) -> Vec<(u32, Edge)> {
        let mut chain = Vec::new();
        let (mut parent, mut edge) = (hit.parent, hit.edge);
        loop {
            chain.push((parent, edge));
            if parent & ROOT != 0 {
                return chain;
            }
            (parent, edge) = self.walk.graph.up(parent);
        }
    }

    /// Which edges of two hits of the same shape differ, and whether their
    /// roots do.
    fn compare(&self, first: Hit, other: Hit) -> (u64, bool) {
        let mut varies = 0;
        let (mut a, mut b) = ((first.parent, first.edge), (other.parent, other.edge));
        for n in 0..COMPARED {
            if a.1.can_vary() && a.1.payload != b.1.payload {
                varies |= 1 << n;
            }
            if a.0 == b.0 {
                break;
            }
            if a.0 & ROOT != 0 || b.0 & ROOT != 0 {
                return (varies, a.0 & b.0 & ROOT != 0);
            }
            a = self.walk.graph.up(a.0);
            b = self.walk.graph.up(b.0);
        }
        (varies, false)
    }

    /// Identity of the path to a node, keys left out and runs of the same
    /// property folded.
    fn shape(&mut self, node: u32) -> u64 {
        let mut open = Vec::new();
        let mut at = node;
        let mut shape = loop {
            if at & ROOT != 0 {
                break self.root_shape(at);
            }
            if let Some(shape) = self.shapes.get(&(at as usize)) {
                break *shape;
            }
            open.push(at);
            at = self.walk.graph.up(at).0;
        };
        while let Some(node) = open.pop() {
            let (parent, edge) = self.walk.graph.up(node);
            let at_root = parent & ROOT != 0;
            let repeats = !at_root && edge.tag == Tag::Prop && self.walk.graph.up(parent).1 == edge;
            if !repeats {
                shape = mix(shape, self.edge_shape(edge, at_root));
            }
            self.shapes.insert(node as usize, shape);
        }
        shape
    }

    fn edge_shape(&self, edge: Edge, at_root: bool) -> u64 {
        if edge.tag == Tag::Itself {
            return 0;
        }
        let payload = if edge.can_vary() && !at_root {
            0
        } else {
            edge.payload
        };
        let func = match self.frame_of(edge) {
            Some(frame) => frame.func.code() as u64,
            None => 0,
        };
        mix(mix(edge.tag as u64 + 1, payload), func)
    }

    fn root_shape(&self, root: u32) -> u64 {
        match self.roots[(root & !ROOT) as usize] {
            Root::Class(class) => class.addr() as u64,
            Root::Function(func) => func.code() as u64,
            Root::Frame(frame) => self.walk.frames[frame as usize].func.code() as u64,
            Root::Shutdown(_) => 1,
            _ => u64::from(root),
        }
    }

    fn frame_of(&self, edge: Edge) -> Option<FrameRef> {
        matches!(
            edge.tag,
            Tag::Local | Tag::Temp | Tag::FrameThis | Tag::FrameClosure | Tag::Arg | Tag::NamedArg
        )
        .then(|| self.walk.frames.get(edge.aux as usize).copied())?
    }

    fn holder(&mut self, group: &Group, chain: &[(u32, Edge)], complete: bool) -> HeldBy {
        let (root, first) = chain[chain.len() - 1];
        let root = self.roots[(root & !ROOT) as usize];
        let native = match root {
            Root::Native => self.native_object(chain, group.first),
            _ => None,
        };
        let mut path = Path {
            head: self.head(root, first, native, group.roots_vary),
            steps: Vec::new(),
            noun: self.noun(group.first),
            of: None,
        };
        for (n, (parent, edge)) in chain.iter().enumerate().rev().skip(1) {
            let varies =
                n < COMPARED && group.varies & (1 << n) != 0 || (n >= COMPARED && edge.can_vary());
            path.steps.extend(self.step(*parent, *edge, varies));
            path.of = self.container(*parent, *edge).or(path.of);
        }
        if native.is_some() && path.steps.is_empty() {
            // The head names the object already.
            path.noun.clear();
        }
        HeldBy {
            path: path.render(),
            kind: kind(root, first),
            complete,
        }
    }

    /// The object that a native path begins with.
    fn native_object(&self, chain: &[(u32, Edge)], hit: Hit) -> Option<Obj> {
        let below_root = chain.len().checked_sub(2).map(|i| chain[i].0);
        match below_root.map(|i| self.walk.graph.node(i)) {
            Some(Node::Obj(addr)) => Some(Obj::at(addr)),
            Some(Node::Arr(_)) => None,
            None => match hit.what {
                What::Obj(addr) => Some(Obj::at(addr)),
                _ => None,
            },
        }
    }

    fn head(&self, root: Root, first: Edge, native: Option<Obj>, many: bool) -> String {
        let name = name_of(first);
        match root {
            Root::Globals => match name.as_str() {
                "_GET" | "_POST" | "_COOKIE" | "_SERVER" | "_ENV" | "_FILES" | "_REQUEST"
                | "_SESSION" => format!("${name}"),
                _ if first.tag == Tag::Itself => "$GLOBALS".into(),
                _ => format!("$GLOBALS[{}]", super::path::quoted(&key_of(first))),
            },
            Root::Class(class) => match first.tag {
                Tag::ClassConst => format!("constant {}::{name}", class_name(class)),
                Tag::Prop => format!("{}::${name}", class_name(class)),
                _ => format!("static members of {}", class_name(class)),
            },
            Root::Function(func) if first.tag == Tag::Local => {
                format!("static ${name} in {}", func_name(func))
            }
            Root::Function(func) => format!("static variables of {}", func_name(func)),
            Root::Constants => format!("constant {}", key_of(first)),
            Root::Frame(frame) => {
                let frame = self.walk.frames[frame as usize];
                format!("{} in {}", variable(first), frame_name(frame))
            }
            Root::Handler(name) => name.into(),
            Root::Shutdown(n) => {
                let n = if many { "*".into() } else { n.to_string() };
                match first.tag {
                    Tag::Arg => format!("shutdown function #{n}, argument #{}", first.payload),
                    _ => format!("shutdown function #{n}"),
                }
            }
            Root::Stack => "PHP's call stack".into(),
            Root::Exception => "exception being thrown".into(),
            Root::Native => {
                let object = native.map_or(String::new(), |o| {
                    format!(" (object {})", class_name(o.class()))
                });
                // Its suspended stacks are not searched.
                let coroutines = if class_exists(b"swoole\\coroutine") {
                    ", a suspended coroutine"
                } else {
                    ""
                };
                format!("held by native code{coroutines} or a garbage cycle{object}")
            }
        }
    }

    fn step(&self, parent: u32, edge: Edge, varies: bool) -> Option<Step> {
        let words = |text: String| Some(Step::Words(text));
        match edge.tag {
            Tag::Itself | Tag::Storage => None,
            Tag::Key | Tag::KeyName | Tag::Index | Tag::Elem if varies => Some(Step::Any),
            Tag::Key | Tag::KeyName => Some(Step::Key(key_of(edge))),
            Tag::Index | Tag::Elem => Some(Step::Index(edge.payload as i64)),
            Tag::Data if varies => words("data of [*]".into()),
            Tag::Data => words(format!("data of [{}]", edge.payload)),
            Tag::Prop => Some(Step::Prop(name_of(edge))),
            Tag::PropIndex => Some(Step::Prop(format!("{{{}}}", edge.payload))),
            Tag::Part => {
                let part = internal::PARTS.get(edge.payload as usize);
                words(format!("({})", part.copied().unwrap_or("internals")))
            }
            Tag::Use | Tag::This => {
                let closure = match self.node(parent) {
                    Some(Node::Obj(addr)) => internal::closure_func(Obj::at(addr)),
                    _ => None,
                };
                let closure = closure.map_or("{closure}".into(), closure_name);
                if edge.tag == Tag::This {
                    words(format!("{closure} $this"))
                } else {
                    words(format!("{closure} use (${})", name_of(edge)))
                }
            }
            Tag::Local
            | Tag::Temp
            | Tag::FrameThis
            | Tag::FrameClosure
            | Tag::Arg
            | Tag::NamedArg => {
                let place = self.frame_of(edge).map_or(String::new(), frame_place);
                let owner = match self.node(parent) {
                    Some(Node::Obj(addr)) => class_name(Obj::at(addr).class()).to_lowercase(),
                    _ => "frame".into(),
                };
                words(format!("{owner} at {place} {}", variable(edge)))
            }
            Tag::ClassConst => Some(Step::Prop(name_of(edge))),
        }
    }

    fn node(&self, parent: u32) -> Option<Node> {
        (parent & ROOT == 0).then(|| self.walk.graph.node(parent))
    }

    /// Size of the container that the edge leaves.
    fn container(&mut self, parent: u32, edge: Edge) -> Option<(&'static str, usize)> {
        match (edge.tag, self.node(parent)?) {
            (Tag::Key | Tag::Index | Tag::KeyName, Node::Arr(addr)) => {
                Some(("array", Ht::from_addr(addr)?.len() as usize))
            }
            (Tag::Elem | Tag::Data, Node::Obj(addr)) => {
                let object = Obj::at(addr);
                let kind = self.walk.kind(object.class());
                Some(("container", internal::count(object, kind)?))
            }
            _ => None,
        }
    }

    fn noun(&mut self, hit: Hit) -> String {
        match hit.what {
            What::Str if hit.edge.tag == Tag::KeyName => "array key".into(),
            What::Str => "string".into(),
            What::Ref => "reference".into(),
            What::Res => "resource".into(),
            What::Arr(addr) => match Ht::from_addr(addr) {
                Some(table) => format!("array, {}", elements(table.len() as usize)),
                None => "array".into(),
            },
            What::Obj(addr) => format!("object {}", class_name(Obj::at(addr).class())),
            What::Part => match self.node(hit.parent) {
                Some(Node::Obj(addr)) => {
                    let object = Obj::at(addr);
                    let kind = self.walk.kind(object.class());
                    let class = class_name(object.class());
                    match internal::count(object, kind) {
                        Some(n) => format!("object {class}, {}", elements(n)),
                        None => format!("object {class}"),
                    }
                }
                _ => String::new(),
            },
        }
    }
}

fn kind(root: Root, first: Edge) -> &'static str {
    match root {
        Root::Class(_) if first.tag == Tag::ClassConst => "constant",
        Root::Globals => "global",
        Root::Class(_) | Root::Function(_) => "static",
        Root::Constants => "constant",
        Root::Frame(_) | Root::Stack | Root::Exception => "frame",
        Root::Handler(_) | Root::Shutdown(_) => "handler",
        Root::Native => "native",
    }
}

fn mix(a: u64, b: u64) -> u64 {
    if b == 0 {
        return a;
    }
    let x = (a.rotate_left(17) ^ b).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^ (x >> 29)
}
