//! Text of a retaining path. Pure: names in, text out; never a value.

/// Longest key or name that is printed, in characters.
const NAME_LIMIT: usize = 64;
/// Steps printed of a longer path, half from each end.
const STEP_LIMIT: usize = 24;

/// One step from a holder to what it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// `['key']`, text already clean.
    Key(String),
    /// `[17]`.
    Index(i64),
    /// `[*]`.
    Any,
    /// `->name`.
    Prop(String),
    /// A phrase, set off by a space.
    Words(String),
}

/// A path ready to be printed.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// The root and its first step: `App\Router::$listeners`.
    pub(super) head: String,
    /// The rest.
    pub(super) steps: Vec<Step>,
    /// What is at the end: `object App\Request`.
    pub(super) noun: String,
    /// Size of the innermost container on the way.
    pub(super) of: Option<(&'static str, usize)>,
}

/// A name as text that is safe to print: at most 64 characters, control
/// characters escaped, bytes that are no UTF-8 replaced.
pub(super) fn clean(bytes: &[u8]) -> String {
    // Four bytes per character at most.
    let cut = &bytes[..bytes.len().min(NAME_LIMIT * 4 + 4)];
    let text = String::from_utf8_lossy(cut);
    let mut out = String::with_capacity(text.len());
    for (n, c) in text.chars().enumerate() {
        if n == NAME_LIMIT {
            out.push('…');
            break;
        }
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The name of a property, of a class or a function: not cut, it is code.
pub(super) fn identifier(bytes: &[u8]) -> String {
    // Private and protected names are mangled: "\0Class\0name", "\0*\0name".
    // Names of anonymous classes go on with a path after a NUL.
    let visible = match bytes {
        [0, rest @ ..] => rest
            .iter()
            .position(|b| *b == 0)
            .map_or(rest, |at| &rest[at + 1..]),
        _ => bytes.split(|b| *b == 0).next().unwrap_or(bytes),
    };
    String::from_utf8_lossy(visible)
        .chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = (!c.is_control()).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// A quoted key.
pub(super) fn quoted(key: &str) -> String {
    format!("'{}'", key.replace('\'', "\\'"))
}

impl Path {
    /// The text.
    pub(super) fn render(&self) -> String {
        let steps = pieces(&self.steps);
        let mut out = self.head.clone();
        if steps.len() > STEP_LIMIT {
            let half = STEP_LIMIT / 2;
            steps[..half].iter().for_each(|s| out.push_str(s));
            let left_out = steps.len() - STEP_LIMIT;
            out.push_str(&format!(" … {left_out} steps … "));
            steps[steps.len() - half..]
                .iter()
                .for_each(|s| out.push_str(s));
        } else {
            steps.iter().for_each(|s| out.push_str(s));
        }
        let mut notes = Vec::new();
        if !self.noun.is_empty() {
            notes.push(self.noun.clone());
        }
        if let Some((container, n)) = self.of {
            let s = if n == 1 { "" } else { "s" };
            notes.push(format!("{container} of {n} element{s}"));
        }
        if !notes.is_empty() {
            out.push_str(&format!(" ({})", notes.join(", ")));
        }
        out
    }
}

/// The steps as texts; a run of the same property, a linked list, is one.
fn pieces(steps: &[Step]) -> Vec<String> {
    let mut out = Vec::new();
    let mut i = 0;
    while i < steps.len() {
        let run = steps[i..].iter().take_while(|s| **s == steps[i]).count();
        match &steps[i] {
            Step::Prop(name) if run > 1 => {
                out.push(format!("(->{name})*"));
                i += run;
                continue;
            }
            Step::Prop(name) => out.push(format!("->{name}")),
            Step::Key(key) => out.push(format!("[{}]", quoted(key))),
            Step::Index(n) => out.push(format!("[{n}]")),
            Step::Any => out.push("[*]".into()),
            Step::Words(words) => out.push(format!(" {words}")),
        }
        i += 1;
    }
    out
}

/// `4102` elements as part of a noun.
pub(super) fn elements(n: usize) -> String {
    format!("{n} element{}", if n == 1 { "" } else { "s" })
}
