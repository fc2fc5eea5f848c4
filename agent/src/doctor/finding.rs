//! What the checks say.

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As it should be, or worth knowing.
    Ok,
    /// Works, but perhaps not as meant.
    Warn,
    /// Does not work.
    Fail,
}

/// The result of one check.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub text: String,
    /// What to do; empty if nothing.
    pub remedy: String,
}

/// The results of all checks, in order.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// As it should be.
    pub fn ok(&mut self, text: impl Into<String>) {
        self.add(Level::Ok, text.into(), String::new());
    }

    /// Works, but.
    pub fn warn(&mut self, text: impl Into<String>, remedy: impl Into<String>) {
        self.add(Level::Warn, text.into(), remedy.into());
    }

    /// Does not work.
    pub fn fail(&mut self, text: impl Into<String>, remedy: impl Into<String>) {
        self.add(Level::Fail, text.into(), remedy.into());
    }

    fn add(&mut self, level: Level, text: String, remedy: String) {
        self.0.push(Finding {
            level,
            text,
            remedy,
        });
    }

    /// Whether any check failed.
    pub fn failed(&self) -> bool {
        self.count(Level::Fail) > 0
    }

    fn count(&self, level: Level) -> usize {
        self.0.iter().filter(|f| f.level == level).count()
    }

    /// One line per finding, its remedy below it, and a sum.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for finding in &self.0 {
            let word = match finding.level {
                Level::Ok => "ok",
                Level::Warn => "warn",
                Level::Fail => "fail",
            };
            out.push_str(&format!("{word:<4}  {}\n", visible(&finding.text)));
            if !finding.remedy.is_empty() {
                out.push_str(&format!("      -> {}\n", visible(&finding.remedy)));
            }
        }
        out.push_str(&format!(
            "{} ok, {} warn, {} fail\n",
            self.count(Level::Ok),
            self.count(Level::Warn),
            self.count(Level::Fail)
        ));
        out
    }
}

/// Names come from files that others write: nothing in them may move the
/// cursor or begin a line.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_is_one_line_and_the_last_line_adds_up() {
        let mut findings = Findings::default();
        findings.ok("fine");
        findings.warn("a\nb\x1b[31m", "mend it");
        assert!(!findings.failed());
        findings.fail("broken", "replace it");
        assert!(findings.failed());
        assert_eq!(
            findings.text(),
            "ok    fine\nwarn  a?b?[31m\n      -> mend it\nfail  broken\n      -> replace it\n\
             1 ok, 1 warn, 1 fail\n"
        );
    }
}
