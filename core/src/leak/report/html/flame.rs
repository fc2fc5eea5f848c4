//! The flame graph of leaked bytes as SVG, the outermost call on top.
//!
//! Places and widths are percentages and every frame is an SVG of its own that
//! clips its text: the graph fills any width without scaling the letters.

use std::collections::HashMap;
use std::fmt::Write;

use crate::leak::model::{Frame, ProcessReport};
use crate::leak::report::fmt::{bytes, html, split_path, visible};
use crate::leak::report::stacks::{frame_name, leaked};

/// Height of a frame, CSS pixels.
const ROW: usize = 22;

/// Number of `c0`, `c1`, … in the style sheet.
const COLOURS: u32 = 8;

/// The flame graph in its card; empty if nothing leaked.
pub fn card(process: &ProcessReport) -> String {
    let tree = Tree::of(process);
    if tree.nodes[0].bytes == 0 {
        return String::new();
    }
    format!(
        "<section class=\"card\"><h3>Flame graph of leaked bytes</h3>\
         <p>Which calls led to the memory that growing and undecided lines hold. Width is bytes alive; \
         a line whose calls were not captured stands alone.</p>{}</section>\n",
        svg(&tree)
    )
}

struct Node {
    label: String,
    title: String,
    bytes: u64,
    depth: usize,
    children: Vec<usize>,
}

/// Calls by their path from the outermost; node 0 is all of it.
struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    fn of(process: &ProcessReport) -> Self {
        let root = Node {
            label: String::new(),
            title: String::new(),
            bytes: 0,
            depth: 0,
            children: Vec::new(),
        };
        let mut tree = Self { nodes: vec![root] };
        let mut known: HashMap<(usize, Frame), usize> = HashMap::new();
        for stack in leaked(process) {
            tree.hold(0, stack.bytes);
            let mut parent = 0;
            for frame in stack.frames.iter().rev() {
                let index = *known
                    .entry((parent, frame.clone()))
                    .or_insert_with(|| tree.add(parent, frame));
                tree.hold(index, stack.bytes);
                parent = index;
            }
        }
        let total = format!("all leaked bytes: {}", bytes_of(tree.nodes[0].bytes));
        tree.nodes[0].label.clone_from(&total);
        tree.nodes[0].title = total;
        tree
    }

    fn hold(&mut self, index: usize, bytes: u64) {
        let held = &mut self.nodes[index].bytes;
        *held = held.saturating_add(bytes);
    }

    fn add(&mut self, parent: usize, frame: &Frame) -> usize {
        let index = self.nodes.len();
        self.nodes.push(Node {
            label: label(frame),
            title: frame_name(frame),
            bytes: 0,
            depth: self.nodes[parent].depth + 1,
            children: Vec::new(),
        });
        self.nodes[parent].children.push(index);
        index
    }
}

/// What is in the frame itself, where room is short: no directories.
fn label(frame: &Frame) -> String {
    let base = split_path(&frame.file).1;
    match (frame.function.is_empty(), base.is_empty()) {
        (false, true) => visible(&frame.function).into_owned(),
        (false, false) => format!(
            "{}  {}:{}",
            visible(&frame.function),
            visible(base),
            frame.line
        ),
        (true, _) => frame_name(&Frame {
            file: base.to_owned(),
            ..frame.clone()
        }),
    }
}

fn bytes_of(value: u64) -> String {
    bytes(i64::try_from(value).unwrap_or(i64::MAX))
}

fn svg(tree: &Tree) -> String {
    let total = tree.nodes[0].bytes as f64;
    let rows = tree.nodes.iter().map(|node| node.depth + 1).max();
    let mut out = format!(
        "<svg class=\"flame\" height=\"{}\" role=\"img\" aria-label=\"Flame graph of leaked bytes\">",
        rows.unwrap_or(1) * ROW
    );
    // A list instead of recursion: the depth comes from the log.
    let mut open = vec![(0, 0_u64)];
    while let Some((index, start)) = open.pop() {
        let node = &tree.nodes[index];
        let percent = |value: u64| value as f64 / total * 100.0;
        let class = if index == 0 {
            "frame root".to_owned()
        } else {
            format!(
                "frame c{}",
                crc32fast::hash(node.title.as_bytes()) % COLOURS
            )
        };
        let _ = write!(
            out,
            "<svg class=\"{class}\" x=\"{:.4}%\" y=\"{}\" width=\"{:.4}%\" height=\"{ROW}\">\
             <title>{}\n{}, {:.1} %</title><rect width=\"100%\" height=\"{ROW}\"/>\
             <text x=\"7\" y=\"15\">{}</text></svg>",
            percent(start),
            node.depth * ROW,
            percent(node.bytes),
            html(&node.title),
            bytes_of(node.bytes),
            percent(node.bytes),
            html(&node.label),
        );
        let mut at = start;
        for child in &node.children {
            open.push((*child, at));
            at = at.saturating_add(tree.nodes[*child].bytes);
        }
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leak::report::fixture;

    #[test]
    fn shared_calls_are_one_frame() {
        let tree = Tree::of(&fixture::report().processes[0]);
        let mains = tree.nodes.iter().filter(|n| n.title.starts_with("{main}"));
        assert_eq!(mains.count(), 1);
    }

    #[test]
    fn children_never_hold_more_than_their_caller() {
        let tree = Tree::of(&fixture::report().processes[0]);
        for node in &tree.nodes {
            let held: u64 = node.children.iter().map(|c| tree.nodes[*c].bytes).sum();
            assert!(held <= node.bytes, "{}", node.title);
        }
    }

    #[test]
    fn lines_without_calls_stand_alone() {
        let tree = Tree::of(&fixture::report().processes[0]);
        assert!(tree.nodes[0].children.iter().any(|index| {
            let node = &tree.nodes[*index];
            node.title.starts_with("<b>eval</b> (") && node.children.is_empty()
        }));
    }

    #[test]
    fn nothing_leaked_draws_nothing() {
        assert_eq!(card(&fixture::report().processes[1]), "");
    }

    #[test]
    fn very_deep_stacks_do_not_recurse() {
        let mut process = fixture::report().processes[0].clone();
        let frame = process.sites[0].stack[1].clone();
        process.sites[0].stack = vec![frame; 20_000];
        assert!(card(&process).len() > 20_000);
    }
}
