//! The call stacks behind the leaked bytes: what the flame graph and the
//! profile exports are drawn from.
//!
//! Leaked means alive on a line whose verdict is `grows` or `undecided`.
//! Undecided lines are in, because in a short run every leak is still one of
//! them; `flat` and `once` lines are out, because a full cache would otherwise
//! be the widest frame of every picture.

use std::borrow::Cow;

use super::fmt::visible;
use crate::leak::model::{Frame, ProcessReport, SiteReport, Verdict};

/// The leaked bytes of one line with the calls that led to it.
pub struct LeakedStack<'a> {
    /// The line.
    pub site: &'a SiteReport,
    /// Live bytes, above 0.
    pub bytes: u64,
    /// Frames, innermost first, at least one.
    pub frames: Cow<'a, [Frame]>,
}

/// All leaked stacks of a process, in the order of its report. A line without
/// a captured stack becomes a single frame.
pub fn leaked(process: &ProcessReport) -> impl Iterator<Item = LeakedStack<'_>> {
    process.sites.iter().filter_map(|site| {
        let leaks = matches!(site.verdict, Verdict::Grows | Verdict::Undecided);
        let bytes = u64::try_from(site.live_bytes).ok().filter(|n| *n > 0)?;
        leaks.then(|| LeakedStack {
            site,
            bytes,
            frames: frames(site),
        })
    })
}

fn frames(site: &SiteReport) -> Cow<'_, [Frame]> {
    if site.stack.is_empty() {
        Cow::Owned(vec![Frame {
            file: site.file.clone(),
            line: site.line,
            function: site.function.clone().unwrap_or_default(),
        }])
    } else {
        Cow::Borrowed(&site.stack)
    }
}

/// `Class::method (file:line)`; the function alone for internal functions, the
/// place alone for a line without a captured stack. Safe to print.
#[must_use]
pub fn frame_name(frame: &Frame) -> String {
    let function = visible(&frame.function);
    match (frame.function.is_empty(), frame.file.is_empty()) {
        (true, true) => "(no PHP code)".to_owned(),
        (true, false) => place(&frame.file, frame.line),
        (false, true) => function.into_owned(),
        (false, false) => format!("{function} ({})", place(&frame.file, frame.line)),
    }
}

/// `file:line`, safe to print.
#[must_use]
pub fn place(file: &str, line: u32) -> String {
    if file.is_empty() {
        "(no PHP code)".to_owned()
    } else {
        format!("{}:{line}", visible(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leak::report::fixture;

    #[test]
    fn only_growing_and_undecided_lines_count_as_leaked() {
        let report = fixture::report();
        let verdicts: Vec<_> = leaked(&report.processes[0])
            .map(|stack| stack.site.verdict)
            .collect();
        assert!(verdicts.contains(&Verdict::Grows));
        assert!(verdicts.contains(&Verdict::Undecided));
        assert!(!verdicts.contains(&Verdict::Flat));
        assert!(!verdicts.contains(&Verdict::Once));
    }

    #[test]
    fn a_line_without_a_stack_is_one_frame() {
        let process = ProcessReport {
            sites: vec![SiteReport {
                file: "/a.php".into(),
                line: 3,
                function: Some("strrev".into()),
                live_bytes: 8,
                ..SiteReport::default()
            }],
            ..ProcessReport::default()
        };
        let stacks: Vec<_> = leaked(&process).collect();
        assert_eq!(stacks[0].bytes, 8);
        assert_eq!(frame_name(&stacks[0].frames[0]), "strrev (/a.php:3)");
    }

    #[test]
    fn lines_that_hold_nothing_are_left_out() {
        let process = ProcessReport {
            sites: vec![SiteReport {
                live_bytes: -8,
                ..SiteReport::default()
            }],
            ..ProcessReport::default()
        };
        assert_eq!(leaked(&process).count(), 0);
    }

    #[test]
    fn frames_are_named_by_what_is_known() {
        let frame = |file: &str, function: &str| Frame {
            file: file.into(),
            line: 7,
            function: function.into(),
        };
        assert_eq!(frame_name(&frame("", "strlen")), "strlen");
        assert_eq!(frame_name(&frame("/a.php", "")), "/a.php:7");
        assert_eq!(frame_name(&frame("/a.php", "A::b")), "A::b (/a.php:7)");
        assert_eq!(frame_name(&frame("", "")), "(no PHP code)");
    }
}
