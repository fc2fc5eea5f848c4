//! The writer thread: hands every batch to the sink, first those of the journal.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::ingest::{Control, Taker};
use crate::journal::Replay;
use crate::pipeline::{Accepted, Counters, Sink};

/// Between two ticks of the sink.
const TICK: Duration = Duration::from_millis(100);
/// Before a batch is offered again.
const RETRY: Duration = Duration::from_millis(100);

/// The thread's state.
struct Writer {
    sink: Box<dyn Sink>,
    control: Arc<Control>,
    counters: Arc<Counters>,
    next_tick: Instant,
    is_busy: bool,
}

/// Runs until the receiver's end of the queue is gone and all that it held was taken, or
/// the sink has no room and the agent stops: what is left is in the journal then.
pub fn run(
    sink: Box<dyn Sink>,
    replay: Replay,
    queue: &Taker,
    control: Arc<Control>,
    counters: Arc<Counters>,
) {
    let mut writer = Writer {
        sink,
        control,
        counters,
        next_tick: Instant::now() + TICK,
        is_busy: false,
    };
    writer.sink.replaying(true);
    let is_whole = writer.replay(replay);
    writer.sink.replaying(false);
    if is_whole {
        writer.take_all(queue);
    }
    writer.sink.finish();
    writer.publish();
}

impl Writer {
    /// `false` when the agent stops before the end.
    fn replay(&mut self, replay: Replay) -> bool {
        let from = self.sink.durable();
        let (mut count, mut is_whole) = (0u64, true);
        let done = replay.each(from, |batch| {
            is_whole = !self.control.is_stopping() && self.offer(&batch);
            count += u64::from(is_whole);
            is_whole
        });
        match done {
            Ok(()) if count > 0 => tracing::info!(batches = count, "journal replayed"),
            Ok(()) => {}
            Err(e) => {
                // To go on would put later batches before these for good.
                tracing::error!(error = %e, "the journal cannot be read");
                self.control.stop();
                return false;
            }
        }
        is_whole
    }

    fn take_all(&mut self, queue: &Taker) {
        loop {
            let patience = self.next_tick.saturating_duration_since(Instant::now());
            match queue.next(patience) {
                Ok(batch) => {
                    let is_taken = self.offer(&batch);
                    queue.done(batch.body.len());
                    if !is_taken {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Offers a batch until it is taken; `false` when the agent stops before.
    fn offer(&mut self, batch: &Accepted) -> bool {
        while let Err(busy) = self.sink.take(batch) {
            self.counters.sink_busy.fetch_add(1, Relaxed);
            if !std::mem::replace(&mut self.is_busy, true) {
                tracing::warn!(reason = %busy, "the store has no room: batches wait");
            }
            if self.control.is_stopping() {
                return false;
            }
            std::thread::sleep(RETRY);
            self.tick();
        }
        if std::mem::replace(&mut self.is_busy, false) {
            tracing::info!("the store has room again");
        }
        self.counters.written.fetch_add(1, Relaxed);
        if Instant::now() >= self.next_tick {
            self.tick();
        }
        true
    }

    fn tick(&mut self) {
        self.next_tick = Instant::now() + TICK;
        self.sink.tick();
        self.publish();
    }

    fn publish(&self) {
        let durable = self.sink.durable();
        self.control.set_durable(durable);
        self.control.set_ceiling(self.sink.sampling());
        self.counters.durable_position.store(durable, Relaxed);
    }
}
