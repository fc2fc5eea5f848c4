//! One process life: history per line, memory, cycles, notes.

use std::collections::HashMap;

use super::ignore::{Ignore, Unmatched};
use super::room::Room;
use super::totals::Totals;
use crate::leak::ledger::sites::SiteKind;
use crate::leak::log::record::{LoopEnd, Record, RecordKind};
use crate::leak::model::{
    Cycles, Frame, Holder, Kinds, MemoryCurve, ProcessReport, SiteReport, Suppressed, Verdict,
};
use crate::leak::report::counted;
use crate::leak::verdict::{History, POINTS};

/// Growth of the process per loop, outside the PHP heap, that is worth a word.
const NATIVE_GROWTH: i64 = 4 << 20;
/// Reserved but unused heap that is worth a word.
const FRAGMENTATION: i64 = 8 << 20;

type Key = (Box<str>, u32, Option<Box<str>>, SiteKind);

/// What a line takes, beside its texts and the points of its history. Lists and
/// tables may be twice as long as what is in them.
const BYTES_OF_LINE: usize = 2 * (size_of::<Line>() + size_of::<(Key, usize)>());

/// A line of one process.
#[derive(Debug)]
struct Line {
    key: Key,
    history: History,
    blocks: i64,
    stack: Vec<Frame>,
    holder: Vec<Holder>,
}

/// One process life.
#[derive(Debug)]
pub struct Process {
    pid: u32,
    start_id: u64,
    sapi: Box<str>,
    per_request: bool,
    origin: Option<u64>,
    loops: u64,
    newest: u64,
    final_below: u32,
    lines: Vec<Line>,
    index: HashMap<Key, usize>,
    /// Samples of the newest record: they do not count until another follows.
    held_back: Vec<(usize, i64, i64)>,
    held_at: Option<u64>,
    judged: Option<u64>,
    curve: MemoryCurve,
    stride: u64,
    first_native: Option<i64>,
    cycles: Cycles,
    allocations: u64,
    dropped: u64,
    interrupted: u64,
    totals: Totals,
}

impl Process {
    /// A process that a record tells of for the first time.
    pub fn new(record: &Record<'_>) -> Self {
        Self {
            pid: record.pid,
            start_id: record.start_id,
            sapi: record.sapi.into(),
            per_request: false,
            origin: None,
            loops: 0,
            newest: 0,
            final_below: 0,
            lines: Vec::new(),
            index: HashMap::new(),
            held_back: Vec::new(),
            held_at: None,
            judged: None,
            curve: MemoryCurve::default(),
            stride: 1,
            first_native: None,
            cycles: Cycles::default(),
            allocations: 0,
            dropped: 0,
            interrupted: 0,
            totals: Totals::default(),
        }
    }

    /// Loops of smaller numbers are final.
    pub fn final_below(&self) -> u32 {
        self.final_below
    }

    /// Loops that are newer than the newest that is judged.
    fn unjudged(&self) -> u64 {
        let newer = |judged| self.newest.saturating_sub(judged);
        self.held_at.map_or(self.loops, newer).min(self.loops)
    }

    /// Adds what a record says.
    pub fn take(&mut self, record: &Record<'_>, ignore: &Ignore, room: &mut Room) {
        if record.kind == RecordKind::PerRequestSapi {
            self.per_request = true;
            return;
        }
        let number = u64::from(record.number);
        let origin = *self.origin.get_or_insert(number);
        self.loops += 1;
        self.newest = self.newest.max(number);
        self.final_below = self.final_below.max(record.final_below);
        self.release(room);
        self.held_at = record.judged.max(self.held_at);
        for (site, bytes, blocks) in &record.samples {
            if let Some(line) = self.line(record, *site, origin, room) {
                self.held_back.push((line, *bytes, *blocks));
            }
        }
        for (site, stack) in &record.stacks {
            if let Some(line) = self.line(record, *site, origin, room)
                && (self.lines[line].stack.is_empty() || self.is_ignored(line, ignore))
                && room.replace(
                    bytes_of_stack(&self.lines[line].stack),
                    bytes_of_stack(stack),
                )
            {
                self.lines[line].stack.clone_from(stack);
            }
        }
        for (site, holder) in &record.holders {
            if let Some(line) = self.line(record, *site, origin, room)
                && room.replace(
                    bytes_of_holders(&self.lines[line].holder),
                    bytes_of_holders(holder),
                )
            {
                self.lines[line].holder.clone_from(holder);
            }
        }
        self.totals.take(record, room);
        self.remember(number, record);
        self.cycles.objects += record.cycles.0;
        self.cycles.bytes += record.cycles.1;
        self.allocations += record.allocations;
        self.dropped = self.dropped.max(record.dropped);
        if record.end == LoopEnd::Interrupted {
            self.interrupted += 1;
        }
    }

