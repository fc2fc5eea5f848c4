//! Runs the leak finder in a process: installs the hook at the first call,
//! turns calls into loops, and writes a record for every loop that is over.
//!
//! Everything here is called at safe points (from a PHP function, or when the
//! request or worker ends), never from within a heap event. Collecting cycles
//! runs destructors, so the recorder is not borrowed over it.

use std::path::Path;

use tracker_core::leak::ledger::Closed;
use tracker_core::leak::log::record::{LoopEnd, Memory, Record, RecordKind};
use tracker_core::leak::log::writer::LogWriter;

use super::entry;
use super::holders;
use super::recorder::{Recorder, SLOT};
use crate::settings::{Scope, Settings};
use crate::zend::cell::Global;
use crate::zend::fiber::{self, Fiber, FiberEvents};
use crate::zend::frame::MainFrame;
use crate::zend::swoole::{self, Cid, CoroutineEvents};
use crate::zend::unit::{Ear, Unit};
use crate::zend::{caches, engine, errors, jit, vm};

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
struct Session {
    settings: Option<Settings>,
    writer: Option<LogWriter>,
    /// Calls of `trackerHookMalloc()` seen by this process id.
    calls: u64,
    pid: u32,
    start_id: u64,
    /// A loop is being recorded right now: destructors may call us.
    busy: bool,
    /// Said once: why nothing is recorded.
    refused: Option<String>,
    lines_by_register: bool,
    warned_log: bool,
}

static SESSION: Global<Session> = Global::new(Session {
    settings: None,
    writer: None,
    calls: 0,
    pid: 0,
    start_id: 0,
    busy: false,
    refused: None,
    lines_by_register: false,
    warned_log: false,
});

/// The switch that the fast way out of `trackerHookMalloc()` looks at.
static ENABLED: Global<bool> = Global::new(false);

/// Takes the settings of this process. `lines_by_register`: see `vm`.
pub fn start(settings: Settings, lines_by_register: bool) {
    ENABLED.with(|on| *on = settings.enable_malloc_hook);
    SESSION.with(|s| {
        s.settings = Some(settings);
        s.lines_by_register = lines_by_register;
        s.busy = false;
    });
}

/// Whether the leak finder may be used.
pub fn is_enabled() -> bool {
    ENABLED.with(|on| *on)
}

/// Where lines come from, for `php --ri`.
pub fn line_source() -> &'static str {
    if jit::is_running() && is_enabled() {
        "register of the virtual machine; in code of the JIT up to one statement off"
    } else if SESSION.with(|s| s.lines_by_register) {
        "register of the virtual machine (proven at start-up)"
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
    if ENABLED.with(|on| *on) && !SESSION.with(|s| s.busy) {
        called();
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
            write(&Record {
                kind: RecordKind::PerRequestSapi,
                ..blank()
            });
        }
        return;
    }
    let calls = SESSION.with(|s| {
        s.calls += 1;
        s.calls
    });
    let scope = SESSION.with(|s| s.settings.as_ref().map_or(Scope::Loop, |x| x.leak_scope));
    if calls == 1 {
        install(pid, scope);
    }
    if scope == Scope::Request {
        if calls == 1 {
            SLOT.with(|r| r.begin(Unit::default(), MainFrame::never()));
        }
        return;
    }
    sweep();
    if calls > 1
        && let Some(main) = MainFrame::caller()
    {
        turn(main);
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
        if let Some(settings) = &s.settings {
            let path = Path::new(&settings.leak_log);
            s.writer = Some(LogWriter::new(path, settings.leak_log_max_bytes));
        }
    });
}

/// Installs the hook for a trial, whose loops are not logged.
///
/// # Errors
/// Why it could not be installed.
pub fn install_trial() -> Result<(), String> {
    match refusal(std::process::id(), false) {
        None => Ok(()),
        Some(why) => Err(why),
    }
}

fn install(pid: u32, scope: Scope) {
    if let Some(why) = refusal(pid, scope == Scope::Request) {
        SESSION.with(|s| s.refused = Some(why.clone()));
        errors::raise_owned(format!("the leak finder is off: {why}"));
    }
}

