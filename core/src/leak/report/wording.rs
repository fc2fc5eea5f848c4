//! The sentences of the report, said once for the text and the page.
//!
//! Everything returned here is safe to print on a terminal; the page still
//! escapes it for HTML.

use super::fmt::{bytes, count, counted, signed_bytes, visible};
use crate::leak::model::{
    Cycles, Kinds, LeakReport, LogInfo, MemoryCurve, ProcessReport, SiteReport, Verdict,
};

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

/// `2 lines grow in 1 of 3 processes`.
#[must_use]
pub fn report_sentence(report: &LeakReport) -> String {
    let total = report.processes.len() as u64;
    let growing = |process: &ProcessReport| with_verdict(process, Verdict::Grows).count() as u64;
    let lines: u64 = report.processes.iter().map(growing).sum();
    let leaking = report.processes.iter().filter(|p| growing(p) > 0).count();
    match (total, lines) {
        (0, _) => "No process is in the log".to_owned(),
        (_, 0) if report.processes.iter().all(|p| p.loops == 0) => {
            format!("No loop was recorded in {}", counted(total, "process"))
        }
        (_, 0) if report.processes.iter().any(is_incomplete) => {
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
fn is_incomplete(process: &ProcessReport) -> bool {
    process.dropped > 0 || with_verdict(process, Verdict::Undecided).next().is_some()
}

fn lines_grow(lines: u64) -> String {
    let verb = if lines == 1 { "grows" } else { "grow" };
    format!("{} {verb}", counted(lines, "line"))
}

/// `1 204 values in garbage cycles collected at loop ends, 96.0 KB freed`.
#[must_use]
pub fn cycles_sentence(cycles: &Cycles) -> Option<String> {
    let size = i64::try_from(cycles.bytes).unwrap_or(i64::MAX);
    (cycles.objects > 0 || cycles.bytes > 0).then(|| {
        format!(
            "{} in garbage cycles collected at loop ends, {} freed: not a leak, but work for the collector",
            counted(cycles.objects, "value"),
            bytes(size)
        )
    })
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
            kinds.native,
            "growth of the process outside the PHP heap",
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
