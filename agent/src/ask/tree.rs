//! A trace as a tree of spans: duration, time of its own, name, and the attributes that matter.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::text::{WIDTH, count, duration, line, peer};

/// Siblings that are alike from which on only the first is shown.
const ALIKE: usize = 4;
/// Deeper spans are drawn at this depth: the line has an end.
const MAX_INDENT: usize = 12;
/// Attributes whose value is shown behind the name, where `all` is not asked for.
const INLINE: [&str; 4] = [
    "http.response.status_code",
    "db.response.returned_rows",
    "process.exit.code",
    "error.type",
];
/// Attributes that have a line of their own.
const OWN_LINE: [&str; 4] = [
    "db.query.text",
    "url.full",
    "process.command_line",
    "exception.message",
];

/// The API's answer to `traces/{trace_id}`.
#[derive(Debug, Deserialize)]
pub struct Trace {
    trace_id: String,
    start_us: u64,
    duration_us: u64,
    partial: bool,
    spans: Vec<Span>,
}

#[derive(Debug, Deserialize)]
struct Span {
    span_id: String,
    parent_span_id: Option<String>,
    name: String,
    kind: String,
    app: String,
    pid: u64,
    start_us: u64,
    duration_us: u64,
    status: String,
    #[serde(default)]
    status_message: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    peer: String,
    #[serde(default)]
    attributes: Map<String, Value>,
    #[serde(default)]
    events: Vec<Event>,
    #[serde(default)]
    stack: Vec<Frame>,
}

/// Of the call stack, innermost first.
#[derive(Debug, Deserialize)]
struct Frame {
    /// Empty for internal functions.
    file: String,
    line: u32,
    /// Empty for the code of a file.
    function: String,
}

