//! The leak finder in a process: its state, the first call of
//! `trackerHookMalloc()`, which installs the hook, and the end of the request,
//! which removes it.
//!
//! `turns` makes loops of the calls, `settling` says when a loop that is over
//! is recorded, `records` writes. None of them is called from within a heap
//! event.

use std::path::Path;
use std::time::Instant;

use tracker_core::leak::ledger::Ledger;
use tracker_core::leak::log::record::{LoopEnd, Record, RecordKind};
use tracker_core::leak::log::writer::LogWriter;

use super::recorder::{Recorder, SLOT};
use super::{entry, records, settling, turns};
use crate::settings::{LineSource, Scope, Settings};
use crate::zend::cell::Global;
use crate::zend::frame::MainFrame;
use crate::zend::heap::Fate;
use crate::zend::unit::{Ear, Unit};
use crate::zend::{
    caches, engine, errors, exceptions, fiber, interrupt, jit, shutdown, swoole, vm, waits,
};

/// SAPIs that free a request's whole memory at its end: there is nothing to
/// find in them.
const PER_REQUEST_SAPIS: [&str; 6] = [
    "fpm-fcgi",
    "cgi-fcgi",
    "apache2handler",
    "litespeed",
    "cli-server",
    "fuzzer",
];

/// State of the leak finder in this process.
pub(super) struct Session {
    pub(super) settings: Option<Settings>,
    pub(super) writer: Option<LogWriter>,
    /// Calls of `trackerHookMalloc()` seen by this process id.
    calls: u64,
    /// Process whose loops are recorded; 0 before the first call.
    pub(super) pid: u32,
    pub(super) start_id: u64,
    /// The unit that is recording loops right now: destructors may call us,
    /// and may let other units run.
    pub(super) busy: Option<Unit>,
    /// When that collection began.
    pub(super) busy_since: Option<Instant>,
    /// Since when the collector is at work for somebody else: no loop can collect.
    pub(super) turned_away: Option<Instant>,
    /// A destructor of garbage has let others run while the collector was at work.
    pub(super) has_waited: bool,
    /// Native fibers are in use.
    pub(super) has_fibers: bool,
    /// The worker is about to stop: nothing is left for later.
    pub(super) stopping: bool,
    /// A trial runs: `trackerHookMalloc()` does nothing, and nothing is logged.
    pub(super) trial: bool,
    /// The books, while a trial has the hook.
    parked: Option<Ledger>,
    /// Said once: why nothing is recorded.
    refused: Option<String>,
    /// Whether lines come from the register; `None` until somebody asks.
    lines_by_register: Option<bool>,
    pub(super) warned_log: bool,
    /// Gets every record that the log gets.
    pub(super) tell: Option<fn(Vec<u8>)>,
}

pub(super) static SESSION: Global<Session> = Global::new(Session {
    settings: None,
    writer: None,
    calls: 0,
    pid: 0,
    start_id: 0,
    busy: None,
    busy_since: None,
    turned_away: None,
    has_waited: false,
    has_fibers: false,
    stopping: false,
    trial: false,
    parked: None,
    refused: None,
    lines_by_register: None,
    warned_log: false,
    tell: None,
});

/// The switch that the fast way out of `trackerHookMalloc()` looks at.
static ENABLED: Global<bool> = Global::new(false);

/// Takes the settings of this process.
pub fn start(settings: Settings) {
    let settings_on = settings.enable_malloc_hook;
    ENABLED.with(|on| *on = settings_on);
    SESSION.with(|s| {
        s.settings = Some(settings);
        s.busy = None;
    });
    if settings_on {
        interrupt::note_start();
    }
}

/// Gives every record that the log gets to `tell`, too, which must neither wait
/// nor run PHP code.
pub fn tell(tell: fn(Vec<u8>)) {
    SESSION.with(|s| s.tell = Some(tell));
}

/// Whether the leak finder may be used.
pub fn is_enabled() -> bool {
    ENABLED.with(|on| *on)
}

/// Whether lines come from the register. The first who asks has it proven, which runs
/// PHP code: at the start of the request it could not, as modules that come after this
/// one are not ready by then.
fn has_lines_by_register() -> bool {
    if let Some(known) = SESSION.with(|s| s.lines_by_register) {
        return known;
    }
    let source = SESSION.with(|s| s.settings.as_ref().map(|x| x.leak_line_source));
    let has = is_enabled()
        && match source {
            // Nothing may be hooked next to Swoole's own detector.
            Some(LineSource::Auto) => !has_rival() && vm::register_is_proven(),
            Some(LineSource::Register) => vm::may_have_register(),
            _ => false,
        };
    SESSION.with(|s| s.lines_by_register = Some(has));
    has
}

