//! Who holds it: the shortest ways from PHP's variables to given heap blocks.
//!
//! A breadth-first search with parent links over everything that PHP can reach
//! (`roots.rs`, `edges.rs`, `internal.rs`), compared by address with the
//! targets: whichever structure owns a block (string, array, its elements,
//! object, properties table, reference, a generator's frame) names its path.
//! What is found by none of these is looked for among the pointers that internal
//! objects keep beside their `zend_object`, one step deep.
//!
//! It reads only. It runs no PHP, calls no `get_properties`, allocates nothing
//! from PHP's heap (own tables come from libc), sets no collector or recursion
//! bits and initialises no lazy object: `memory_get_usage()` and its peak are
//! the same before and after. Nothing in it can throw or bail out.
//!
//! Not found: values that only the stack of a suspended Swoole coroutine or a
//! C structure holds, unless an object is on the way (then: held by native
//! code), and arguments of a call that is still being prepared. Private
//! layouts of internal classes are known for PHP 8.2 only (`layout.rs`).
//!
//! Tests: `php-tests/holders/`.

mod calls;
mod describe;
mod edges;
mod gc_buffer;
mod graph;
mod internal;
mod layout;
mod mirrors;
mod names;
mod path;
mod roots;

use std::time::Duration;

/// Addresses of live blocks of one site, as the allocator returned them.
pub struct Target<'a> {
    /// The blocks.
    pub blocks: &'a [usize],
}

/// A way from PHP's variables to a block.
pub struct HeldBy {
    /// Such as `Foo::$bar[*]->handlers (array, 4 102 elements)`.
    pub path: String,
    /// What it begins at: `static`, `global`, `frame`, `constant`, `handler`,
    /// `native`, `unknown`.
    pub kind: &'static str,
    /// False if the search ran out of its budget.
    pub complete: bool,
}

/// When to give up.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Time.
    pub budget: Duration,
    /// Arrays and objects visited.
    pub max_nodes: usize,
}

/// Who holds the blocks of each target: at most three paths, shortest first,
/// those through native code last. Keys that vary between blocks of a target
/// are printed as `*`.
///
/// To be called on the PHP thread, in a request, with the engine at rest:
/// inside one of our own functions called by PHP, or between two opcodes.
/// Never from an allocation: the engine calls the allocator with half-changed
/// tables (`zend_hash_packed_to_hash` clears the packed flag first).
///
/// After a bailout (a fatal error, the memory limit) nothing is searched: it may
/// have left such a table behind for good.
///
/// When the budget ends, `complete` is false on every path, and a target
/// without any gets `search stopped at …`.
#[must_use]
pub fn search(targets: &[Target<'_>], limits: &Limits) -> Vec<Vec<HeldBy>> {
    let mut buffer = gc_buffer::GcBuffer::default();
    let graph = graph::Graph::new(targets, *limits);
    let mut walk = edges::Walk::new(graph, &mut buffer, roots::globals());
    let mut roots = roots::Roots { list: Vec::new() };
    if roots::bailed_out() {
        walk.graph.give_up();
    } else {
        roots.search(&mut walk);
    }
    let nodes = walk.graph.len();
    let complete = !walk.graph.exhausted();
    let mut holders = describe::Report::new(&mut walk, &roots.list).holders(targets.len());
    for (list, target) in holders.iter_mut().zip(targets) {
        if list.is_empty() && !target.blocks.is_empty() {
            list.push(nobody(nodes, complete));
        }
    }
    holders
}

/// For a target without a path.
fn nobody(nodes: usize, complete: bool) -> HeldBy {
    if complete {
        // The stacks of its suspended coroutines are not searched.
        let outside = if roots::class_exists(b"swoole\\coroutine") {
            "native code, by a suspended coroutine or within an internal object"
        } else {
            "native code or within an internal object"
        };
        HeldBy {
            path: format!("held by {outside} (the search does not see inside those)"),
            kind: "native",
            complete,
        }
    } else {
        HeldBy {
            path: format!(
                "search stopped at {nodes} {}",
                if nodes == 1 { "node" } else { "nodes" }
            ),
            kind: "unknown",
            complete,
        }
    }
}
