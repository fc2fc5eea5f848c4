//! A route that is written as a regular expression, as people read one.

use std::iter::Peekable;
use std::str::Chars;

/// What stands for a part of an address that has no name.
const ANY: &str = "*";

/// Longest expression that is read, bytes; groups may lie within each other.
const LONGEST: usize = 1_000;

/// The route of a regular expression, such as a rewrite rule of WordPress
/// (`([0-9]{4})/([^/]+)(?:/([0-9]+))?/?$`) or a route of its REST interface
/// (`/posts/(?P<id>[\d]+)`): groups become `{name}`, what is optional at the end is
/// left out, anything else that varies is `*`. One that cannot be read is returned
/// as it is.
///
/// `query`: where the names of groups that have none are found, as WordPress writes
/// it (`index.php?year=$matches[1]&name=$matches[2]`).
#[must_use]
pub fn rewrite(rule: &str, query: &str) -> String {
    if rule.len() > LONGEST {
        return rule.to_owned();
    }
    let mut reader = Reader {
        rest: rule.chars().peekable(),
        query,
        groups: 0,
        out: String::with_capacity(rule.len() + 1),
    };
    if reader.rest.next_if_eq(&'/').is_none() {
        reader.rest.next_if_eq(&'^');
        reader.rest.next_if_eq(&'/');
    }
    reader.out.push('/');
    if reader.sequence(false).is_none() {
        return rule.to_owned();
    }
    let end = reader.out.trim_end_matches('/').len();
    reader.out.truncate(end.max(1));
    reader.out
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    query: &'a str,
    groups: usize,
    out: String,
}

