//! Takes accepted batches to pieces, counts, and writes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustc_hash::FxHashMap;
use tracker_protocol::message::Batch;
use tracker_protocol::record::{
    LeakLoop, Record, Segment, SegmentFlags, Span, SpanKind, Stats, StatsRow,
};

use super::sqlite::text_of;
use super::{
    Activity, LeakRow, LossRow, Pending, ProcessRow, SegmentRow, Store, StoreError, row_flags,
};
use crate::live::Live;
use crate::merge::Merger;
use crate::pipeline::{Accepted, Busy, Counters, Loss, Sink};
use crate::stats::{Aliases, Buckets};

/// Attributes that traces can be searched by without reading them: few values per trace,
/// many different ones in all. `docs/ARCHITECTURE.md` tells how to add one.
pub const INDEXED: &[&str] = &[
    "http.response.status_code",
    "http.route",
    "error.type",
    "messaging.destination.name",
    "enduser.id",
    "user.id",
];

/// Attributes in the index per segment.
const MAX_INDEXED: usize = 32;
/// Bytes of an indexed value.
const MAX_VALUE: usize = 256;
/// Spans after which is written.
const SPANS: u64 = 5_000;
/// Time after which is written.
const WRITE: Duration = Duration::from_millis(500);
/// Time after which statistics are written.
const CHECKPOINT: Duration = Duration::from_secs(10);
/// The same while there are only a few rows: who tries it out sees the numbers soon.
const CHECKPOINT_OF_FEW: Duration = Duration::from_secs(2);
/// That many rows are few.
const FEW_ROWS: usize = 500;
/// Time after which old data is removed.
const RETAIN: Duration = Duration::from_secs(30);
/// Bytes that may wait while the store cannot write.
const MAX_WAITING: usize = 64 << 20;

/// What the writer shares with the rest of the agent.
#[derive(Debug, Clone, Default)]
pub struct WriterOptions {
    /// Counts losses.
    pub counters: Arc<Counters>,
    /// Tells what the writer does.
    pub activity: Arc<Activity>,
    /// What can change: cap, limits, rules.
    pub live: Arc<Live>,
}

/// The [`Sink`] in front of a store.
#[derive(Debug)]
pub struct Writer<S> {
    store: Option<S>,
    options: WriterOptions,
    buckets: Buckets,
    aliases: Aliases,
    merger: Merger,
    /// See [`Live::version`].
    version: u64,
    known_aliases: FxHashMap<Arc<str>, Arc<str>>,
    new_aliases: Vec<(Arc<str>, Arc<str>)>,
    losses: HashMap<(String, String, String), u64>,
    pending: Pending,
    /// Whether statistics could not be written.
    counts_wait: bool,
    /// Newest position taken.
    taken: u64,
    durable: u64,
    newest: u64,
    written_at: Instant,
    checkpoint_at: Instant,
    retained_at: Option<Instant>,
}

impl<S: Store> Writer<S> {
    /// A writer that owns `store`.
    #[must_use]
    pub fn new(store: S, options: WriterOptions) -> Self {
        let mut merger = Merger::default();
        merger.set(options.live.of_writer().rules);
        Self {
            merger,
            version: options.live.version(),
            durable: store.durable(),
            newest: store.newest(),
            taken: store.durable(),
            store: Some(store),
            options,
            buckets: Buckets::default(),
            aliases: Aliases::default(),
            known_aliases: FxHashMap::default(),
            new_aliases: Vec::new(),
            losses: HashMap::new(),
            pending: Pending::default(),
            counts_wait: false,
            written_at: Instant::now(),
            checkpoint_at: Instant::now(),
            retained_at: None,
        }
    }

    fn record(&mut self, batch: &Accepted, record: &Record<'_>, now_us: u64, is_new: bool) {
        match record {
            Record::Segment(segment) => self.segment(batch, segment),
            Record::Stats(stats) if is_new => self.stats(batch, stats, now_us),
            Record::Drops(drops) if is_new => {
                for (reason, count) in drops.iter() {
                    let origin = &batch.origin;
                    let key = (
                        origin.app.clone(),
                        origin.host.clone(),
                        short(reason).into(),
                    );
                    let slot: &mut u64 = self.losses.entry(key).or_default();
                    *slot = slot.saturating_add(count);
                }
            }
            Record::Stats(_) | Record::Drops(_) => {}
            Record::LeakLoop(LeakLoop { app, record }) => self.pending.leak(LeakRow {
                position: batch.position,
                app: short(app).into(),
                origin: batch.origin.clone(),
                seen_us: now_us,
                record: record.to_vec(),
            }),
            Record::Unknown(_) => self.options.counters.lose(Loss::UnknownRecord, 1),
        }
    }