/// Where lines come from, for `php --ri`.
pub fn line_source() -> &'static str {
    if jit::is_running() && is_enabled() {
        "register of the virtual machine; in code of the JIT up to one statement off"
    } else if has_lines_by_register() {
        "register of the virtual machine (proven)"
    } else if vm::saves_always() {
        "opcode handlers"
    } else if is_enabled() {
        "the place that the VM saved last: up to one statement off"
    } else {
        "not armed at start-up"
    }
}

/// What becomes of opcache's JIT, for `php --ri`.
pub fn jit() -> &'static str {
    if is_enabled() {
        jit::describe()
    } else {
        "left alone"
    }
}

/// The settings of this process; `None` before its first request.
pub fn settings() -> Option<Settings> {
    SESSION.with(|s| s.settings.clone())
}

/// What the hook is doing, for `php --ri`.
pub fn state() -> String {
    let refused = SESSION.with(|s| s.refused.clone());
    match refused {
        Some(why) => format!("refused: {why}"),
        None if SLOT.is_alive() && SLOT.is_chained() => {
            "installed, on top of another allocator".into()
        }
        None if SLOT.is_alive() => "installed".into(),
        None if SLOT.is_installed() => "lost by a fatal error".into(),
        None if ENABLED.with(|on| *on) => {
            "not installed: waits for the first trackerHookMalloc()".into()
        }
        None => "not installed: enable_malloc_hook is 0".into(),
    }
}

/// Whether the SAPI frees a request's whole memory at its end.
pub fn is_per_request() -> bool {
    PER_REQUEST_SAPIS.contains(&engine::sapi_name())
}

/// `trackerHookMalloc()`.
pub fn hook_malloc() {
    if !ENABLED.with(|on| *on) || SESSION.with(|s| s.trial) {
        return;
    }
    // What the engine destroys at the end is no loop; and after our own end nobody would take
    // the hook away again (the close of a stream or of a session calls PHP code even then).
    if shutdown::is_tearing_down() {
        return;
    }
    // From a destructor that runs while loops are recorded.
    let own = SESSION.with(|s| s.busy);
    if own.is_none_or(|unit| unit != Unit::current()) {
        called();
        exceptions::throw_kept();
    }
}

fn called() {
    let pid = std::process::id();
    if SESSION.with(|s| s.pid) != pid {
        begin_process(pid);
    }
    if SESSION.with(|s| s.refused.is_some()) {
        return;
    }
    if is_per_request() {
        if SESSION.with(|s| std::mem::replace(&mut s.calls, 1)) == 0 {
            records::write(&Record {
                kind: RecordKind::PerRequestSapi,
                ..records::blank()
            });
            records::complain();
        }
        return;
    }
    let calls = SESSION.with(|s| {
        s.calls += 1;
        s.calls
    });
    let scope = SESSION.with(|s| s.settings.as_ref().map_or(Scope::Loop, |x| x.leak_scope));
    if calls == 1 {
        install(pid, scope == Scope::Request, Ledger::default());
    }
    if scope == Scope::Request {
        if calls == 1 {
            SLOT.with(|r| r.begin(Unit::default(), MainFrame::never()));
        }
        return;
    }
    shutdown::watch();
    turns::sweep_if_due();
    if calls > 1
        && let Some(main) = MainFrame::caller()
    {
        turns::turn(main);
    }
}

/// First call in this process, or in this child of a fork: what the parent
/// recorded is the parent's.
fn begin_process(pid: u32) {
    drop(SLOT.uninstall());
    SESSION.with(|s| {
        s.pid = pid;
        s.start_id = entry::start_id();
        s.calls = 0;
        s.refused = None;
        s.busy = None;
        s.stopping = false;
        if let Some(settings) = &s.settings {
            let path = Path::new(&settings.leak_log);
            s.writer = Some(LogWriter::new(path, settings.leak_log_max_bytes));
        }
    });
}

/// Makes room for a trial, whose loops are not logged: what is being recorded
/// goes on after it, with the same books. Until [`end_trial`], or the end of the
/// request, calls of `trackerHookMalloc()` do nothing.
///
/// # Errors
/// Why there cannot be one now.
pub fn begin_trial() -> Result<(), String> {
    if SESSION.with(|s| s.trial) {
        return Err("another trial is running".into());
    }
    if shutdown::is_tearing_down() {
        return Err("the program is at its end".into());
    }
    settling::settle();
    let busy = SLOT.with(|r| r.units.is_recording() || !r.pending.is_empty());
    if busy == Some(true) {
        return Err("a loop is being recorded already".into());
    }
    let own = SLOT.with(|r| r.pid) == Some(std::process::id());
    let parked = match SLOT.uninstall() {
        Some((recorder, Fate::Intact)) if own && !recorder.failed => Some(recorder.ledger),
        _ => None,
    };
    SESSION.with(|s| {
        s.trial = true;
        s.parked = parked;
    });
    Ok(())
}