/// Whether Swoole's own detector is on, which swaps the allocator at every
/// call.
pub fn has_rival() -> bool {
    engine::setting(c"swoole.leak_detection").is_some_and(|value| engine::is_true(&value))
}

/// Installs the hook, or says why it cannot be.
fn refusal(pid: u32, whole_request: bool) -> Option<String> {
    let neighbour = has_rival()
        .then(|| "swoole.leak_detection is on: it replaces the allocator at every call".to_owned());
    let refusal = neighbour.or_else(jit::refusal).or_else(|| {
        let register = SESSION.with(|s| s.lines_by_register);
        let recorder = Recorder::new(pid, whole_request);
        SLOT.install(recorder, register)
            .err()
            .map(|error| error.to_string())
    });
    if refusal.is_some() {
        return refusal;
    }
    caches::wrap::<Recorder>();
    fiber::listen(
        Ear::Leak,
        FiberEvents {
            started: fiber_started,
            switched: fiber_switched,
            destroyed: fiber_destroyed,
        },
    );
    swoole::listen(
        Ear::Leak,
        CoroutineEvents {
            started: coroutine_started,
            stopped: coroutine_stopped,
            worker_starts: || {},
            worker_stops: settle,
        },
    );
    None
}

/// Ends the loops of main functions that were left unnoticed. Before a new one
/// is guarded: guards are used again.
fn sweep() {
    SLOT.with(|r| {
        for number in r.units.sweep() {
            r.end(number);
        }
    });
}

/// A call of the function at `main`: ends the loop that its unit was in and
/// begins the next.
fn turn(main: MainFrame) {
    let unit = Unit::current();
    let ignore = SLOT.with(|r| {
        let root = r.units.root(unit);
        let nested = r
            .units
            .open(root)
            .and_then(|open| open.main)
            .is_some_and(|open| {
                // Called by the main function's own callees (or by a child of the
                // unit): the outermost call owns the loop.
                !open.is_same_place(&main) && open.is_running()
            });
        let is_child = root != unit && r.units.open(root).is_some();
        if !nested
            && !is_child
            && let Some(number) = r.units.close(unit)
        {
            r.end(number);
        }
        nested || is_child
    });
    if ignore != Some(false) {
        return;
    }
    settle();
    SLOT.with(|r| r.begin(unit, main));
    SLOT.watch(main.block());
}

/// Ends loops whose main function is gone, collects cycles, and records every
/// loop that is over. For safe points.
pub fn settle() {
    sweep();
    let unit = Unit::current();
    SLOT.with(|r| {
        let root = r.units.root(unit);
        let main = r
            .units
            .open(root)
            .filter(|_| root == unit)
            .and_then(|open| open.main);
        if main.is_some_and(|main| main != MainFrame::never() && !main.is_running())
            && let Some(number) = r.units.left(root)
        {
            r.end(number);
        }
    });
    if SLOT.with(|r| r.pending.is_empty()).unwrap_or(true) || SESSION.with(|s| s.busy) {
        return;
    }
    SESSION.with(|s| s.busy = true);
    let cycles = collect();
    let pending = SLOT
        .with(|r| std::mem::take(&mut r.pending))
        .unwrap_or_default();
    let mut cycles = Some(cycles);
    for number in pending {
        if let Some(Some(closed)) = SLOT.with(|r| r.ledger.record(number)) {
            record(
                &closed,
                LoopEnd::Returned,
                cycles.take().unwrap_or_default(),
            );
        }
    }
    SESSION.with(|s| s.busy = false);
    complain();
}

/// Collects garbage cycles; zvals and bytes that went.
fn collect() -> (u64, u64) {
    if engine::has_exception() {
        return (0, 0);
    }
    let before = engine::memory_usage(false);
    let zvals = engine::collect_cycles();
    (zvals, before.saturating_sub(engine::memory_usage(false)))
}

/// The request ends: records what is open, and takes the hook away.
pub fn end_request() {
    fiber::ignore(Ear::Leak);
    swoole::ignore(Ear::Leak);
    caches::unwrap();
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
        let cycles = collect();
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
        write_last(LoopEnd::RequestEnd, cycles);
    } else if own {
        write_last(LoopEnd::Interrupted, (0, 0));
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
        s.busy = false;
    });
}

