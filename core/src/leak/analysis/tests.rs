//! From records to bytes.

use std::path::Path;

use super::*;
use crate::leak::ledger::sites::SiteKind;
use crate::leak::log::record::{LineEntry, PreEntry, SiteEntry};
use crate::leak::log::writer::LogWriter;
use crate::leak::model::Verdict;
use crate::leak::report::{Format, render};

const SITE: SiteEntry = SiteEntry {
    file: 0,
    line: 7,
    function: None,
    kind: SiteKind::Code,
};
const OTHER: SiteEntry = SiteEntry {
    file: 0,
    line: 9,
    function: None,
    kind: SiteKind::Code,
};

fn line(net: i64, pre: Vec<PreEntry>) -> LineEntry {
    LineEntry {
        site: 0,
        net,
        growth: 0,
        pre,
    }
}

fn loop_record(pid: u32, number: u32, lines: Vec<LineEntry>) -> Record<'static> {
    Record {
        pid,
        number,
        sapi: "cli",
        texts: vec!["/t.php"],
        sites: vec![SITE, OTHER],
        final_below: number,
        lines,
        ..Record::default()
    }
}

fn text_of(records: &[Record<'_>]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let mut writer = LogWriter::new(&path, 1 << 30);
    for record in records {
        writer.append(record);
    }
    original(&path)
}

fn original(path: &Path) -> String {
    let mut analysis = Analysis::of(path, "", None);
    analysis.queue_original();
    let mut text = Vec::new();
    let mut chunk = [0; 100];
    loop {
        match analysis.read_text(&mut chunk, 1_000) {
            0 => return String::from_utf8(text).unwrap(),
            n => text.extend_from_slice(&chunk[..n]),
        }
    }
}

#[test]
fn blocks_stand_by_loop_with_processes_in_log_order() {
    let text = text_of(&[
        loop_record(2, 0, vec![line(320, vec![])]),
        loop_record(2, 1, vec![]),
        loop_record(1, 0, vec![]),
    ]);
    assert_eq!(
        text,
        "[2 (Loop 0)] /t.php:7 => \x1b[31m[320]\x1b[0m\n\
         [2 (Loop 0)] ❌ \x1b[31m This Loop TotalLeak: [320]\x1b[0m\n\n\n\
         [1 (Loop 0)] ✅ Nice!! No Leak Were Detected In This Loop\n\n\n\
         [2 (Loop 1)] ✅ Nice!! No Leak Were Detected In This Loop\n\n\n"
    );
}

#[test]
fn what_the_next_loop_freed_is_taken_off_and_expected_of_the_newest() {
    let mut second = loop_record(1, 1, vec![line(320, vec![])]);
    second.cancels = vec![(0, 0, 320)];
    let text = text_of(&[loop_record(1, 0, vec![line(320, vec![])]), second]);
    assert!(!text.contains('❌'), "{text}");
}

#[test]
fn late_frees_stand_below_their_line_and_add_up() {
    let pre = |bytes| PreEntry {
        origin_loop: 0,
        origin: 1,
        bytes,
    };
    let text = text_of(&[loop_record(1, 5, vec![line(100, vec![pre(64), pre(136)])])]);
    assert_eq!(
        text,
        "[1 (Loop 5)] /t.php:7 => \x1b[31m[-100]\x1b[0m\n\
         \x1b[36m               Free Pre (Loop 0) : /t.php:9 => [100]\x1b[0m\n\
         [1 (Loop 5)] ❌ \x1b[31m This Loop TotalLeak: [-100]\x1b[0m\n\n\n"
    );
}

#[test]
fn a_negative_total_is_explained_where_it_is_printed() {
    let pre = |bytes| PreEntry {
        origin_loop: 0,
        origin: 1,
        bytes,
    };
    let mut taken_back = loop_record(1, 3, vec![line(8, vec![])]);
    taken_back.final_below = 3;
    taken_back.cancels = vec![(2, 0, 64)];
    let log = [
        loop_record(1, 0, vec![line(200, vec![])]),
        loop_record(1, 1, vec![line(150, vec![pre(100)])]),
        // Positive until the next loop frees what it kept.
        loop_record(1, 2, vec![line(64, vec![pre(50)])]),
        taken_back,
        loop_record(1, 4, vec![line(0, vec![pre(50)])]),
    ];
    let text = text_of(&log);
    assert_eq!(text.matches("TotalLeak: [-50]").count(), 2, "{text}");
    let payloads: Vec<Vec<u8>> = log.iter().map(Record::payload).collect();
    let notes = |count: usize| {
        let records = payloads[..count].iter().map(Vec::as_slice);
        Analysis::of_records(records, "")[0].notes.join(" ")
    };
    assert_eq!(notes(3), "");
    assert!(
        notes(4).starts_with("1 loop has a negative TotalLeak"),
        "{}",
        notes(4)
    );
    assert!(
        notes(5).starts_with("2 loops have a negative TotalLeak"),
        "{}",
        notes(5)
    );
}

#[test]
fn growth_needs_five_times_and_carries_the_reset_on_the_next_line() {
    let records: Vec<_> = (0..6)
        .map(|number| {
            let grows = LineEntry {
                site: 0,
                net: 0,
                growth: u64::from(number > 0) * 8,
                pre: vec![],
            };
            loop_record(1, number, vec![grows])
        })
        .collect();
    let text = text_of(&records);
    let section = "\x1b[33m The Possible Leak As Malloc Size Keep Growth:\n\
                   \x1b[0m /t.php:7 => \x1b[31m Growth Times : [5];  Growth Size : [40]\x1b[0m\n\n";
    assert!(text.ends_with(section), "{text:?}");
    assert!(!text_of(&records[..5]).contains("Growth"));
}

#[test]
fn the_newest_loop_does_not_count_for_the_verdict() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let mut writer = LogWriter::new(&path, 1 << 30);
    for number in 0..20 {
        let mut record = loop_record(1, number, vec![]);
        record.judged = Some(u64::from(number));
        record.samples = vec![(0, i64::from(number) * 64 + 64, 1)];
        writer.append(&record);
    }
    let report = Analysis::of(&path, "", None).report();
    let site = &report.processes[0].sites[0];
    assert_eq!((site.verdict, site.live_bytes), (Verdict::Grows, 19 * 64));
    let report = Analysis::of(&path, "t.php:7", None).report();
    assert!(report.processes[0].sites.is_empty());
    assert_eq!(report.processes[0].suppressed[0].bytes, 19 * 64);
}