/// Installs the hook for a trial.
///
/// # Errors
/// Why it could not be installed.
pub fn install_trial() -> Result<(), String> {
    match refusal(std::process::id(), false, Ledger::default()) {
        None => Ok(()),
        Some(why) => Err(why),
    }
}

/// Takes the trial's hook away, and goes on recording if that was going on.
/// What was freed meanwhile of the memory of earlier loops counts as alive.
pub fn end_trial() {
    drop(SLOT.uninstall());
    let parked = SESSION.with(|s| {
        s.trial = false;
        s.parked.take()
    });
    if let Some(ledger) = parked {
        install(std::process::id(), false, ledger);
    }
}

fn install(pid: u32, whole_request: bool, ledger: Ledger) {
    if let Some(why) = refusal(pid, whole_request, ledger) {
        let text = format!("the leak finder is off: {why}");
        SESSION.with(|s| s.refused = Some(why));
        errors::raise_owned(text);
    }
}

/// Whether Swoole's own detector is on, which swaps the allocator at every
/// call.
pub fn has_rival() -> bool {
    engine::setting(c"swoole.leak_detection").is_some_and(|value| engine::is_true(&value))
}

/// Installs the hook, or says why it cannot be.
fn refusal(pid: u32, whole_request: bool, ledger: Ledger) -> Option<String> {
    let neighbour = has_rival()
        .then(|| "swoole.leak_detection is on: it replaces the allocator at every call".to_owned());
    let refusal = neighbour.or_else(jit::refusal).or_else(|| {
        let register = has_lines_by_register();
        let recorder = Recorder::new(pid, whole_request, ledger);
        SLOT.install(recorder, register)
            .err()
            .map(|error| error.to_string())
    });
    if refusal.is_some() {
        return refusal;
    }
    caches::wrap::<Recorder>();
    turns::listen();
    settling::listen();
    None
}

/// The request ends: records what is open, takes the hook away, and tells of
/// exceptions that nobody could be given.
pub fn end_request() {
    take_away();
    exceptions::tell_kept();
}

fn take_away() {
    fiber::ignore(Ear::Leak);
    swoole::ignore(Ear::Leak);
    caches::unwrap::<Recorder>();
    interrupt::ignore();
    waits::ignore();
    if SESSION.with(|s| std::mem::replace(&mut s.trial, false)) {
        // A fatal error in its body.
        drop(SLOT.uninstall());
        drop(SESSION.with(|s| {
            s.calls = 0;
            s.pid = 0;
            s.parked.take()
        }));
    }
    if !SLOT.is_installed() {
        return;
    }
    let alive = SLOT.is_alive();
    let own = SLOT.with(|r| r.pid) == Some(std::process::id());
    SLOT.with(Recorder::shut_down);
    if alive && own && !engine::is_unclean() {
        // Garbage of the last loop is garbage, not a leak: whatever the
        // collector takes now is taken off its lines.
        SLOT.with(|r| drop(r.ledger.take_cancels()));
        let cycles = records::collect().unwrap_or_default();
        if SLOT.with(|r| r.pid) != Some(std::process::id()) {
            // A destructor forked, and this is the child.
            SLOT.with(|r| r.last.clear());
        }
        SLOT.with(|r| {
            let garbage = r.ledger.take_cancels();
            for closed in &mut r.last {
                for line in &mut closed.lines {
                    let taken = garbage
                        .iter()
                        .filter(|g| g.0 == closed.number && g.1 == line.site)
                        .map(|g| g.2 as i64);
                    line.net -= taken.sum::<i64>();
                }
            }
        });
        records::write_last(LoopEnd::RequestEnd, cycles);
    } else if own {
        records::write_last(LoopEnd::Interrupted, (0, 0));
    }
    if own {
        // These may be the first records.
        records::complain();
    }
    let failed = SLOT.with(|r| r.failed) == Some(true);
    drop(SLOT.uninstall());
    if failed {
        errors::raise_owned(
            "the leak finder failed and stopped recording; please report this".to_owned(),
        );
    }
    SESSION.with(|s| {
        s.calls = 0;
        s.pid = 0;
        // A bailout out of the collector leaves this on.
        s.busy = None;
        s.turned_away = None;
    });
}