impl Frame {
    fn text(&self) -> String {
        let function = match &*self.function {
            "" => "{main}",
            named => named,
        };
        match &*self.file {
            "" => format!("at {function}"),
            file => format!("at {function} ({file}:{})", self.line),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Event {
    name: String,
    #[serde(default)]
    attributes: Map<String, Value>,
}

impl Span {
    fn end_us(&self) -> u64 {
        self.start_us.saturating_add(self.duration_us)
    }

    fn is_error(&self) -> bool {
        self.status == "error"
    }

    /// Whether it and `other` would be the same two lines.
    fn is_like(&self, other: &Self) -> bool {
        let key = |span: &Self| {
            let query = span.attributes.get("db.query.text").cloned();
            (
                span.name.clone(),
                span.system.clone(),
                span.peer.clone(),
                query,
            )
        };
        !self.is_error() && !other.is_error() && key(self) == key(other)
    }
}

/// What is printed. `all`: every attribute, and the call stack; `now_us`: Unix µs.
#[must_use]
pub fn text(trace: &Trace, all: bool, now_us: u64) -> String {
    let tree = Tree::new(trace, all);
    let mut out = String::new();
    head(&mut out, trace, now_us);
    let mut printer = Printer { tree: &tree, out };
    // What has no parent here, by its begin; a stack instead of recursion: a trace is as deep
    // as the traced program likes.
    let mut stack: Vec<Step> = tree
        .roots
        .iter()
        .rev()
        .map(|&span| Step::root(span))
        .collect();
    let mut seen = HashSet::new();
    while let Some(step) = stack.pop() {
        match step {
            Step::More { rail, count, us } => printer.more(&rail, count, us),
            Step::Span { span, rail, under } => {
                if !seen.insert(span) {
                    continue;
                }
                printer.span(span, &rail, &under);
                stack.extend(tree.steps(span, &under).into_iter().rev());
            }
        }
    }
    printer.out
}

fn head(out: &mut String, trace: &Trace, now_us: u64) {
    let apps: HashSet<_> = trace.spans.iter().map(|span| &*span.app).collect();
    let processes: HashSet<_> = trace.spans.iter().map(|s| (&*s.app, s.pid)).collect();
    let errors = trace.spans.iter().filter(|span| span.is_error()).count();
    // Writing to a text cannot fail.
    let _ = writeln!(
        out,
        "trace {}: {}, {} ago{}\n{}, {}, {}, {}\n",
        line(&trace.trace_id, 32),
        duration(trace.duration_us),
        duration(now_us.saturating_sub(trace.start_us)),
        if trace.partial {
            ", partial: some spans are missing"
        } else {
            ""
        },
        count(trace.spans.len() as u64, "span"),
        count(errors as u64, "error"),
        count(apps.len() as u64, "application"),
        count(processes.len() as u64, "process"),
    );
    let _ = writeln!(out, "{:>8} {:>8}", "total", "self");
}

/// What is still to be printed.
enum Step {
    Span {
        span: usize,
        /// What stands before its name.
        rail: String,
        /// What stands before whatever is under it.
        under: String,
    },
    /// Instead of siblings that are alike.
    More { rail: String, count: usize, us: u64 },
}

impl Step {
    fn root(span: usize) -> Self {
        Self::Span {
            span,
            rail: String::new(),
            under: String::new(),
        }
    }
}

struct Tree<'a> {
    trace: &'a Trace,
    all: bool,
    roots: Vec<usize>,
    children: Vec<Vec<usize>>,
}

impl<'a> Tree<'a> {
    fn new(trace: &'a Trace, all: bool) -> Self {
        let spans = &trace.spans;
        let index: HashMap<_, _> = (0..).zip(spans).map(|(n, s)| (&*s.span_id, n)).collect();
        let mut children = vec![Vec::new(); spans.len()];
        let mut roots = Vec::new();
        for (n, span) in spans.iter().enumerate() {
            let parent = span.parent_span_id.as_deref().and_then(|id| index.get(id));
            match parent {
                Some(&parent) if parent != n => children[parent].push(n),
                _ => roots.push(n),
            }
        }
        add_circles(&mut roots, &children);
        for list in children.iter_mut().chain([&mut roots]) {
            list.sort_by_key(|&n: &usize| spans[n].start_us);
        }
        Self {
            trace,
            all,
            roots,
            children,
        }
    }

    /// Its time in which no child ran.
    fn self_us(&self, span: usize) -> u64 {
        let spans = &self.trace.spans;
        let (mut at, end) = (spans[span].start_us, spans[span].end_us());
        let mut free = 0;
        for child in self.children[span].iter().map(|&n| &spans[n]) {
            let begin = child.start_us.clamp(at, end);
            free += begin - at;
            at = at.max(child.end_us().min(end));
        }
        free + (end - at)
    }

    /// What comes under a span whose line ended with `under`.
    fn steps(&self, span: usize, under: &str) -> Vec<Step> {
        let spans = &self.trace.spans;
        let children = &self.children[span];
        let rails = |is_last: bool| {
            if under.chars().count() >= 3 * MAX_INDENT {
                return (under.to_owned(), under.to_owned());
            }
            let (rail, below) = if is_last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            (format!("{under}{rail}"), format!("{under}{below}"))
        };
        let mut steps = Vec::new();
        let mut at = 0;
        while at < children.len() {
            let first = children[at];
            let is_leaf = |n: usize| self.children[n].is_empty();
            let alike = children[at..]
                .iter()
                .take_while(|&&n| {
                    n == first || is_leaf(first) && is_leaf(n) && spans[n].is_like(&spans[first])
                })
                .count();
            let shown = if alike >= ALIKE && !self.all {
                1
            } else {
                alike
            };
            for (nth, &child) in children[at..at + shown].iter().enumerate() {
                let (rail, below) = rails(shown == alike && at + nth + 1 == children.len());
                steps.push(Step::Span {
                    span: child,
                    rail,
                    under: below,
                });
            }
            at += alike;
            if shown < alike {
                let rest = &children[at - alike + shown..at];
                steps.push(Step::More {
                    rail: rails(at == children.len()).0,
                    count: rest.len(),
                    us: rest.iter().map(|&n| spans[n].duration_us).sum(),
                });
            }
        }
        steps
    }
}

/// Spans that are their own ancestors hang on no root: of each circle one becomes one.
fn add_circles(roots: &mut Vec<usize>, children: &[Vec<usize>]) {
    let mut reached = vec![false; children.len()];
    let mut stack = roots.clone();
    let mut candidates = 0..children.len();
    loop {
        while let Some(n) = stack.pop() {
            if !std::mem::replace(&mut reached[n], true) {
                stack.extend(&children[n]);
            }
        }
        let Some(lost) = candidates.find(|&n| !reached[n]) else {
            return;
        };
        roots.push(lost);
        stack.push(lost);
    }
}

struct Printer<'a> {
    tree: &'a Tree<'a>,
    out: String,
}

impl Printer<'_> {
    fn line(&mut self, total: &str, own: &str, rail: &str, text: &str) {
        let start = format!("{total:>8} {own:>8}  {rail}");
        let room = WIDTH.saturating_sub(start.chars().count()).max(16);
        let whole = format!("{start}{}", line(text, room));
        self.out.push_str(whole.trim_end());
        self.out.push('\n');
    }