impl Reader<'_> {
    /// Up to the end, or to the parenthesis that closes a group.
    fn sequence(&mut self, within: bool) -> Option<()> {
        loop {
            match self.rest.next() {
                None => return (!within).then_some(()),
                Some(')') => return within.then_some(()),
                Some('(') => self.group()?,
                Some('[') => {
                    self.class()?;
                    self.any();
                }
                Some('.') => self.any(),
                Some('\\') => match self.rest.next()? {
                    letter if letter.is_ascii_alphanumeric() => self.any(),
                    escaped => self.out.push(escaped),
                },
                Some('^' | '$' | '?' | '+' | '*') => {}
                Some('{') => self.count(),
                Some('|') if within => self.any(),
                Some(literal) => self.out.push(literal),
            }
        }
    }

    /// A group: its parenthesis has been read.
    fn group(&mut self) -> Option<()> {
        let from = self.out.len();
        let mut name = None;
        let mut captures = true;
        if self.rest.next_if_eq(&'?').is_some() {
            match self.rest.next()? {
                'P' => {
                    self.rest.next_if_eq(&'<')?;
                    name = Some(self.name('>')?);
                }
                '<' => name = Some(self.name('>')?),
                '\'' => name = Some(self.name('\'')?),
                // One that looks ahead, or changes how the rest is read, is rare.
                ':' => captures = false,
                _ => return None,
            }
        }
        if captures {
            self.groups += 1;
        }
        let number = self.groups;
        self.sequence(true)?;
        let is_optional = matches!(self.rest.peek(), Some('?' | '*'));
        if captures {
            self.out.truncate(from);
            match name.or_else(|| self.name_of(number)) {
                Some(name) => {
                    self.out.push('{');
                    self.out.push_str(&name);
                    self.out.push('}');
                }
                None => self.any(),
            }
        } else if is_optional {
            self.out.truncate(from);
        } else if self.out[from..].contains(ANY) {
            // Alternatives among others.
            self.out.truncate(from);
            self.any();
        }
        Some(())
    }

    fn name(&mut self, end: char) -> Option<String> {
        let mut name = String::new();
        loop {
            match self.rest.next()? {
                letter if letter == end => return Some(name),
                letter => name.push(letter),
            }
        }
    }

    /// What the query calls a group.
    fn name_of(&self, number: usize) -> Option<String> {
        let value = format!("$matches[{number}]");
        let variables = self.query.rsplit('?').next().unwrap_or_default();
        variables.split('&').find_map(|variable| {
            let (name, found) = variable.split_once('=')?;
            (found == value && !name.is_empty()).then(|| name.to_owned())
        })
    }

    /// A set of characters: its bracket has been read.
    fn class(&mut self) -> Option<()> {
        self.rest.next_if_eq(&'^');
        self.rest.next_if_eq(&']');
        loop {
            match self.rest.next()? {
                ']' => return Some(()),
                '\\' => {
                    self.rest.next()?;
                }
                _ => {}
            }
        }
    }

    /// How often something stands there (`{4}`): its brace has been read.
    fn count(&mut self) {
        let end = self.rest.clone().position(|letter| letter == '}');
        for _ in 0..end.map_or(0, |end| end + 1) {
            self.rest.next();
        }
    }

    fn any(&mut self) {
        if !self.out.ends_with(ANY) {
            self.out.push_str(ANY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_word_press() {
        let post = "index.php?year=$matches[1]&name=$matches[2]&page=$matches[3]";
        let page = "index.php?pagename=$matches[1]&page=$matches[2]";
        let list = "index.php?category_name=$matches[1]&paged=$matches[2]";
        for (rule, query, route) in [
            (
                r"([0-9]{4})/([^/]+)(?:/([0-9]+))?/?$",
                post,
                "/{year}/{name}",
            ),
            (r"(.?.+?)(?:/([0-9]+))?/?$", page, "/{pagename}"),
            (
                r"category/(.+?)/page/?([0-9]{1,})/?$",
                list,
                "/category/{category_name}/page/{paged}",
            ),
            (
                r"(feed|rdf|rss|rss2|atom)/?$",
                "index.php?&feed=$matches[1]",
                "/{feed}",
            ),
            (
                r"feed/(feed|rdf)/?$",
                "index.php?&feed=$matches[1]&withcomments=1",
                "/feed/{feed}",
            ),
            (r"robots\.txt$", "index.php?robots=1", "/robots.txt"),
            (
                r"^wp-sitemap\.xml$",
                "index.php?sitemap=index",
                "/wp-sitemap.xml",
            ),
            (r"^wp-json/?$", "index.php?rest_route=/", "/wp-json"),
            (
                r"^wp-json/(.*)?",
                "index.php?rest_route=/$matches[1]",
                "/wp-json/*",
            ),
            ("$", "", "/"),
            (
                r".*wp-app\.php(/.*)?$",
                "index.php?error=403",
                "/*wp-app.php*",
            ),
        ] {
            assert_eq!(rewrite(rule, query), route, "{rule}");
        }
    }

    #[test]
    fn routes_of_its_rest_interface() {
        for (rule, route) in [
            ("/", "/"),
            ("/wp/v2/posts", "/wp/v2/posts"),
            (r"/wp/v2/posts/(?P<id>[\d]+)", "/wp/v2/posts/{id}"),
            (
                r"/wp/v2/posts/(?P<parent>[\d]+)/revisions/(?P<id>[\d]+)",
                "/wp/v2/posts/{parent}/revisions/{id}",
            ),
            (
                r"/wp/v2/templates/(?P<id>([^\/:<>\*\?\x22\|]+(?:\/[^\/:<>\*\?\x22\|]+)?)[\/\w%-]+)",
                "/wp/v2/templates/{id}",
            ),
            (r"/shop/(?:new|old)/(?<id>[^\]/]+)", "/shop/*/{id}"),
            (r"/shop/(?:all)/x{2}\d+", "/shop/all/x*"),
        ] {
            assert_eq!(rewrite(rule, ""), route, "{rule}");
        }
    }

    #[test]
    fn what_cannot_be_read_stays() {
        for rule in ["a(b", "a)b", "(?=a)b", "[a", "a\\", "(?P<x", "(?Pa)"] {
            assert_eq!(rewrite(rule, ""), rule);
        }
        let long = "(".repeat(100_000);
        assert_eq!(rewrite(&long, ""), long);
        assert_eq!(rewrite("", ""), "/");
        assert_eq!(rewrite("a{b", ""), "/ab");
    }
}
