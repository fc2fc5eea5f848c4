//! How many ordinary traces the agent takes: a cap per second, and the rate that it asks
//! processes for so that the cap is seldom hit.
//!
//! Traces that failed, were slow or are rare are decided by the extension and never
//! refused here. Statistics do not depend on any of this.
//!
//! What is beyond the cap is chosen by the hash of the trace id, as the extension chooses
//! ([`keeps`]), never by the order of arrival: all segments of a trace stay, or all go,
//! whichever processes and hosts they come from.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tracker_core::trace::ids::TraceId;
use tracker_core::trace::sampling::{ALL, keeps};
use tracker_protocol::record::SegmentFlags;

/// Least rate that is asked for: 0.1 %.
const LEAST: u32 = 10;

/// Watches the rate of ordinary traces.
#[derive(Debug)]
pub struct Governor(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Ordinary segments per second; 0 is no cap.
    cap: u64,
    /// Whether batches of the journal are being replayed: they were acknowledged.
    replaying: bool,
    /// Rate that processes are asked for, hundredths of a percent.
    rate: u32,
    since: Instant,
    /// Seen in the second under way of the traces that `rate` keeps, wherever they were
    /// chosen by an older, higher rate.
    seen: u64,
    /// Share that is taken in the second under way, at most `rate`.
    share: u32,
    /// Taken in the second under way.
    taken: u64,
    /// At so many taken the share is halved.
    bound: u64,
}

