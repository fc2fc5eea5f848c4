//! Writes what is to be said of a loop.

use tracker_core::leak::ledger::Closed;
use tracker_core::leak::log::record::{LoopEnd, Memory, Record};

use super::recorder::SLOT;
use super::session::SESSION;
use super::{entry, holders};
use crate::zend::{engine, output};

/// Collects garbage cycles; zvals and bytes that went. `None` while the collector
/// is at work elsewhere.
pub fn collect() -> Option<(u64, u64)> {
    if engine::has_exception() {
        return Some((0, 0));
    }
    let before = engine::memory_usage(false);
    let zvals = engine::collect_cycles()?;
    Some((zvals, before.saturating_sub(engine::memory_usage(false))))
}

pub fn write_last(end: LoopEnd, cycles: (u64, u64)) {
    let last = SLOT
        .with(|r| std::mem::take(&mut r.last))
        .unwrap_or_default();
    let mut cycles = Some(cycles);
    for closed in last {
        record(&closed, end, cycles.take().unwrap_or_default());
    }
}

/// Writes the record of a loop.
pub fn record(closed: &Closed, end: LoopEnd, cycles: (u64, u64)) {
    let budget = SESSION.with(|s| s.settings.as_ref().map_or(0, |x| x.holder_budget_ms));
    let holders = if end == LoopEnd::Interrupted {
        Vec::new()
    } else {
        holders::find(closed, budget)
    };
    let stacks = SLOT
        .with(|r| std::mem::take(&mut r.stacks))
        .unwrap_or_default();
    let (table, untracked) = SLOT.footprint();
    SLOT.with(|r| {
        let mut texts = entry::Texts::default();
        let ledger = &r.ledger;
        let mut record = Record {
            end,
            number: closed.number,
            allocations: closed.allocations,
            dropped: ledger.dropped + untracked,
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
pub fn blank() -> Record<'static> {
    let (pid, start_id) = SESSION.with(|s| (s.pid, s.start_id));
    Record {
        pid,
        start_id,
        sapi: engine::sapi_name(),
        ..Record::default()
    }
}

pub fn write(record: &Record<'_>) {
    let payload = record.payload();
    let tell = SESSION.with(|s| {
        if let Some(writer) = &mut s.writer {
            writer.append_payload(&payload);
        }
        s.tell
    });
    if let Some(tell) = tell {
        tell(payload);
    }
}

/// Says once per process that the log cannot be written: where programs of the
/// command line look, or, where that is nowhere, in PHP's error log. Not as a PHP
/// error: a handler of the program could make it fatal.
pub fn complain() {
    let trouble = SESSION.with(|s| {
        let trouble = s.writer.as_ref().and_then(|w| w.trouble.clone())?;
        (!std::mem::replace(&mut s.warned_log, true)).then_some(trouble)
    });
    let Some(trouble) = trouble else { return };
    let line = format!("swoole_tracker: the leak log cannot be written: {trouble}");
    // The engine's log may bail out: nothing that owns memory is held over it.
    drop(trouble);
    // The stderr of a worker of FPM is nobody's. Without `error_log` the command
    // line's log is a descriptor that may be the program's own by now.
    let is_command_line = !super::session::is_per_request();
    if is_command_line && output::has_stderr() {
        output::complain(line);
    } else if !is_command_line || engine::setting(c"error_log").is_some_and(|to| !to.is_empty()) {
        output::log(line);
    }
}