    fn more(&mut self, rail: &str, count: usize, us: u64) {
        self.line(&duration(us), "", rail, &format!("… {count} more like it"));
    }

    fn span(&mut self, n: usize, rail: &str, under: &str) {
        let tree = self.tree;
        let span = &tree.trace.spans[n];
        let parent = span.parent_span_id.as_deref();
        let parent = parent.and_then(|id| tree.trace.spans.iter().find(|s| s.span_id == id));
        let mut text = String::new();
        if parent.is_none_or(|parent| parent.app != span.app) {
            let _ = write!(text, "[{}] ", span.app);
        }
        text.push_str(&span.name);
        let asked = format!("{} {}", span.system, peer(&span.peer));
        let is_exit = matches!(&*span.kind, "client" | "producer");
        if is_exit && !asked.trim().is_empty() {
            let _ = write!(text, " → {}", asked.trim());
        }
        if !tree.all {
            for key in INLINE {
                if let Some(value) = span.attributes.get(key) {
                    let short = key.rsplit('.').next().unwrap_or(key);
                    let _ = write!(text, "  {short}={}", plain(value));
                }
            }
        }
        if span.is_error() {
            text.insert_str(0, "✗ ");
        }
        let own = duration(tree.self_us(n));
        self.line(&duration(span.duration_us), &own, rail, &text);
        let is_parent = !tree.children[n].is_empty();
        let below = format!("{under}{}", if is_parent { "│  " } else { "   " });
        for (key, value) in &span.attributes {
            if tree.all {
                self.line("", "", &below, &format!("{key} = {}", plain(value)));
            } else if OWN_LINE.contains(&key.as_str()) && value != "" {
                self.line("", "", &below, &plain(value));
            }
        }
        // Mostly the message of the exception that is shown below.
        let is_told = |event: &Event| {
            let message = event.attributes.get("exception.message").map(plain);
            message.as_deref() == Some(&*span.status_message)
        };
        if !span.status_message.is_empty() && !span.events.iter().any(is_told) {
            self.line("", "", &below, &format!("✗ {}", span.status_message));
        }
        for event in &span.events {
            let of = |key: &str| event.attributes.get(key).map(plain).unwrap_or_default();
            let text = match &*event.name {
                "exception" => format!("✗ {}: {}", of("exception.type"), of("exception.message")),
                name => name.to_owned(),
            };
            self.line("", "", &below, &text);
        }
        if tree.all {
            for frame in &span.stack {
                self.line("", "", &below, &frame.text());
            }
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