    fn stats(&mut self, batch: &Accepted, stats: &Stats<'_>, now_us: u64) {
        for row in stats.rows() {
            let Ok(row) = row else {
                self.options.counters.lose(Loss::RowMalformed, 1);
                continue;
            };
            let host = &batch.origin.host;
            let is_entry = !SpanKind::of(row.kind).is_exit();
            let merged = is_entry.then(|| self.merger.name(row.app, row.endpoint));
            let merged = merged.flatten();
            let endpoint = merged.as_deref().unwrap_or(row.endpoint);
            let row = StatsRow { endpoint, ..row };
            self.buckets
                .add(stats.bucket, host, &row, now_us / 1_000_000);
            self.options.activity.calls.fetch_add(row.calls, Relaxed);
        }
        self.options
            .activity
            .folded
            .store(self.buckets.folded(), Relaxed);
    }

    fn segment(&mut self, batch: &Accepted, segment: &Segment<'_>) {
        if !self
            .options
            .live
            .governor
            .admits(segment.flags, segment.trace_id)
        {
            self.options.counters.lose(Loss::OverRate, 1);
            return;
        }
        let mut row = SegmentRow::new(batch.position, &batch.origin, segment);
        if let Some(name) = self.merger.name(segment.app, segment.endpoint) {
            row.endpoint = (*name).into();
        }
        let mut last: Option<Span<'_>> = None;
        for span in segment.spans() {
            let Ok(span) = span else {
                self.options.counters.lose(Loss::SpanMalformed, 1);
                row.flags |= row_flags::INCOMPLETE;
                continue;
            };
            row.errors += u32::from(span.status == tracker_protocol::record::Status::Error);
            index(&mut row, &span);
            if span.kind.is_exit() && !span.peer.is_empty() && span.system == "http" {
                let alias = self.aliases.called(span.span_id, span.peer);
                self.alias(alias);
            }
            last = Some(span);
        }
        if segment.dropped_spans > 0 || segment.flags.has(SegmentFlags::INTERRUPTED) {
            row.flags |= row_flags::INCOMPLETE;
        }
        // The span that ended last is the one around all others.
        if let Some(top) = last {
            if top.parent_span_id == 0 {
                row.flags |= row_flags::ROOT;
            } else if top.kind.is_entry() {
                let alias = self.aliases.answered(top.parent_span_id, segment.app);
                self.alias(alias);
            }
        }
        self.pending.segment(row);
    }

    fn alias(&mut self, alias: Option<(Arc<str>, Arc<str>)>) {
        let Some((peer, app)) = alias else { return };
        if self.known_aliases.get(&peer) == Some(&app) {
            return;
        }
        if self.known_aliases.len() > 10_000 {
            self.known_aliases.clear();
        }
        self.known_aliases.insert(peer.clone(), app.clone());
        self.new_aliases.push((peer, app));
    }

    pub(super) fn write(&mut self) {
        self.written_at = Instant::now();
        let Some(store) = &mut self.store else { return };
        if self.pending.is_empty() && self.new_aliases.is_empty() {
            return;
        }
        let activity = &self.options.activity;
        let waiting = |pending: &Pending| (pending.spans, pending.segments.len() as u64);
        let mut sheds = false;
        loop {
            let before = waiting(&self.pending);
            let done = store.write(self.taken, &mut self.pending);
            let left = match &done {
                Ok(()) => (0, 0),
                Err(_) => waiting(&self.pending),
            };
            activity.spans.fetch_add(before.0 - left.0, Relaxed);
            activity.segments.fetch_add(before.1 - left.1, Relaxed);
            match done {
                Ok(()) => break,
                Err(StoreError::Full(why)) => {
                    activity.errors.fetch_add(1, Relaxed);
                    // First older traces go, then these, never the statistics.
                    if store.make_room().unwrap_or(false) {
                        continue;
                    }
                    sheds = true;
                    if activity.shedding.swap(1, Relaxed) == 0 {
                        tracing::warn!(why, "no room for traces: they are given up, and counted");
                    }
                    if self.pending.segments.is_empty() && self.pending.leaks.is_empty() {
                        return;
                    }
                    self.options.counters.lose(Loss::Shed, self.pending.shed());
                }
                Err(e) => {
                    activity.errors.fetch_add(1, Relaxed);
                    tracing::error!(error = %e, "the store cannot write; it is tried again");
                    return;
                }
            }
        }
        if !sheds && activity.shedding.swap(0, Relaxed) == 1 {
            tracing::info!("there is room for traces again");
        }
        self.pending.clear();
        for (peer, app) in self.new_aliases.drain(..) {
            if let Err(e) = store.alias(&peer, &app) {
                tracing::warn!(error = %e, "an alias is not written");
                self.known_aliases.remove(&peer);
            }
        }
        self.durable = store.durable();
    }

