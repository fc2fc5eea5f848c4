//! Collapsed stacks, one per line: `outer;inner;leaf bytes`, as read by
//! `flamegraph.pl`, inferno and speedscope.
//!
//! The weight is the leaked bytes (see [`super::stacks`]). Equal stacks of
//! several processes are added up: eight workers with the same leak are one
//! frame, eight times as wide.

use std::collections::BTreeMap;

use super::stacks::{frame_name, leaked};
use crate::leak::model::LeakReport;

/// Lines sorted by stack, so that two reports can be compared with `diff`.
#[must_use]
pub fn render(report: &LeakReport) -> String {
    let mut folded: BTreeMap<String, u64> = BTreeMap::new();
    for stack in report.processes.iter().flat_map(leaked) {
        let names: Vec<String> = stack
            .frames
            .iter()
            .rev()
            // The format has no escape for its separator.
            .map(|frame| frame_name(frame).replace(';', ":"))
            .collect();
        let weight = folded.entry(names.join(";")).or_default();
        *weight = weight.saturating_add(stack.bytes);
    }
    folded
        .iter()
        .map(|(names, bytes)| format!("{names} {bytes}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leak::report::fixture;

    #[test]
    fn stacks_run_from_outer_to_inner() {
        let text = render(&fixture::report());
        assert!(
            text.lines().any(|line| {
                line.starts_with("{main} (/srv/app/worker.php:24);{closure}")
                    && line.ends_with(
                        "App\\Service\\Cache::put (/srv/app/src/Service/Cache.php:42);str_repeat 466944",
                    )
            }),
            "{text}"
        );
    }

    #[test]
    fn hostile_names_add_neither_lines_nor_frames() {
        let text = render(&fixture::report());
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(!text.contains('\x1b'));
        let hostile = text.lines().find(|l| l.contains("evil:frame"));
        assert_eq!(hostile.map(|l| l.split(';').count()), Some(2));
    }

    #[test]
    fn equal_stacks_of_several_processes_add_up() {
        let mut report = fixture::report();
        report.processes.push(report.processes[0].clone());
        assert!(render(&report).contains(";str_repeat 933888\n"));
    }

    #[test]
    fn nothing_leaked_is_an_empty_file() {
        assert_eq!(render(&LeakReport::default()), "");
    }
}
