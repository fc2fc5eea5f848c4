//! Endpoint merge rules: names that belong together become one, by regular expressions.
//!
//! In the file of settings, in the order in which they are tried:
//!
//! ```toml
//! [[endpoint_rule]]
//! pattern = '^GET /user/[^/]+$'
//! name = 'GET /user/$'
//! app = 'shop'          # only this application; without it all
//! ```
//!
//! A pattern is looked for anywhere in the name, unless `^` and `$` say otherwise. The first
//! that is found gives the name; what none finds keeps its own. Names of what an
//! application *calls* are not touched. The time for a name is linear in its length, whatever
//! the pattern (the crate `regex` never goes back), and a name is judged once, then remembered.
//! What was stored before keeps its name.

use std::sync::Arc;

use regex::{RegexSet, RegexSetBuilder};
use rustc_hash::FxHashMap;

/// Rules at most.
const MAX_RULES: usize = 200;
/// Bytes of a pattern, and of a name.
const MAX_PATTERN: usize = 1_000;
const MAX_NAME: usize = 250;
/// Memory of one compiled pattern, and of all, bytes: `\w{300}` is too large.
const MAX_COMPILED: usize = 2 << 20;
const MAX_ALL: usize = 32 << 20;
/// Memory of what matching remembers, bytes.
const MAX_CACHE: usize = 8 << 20;
/// Names that are remembered.
const REMEMBERED: usize = 20_000;

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// Regular expression that is looked for in the endpoint's name.
    pub pattern: String,
    /// Name that the endpoint gets.
    pub name: String,
    /// Application that it holds for; none is all.
    pub app: Option<String>,
}

/// Rules that were checked, in their order.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    patterns: RegexSet,
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        self.rules == other.rules
    }
}

impl Eq for Rules {}

impl Rules {
    /// Checks and compiles rules.
    ///
    /// # Errors
    /// Which rule is wrong, counted from 1, and why.
    pub fn new(rules: Vec<Rule>) -> Result<Self, String> {
        if rules.len() > MAX_RULES {
            return Err(format!(
                "{} rules; at most {MAX_RULES} are read",
                rules.len()
            ));
        }
        for (n, rule) in (1..).zip(&rules) {
            let wrong = |why: String| Err(format!("rule {n} ({:?}): {why}", rule.pattern));
            if rule.pattern.is_empty() || rule.pattern.len() > MAX_PATTERN {
                return wrong(format!("a pattern of 1 to {MAX_PATTERN} bytes is wanted"));
            }
            if rule.name.is_empty() || rule.name.len() > MAX_NAME {
                return wrong(format!("a name of 1 to {MAX_NAME} bytes is wanted"));
            }
            // Alone first: the error is then about this pattern.
            if let Err(e) = compile([&rule.pattern], MAX_COMPILED) {
                return wrong(e.to_string());
            }
        }
        let patterns = compile(rules.iter().map(|rule| &rule.pattern), MAX_ALL);
        let patterns = patterns.map_err(|e| format!("all rules together: {e}"))?;
        Ok(Self { rules, patterns })
    }

    /// Number of the rules.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The name that the first rule gives to this endpoint, if one does.
    #[must_use]
    pub fn name(&self, app: &str, endpoint: &str) -> Option<&str> {
        let found = self.patterns.matches(endpoint).into_iter();
        let mut rules = found.map(|at| &self.rules[at]);
        let rule = rules.find(|rule| rule.app.as_deref().is_none_or(|of| of == app))?;
        Some(&rule.name)
    }
}

fn compile<'a>(
    patterns: impl IntoIterator<Item = &'a String>,
    bytes: usize,
) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(patterns)
        .size_limit(bytes)
        .dfa_size_limit(MAX_CACHE)
        .build()
}

/// Application and endpoint.
type Endpoint = (Arc<str>, Box<str>);

/// Applies rules, and remembers what they gave.
#[derive(Debug, Default)]
pub struct Merger {
    rules: Rules,
    known: FxHashMap<Endpoint, Option<Arc<str>>>,
    /// The application asked for last.
    app: Option<Arc<str>>,
}

impl Merger {
    /// Takes other rules from now on.
    pub fn set(&mut self, rules: Rules) {
        if self.rules != rules {
            self.rules = rules;
            self.known.clear();
        }
    }

    /// The name that an endpoint gets, if it is not to keep its own.
    pub fn name(&mut self, app: &str, endpoint: &str) -> Option<Arc<str>> {
        if self.rules.is_empty() {
            return None;
        }
        let app = match &self.app {
            Some(last) if **last == *app => Arc::clone(last),
            _ => Arc::clone(self.app.insert(app.into())),
        };
        let key = (app, endpoint.into());
        if let Some(name) = self.known.get(&key) {
            return name.clone();
        }
        let name: Option<Arc<str>> = self.rules.name(&key.0, endpoint).map(Into::into);
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(key, name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(pattern: &str, name: &str, app: Option<&str>) -> Rule {
        Rule {
            pattern: pattern.into(),
            name: name.into(),
            app: app.map(Into::into),
        }
    }

    #[test]
    fn the_first_rule_that_is_found_gives_the_name() {
        let rules = Rules::new(vec![
            rule("^GET /user/[^/]+$", "GET /user/$", None),
            rule("/user/", "users of the shop", Some("shop")),
            rule("/user/", "users", None),
        ])
        .unwrap();
        let mut merger = Merger::default();
        assert_eq!(merger.name("shop", "GET /user/7"), None);
        merger.set(rules);
        for _ in 0..2 {
            for (app, endpoint, wanted) in [
                ("shop", "GET /user/zoe", Some("GET /user/$")),
                ("blog", "GET /user/zoe", Some("GET /user/$")),
                ("shop", "GET /user/zoe/cart", Some("users of the shop")),
                ("blog", "GET /user/zoe/cart", Some("users")),
                ("shop", "GET /cart", None),
            ] {
                assert_eq!(merger.name(app, endpoint).as_deref(), wanted, "{endpoint}");
            }
        }
        merger.set(Rules::default());
        assert_eq!(merger.name("shop", "GET /user/zoe"), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut merger = Merger::default();
        merger.set(Rules::new(vec![rule("^GET /a", "a", None)]).unwrap());
        for n in 0..3 * REMEMBERED {
            assert!(merger.name("shop", &format!("GET /a{n}")).is_some());
        }
        assert!(merger.known.len() <= REMEMBERED);
    }

    #[test]
    fn wrong_rules_are_told_by_their_number() {
        let long = "x".repeat(MAX_PATTERN + 1);
        for (rules, wanted) in [
            (
                vec![rule("a", "b", None), rule("(", "b", None)],
                "rule 2 (\"(\"): ",
            ),
            (vec![rule("", "b", None)], "a pattern of 1 to 1000 bytes"),
            (vec![rule(&long, "b", None)], "a pattern of 1 to 1000 bytes"),
            (vec![rule("a", "", None)], "a name of 1 to 250 bytes"),
            (vec![rule("a", &long, None)], "a name of 1 to 250 bytes"),
            (vec![rule(r"(\w{99}){999}", "b", None)], "rule 1"),
            (vec![rule(r"\w{300}", "b", None)], "exceeds size limit"),
            (vec![rule(r"\w{20}", "b", None); 200], "all rules together"),
            (vec![rule("a", "b", None); MAX_RULES + 1], "at most 200"),
        ] {
            let told = Rules::new(rules).map(|rules| rules.len()).unwrap_err();
            assert!(told.contains(wanted), "{told}");
        }
    }
}