    pub(super) fn checkpoint(&mut self) {
        self.checkpoint_at = Instant::now();
        let Some(store) = &mut self.store else { return };
        if store.counted() >= self.taken {
            return;
        }
        let losses: Vec<LossRow> = self
            .losses
            .iter()
            .map(|((app, host, reason), &count)| LossRow {
                app: app.clone(),
                host: host.clone(),
                reason: reason.clone(),
                count,
            })
            .collect();
        let rows = self.buckets.rows();
        let mut done = store.checkpoint(self.taken, &rows, &losses);
        while matches!(done, Err(StoreError::Full(_))) && store.make_room().unwrap_or(false) {
            done = store.checkpoint(self.taken, &rows, &losses);
        }
        match done {
            Ok(()) => {
                self.options.activity.totals.add(&rows);
                self.buckets.clear();
                self.losses.clear();
                self.durable = store.durable();
                if std::mem::take(&mut self.counts_wait) {
                    tracing::info!("the statistics that waited are written");
                }
            }
            Err(e) => {
                self.options.activity.errors.fetch_add(1, Relaxed);
                if !std::mem::replace(&mut self.counts_wait, true) {
                    tracing::error!(error = %e, "statistics wait in memory; it is tried again");
                }
            }
        }
    }

    /// Takes over what changed.
    fn look_at_settings(&mut self) {
        let version = self.options.live.version();
        if std::mem::replace(&mut self.version, version) == version {
            return;
        }
        let new = self.options.live.of_writer();
        self.merger.set(new.rules);
        if let Some(store) = &mut self.store {
            store.set_limits(new.limits);
        }
        self.retained_at = None;
    }

    fn retain(&mut self) {
        self.retained_at = Some(Instant::now());
        let Some(store) = &mut self.store else { return };
        if let Err(e) = store.retain(now_us()) {
            tracing::error!(error = %e, "old data cannot be removed");
        }
        while !store.has_room() && store.make_room().unwrap_or(false) {}
        self.options.activity.set_size(store.size());
    }
}

impl<S: Store> Sink for Writer<S> {
    fn take(&mut self, batch: &Accepted) -> Result<(), Busy> {
        if self.pending.bytes > MAX_WAITING {
            return Err(Busy("the store does not write".into()));
        }
        let now_us = now_us();
        let is_new = self
            .store
            .as_ref()
            .is_some_and(|store| batch.position > store.counted());
        match Batch::read(&batch.body) {
            Ok(read) => {
                for record in read.records() {
                    match record {
                        Ok(record) => self.record(batch, &record, now_us, is_new),
                        Err(_) => self.options.counters.lose(Loss::RecordMalformed, 1),
                    }
                }
            }
            Err(_) => self.options.counters.lose(Loss::RecordMalformed, 1),
        }
        let start_id = batch.origin.start_id;
        let row = ProcessRow {
            origin: batch.origin.clone(),
            number: batch.number,
            seen_us: now_us,
        };
        self.pending.processes.insert(start_id, row);
        self.taken = self.taken.max(batch.position);
        self.newest = self.newest.max(batch.position);
        if self.pending.spans >= SPANS {
            self.write();
        }
        Ok(())
    }

    fn tick(&mut self) {
        if self.written_at.elapsed() >= WRITE {
            self.write();
        }
        let is_small = self.buckets.len() <= FEW_ROWS;
        let wait = if is_small {
            CHECKPOINT_OF_FEW
        } else {
            CHECKPOINT
        };
        if self.checkpoint_at.elapsed() >= wait {
            self.checkpoint();
        }
        if self.retained_at.is_none_or(|at| at.elapsed() >= RETAIN) {
            self.retain();
        }
        self.options.live.governor.tick();
        self.look_at_settings();
    }

    fn durable(&self) -> u64 {
        self.durable
    }

    fn newest(&self) -> u64 {
        self.newest
    }

    fn finish(&mut self) {
        self.write();
        self.checkpoint();
        if let Some(store) = self.store.take() {
            store.close();
        }
    }

    fn replaying(&mut self, replaying: bool) {
        self.options.live.governor.set_replaying(replaying);
    }

    fn sampling(&self) -> Option<u32> {
        self.options.live.governor.ceiling()
    }
}

/// Adds the attributes of `span` that are searched by.
fn index(row: &mut SegmentRow, span: &Span<'_>) {
    for (key, value) in span.attributes.iter() {
        if row.attributes.len() >= MAX_INDEXED {
            return;
        }
        if !INDEXED.contains(&key) {
            continue;
        }
        let value = text_of(value);
        let value = tracker_protocol::limits::cut(&value, MAX_VALUE);
        let known = row
            .attributes
            .iter()
            .any(|(k, v)| **k == *key && **v == *value);
        if !known {
            row.attributes.push((key.into(), value.into()));
        }
    }
}

/// A name that comes from outside, cut to what is sensible.
fn short(text: &str) -> &str {
    tracker_protocol::limits::cut(text, 1_000)
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as u64)
}
