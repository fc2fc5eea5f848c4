//! What is said of one line and of who holds its memory.

use crate::leak::model::{Holder, SiteReport, Verdict};
use crate::leak::report::fmt::{bytes, counted, signed_bytes, split_path, visible};
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
        Verdict::Undecided => {
            let rate = if has_rate(site) {
                format!("{}/loop so far, ", signed_bytes(site.bytes_per_loop))
            } else {
                String::new()
            };
            format!("{rate}since loop {first}, {live}")
        }
    }
}

/// Whether the report knows a rate of the line's growth: none is fitted before
/// the line grows, and a 0 would deny what the loops above show.
#[must_use]
pub fn has_rate(site: &SiteReport) -> bool {
    match site.verdict {
        Verdict::Grows => true,
        Verdict::Undecided => site.bytes_per_loop != 0.0,
        Verdict::Flat | Verdict::Once => false,
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
    let path = readable(&holder.path);
    let path = visible(&path);
    match (path.is_empty(), holder.complete) {
        (true, true) => "held by something that no search reaches".to_owned(),
        (true, false) => "search stopped before a holder was found".to_owned(),
        // Of what no path leads to, the worker says so itself.
        (false, _) if path.starts_with("search stopped") => path.into_owned(),
        (false, true) if path.starts_with("held by ") => path.into_owned(),
        (false, false) if path.starts_with("held by ") => format!("{path}, search stopped"),
        (false, true) => format!("held by {path}"),
        (false, false) => format!("held by {path}, search stopped"),
    }
}

/// The path as people read it: without the numbers of elements, which are of
/// the loop in which the search ran, and with `local $k of worker() (gen.php:14)`
/// for `local $k in worker() at /srv/gen.php:14`.
fn readable(path: &str) -> String {
    frame_first(&without_sizes(path))
}

/// `(array of 52 elements)` becomes `(array)`; `(array, 4 102 elements)` too.
fn without_sizes(path: &str) -> String {
    let Some((before, noun)) = path.rsplit_once(" (") else {
        return path.to_owned();
    };
    let Some(noun) = noun.strip_suffix(')') else {
        return path.to_owned();
    };
    let parts: Vec<&str> = noun.split(", ").filter_map(without_size).collect();
    if parts.is_empty() {
        before.to_owned()
    } else {
        format!("{before} ({})", parts.join(", "))
    }
}

/// One part of the noun without its number; `None` if it was only that.
fn without_size(part: &str) -> Option<&str> {
    let number = part
        .strip_suffix(" elements")
        .or_else(|| part.strip_suffix(" element"));
    let Some(rest) = number else {
        return Some(part);
    };
    let kind = rest.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    if kind.len() == rest.len() {
        return Some(part);
    }
    let kind = kind.strip_suffix(" of").unwrap_or(kind);
    (!kind.is_empty()).then_some(kind)
}

/// `VARIABLE in FUNCTION at /path/file:LINE` becomes
/// `VARIABLE of FUNCTION (file:LINE) `; other paths stay.
fn frame_first(path: &str) -> String {
    let is_frame = [
        "local $",
        "$this in ",
        "the closure in ",
        "argument ",
        "a temporary value in ",
    ]
    .iter()
    .any(|start| path.starts_with(start));
    let parts = path.split_once(" in ").and_then(|(variable, rest)| {
        let (function, rest) = rest.split_once(" at ")?;
        // The line is the first number that follows a colon.
        let colon = rest
            .match_indices(':')
            .map(|(at, _)| at)
            .find(|at| rest[at + 1..].starts_with(|c: char| c.is_ascii_digit()))?;
        let line = rest[colon + 1..]
            .find(|c: char| !c.is_ascii_digit())
            .map_or(rest.len(), |length| colon + 1 + length);
        let (_, file) = split_path(&rest[..colon]);
        let steps = rest[line..].trim_start();
        let gap = if steps.is_empty() { "" } else { " " };
        let place = format!("{file}{}", &rest[colon..line]);
        Some(format!("{variable} of {function} ({place}){gap}{steps}"))
    });
    parts
        .filter(|_| is_frame)
        .unwrap_or_else(|| path.to_owned())
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
    fn an_undecided_line_does_not_deny_its_growth() {
        let mut early = site(Verdict::Undecided);
        early.bytes_per_loop = 0.0;
        assert_eq!(facts(&early), "since loop 4, live 456.0 KB in 38 blocks");
        early.bytes_per_loop = 24.0;
        assert!(facts(&early).starts_with("+24 B/loop so far, since"));
    }

    #[test]
    fn paths_are_said_without_old_numbers_and_in_reading_order() {
        for (path, words) in [
            (
                "A::$b[*] (object Closure, array of 52 elements)",
                "A::$b[*] (object Closure, array)",
            ),
            ("A::$b (array, 4 102 elements)", "A::$b (array)"),
            (
                "A::$b->c (object ArrayObject, 1 element)",
                "A::$b->c (object ArrayObject)",
            ),
            ("A::$b (container of 3 elements)", "A::$b (container)"),
            (
                "$GLOBALS['a (b, 3 elements']",
                "$GLOBALS['a (b, 3 elements']",
            ),
            ("A::$b (object my elements)", "A::$b (object my elements)"),
            (
                "local $k in worker() at /tmp/gen.php:14->d->listeners[*][*]",
                "local $k of worker() (gen.php:14) ->d->listeners[*][*]",
            ),
            (
                "$this in Worker::run() at /srv/a/w.php:12 (object W)",
                "$this of Worker::run() (w.php:12) (object W)",
            ),
            (
                "local $k in worker() at /w.php:3",
                "local $k of worker() (w.php:3)",
            ),
            ("static $a in f()", "static $a in f()"),
            ("argument #1 in str_repeat", "argument #1 in str_repeat"),
        ] {
            assert_eq!(readable(path), words, "{path}");
        }
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
            holder_sentence(&holder("held by native code", true)),
            "held by native code"
        );
        assert_eq!(
            holder_sentence(&holder("A::$b", false)),
            "held by A::$b, search stopped"
        );
        assert_eq!(
            holder_sentence(&holder("held by native code", false)),
            "held by native code, search stopped"
        );
        assert_eq!(
            holder_sentence(&holder("search stopped at 7 nodes", false)),
            "search stopped at 7 nodes"
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
