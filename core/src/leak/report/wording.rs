//! The sentences of the report, said once for the text and the page.
//!
//! Everything returned here is safe to print on a terminal; the page still
//! escapes it for HTML.

use super::fmt::{bytes, count, counted, signed_bytes, visible};
use crate::leak::model::{
    Cycles, Kinds, LeakReport, LogInfo, MemoryCurve, ProcessReport, SiteReport, Verdict,
};

pub mod places;
pub mod site;

/// The lines of one verdict, in the order of the report.
pub fn with_verdict(
    process: &ProcessReport,
    verdict: Verdict,
) -> impl Iterator<Item = &SiteReport> + Clone {
    process
        .sites
        .iter()
        .filter(move |site| site.verdict == verdict)
}

/// Bytes alive on all these lines. A damaged log may claim anything, so the
/// sum stops at the largest number.
pub fn live_bytes<'a>(sites: impl Iterator<Item = &'a SiteReport>) -> i64 {
    sites.fold(0, |sum, site| sum.saturating_add(site.live_bytes))
}

/// Loops that a verdict should have.
const ENOUGH: u64 = 20;
/// Loops in which a line that keeps nothing shows that it does not.
const ENOUGH_FOR_NOTHING: u64 = 10;
/// What to do about [`is_too_short`].
const TOO_FEW: &str = "Too few loops to tell: send 20 or more";

/// Whether there are too few loops for an answer, so that "nothing grows" would
/// read as an all-clear.
fn is_too_short(process: &ProcessReport) -> bool {
    let has = |verdict| with_verdict(process, verdict).next().is_some();
    let enough = if has(Verdict::Undecided) {
        ENOUGH
    } else {
        ENOUGH_FOR_NOTHING
    };
    let judged = process.loops.saturating_sub(process.unjudged_loops);
    process.loops > 0 && judged < enough && !is_held_up(process) && !has(Verdict::Grows)
}

/// Loops that wait for the verdicts, from which on it is said: a few always may where
/// several run at a time.
const MANY_UNJUDGED: u64 = 10;

/// Whether so many loops are not judged that "nothing grows" would be about a past.
fn is_held_up(process: &ProcessReport) -> bool {
    process.unjudged_loops >= MANY_UNJUDGED
}

/// `2 lines grow in 1 of 3 processes`.
#[must_use]
pub fn report_sentence(report: &LeakReport) -> String {
    let total = report.processes.len() as u64;
    let growing = |process: &ProcessReport| with_verdict(process, Verdict::Grows).count() as u64;
    let lines: u64 = report.processes.iter().map(growing).sum();
    let leaking = report.processes.iter().filter(|p| growing(p) > 0).count();
    let recorded = report.processes.iter().filter(|p| p.loops > 0).count();
    let short = report.processes.iter().filter(|p| is_too_short(p)).count();
    match (total, lines) {
        (0, _) => "No process is in the log".to_owned(),
        (_, 0) if report.processes.iter().all(|p| p.loops == 0) => {
            format!("No loop was recorded in {}", counted(total, "process"))
        }
        (_, 0) if short > 0 && short == recorded => TOO_FEW.to_owned(),
        (_, 0) if short > 0 => format!(
            "Nothing grows so far in {}; in {short} of them too few loops to tell",
            counted(total, "process")
        ),
        (_, 0) if report.processes.iter().any(is_unsure) => {
            format!("Nothing grows so far in {}", counted(total, "process"))
        }
        (_, 0) => format!("Nothing grows in {}", counted(total, "process")),
        (1, _) => lines_grow(lines),
        _ => format!(
            "{} in {leaking} of {}",
            lines_grow(lines),
            counted(total, "process")
        ),
    }
}

/// `pid 4711 (cli, 42 loops)`.
#[must_use]
pub fn process_name(process: &ProcessReport) -> String {
    let sapi = visible(&process.sapi);
    let loops = counted(process.loops, "loop");
    format!("pid {} ({sapi}, {loops})", process.pid)
}