    /// Counts the samples that were held back.
    fn release(&mut self, room: &mut Room) {
        let Some(at) = self.held_at else { return };
        for (line, bytes, blocks) in self.held_back.drain(..) {
            let line = &mut self.lines[line];
            let before = line.history.footprint();
            if room.is_out() {
                line.history.squeeze();
            }
            line.history.sample(at, bytes);
            room.grow(line.history.footprint().saturating_sub(before));
            line.blocks = blocks;
        }
        self.judged = Some(at);
    }

    fn line(
        &mut self,
        record: &Record<'_>,
        site: u32,
        origin: u64,
        room: &mut Room,
    ) -> Option<usize> {
        let site = record.sites.get(site as usize)?;
        let file = record.texts.get(site.file as usize)?;
        let function = match site.function {
            Some(text) => Some(Box::from(*record.texts.get(text as usize)?)),
            None => None,
        };
        let key: Key = (Box::from(*file), site.line, function, site.kind);
        if let Some(index) = self.index.get(&key) {
            return Some(*index);
        }
        let texts = file.len() + key.2.as_ref().map_or(0, |function| function.len());
        if !room.take(BYTES_OF_LINE + 2 * texts) {
            return None;
        }
        self.lines.push(Line {
            key: key.clone(),
            history: History::new(origin),
            blocks: 0,
            stack: Vec::new(),
            holder: Vec::new(),
        });
        self.index.insert(key, self.lines.len() - 1);
        Some(self.lines.len() - 1)
    }

    fn is_ignored(&self, line: usize, ignore: &Ignore) -> bool {
        let line = &self.lines[line];
        ignore.matches(&line.key.0, line.key.1)
            || line
                .stack
                .iter()
                .any(|frame| ignore.matches(&frame.file, frame.line))
    }

    /// Shows every place that the verdicts know; false if there is no loop.
    pub fn show_places(&self, unmatched: &mut Unmatched<'_>) -> bool {
        for line in &self.lines {
            unmatched.show(&line.key.0, line.key.1);
            for frame in &line.stack {
                unmatched.show(&frame.file, frame.line);
            }
        }
        self.loops > 0
    }

    fn remember(&mut self, number: u64, record: &Record<'_>) {
        let memory = record.memory;
        let native = memory.uss as i64 - memory.real as i64;
        if memory.uss > 0 {
            self.first_native.get_or_insert(native);
        }
        if !self.loops.is_multiple_of(self.stride) {
            return;
        }
        let curve = &mut self.curve;
        curve.loops.push(number);
        curve.heap_bytes.push(memory.heap);
        curve.real_bytes.push(memory.real);
        curve.rss_bytes.push(memory.uss);
        if curve.loops.len() > POINTS {
            self.stride *= 2;
            thin(&mut curve.loops);
            thin(&mut curve.heap_bytes);
            thin(&mut curve.real_bytes);
            thin(&mut curve.rss_bytes);
        }
    }

    /// The report of this process.
    pub fn report(&self, ignore: &Ignore) -> ProcessReport {
        let now = self.judged.unwrap_or(0);
        let mut sites = Vec::new();
        let mut suppressed = Vec::new();
        let mut kinds = Kinds::default();
        for (index, line) in self.lines.iter().enumerate() {
            let live = line.history.live();
            match line.key.3 {
                SiteKind::Compile => kinds.compile += live,
                SiteKind::VmStack => kinds.vm_stack += live,
                SiteKind::Code => {}
            }
            if self.is_ignored(index, ignore) {
                let (file, line) = (line.key.0.to_string(), line.key.1);
                let known = suppressed
                    .iter_mut()
                    .find(|s: &&mut Suppressed| s.line == line && s.file == file);
                match known {
                    Some(known) => known.bytes += live,
                    None => suppressed.push(Suppressed {
                        file,
                        line,
                        bytes: live,
                    }),
                }
            } else if !line.history.is_empty() {
                sites.push(line.report(now));
            }
        }
        sites.sort_by(|a, b| {
            rank(a.verdict)
                .cmp(&rank(b.verdict))
                .then(b.bytes_per_loop.total_cmp(&a.bytes_per_loop))
                .then(b.live_bytes.cmp(&a.live_bytes))
        });
        let heap = self.curve.heap_bytes.last().copied().unwrap_or(0) as i64;
        let real = self.curve.real_bytes.last().copied().unwrap_or(0) as i64;
        let uss = self.curve.rss_bytes.last().copied().unwrap_or(0) as i64;
        kinds.fragmentation = (real - heap).max(0);
        kinds.native = self.first_native.map_or(0, |first| uss - real - first);
        ProcessReport {
            pid: self.pid,
            start_id: self.start_id,
            sapi: self.sapi.to_string(),
            loops: self.loops,
            unjudged_loops: self.unjudged(),
            memory: self.curve.clone(),
            notes: self.notes(&kinds),
            sites,
            cycles: self.cycles.clone(),
            kinds,
            suppressed,
            allocations: self.allocations,
            dropped: self.dropped,
        }
    }