#[test]
fn loops_that_wait_for_their_verdict_are_told_of() {
    let payloads = |judged: fn(u32) -> Option<u64>| -> Vec<Vec<u8>> {
        let records = (0..40).map(|number| Record {
            judged: judged(number),
            ..loop_record(1, number, vec![])
        });
        records.map(|record| record.payload()).collect()
    };
    let unjudged = |judged| {
        let log = payloads(judged);
        Analysis::of_records(log.iter().map(Vec::as_slice), "")[0].unjudged_loops
    };
    assert_eq!(unjudged(|number| Some(u64::from(number))), 0);
    // A loop that began before the tenth ended runs on.
    assert_eq!(unjudged(|number| Some(u64::from(number.min(9)))), 30);
    assert_eq!(unjudged(|_| None), 40);
}

#[test]
fn hostile_positions_and_names_do_no_harm() {
    let mut record = loop_record(1, 0, vec![line(8, vec![])]);
    record.lines[0].site = 4_000_000;
    record.samples = vec![(77, 1, 1)];
    record.texts = vec!["/a\nb\x1b[31m"];
    record.lines.push(line(
        8,
        vec![PreEntry {
            origin_loop: 1,
            origin: 99,
            bytes: 16,
        }],
    ));
    let text = text_of(&[record]);
    assert!(text.contains("/a\\nb\\e[31m:7"), "{text}");
}

#[test]
fn records_by_themselves_are_judged_as_in_a_log() {
    let records: Vec<Record<'static>> = (1..=24)
        .map(|number| Record {
            judged: Some(u64::from(number)),
            samples: vec![(0, i64::from(number) * 500, 3), (1, 64, 1)],
            ..loop_record(number % 2, number, Vec::new())
        })
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let mut writer = LogWriter::new(&path, 1 << 30);
    for record in &records {
        writer.append(record);
    }
    let in_log = Analysis::of(&path, "", None).report().processes;
    let mut payloads: Vec<_> = records
        .iter()
        .map(|r| rmp_serde::to_vec(r).unwrap())
        .collect();
    payloads.push(b"nonsense".to_vec());
    let alone = Analysis::of_records(payloads.iter().map(Vec::as_slice), "");
    assert_eq!(alone, in_log);
    assert_eq!(alone.len(), 2);
    assert_eq!(alone[0].sites[0].verdict, Verdict::Grows);
}

