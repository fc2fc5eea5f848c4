//! When to try again.

use std::time::{Duration, Instant};

/// First wait after a failure.
const FIRST: Duration = Duration::from_millis(100);
/// Longest wait.
const LONGEST: Duration = Duration::from_secs(5);

/// Waits that double, from 0.1 s to 5 s.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    at: Instant,
    wait: Duration,
}

impl Backoff {
    /// The first attempt may be made at once.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            at: now,
            wait: FIRST,
        }
    }

    /// Whether an attempt may be made.
    #[must_use]
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.at
    }

    /// How long until then.
    #[must_use]
    pub fn left(&self, now: Instant) -> Duration {
        self.at.saturating_duration_since(now)
    }

    /// It failed. One that was `refused` is not soon repeated.
    pub fn failed(&mut self, now: Instant, refused: bool) {
        if refused {
            self.wait = LONGEST;
        }
        self.at = now + self.wait;
        self.wait = (self.wait * 2).min(LONGEST);
    }

    /// The other side answers: the next failure is a first one again.
    pub fn succeeded(&mut self) {
        self.wait = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_begin_anew_after_an_answer() {
        let now = Instant::now();
        let mut backoff = Backoff::new(now);
        assert!(backoff.is_over(now));
        let mut waits = Vec::new();
        for _ in 0..8 {
            backoff.failed(now, false);
            assert!(!backoff.is_over(now));
            waits.push(backoff.left(now).as_millis());
        }
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert!(backoff.is_over(now + LONGEST));
        backoff.succeeded();
        backoff.failed(now, false);
        assert_eq!(backoff.left(now), FIRST);
    }

    #[test]
    fn a_refusal_waits_longest() {
        let now = Instant::now();
        let mut backoff = Backoff::new(now);
        backoff.failed(now, true);
        assert_eq!(backoff.left(now), LONGEST);
    }
}