    fn notes(&self, kinds: &Kinds) -> Vec<String> {
        let mut notes = Vec::new();
        if self.per_request {
            notes.push(format!(
                "Under {} (FPM and its like) PHP frees a request's whole memory at its end: nothing \
                 was hooked, and there is nothing to find.",
                self.sapi
            ));
        }
        if self.interrupted > 0 {
            let (verb, whose) = if self.interrupted == 1 {
                ("was", "its")
            } else {
                ("were", "their")
            };
            notes.push(format!(
                "{} {verb} interrupted, by a fatal error or by exit() in a shutdown function; \
                 {whose} figures end there.",
                counted(self.interrupted, "loop")
            ));
        }
        let negative = self.totals.negative();
        if negative > 0 {
            let has = if negative == 1 { "has" } else { "have" };
            notes.push(format!(
                "{} {has} a negative TotalLeak in the original's report: more of earlier loops' \
                 memory was freed than new memory kept. That format marks every total but 0 with ❌.",
                counted(negative, "loop")
            ));
        }
        let heap = &self.curve.heap_bytes;
        let grown = |list: &[u64]| match (list.first(), list.last()) {
            (Some(first), Some(last)) => *last as i64 - *first as i64,
            _ => 0,
        };
        if kinds.native > NATIVE_GROWTH && grown(heap) < kinds.native / 4 {
            notes.push(format!(
                "The PHP heap is flat, the process grew by {:.1} MB: native memory or \
                 fragmentation.",
                kinds.native as f64 / 1_048_576.0
            ));
        }
        if kinds.fragmentation > FRAGMENTATION && kinds.fragmentation > self.last_heap() {
            notes.push(format!(
                "{:.1} MB of the PHP heap are reserved but not in use: fragmentation.",
                kinds.fragmentation as f64 / 1_048_576.0
            ));
        }
        notes
    }

    fn last_heap(&self) -> i64 {
        self.curve.heap_bytes.last().copied().unwrap_or(0) as i64
    }
}

impl Line {
    fn report(&self, now: u64) -> SiteReport {
        let verdict = self.history.verdict(now);
        let fit = self.history.fit(now);
        let (loops, ring) = self.history.curve(now);
        SiteReport {
            file: self.key.0.to_string(),
            line: self.key.1,
            function: self.key.2.as_ref().map(ToString::to_string),
            kind: self.key.3.as_str().to_owned(),
            verdict,
            live_bytes: self.history.live(),
            bytes_per_loop: if verdict == Verdict::Grows {
                fit.bytes_per_loop
            } else {
                0.0
            },
            fit_r: fit.r,
            blocks: self.blocks,
            first_loop: self.history.first_loop(),
            last_loop: self.history.last_loop(),
            live_ring: ring,
            live_ring_loops: loops,
            stack: self.stack.clone(),
            holder: self.holder.clone(),
        }
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Grows => 0,
        Verdict::Undecided => 1,
        Verdict::Flat => 2,
        Verdict::Once => 3,
    }
}

/// What a stack takes.
fn bytes_of_stack(stack: &[Frame]) -> usize {
    let texts = |frame: &Frame| frame.file.len() + frame.function.len();
    size_of_val(stack) + stack.iter().map(texts).sum::<usize>()
}

/// What holders take.
fn bytes_of_holders(holders: &[Holder]) -> usize {
    let texts = |holder: &Holder| holder.path.len() + holder.kind.len();
    size_of_val(holders) + holders.iter().map(texts).sum::<usize>()
}

/// Drops every other element.
fn thin(list: &mut Vec<u64>) {
    let mut keep = false;
    list.retain(|_| {
        keep = !keep;
        !keep
    });
}
