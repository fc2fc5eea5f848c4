//! One body, many loops, one answer: does it leak?

use tracker_core::leak::analysis::ignore::Ignore;
use tracker_core::leak::model::Verdict;
use tracker_core::leak::report::{counted, undecided_sentence, unmatched_sentence};

use super::recorder::{Recorder, SLOT};
use super::session;
use crate::zend::frame::MainFrame;
use crate::zend::heap::Fate;
use crate::zend::unit::Unit;
use crate::zend::{engine, output};

/// What a trial says.
#[derive(Debug)]
pub enum Outcome {
    /// No line grows.
    Clean,
    /// The body threw; its exception is on the way.
    Threw,
    /// Lines that grow, in words.
    Leaks(String),
    /// Why nothing can be said.
    NotMeasured(String),
}

/// Runs `body` `warmup` times unobserved, then `loops` times as a loop of its
/// own. `body` says whether it came to its end.
pub fn run(loops: i64, warmup: i64, body: impl Fn() -> bool) -> Outcome {
    if !session::is_enabled() {
        return Outcome::NotMeasured("apm.enable_malloc_hook is 0".into());
    }
    if let Err(why) = session::begin_trial() {
        return Outcome::NotMeasured(why);
    }
    let outcome = measure(loops, warmup, body);
    session::end_trial();
    outcome
}

fn measure(loops: i64, warmup: i64, body: impl Fn() -> bool) -> Outcome {
    for _ in 0..warmup {
        if !body() {
            return Outcome::Threw;
        }
    }
    if let Err(why) = session::install_trial() {
        return Outcome::NotMeasured(why);
    }
    let unit = Unit::current();
    let mut newest = None;
    for _ in 0..loops {
        SLOT.with(|r| r.begin(unit, MainFrame::never()));
        let came_to_its_end = body();
        SLOT.with(|r| {
            if let Some(number) = r.units.close(unit) {
                r.end(number);
            }
        });
        if !came_to_its_end {
            return Outcome::Threw;
        }
        engine::collect_cycles();
        SLOT.with(|r| {
            for number in std::mem::take(&mut r.pending) {
                newest = r
                    .ledger
                    .record(number)
                    .and_then(|closed| closed.judged)
                    .or(newest);
            }
        });
    }
    let Some((recorder, Fate::Intact)) = SLOT.uninstall() else {
        return Outcome::NotMeasured("the heap hook was lost".into());
    };
    judge(&recorder, newest, loops)
}

fn judge(recorder: &Recorder, newest: Option<u64>, loops: i64) -> Outcome {
    // The newest loop does not count: the next one might have freed it.
    let Some(now) = newest.and_then(|n| n.checked_sub(1)) else {
        return Outcome::NotMeasured("at least two loops are needed".into());
    };
    let ledger = &recorder.ledger;
    let ignore = Ignore::new(&session::settings().map_or(String::new(), |s| s.leak_ignore));
    let mut unmatched = ignore.unmatched();
    let mut undecided = Vec::new();
    let mut enough = 0;
    let mut growing = Vec::new();
    for (id, account) in ledger.accounts() {
        let Some(history) = &account.history else {
            continue;
        };
        let site = ledger.sites.get(id);
        let file = ledger.sites.text(site.file);
        unmatched.show(file, site.line);
        match history.verdict(now) {
            _ if ignore.matches(file, site.line) => {}
            Verdict::Grows => {
                let function = ledger.sites.text(site.function);
                let function = if function.is_empty() {
                    String::new()
                } else {
                    format!(" ({function})")
                };
                let fit = history.fit(now);
                growing.push(format!(
                    "{file}:{}{function} grows {:+.0} bytes per loop, {} bytes alive after {}",
                    site.line,
                    fit.bytes_per_loop,
                    history.live(),
                    counted(now + 1, "loop")
                ));
            }
            Verdict::Undecided => {
                undecided.push(format!("{file}:{}", site.line));
                enough = enough.max(history.loops_to_decide());
            }
            Verdict::Flat | Verdict::Once => {}
        }
    }
    let unmatched = unmatched_sentence(&unmatched.texts());
    if !growing.is_empty() {
        // Maybe one of them was meant.
        growing.extend(unmatched.map(|sentence| format!("leak_ignore: {sentence}")));
        return Outcome::Leaks(growing.join("\n"));
    }
    if let Some(sentence) = undecided_sentence(undecided, loops.cast_unsigned(), enough) {
        output::complain(format_args!(
            "swoole_tracker: trackerAssertNoLeak(): {sentence}"
        ));
        if let Some(sentence) = unmatched {
            output::complain(format_args!("swoole_tracker: leak_ignore: {sentence}"));
        }
    }
    Outcome::Clean
}
