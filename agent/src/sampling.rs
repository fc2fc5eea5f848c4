//! How many ordinary traces the agent takes: a cap per second, and the rate that it asks
//! processes for so that the cap is seldom hit.
//!
//! Traces that failed, were slow or are rare are decided by the extension and never
//! refused here. Statistics do not depend on any of this.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tracker_protocol::record::SegmentFlags;

/// All, in hundredths of a percent.
const ALL: u32 = 10_000;
/// Least rate that is asked for: 0.1 %.
const LEAST: u32 = 10;

/// Watches the rate of ordinary traces.
#[derive(Debug)]
pub struct Governor {
    /// Ordinary segments per second; 0 is no cap.
    cap: AtomicU64,
    /// Seen in the second under way.
    seen: AtomicU64,
    /// Rate that processes are asked for.
    rate: AtomicU32,
    /// Whether batches of the journal are being replayed: they were acknowledged.
    replaying: AtomicU32,
    since: Mutex<Instant>,
}

impl Default for Governor {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Governor {
    /// A governor that takes `cap` ordinary segments per second; 0 is no cap.
    #[must_use]
    pub fn new(cap: u64) -> Self {
        Self {
            cap: AtomicU64::new(cap),
            seen: AtomicU64::new(0),
            rate: AtomicU32::new(ALL),
            replaying: AtomicU32::new(0),
            since: Mutex::new(Instant::now()),
        }
    }

    /// Changes the cap, at a reload.
    pub fn set_cap(&self, cap: u64) {
        self.cap.store(cap, Relaxed);
    }

    /// Says that what comes now was acknowledged before: no cap.
    pub fn set_replaying(&self, replaying: bool) {
        self.replaying.store(u32::from(replaying), Relaxed);
    }

    /// Whether a segment is taken.
    pub fn admits(&self, flags: SegmentFlags) -> bool {
        const ALWAYS: u32 =
            SegmentFlags::ERROR | SegmentFlags::SLOW | SegmentFlags::RARE | SegmentFlags::PARENT;
        if flags.has(ALWAYS) || self.replaying.load(Relaxed) == 1 {
            return true;
        }
        let cap = self.cap.load(Relaxed);
        let seen = self.seen.fetch_add(1, Relaxed);
        cap == 0 || seen < cap
    }

    /// Ends the second when it is over, and sets the rate by what came in it.
    pub fn tick(&self) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = since.elapsed().as_secs_f64();
        if elapsed >= 1.0 {
            *since = Instant::now();
            self.adjust(self.seen.swap(0, Relaxed) as f64 / elapsed);
        }
    }

    fn adjust(&self, per_second: f64) {
        let cap = self.cap.load(Relaxed) as f64;
        let rate = f64::from(self.rate.load(Relaxed));
        let next = if cap == 0.0 {
            f64::from(ALL)
        } else if per_second > cap {
            // What the processes make in all is per_second / rate; nine tenths of the
            // cap are to come.
            rate * cap * 0.9 / per_second
        } else if per_second < cap * 0.7 {
            // Slowly up: processes learn of it only with their next batch.
            rate * 1.25
        } else {
            rate
        };
        let next = next.clamp(f64::from(LEAST), f64::from(ALL));
        self.rate.store(next as u32, Relaxed);
    }

    /// The largest share that processes are to send, hundredths of a percent; none while
    /// all is taken.
    #[must_use]
    pub fn ceiling(&self) -> Option<u32> {
        let rate = self.rate.load(Relaxed);
        (rate < ALL).then_some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDINARY: SegmentFlags = SegmentFlags(SegmentFlags::SAMPLED);

    #[test]
    fn the_cap_spares_what_must_be_kept() {
        let governor = Governor::new(10);
        let taken = (0..100).filter(|_| governor.admits(ORDINARY)).count();
        assert_eq!(taken, 10);
        assert!(governor.admits(SegmentFlags(SegmentFlags::ERROR)));
        assert!(governor.admits(SegmentFlags(SegmentFlags::SLOW | SegmentFlags::SAMPLED)));
        governor.set_replaying(true);
        assert!(governor.admits(ORDINARY));
        governor.set_replaying(false);
        governor.set_cap(0);
        assert!(governor.admits(ORDINARY));
    }

    #[test]
    fn the_rate_settles_below_the_cap_and_recovers() {
        let governor = Governor::new(1_000);
        assert_eq!(governor.ceiling(), None);
        let rate = |g: &Governor| f64::from(g.ceiling().unwrap_or(ALL)) / f64::from(ALL);
        for _ in 0..60 {
            governor.adjust(50_000.0 * rate(&governor));
        }
        let comes = 50_000.0 * rate(&governor);
        assert!((600.0..=1_000.0).contains(&comes), "{comes}");
        for _ in 0..60 {
            governor.adjust(100.0 * rate(&governor));
        }
        assert_eq!(governor.ceiling(), None);
    }
}