fn write_last(end: LoopEnd, cycles: (u64, u64)) {
    let last = SLOT
        .with(|r| std::mem::take(&mut r.last))
        .unwrap_or_default();
    let mut cycles = Some(cycles);
    for closed in last {
        record(&closed, end, cycles.take().unwrap_or_default());
    }
}

/// Writes the record of a loop.
fn record(closed: &Closed, end: LoopEnd, cycles: (u64, u64)) {
    let budget = SESSION.with(|s| s.settings.as_ref().map_or(0, |x| x.holder_budget_ms));
    let holders = if end == LoopEnd::Interrupted {
        Vec::new()
    } else {
        holders::find(closed, budget)
    };
    let stacks = SLOT
        .with(|r| std::mem::take(&mut r.stacks))
        .unwrap_or_default();
    let (table, _) = SLOT.footprint();
    SLOT.with(|r| {
        let mut texts = entry::Texts::default();
        let ledger = &r.ledger;
        let mut record = Record {
            end,
            number: closed.number,
            allocations: closed.allocations,
            dropped: ledger.dropped,
            judged: closed.judged,
            final_below: closed.final_below,
            cycles,
            memory: memory(table + ledger.footprint()),
            ..blank()
        };
        texts.fill(&mut record, ledger, closed, &stacks, &holders);
        record.texts = texts.refs();
        write(&record);
    });
}

fn memory(own_tables: usize) -> Memory {
    let real = engine::memory_usage(true);
    // The side table is half as large as the heap that it describes; what is
    // mapped of it is an upper bound.
    let own = (own_tables as u64).min(real / 2 + (8 << 20));
    Memory {
        heap: engine::memory_usage(false),
        real,
        uss: entry::private_bytes().saturating_sub(own),
    }
}

/// A record that says which process it is of.
fn blank() -> Record<'static> {
    let (pid, start_id) = SESSION.with(|s| (s.pid, s.start_id));
    Record {
        pid,
        start_id,
        sapi: engine::sapi_name(),
        ..Record::default()
    }
}

fn write(record: &Record<'_>) {
    SESSION.with(|s| {
        if let Some(writer) = &mut s.writer {
            writer.append(record);
        }
    });
}

/// Says once per process that the log cannot be written.
fn complain() {
    let trouble = SESSION.with(|s| {
        let trouble = s.writer.as_ref().and_then(|w| w.trouble.clone())?;
        (!std::mem::replace(&mut s.warned_log, true)).then_some(trouble)
    });
    if let Some(trouble) = trouble {
        // Not a PHP error: a handler of the program could make it fatal.
        eprintln!("swoole_tracker: the leak log cannot be written: {trouble}");
    }
}

fn fiber_started(fiber: Fiber, parent: Option<Fiber>) {
    let coroutine = swoole::current();
    SLOT.with(|r| {
        r.units.started(
            Unit {
                coroutine,
                fiber: Some(fiber),
            },
            Unit {
                coroutine,
                fiber: parent,
            },
        );
    });
}

fn fiber_switched() {
    SLOT.with(Recorder::look_again);
}

fn fiber_destroyed(fiber: Fiber) {
    let coroutine = swoole::current();
    unit_ended(Unit {
        coroutine,
        fiber: Some(fiber),
    });
}

fn coroutine_started(cid: Cid, parent: Option<Cid>) {
    SLOT.with(|r| {
        let unit = |coroutine| Unit {
            coroutine,
            fiber: None,
        };
        r.units.started(unit(Some(cid)), unit(parent));
        r.look_again();
    });
}

fn coroutine_stopped(cid: Cid) {
    unit_ended(Unit {
        coroutine: Some(cid),
        fiber: None,
    });
}

fn unit_ended(unit: Unit) {
    SLOT.with(|r| {
        let over = r.units.ended(unit);
        r.look_again();
        if let Some(number) = over {
            r.end(number);
        }
    });
}