/// `2 lines grow, together +13.5 KB per loop`: the answer for one process.
#[must_use]
pub fn process_sentence(process: &ProcessReport) -> String {
    let growing = with_verdict(process, Verdict::Grows);
    let rate: f64 = growing.clone().map(|site| site.bytes_per_loop).sum();
    let undecided = with_verdict(process, Verdict::Undecided).count() as u64;
    let mut sentence = match growing.count() as u64 {
        0 if process.loops == 0 => "no loop recorded, nothing to judge".to_owned(),
        0 if process.loops == 1 => {
            "one record only (leak_scope=request writes one per request): no verdict possible"
                .to_owned()
        }
        0 if is_held_up(process) => format!(
            "nothing grows so far, but {} not judged yet: a loop that began before they ended \
             still runs, maybe in a coroutine that it started",
            counted(process.unjudged_loops, "loop") + " are",
        ),
        0 if is_too_short(process) && undecided == 0 => {
            "too few loops to tell: send 20 or more".to_owned()
        }
        0 if is_too_short(process) => {
            let lines = counted(undecided, "line");
            format!("too few loops to tell, {lines} undecided: send 20 or more")
        }
        0 if undecided > 0 => {
            let lines = counted(undecided, "line");
            format!("nothing grows so far, {lines} undecided")
        }
        0 => "nothing grows".to_owned(),
        1 => format!("{}, {} per loop", lines_grow(1), signed_bytes(rate)),
        lines => format!(
            "{}, together {} per loop",
            lines_grow(lines),
            signed_bytes(rate)
        ),
    };
    if process.dropped > 0 {
        sentence.push_str("; not all allocations could be booked");
    }
    sentence
}

/// Whether "nothing grows" would promise more than is known.
#[must_use]
pub fn is_unsure(process: &ProcessReport) -> bool {
    process.dropped > 0
        || is_too_short(process)
        || is_held_up(process)
        || with_verdict(process, Verdict::Undecided).next().is_some()
}

fn lines_grow(lines: u64) -> String {
    let verb = if lines == 1 { "grows" } else { "grow" };
    format!("{} {verb}", counted(lines, "line"))
}

/// `1 204 values in garbage cycles collected at loop ends …, 96.0 KB freed`. The
/// collection at the end of a script takes what is left; its record is that of
/// the last loop, so the two cannot be told apart.
#[must_use]
pub fn cycles_sentence(cycles: &Cycles) -> Option<String> {
    let size = i64::try_from(cycles.bytes).unwrap_or(i64::MAX);
    (cycles.objects > 0 || cycles.bytes > 0).then(|| {
        format!(
            "{} in garbage cycles collected at loop ends and at the end of the script, {} freed: not a leak",
            counted(cycles.objects, "value"),
            bytes(size)
        )
    })
}

/// `2 lines grew once and never since`: where [`Verdict::Once`] is counted.
#[must_use]
pub fn once_sentence(lines: u64) -> String {
    format!("{} grew once and never since", counted(lines, "line"))
}

/// Memory that is on no line's account: name, bytes, what it is. Only what is
/// not 0.
#[must_use]
pub fn kind_rows(kinds: &Kinds) -> Vec<(&'static str, String, &'static str)> {
    let rows = [
        (
            "compile/autoload",
            kinds.compile,
            "code compiled while recording and still loaded",
        ),
        ("VM stack", kinds.vm_stack, "pages of PHP's call stack"),
        (
            "native",
            kinds.native.saturating_abs(),
            if kinds.native < 0 {
                "by which the process shrank outside the PHP heap"
            } else {
                "growth of the process outside the PHP heap"
            },
        ),
        (
            "fragmentation",
            kinds.fragmentation,
            "PHP heap reserved but not in use",
        ),
    ];
    rows.into_iter()
        .filter(|(_, size, _)| *size != 0)
        .map(|(name, size, meaning)| (name, bytes(size), meaning))
        .collect()
}

/// The three curves with their names; each may be empty.
#[must_use]
pub fn memory_series(memory: &MemoryCurve) -> [(&'static str, &'static str, &[u64]); 3] {
    [
        ("PHP heap", "memory_get_usage()", &memory.heap_bytes),
        (
            "PHP heap reserved",
            "memory_get_usage(true)",
            &memory.real_bytes,
        ),
        ("process", "unique set size (USS)", &memory.rss_bytes),
    ]
}