impl Default for Governor {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Governor {
    /// A governor that takes about `cap` ordinary segments per second; 0 is no cap.
    #[must_use]
    pub fn new(cap: u64) -> Self {
        Self(Mutex::new(State {
            cap,
            replaying: false,
            rate: ALL,
            since: Instant::now(),
            seen: 0,
            share: ALL,
            taken: 0,
            bound: cap,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the cap, at a reload.
    pub fn set_cap(&self, cap: u64) {
        let mut state = self.state();
        if state.cap != cap {
            state.cap = cap;
            state.begin();
        }
    }

    /// Says that what comes now was acknowledged before: no cap.
    pub fn set_replaying(&self, replaying: bool) {
        self.state().replaying = replaying;
    }

    /// Whether a segment is taken.
    pub fn admits(&self, flags: SegmentFlags, trace_id: [u8; 16]) -> bool {
        const ALWAYS: u32 = SegmentFlags::ERROR | SegmentFlags::SLOW | SegmentFlags::RARE;
        let mut state = self.state();
        flags.has(ALWAYS) || state.replaying || state.cap == 0 || state.admits(trace_id)
    }

    /// Ends the second when it is over, and sets the rate by what came in it.
    pub fn tick(&self) {
        let mut state = self.state();
        let elapsed = state.since.elapsed().as_secs_f64();
        if elapsed >= 1.0 {
            let per_second = state.seen as f64 / elapsed;
            state.adjust(per_second);
        }
    }

    /// The largest share that processes are to send, hundredths of a percent; none while
    /// all is taken.
    #[must_use]
    pub fn ceiling(&self) -> Option<u32> {
        let rate = self.state().rate;
        (rate < ALL).then_some(rate)
    }
}

impl State {
    fn admits(&mut self, trace_id: [u8; 16]) -> bool {
        // An id of zeros is none; its segments are alone anyway.
        let is_kept = |rate| TraceId::new(trace_id).is_none_or(|id| keeps(id, rate));
        if !is_kept(self.rate) {
            return false;
        }
        self.seen += 1;
        if !is_kept(self.share) {
            return false;
        }
        self.taken += 1;
        if self.taken >= self.bound {
            // A burst: halved at the cap, at one and a half of it, at one and three
            // quarters; so twice the cap is never reached, but for the least share.
            self.share = (self.share / 2).max(LEAST);
            self.bound += (self.cap.saturating_mul(2).saturating_sub(self.bound) / 2).max(1);
        }
        true
    }

    /// Begins a second.
    fn begin(&mut self) {
        self.since = Instant::now();
        (self.seen, self.taken) = (0, 0);
        (self.share, self.bound) = (self.rate, self.cap);
    }

    fn adjust(&mut self, per_second: f64) {
        let (cap, rate) = (self.cap as f64, f64::from(self.rate));
        let next = if self.cap == 0 {
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
        self.rate = next.clamp(f64::from(LEAST), f64::from(ALL)) as u32;
        self.begin();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracker_core::trace::ids::Ids;

    const ORDINARY: SegmentFlags = SegmentFlags(SegmentFlags::SAMPLED);

    #[test]
    fn the_cap_spares_what_must_be_kept() {
        let governor = Governor::new(10);
        let mut ids = Ids::from_seed(1);
        let mut admits = |flags| governor.admits(flags, ids.trace().bytes());
        let taken = (0..100_000).filter(|_| admits(ORDINARY)).count();
        assert!((10..=200).contains(&taken), "{taken}");
        assert!(admits(SegmentFlags(SegmentFlags::ERROR)));
        assert!(admits(SegmentFlags(
            SegmentFlags::SLOW | SegmentFlags::SAMPLED
        )));
        governor.set_replaying(true);
        assert!(admits(ORDINARY));
        governor.set_replaying(false);
        governor.set_cap(0);
        assert!(admits(ORDINARY));
    }

    #[test]
    fn a_burst_is_bounded_by_twice_the_cap() {
        let governor = Governor::new(1_000);
        let mut ids = Ids::from_seed(2);
        let taken = (0..500_000)
            .filter(|_| governor.admits(ORDINARY, ids.trace().bytes()))
            .count();
        // The least share, 0.1 %, is taken in any case.
        assert!((1_000..=2_500).contains(&taken), "{taken}");
    }

    #[test]
    fn beyond_the_cap_traces_stay_whole_and_hosts_agree() {
        let mut ids = Ids::from_seed(3);
        let traces: Vec<_> = (0..20_000).map(|_| ids.trace()).collect();
        let called = SegmentFlags(SegmentFlags::PARENT);
        let hosts = [Governor::new(20_000), Governor::new(20_000)];
        for governor in &hosts {
            // Sixty thousand segments a second come; processes are not yet told.
            governor.state().adjust(60_000.0);
            assert_eq!(governor.ceiling(), Some(3_000));
        }
        // Three segments each, one by one through all traces, one of them on another host.
        let mut kept = vec![0; traces.len()];
        for (governor, flags) in [
            (&hosts[0], ORDINARY),
            (&hosts[0], called),
            (&hosts[1], called),
        ] {
            for (trace, kept) in traces.iter().zip(&mut kept) {
                *kept += u32::from(governor.admits(flags, trace.bytes()));
            }
        }
        assert!(kept.iter().all(|&n| n == 0 || n == 3));
        for (trace, &n) in traces.iter().zip(&kept) {
            assert_eq!(n == 3, keeps(*trace, 3_000));
        }
    }

    #[test]
    fn the_rate_settles_below_the_cap_and_recovers() {
        let governor = Governor::new(1_000);
        assert_eq!(governor.ceiling(), None);
        let rate = |g: &Governor| f64::from(g.ceiling().unwrap_or(ALL)) / f64::from(ALL);
        for _ in 0..60 {
            let comes = 50_000.0 * rate(&governor);
            governor.state().adjust(comes);
        }
        let comes = 50_000.0 * rate(&governor);
        assert!((600.0..=1_000.0).contains(&comes), "{comes}");
        for _ in 0..60 {
            let comes = 100.0 * rate(&governor);
            governor.state().adjust(comes);
        }
        assert_eq!(governor.ceiling(), None);
    }

    #[test]
    fn processes_that_learn_late_do_not_drive_the_rate_down() {
        let governor = Governor::new(1_000);
        let mut ids = Ids::from_seed(4);
        for _ in 0..10 {
            // A second in which everybody still sends everything.
            for _ in 0..20_000 {
                governor.admits(ORDINARY, ids.trace().bytes());
            }
            let seen = governor.state().seen as f64;
            governor.state().adjust(seen);
        }
        let rate = governor.ceiling().unwrap_or(ALL);
        assert!((300..=500).contains(&rate), "{rate}");
    }
}
