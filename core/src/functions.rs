//! Which functions are instrumented: exact names from tables, and the patterns
//! of `trace_functions`.
//!
//! A pattern is compared with the full name, without case: `function`,
//! `Name\space\function`, `Class::method`, `Class::{closure}`. In it `*` stands
//! for any text, so `App\*` is all of a namespace, methods included, and `*`
//! alone is everything. A pattern that ends in `(*)` asks for the arguments,
//! too. Closures have no name of their own: only `*` and patterns that say
//! `{closure}` mean them. Patterns are parted by commas or blanks.

use std::collections::HashMap;

/// What was decided about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Number of the exact name in the table.
    Exact(usize),
    /// A pattern fits.
    Pattern {
        /// It asks for the arguments.
        arguments: bool,
    },
}

#[derive(Debug)]
struct Pattern {
    text: Vec<u8>,
    arguments: bool,
}

impl Pattern {
    fn parse(text: &str) -> Self {
        let (text, arguments) = match text.strip_suffix("(*)") {
            Some(name) => (name, true),
            None => (text.strip_suffix("()").unwrap_or(text), false),
        };
        let text = text.strip_prefix('\\').unwrap_or(text);
        Self {
            text: text.to_ascii_lowercase().into_bytes(),
            arguments,
        }
    }

    fn fits(&self, name: &[u8], closure: bool) -> bool {
        let for_closures =
            self.text == b"*" || self.text.windows(9).any(|part| part == b"{closure}");
        (!closure || for_closures) && matches(&self.text, name)
    }
}

/// `*` in `pattern` stands for any bytes.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    // Where to take up again: after the last star, one byte further.
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&byte) if byte == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                n = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

/// Decides by name. Made once, asked for every declaration that is compiled.
#[derive(Debug, Default)]
pub struct Matcher {
    exact: HashMap<Vec<u8>, usize>,
    patterns: Vec<Pattern>,
}

impl Matcher {
    /// The names of a table, in its order, and the text of `trace_functions`.
    /// Of equal names the first counts.
    pub fn new<'a>(exact: impl IntoIterator<Item = &'a str>, patterns: &str) -> Self {
        let mut matcher = Self::default();
        for (number, name) in exact.into_iter().enumerate() {
            let name = name.to_ascii_lowercase().into_bytes();
            matcher.exact.entry(name).or_insert(number);
        }
        matcher.patterns = patterns
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|text| !text.is_empty())
            .map(Pattern::parse)
            .collect();
        matcher
    }

    /// Whether nothing at all is chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.patterns.is_empty()
    }

    /// Decides about a full name in lower case.
    #[must_use]
    pub fn choose(&self, name: &[u8], closure: bool) -> Option<Choice> {
        if !closure && let Some(&number) = self.exact.get(name) {
            return Some(Choice::Exact(number));
        }
        let fitting = || self.patterns.iter().filter(|p| p.fits(name, closure));
        fitting().next()?;
        Some(Choice::Pattern {
            arguments: fitting().any(|pattern| pattern.arguments),
        })
    }

    /// Text that is equal for matchers that decide alike.
    #[must_use]
    pub fn identity(&self) -> Vec<u8> {
        let mut rows: Vec<_> = self.exact.iter().collect();
        rows.sort_by_key(|(_, number)| **number);
        let mut text = Vec::new();
        for (name, number) in rows {
            text.extend_from_slice(name);
            text.extend_from_slice(format!("={number}\n").as_bytes());
        }
        for pattern in &self.patterns {
            text.extend_from_slice(&pattern.text);
            text.extend_from_slice(if pattern.arguments { b"(*)\n" } else { b"\n" });
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Option<Choice> = Some(Choice::Pattern { arguments: false });

    fn choose(patterns: &str, name: &str) -> Option<Choice> {
        let closure = name.ends_with("{closure}");
        Matcher::new([], patterns).choose(name.as_bytes(), closure)
    }

    #[test]
    fn stars_stand_for_any_text() {
        assert!(matches(b"*", b""));
        assert!(matches(b"a*c*e", b"abcde"));
        assert!(matches(b"*ab", b"aab"));
        assert!(matches(b"a**", b"a"));
        assert!(!matches(b"a*c", b"abcd"));
        assert!(!matches(b"", b"a"));
        assert!(!matches(b"abc", b"ab"));
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = b"*a".repeat(50);
        let name = [b"a".repeat(10_000), b"b".to_vec()].concat();
        assert!(!matches(&pattern, &name));
    }

    #[test]
    fn patterns_mean_full_names() {
        assert_eq!(
            choose(r"App\Service\*::*", r"app\service\user::load"),
            PLAIN
        );
        assert_eq!(choose(r"App\Service\*::*", r"app\service\load"), None);
        assert_eq!(choose(r"\App\*", r"app\service\user::load"), PLAIN);
        assert_eq!(choose("load", r"app\load"), None);
        assert_eq!(choose("foo, Load()", "load"), PLAIN);
        assert_eq!(choose("", "load"), None);
    }

    #[test]
    fn closures_are_meant_by_name_only() {
        assert_eq!(choose("*", r"app\{closure}"), PLAIN);
        assert_eq!(choose(r"App\*", r"app\a::{closure}"), None);
        assert_eq!(choose(r"App\*::{closure}", r"app\a::{closure}"), PLAIN);
    }

    #[test]
    fn arguments_are_asked_for_by_any_pattern() {
        let asked = Some(Choice::Pattern { arguments: true });
        assert_eq!(choose("a::*, A::b(*)", "a::b"), asked);
        assert_eq!(choose("a::*, A::b(*)", "a::c"), PLAIN);
    }

    #[test]
    fn a_table_wins_over_patterns_and_is_named_by_number() {
        let matcher = Matcher::new(["X::a", "X::b"], "*");
        assert_eq!(matcher.choose(b"x::b", false), Some(Choice::Exact(1)));
        assert_eq!(matcher.choose(b"x::c", false), PLAIN);
    }

    #[test]
    fn the_identity_changes_with_the_list_only() {
        let identity = |exact: &[&str], text| Matcher::new(exact.iter().copied(), text).identity();
        assert_eq!(identity(&["a"], "B,c"), identity(&["A"], "b  C"));
        assert_ne!(identity(&["a"], "b"), identity(&["a"], "b(*)"));
        assert_ne!(identity(&["a", "b"], ""), identity(&["b", "a"], ""));
        assert!(Matcher::new([], " , ").is_empty());
    }
}