/// `4.0 MB → 4.5 MB`, from the first to the last point.
#[must_use]
pub fn from_to(series: &[u64]) -> Option<String> {
    let size = |value: &u64| bytes(i64::try_from(*value).unwrap_or(i64::MAX));
    Some(format!(
        "{} → {}",
        size(series.first()?),
        size(series.last()?)
    ))
}

/// The notes on this process that none before it has, each with the number of
/// processes that it is true of: every worker of FPM says the same.
pub fn notes<'a>(report: &'a LeakReport, index: usize) -> impl Iterator<Item = String> + 'a {
    let (before, rest) = report.processes.split_at(index.min(report.processes.len()));
    let own = rest.first().map_or(&[][..], |process| &process.notes);
    let has = |process: &ProcessReport, note| process.notes.contains(note);
    own.iter()
        .filter(move |note| !before.iter().any(|process| has(process, note)))
        .map(move |note| {
            let others = rest.iter().filter(|process| has(process, note)).count();
            let note = visible(note);
            if others > 1 {
                format!("{note} (So in {others} processes.)")
            } else {
                note.into_owned()
            }
        })
}

/// Why lines may be missing, if any allocation could not be booked.
#[must_use]
pub fn dropped_sentence(process: &ProcessReport) -> Option<String> {
    (process.dropped > 0).then(|| {
        format!(
            "{} not booked because the tables were full ({} booked): lines may be missing here",
            counted(process.dropped, "allocation"),
            count(process.allocations)
        )
    })
}

