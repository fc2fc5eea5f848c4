//! `leak_ignore`: lines that the verdicts leave out.

/// Patterns of `file[:line]`.
#[derive(Debug, Default)]
pub struct Ignore {
    patterns: Vec<(Box<str>, Option<u32>)>,
}

impl Ignore {
    /// Patterns from a list separated by commas.
    pub fn new(list: &str) -> Self {
        let patterns = list.split(',').map(str::trim).filter(|p| !p.is_empty());
        let split = |pattern: &str| match pattern.rsplit_once(':') {
            Some((file, line)) if line.parse::<u32>().is_ok() => {
                (file.into(), line.parse::<u32>().ok())
            }
            _ => (pattern.into(), None),
        };
        Self {
            patterns: patterns.map(split).collect(),
        }
    }

    /// Whether a place matches. A pattern fits a whole path or the end of one
    /// that begins after a slash: `vendor/monolog/*` fits
    /// `/srv/app/vendor/monolog/src/Logger.php`.
    pub fn matches(&self, file: &str, line: u32) -> bool {
        self.patterns.iter().any(|(pattern, at)| {
            at.is_none_or(|at| at == line)
                && (fits(pattern.as_bytes(), file.as_bytes())
                    || file
                        .match_indices('/')
                        .any(|(slash, _)| fits(pattern.as_bytes(), &file.as_bytes()[slash + 1..])))
        })
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
    fn stars_do_not_take_for_ever() {
        let pattern = "*a".repeat(60);
        assert!(!fits(pattern.as_bytes(), "b".repeat(5_000).as_bytes()));
    }
}
