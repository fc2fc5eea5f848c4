//! What the agent tells of itself.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! losses {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// Why something was lost or refused: the label of `dropped_total`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Loss {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Loss {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The label.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

losses! {
    /// Frames: the stream does not hold the magic.
    Magic = "magic",
    /// Frames: another version of the wire.
    Version = "version",
    /// Frames: the header claims more than the cap.
    TooLong = "too_long",
    /// Frames: the body is not what the type says.
    Malformed = "malformed",
    /// Frames: something else than a greeting came first, or a second greeting.
    Order = "order",
    /// Frames: the connection ended within one.
    Truncated = "truncated",
    /// Connections: no greeting, or a frame not completed, in time.
    Slow = "slow",
    /// Connections beyond the cap.
    Connections = "connections",
    /// Frames of a type that is not known: skipped.
    UnknownFrame = "unknown_frame",
    /// Batches that a process numbered but never sent.
    Skipped = "batches_skipped",
    /// Records without which a batch was kept because the disk or the journal is
    /// (nearly) full: segments and leak loops, never statistics.
    Shed = "shed",
    /// Ordinary traces beyond the cap per second.
    OverRate = "over_rate",
    /// Entries of the journal that could not be read at the start.
    Damaged = "journal_damaged",
    /// Records of a kind that is not known.
    UnknownRecord = "unknown_record",
    /// Records that cannot be read.
    RecordMalformed = "record_malformed",
    /// Spans that cannot be read.
    SpanMalformed = "span_malformed",
    /// Statistics rows that cannot be read.
    RowMalformed = "row_malformed",
}

/// Counts since the start, shared by all threads.
#[derive(Debug, Default)]
pub struct Counters {
    losses: [AtomicU64; Loss::ALL.len()],
    /// Connections accepted.
    pub connections_total: AtomicU64,
    /// Connections open now.
    pub connections: AtomicU64,
    /// Frames read whole.
    pub frames: AtomicU64,
    /// Bytes of these.
    pub frame_bytes: AtomicU64,
    /// Batches written to the journal.
    pub batches: AtomicU64,
    /// Batches acknowledged without being taken, because they are kept already.
    pub duplicates: AtomicU64,
    /// Bytes of the journal's files.
    pub journal_bytes: AtomicU64,
    /// Newest position of the journal.
    pub journal_position: AtomicU64,
    /// Position up to which the sink is durable.
    pub durable_position: AtomicU64,
    /// Writes to the journal that failed.
    pub journal_errors: AtomicU64,
    /// 0 all is taken, 1 bodies are shed, 2 nothing is taken.
    pub journal_state: AtomicU64,
    /// Bytes that wait for the writer.
    pub queue_bytes: AtomicU64,
    /// Batches that the sink took.
    pub written: AtomicU64,
    /// Times the sink had no room.
    pub sink_busy: AtomicU64,
}

/// One number of [`Counters`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Name without prefix, such as `dropped_total`.
    pub name: &'static str,
    /// What it says.
    pub help: &'static str,
    /// Whether it only grows.
    pub kind: Kind,
    /// Its label and the label's value, if it has one.
    pub label: Option<(&'static str, &'static str)>,
    /// The number.
    pub value: u64,
}

/// Kinds of metrics, as Prometheus has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
}

impl Metric {
    /// A number that only grows.
    #[must_use]
    pub fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self {
            name,
            help,
            kind: Kind::Counter,
            label: None,
            value,
        }
    }

    /// A number that goes up and down.
    #[must_use]
    pub fn gauge(name: &'static str, help: &'static str, value: u64) -> Self {
        Self {
            kind: Kind::Gauge,
            ..Self::counter(name, help, value)
        }
    }

    /// The same with a label.
    #[must_use]
    pub fn with(self, label: &'static str, value: &'static str) -> Self {
        Self {
            label: Some((label, value)),
            ..self
        }
    }
}

impl Counters {
    /// Counts `n` losses.
    pub fn lose(&self, loss: Loss, n: u64) {
        self.losses[loss as usize].fetch_add(n, Relaxed);
    }

    /// How many there were.
    #[must_use]
    pub fn lost(&self, loss: Loss) -> u64 {
        self.losses[loss as usize].load(Relaxed)
    }

    /// All numbers; those of one name stand together.
    #[must_use]
    pub fn metrics(&self) -> Vec<Metric> {
        let counter =
            |name, help, value: &AtomicU64| Metric::counter(name, help, value.load(Relaxed));
        let gauge = |name, help, value: &AtomicU64| Metric::gauge(name, help, value.load(Relaxed));
        #[rustfmt::skip]
        let mut all = vec![
            counter("connections_total", "Connections accepted", &self.connections_total),
            gauge("connections", "Connections open", &self.connections),
            counter("frames_total", "Frames read", &self.frames),
            counter("frame_bytes_total", "Bytes of the frames read", &self.frame_bytes),
            counter("batches_total", "Batches written to the journal", &self.batches),
            counter("batches_duplicate_total", "Batches that were kept already", &self.duplicates),
            counter("batches_written_total", "Batches that the store took", &self.written),
            gauge("journal_bytes", "Size of the journal", &self.journal_bytes),
            gauge("journal_position", "Newest position of the journal", &self.journal_position),
            gauge("journal_durable_position", "Position up to which all is stored", &self.durable_position),
            counter("journal_errors_total", "Writes to the journal that failed", &self.journal_errors),
            gauge("journal_state", "0 all is taken, 1 bodies are shed, 2 nothing is taken", &self.journal_state),
            gauge("queue_bytes", "Bytes that wait for the writer", &self.queue_bytes),
            counter("store_busy_total", "Times the store had no room", &self.sink_busy),
        ];
        all.extend(Loss::ALL.iter().map(|&loss| {
            let help = "What was lost or refused";
            Metric::counter("dropped_total", help, self.lost(loss)).with("reason", loss.name())
        }));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_loss_has_its_own_count() {
        let counters = Counters::default();
        for (n, &loss) in (1..).zip(Loss::ALL) {
            counters.lose(loss, n);
        }
        let metrics = counters.metrics();
        let drops: Vec<_> = metrics.iter().filter(|m| m.label.is_some()).collect();
        assert_eq!(drops.len(), Loss::ALL.len());
        for (n, metric) in (1..).zip(&drops) {
            assert_eq!(metric.value, n, "{:?}", metric.label);
        }
    }
}
