//! `leak_ignore`: lines that the verdicts leave out.

/// One pattern: `file`, `file:line`, or `file:*`, which is the same as `file`.
#[derive(Debug)]
struct Pattern {
    /// As the user wrote it.
    text: Box<str>,
    file: Box<str>,
    line: Option<u32>,
}

impl Pattern {
    fn new(text: &str) -> Self {
        let (file, line) = match text.rsplit_once(':') {
            Some((file, "*")) => (file, None),
            Some((file, line)) => match line.parse() {
                Ok(line) => (file, Some(line)),
                Err(_) => (text, None),
            },
            None => (text, None),
        };
        Self {
            text: text.into(),
            file: file.into(),
            line,
        }
    }

    fn matches(&self, file: &str, line: u32) -> bool {
        let pattern = self.file.as_bytes();
        self.line.is_none_or(|at| at == line)
            && (fits(pattern, file.as_bytes())
                || file
                    .match_indices('/')
                    .any(|(slash, _)| fits(pattern, &file.as_bytes()[slash + 1..])))
    }
}

/// Patterns of `file[:line]`.
#[derive(Debug, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

impl Ignore {
    /// Patterns from a list separated by commas.
    pub fn new(list: &str) -> Self {
        let patterns = list.split(',').map(str::trim).filter(|p| !p.is_empty());
        Self {
            patterns: patterns.map(Pattern::new).collect(),
        }
    }

    /// Whether a place matches. A pattern fits a whole path or the end of one
    /// that begins after a slash: `vendor/monolog/*` fits
    /// `/srv/app/vendor/monolog/src/Logger.php`.
    pub fn matches(&self, file: &str, line: u32) -> bool {
        self.patterns.iter().any(|p| p.matches(file, line))
    }

    /// The patterns, to be shown every place: those that are left have a mistake in
    /// them, or nothing to do.
    pub fn unmatched(&self) -> Unmatched<'_> {
        Unmatched {
            left: self.patterns.iter().collect(),
        }
    }
}

/// Patterns that have not matched anything so far.
#[derive(Debug)]
pub struct Unmatched<'a> {
    left: Vec<&'a Pattern>,
}

impl Unmatched<'_> {
    /// Takes out those that match this place.
    pub fn show(&mut self, file: &str, line: u32) {
        self.left.retain(|p| !p.matches(file, line));
    }

    /// What is left, as the user wrote it.
    pub fn texts(&self) -> Vec<String> {
        self.left.iter().map(|p| p.text.to_string()).collect()
    }
}

/// Whether a text fits a pattern in which `*` stands for any bytes and `?` for
/// one. Iterative: the pattern comes from a user.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_paths_and_their_ends() {
        let ignore = Ignore::new("vendor/monolog/*, *.php:42");
        assert!(ignore.matches("/srv/vendor/monolog/src/A.php", 7));
        assert!(!ignore.matches("/srv/myvendor/monolog/src/A.php", 7));
        assert!(ignore.matches("/srv/b.php", 42));
        assert!(!ignore.matches("/srv/b.php", 43));
        assert!(!Ignore::new("").matches("/srv/b.php", 43));
    }

    #[test]
    fn a_star_stands_for_any_line() {
        let ignore = Ignore::new("worker.php:*");
        assert!(ignore.matches("/srv/worker.php", 1));
        assert!(ignore.matches("worker.php", 70));
        assert!(!ignore.matches("/srv/other.php", 1));
        assert!(!ignore.matches("/srv/my_worker.php", 1));
    }

    #[test]
    fn patterns_that_match_nothing_are_left() {
        let ignore = Ignore::new("a.php, *.php:3-9, *.php:7, b.php:*, worker.php:2");
        let mut unmatched = ignore.unmatched();
        unmatched.show("/srv/a.php", 7);
        unmatched.show("/srv/worker.php", 3);
        assert_eq!(
            unmatched.texts(),
            ["*.php:3-9", "b.php:*", "worker.php:2"],
            "each that fits is taken out, not only the first"
        );
    }

    #[test]
    fn stars_do_not_take_for_ever() {
        let pattern = "*a".repeat(60);
        assert!(!fits(pattern.as_bytes(), "b".repeat(5_000).as_bytes()));
    }
}