/// What of the log could not be used, one sentence each.
#[must_use]
pub fn log_sentences(log: &LogInfo) -> Vec<String> {
    let mut sentences = Vec::new();
    if log.skipped_records > 0 {
        sentences.push(format!(
            "{} skipped: torn, damaged or of an unknown kind",
            counted(log.skipped_records, "record")
        ));
    }
    if log.not_counted > 0 {
        let entries = if log.not_counted == 1 {
            "1 entry".to_owned()
        } else {
            format!("{} entries", count(log.not_counted))
        };
        sentences.push(format!(
            "{entries} not counted: the log names more lines or processes than there is room for; \
             some are missing here"
        ));
    }
    for path in &log.unreadable {
        sentences.push(format!("not readable: {}", visible(path)));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(verdict: Verdict) -> SiteReport {
        SiteReport {
            verdict,
            bytes_per_loop: 12_288.0,
            ..SiteReport::default()
        }
    }

    fn process(sites: Vec<SiteReport>) -> ProcessReport {
        ProcessReport {
            pid: 4711,
            sapi: "cli".into(),
            loops: 42,
            unjudged_loops: 0,
            sites,
            ..ProcessReport::default()
        }
    }

    #[test]
    fn a_process_is_answered_in_one_sentence() {
        let sentence = |sites| process_sentence(&process(sites));
        assert_eq!(sentence(vec![]), "nothing grows");
        assert_eq!(
            sentence(vec![site(Verdict::Grows)]),
            "1 line grows, +12.0 KB per loop"
        );
        assert_eq!(
            sentence(vec![site(Verdict::Grows), site(Verdict::Grows)]),
            "2 lines grow, together +24.0 KB per loop"
        );
        assert_eq!(
            sentence(vec![site(Verdict::Undecided)]),
            "nothing grows so far, 1 line undecided"
        );
        let fpm = ProcessReport::default();
        assert_eq!(process_sentence(&fpm), "no loop recorded, nothing to judge");
    }

    #[test]
    fn few_loops_are_no_all_clear() {
        let short = |loops, sites| ProcessReport {
            loops,
            ..process(sites)
        };
        let report = |processes| {
            report_sentence(&LeakReport {
                processes,
                ..LeakReport::default()
            })
        };
        for process in [
            short(19, vec![site(Verdict::Undecided)]),
            short(9, vec![site(Verdict::Once)]),
        ] {
            let sentence = process_sentence(&process);
            assert!(sentence.starts_with("too few loops to tell"), "{sentence}");
            assert!(sentence.ends_with("send 20 or more"), "{sentence}");
            assert_eq!(report(vec![process.clone()]), TOO_FEW);
            let fpm = ProcessReport::default();
            assert_eq!(report(vec![process, fpm]), TOO_FEW);
        }
        assert_eq!(
            process_sentence(&short(10, vec![site(Verdict::Once)])),
            "nothing grows"
        );
        assert!(
            process_sentence(&short(5, vec![site(Verdict::Grows)])).starts_with("1 line grows")
        );
        assert_eq!(
            report(vec![process(vec![]), short(3, vec![])]),
            "Nothing grows so far in 2 processes; in 1 of them too few loops to tell"
        );
    }

    #[test]
    fn one_record_per_request_has_no_verdict() {
        let request = ProcessReport {
            loops: 1,
            unjudged_loops: 0,
            ..process(vec![site(Verdict::Undecided)])
        };
        let sentence = process_sentence(&request);
        assert!(sentence.contains("no verdict possible"), "{sentence}");
        assert!(!sentence.contains("nothing grows"), "{sentence}");
    }

    #[test]
    fn a_process_that_shrank_did_not_grow() {
        let rows = |native| {
            kind_rows(&Kinds {
                native,
                ..Kinds::default()
            })
        };
        assert_eq!(rows(0), []);
        assert_eq!(rows(-2048)[0].1, "2.0 KB");
        assert!(rows(-2048)[0].2.contains("shrank"));
        assert!(rows(2048)[0].2.contains("growth"));
    }

    #[test]
    fn loops_that_wait_for_their_verdict_are_no_all_clear() {
        let held_up = |unjudged_loops| ProcessReport {
            unjudged_loops,
            ..process(vec![])
        };
        assert_eq!(process_sentence(&held_up(9)), "nothing grows");
        let report = LeakReport {
            processes: vec![held_up(30)],
            ..LeakReport::default()
        };
        assert_eq!(
            report_sentence(&report),
            "Nothing grows so far in 1 process"
        );
        assert_eq!(
            process_sentence(&report.processes[0]),
            "nothing grows so far, but 30 loops are not judged yet: a loop that began before they \
             ended still runs, maybe in a coroutine that it started"
        );
    }

    #[test]
    fn what_is_true_of_many_processes_is_said_once() {
        let worker = ProcessReport {
            notes: vec!["under FPM".into()],
            ..ProcessReport::default()
        };
        let report = LeakReport {
            processes: vec![worker.clone(), process(vec![]), worker],
            ..LeakReport::default()
        };
        let said: Vec<Vec<String>> = (0..4).map(|i| notes(&report, i).collect()).collect();
        assert_eq!(said[0], ["under FPM (So in 2 processes.)"]);
        assert!(said[1..].iter().all(Vec::is_empty), "{said:?}");
    }

    #[test]
    fn lost_allocations_qualify_the_answer() {
        let mut lossy = process(vec![]);
        lossy.dropped = 5;
        assert_eq!(
            process_sentence(&lossy),
            "nothing grows; not all allocations could be booked"
        );
        assert!(dropped_sentence(&lossy).is_some_and(|s| s.starts_with("5 allocations not")));
        assert_eq!(dropped_sentence(&process(vec![])), None);
    }

    #[test]
    fn the_report_is_answered_in_one_sentence() {
        let sentence = |processes| {
            report_sentence(&LeakReport {
                processes,
                ..LeakReport::default()
            })
        };
        assert_eq!(sentence(vec![]), "No process is in the log");
        assert_eq!(
            sentence(vec![process(vec![])]),
            "Nothing grows in 1 process"
        );
        assert_eq!(
            sentence(vec![process(vec![site(Verdict::Undecided)])]),
            "Nothing grows so far in 1 process"
        );
        assert_eq!(
            sentence(vec![process(vec![]), process(vec![site(Verdict::Grows)])]),
            "1 line grows in 1 of 2 processes"
        );
        assert_eq!(
            sentence(vec![ProcessReport::default()]),
            "No loop was recorded in 1 process"
        );
    }
}