#[test]
fn a_log_that_was_asked_for_and_is_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let mut analysis = Analysis::of(&path, "", None);
    assert!(analysis.is_whole());
    analysis.expect(&path);
    let named = &analysis.report().log.unreadable;
    assert_eq!(named.len(), 1);
    assert!(named[0].starts_with(path.to_str().unwrap()), "{named:?}");
    assert!(!analysis.is_whole());

    std::fs::write(&path, "nothing of ours").unwrap();
    let mut analysis = Analysis::of(&path, "", None);
    analysis.expect(&path);
    assert_eq!(analysis.report().log.unreadable, Vec::<String>::new());
    assert!(analysis.is_empty() && !analysis.is_whole());
}

#[test]
fn who_finds_nothing_is_told_what_was_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let name = path.to_str().unwrap();
    let hint = || Analysis::of(&path, "", None).hint();
    assert!(hint().contains(&format!("no record: {name} does not exist. Run")));
    std::fs::write(&path, "").unwrap();
    assert!(hint().contains(&format!("no record: {name} is empty. Run")));
    std::fs::write(&path, "nothing of ours").unwrap();
    assert!(hint().contains(&format!("{name} has no record that can be read. Run")));
    assert!(hint().ends_with(" Skipped: 1 damaged record."));
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(Analysis::of(&link, "", None).hint().contains(&format!(
        "the leak log cannot be read: {}: the file is a symbolic link. Run this as",
        link.display()
    )));
    let below = path.join("log");
    assert!(
        Analysis::of(&below, "", None)
            .hint()
            .contains("log Not a directory")
    );
}

/// A log in which every record of 20 names 500 lines of its own, beside one that
/// grows.
fn hostile(dir: &Path) -> std::path::PathBuf {
    let path = dir.join("log");
    let mut writer = LogWriter::new(&path, 1 << 30);
    for number in 0..20 {
        let lines = (0..500).map(|n| SiteEntry {
            line: 1000 + number * 500 + n,
            ..SITE
        });
        let mut record = loop_record(1, number, Vec::new());
        record.sites = std::iter::once(SITE).chain(lines).collect();
        record.judged = Some(u64::from(number));
        record.samples = (0..=500).map(|site| (site, 100, 1)).collect();
        record.samples[0].1 = i64::from(number + 1) * 1000;
        record.lines = (0..=500)
            .map(|site| LineEntry {
                site,
                ..line(1, Vec::new())
            })
            .collect();
        writer.append(&record);
    }
    path
}

#[test]
fn lines_without_end_find_no_room_and_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = hostile(dir.path());
    let all = Analysis::of(&path, "", None);
    assert_eq!(all.report().log.not_counted, 0);
    assert_eq!(all.report().processes[0].sites.len(), 500 * 19 + 1);
    assert!(all.is_whole());

    let some = Analysis::within(Room::new(1 << 20), &path, "", None);
    let report = some.report();
    let process = &report.processes[0];
    let shown = process.sites.len();
    assert!((500..5000).contains(&shown), "{shown}");
    assert!(report.log.not_counted > 5000, "{}", report.log.not_counted);
    assert!(!some.is_whole());
    // What found room is judged as ever: on every sample.
    let growing = &process.sites[0];
    assert_eq!((growing.line, growing.verdict), (7, Verdict::Grows));
    assert_eq!(growing.live_bytes, 19_000);
    assert_eq!(process.loops, 20);
    // The newest record's samples are held back until another follows.
    let text = render(&report, Format::Text);
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("entries not counted: the log names more lines"),
        "{text}"
    );
}

#[test]
fn processes_without_end_find_no_room() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let mut writer = LogWriter::new(&path, 1 << 30);
    for pid in 0..1000 {
        writer.append(&loop_record(pid, 0, Vec::new()));
    }
    let some = Analysis::within(Room::new(100 << 10), &path, "", None);
    let report = some.report();
    assert!(report.processes.len() < 500);
    let told = report.processes.len() as u64 + report.log.not_counted;
    assert_eq!(told, 1000);
}
