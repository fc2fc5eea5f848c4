//! What is said of one line and of who holds its memory.

use crate::leak::model::{Holder, SiteReport, Verdict};
use crate::leak::report::fmt::{bytes, counted, signed_bytes, visible};
use crate::leak::report::stacks::place;

/// `file:line (internal function) [kind]`; the kind only where the line did
/// not ask for the memory itself.
#[must_use]
pub fn name(site: &SiteReport) -> String {
    let mut text = place(&site.file, site.line);
    if let Some(function) = &site.function {
        text.push_str(&format!(" ({})", visible(function)));
    }
    if let Some(kind) = kind(site) {
        text.push_str(&format!(" [{kind}]"));
    }
    text
}

/// What asked for the memory, if not the code of the line.
#[must_use]
pub fn kind(site: &SiteReport) -> Option<String> {
    match site.kind.as_str() {
        "" | "code" => None,
        "compile" => Some("compile/autoload".to_owned()),
        "vm_stack" => Some("VM stack".to_owned()),
        other => Some(visible(other).into_owned()),
    }
}

/// `grows +12.0 KB/loop`, or the verdict alone where nothing grows.
#[must_use]
pub fn verdict_words(site: &SiteReport) -> String {
    match site.verdict {
        Verdict::Grows => format!("grows {}/loop", signed_bytes(site.bytes_per_loop)),
        verdict => verdict.as_str().to_owned(),
    }
}

/// What follows [`verdict_words`]: `38 loops, since loop 4, live 456.0 KB in
/// 38 blocks (R 0.99)`, and the like for the other verdicts.
#[must_use]
pub fn facts(site: &SiteReport) -> String {
    let first = site.first_loop;
    let size = bytes(site.live_bytes);
    let blocks = counted(u64::try_from(site.blocks).unwrap_or(0), "block");
    let live = format!("live {size} in {blocks}");
    match site.verdict {
        Verdict::Grows => format!(
            "{}, since loop {first}, {live} (R {})",
            counted(loops_of(site), "loop"),
            fit(site)
        ),
        Verdict::Flat => format!(
            "{live}, first in loop {first}, last change in loop {}",
            site.last_loop
        ),
        Verdict::Once => format!("{live}, in loop {first}"),
        Verdict::Undecided => format!(
            "{}/loop so far, since loop {first}, {live}",
            signed_bytes(site.bytes_per_loop)
        ),
    }
}

/// The correlation coefficient, rounded down, so that 1.00 means exactly that.
#[must_use]
pub fn fit(site: &SiteReport) -> String {
    if site.fit_r.is_finite() {
        format!("{:.2}", (site.fit_r * 100.0).floor() / 100.0)
    } else {
        "unknown".to_owned()
    }
}

/// Loops from the first to the last change, both included.
fn loops_of(site: &SiteReport) -> u64 {
    site.last_loop
        .saturating_sub(site.first_loop)
        .saturating_add(1)
}

/// What follows "held by": the path, or why there is none.
#[must_use]
pub fn holder_sentence(holder: &Holder) -> String {
    let path = visible(&holder.path);
    match (path.is_empty(), holder.complete) {
        (true, true) => "held by something that no search reaches".to_owned(),
        (true, false) => "search stopped before a holder was found".to_owned(),
        (false, true) => format!("held by {path}"),
        (false, false) => format!("held by {path}, search stopped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(verdict: Verdict) -> SiteReport {
        SiteReport {
            file: "/srv/Foo.php".into(),
            line: 42,
            function: Some("str_repeat".into()),
            kind: "code".into(),
            verdict,
            live_bytes: 466_944,
            bytes_per_loop: 12_288.0,
            fit_r: 0.9987,
            blocks: 38,
            first_loop: 4,
            last_loop: 41,
            ..SiteReport::default()
        }
    }

    #[test]
    fn a_growing_line_says_how_fast_how_long_and_how_sure() {
        assert_eq!(name(&site(Verdict::Grows)), "/srv/Foo.php:42 (str_repeat)");
        assert_eq!(verdict_words(&site(Verdict::Grows)), "grows +12.0 KB/loop");
        assert_eq!(
            facts(&site(Verdict::Grows)),
            "38 loops, since loop 4, live 456.0 KB in 38 blocks (R 0.99)"
        );
    }

    #[test]
    fn holders_say_when_the_search_ended_early() {
        let holder = |path: &str, complete| Holder {
            path: path.into(),
            kind: "static".into(),
            complete,
        };
        assert_eq!(holder_sentence(&holder("A::$b", true)), "held by A::$b");
        assert_eq!(
            holder_sentence(&holder("A::$b", false)),
            "held by A::$b, search stopped"
        );
        assert_eq!(
            holder_sentence(&holder("", false)),
            "search stopped before a holder was found"
        );
    }

    #[test]
    fn numbers_that_are_none_are_called_unknown() {
        let mut odd = site(Verdict::Grows);
        odd.fit_r = f64::NAN;
        odd.bytes_per_loop = f64::INFINITY;
        odd.blocks = -1;
        odd.first_loop = u64::MAX;
        assert_eq!(verdict_words(&odd), "grows unknown/loop");
        let facts = facts(&odd);
        assert!(facts.contains("0 blocks (R unknown)"), "{facts}");
    }
}
