//! Which applications have a row of their own.
//!
//! The name of an application may come from a client: under FPM it is the header `Host`. Who
//! sends a thousand made-up names must not crowd out the one that matters, so what comes first
//! does not have the place. *Regulars* do: names that were counted in two buckets, or had
//! [`SEVERAL`] requests. No newcomer takes the place of one that is in use. *Strangers*, all
//! others, have a bounded number of rows per ten seconds and per hour; past that they
//! are counted as [`OVERFLOW`](super::OVERFLOW).

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::caps;

/// Requests that make a regular within one bucket.
pub const SEVERAL: u64 = 8;
/// Strangers that are remembered, the newest: who comes again within so many
/// others is a regular.
const REMEMBERED: usize = 8_192;
/// Seconds after which the place of a regular may be given to another.
const IDLE: u64 = 600;

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Regulars {
    regulars: FxHashMap<Arc<str>, Regular>,
    strangers: FxHashMap<Arc<str>, Stranger>,
    /// Strangers, the oldest in front.
    order: VecDeque<Arc<str>>,
    /// Rows given to strangers in these ten seconds, and in this hour.
    given: [Given; 2],
}

#[derive(Debug, Default)]
struct Regular {
    /// Bucket that it was counted in last.
    bucket: u64,
    /// In how many it was.
    buckets: u64,
    /// When, Unix seconds.
    at: u64,
}

#[derive(Debug)]
struct Stranger {
    /// Bucket that it was first counted in.
    bucket: u64,
    requests: u64,
    has_row: bool,
}

#[derive(Debug, Default)]
struct Given {
    period: u64,
    rows: usize,
}

impl Given {
    fn has_room(&mut self, period: u64, cap: usize) -> bool {
        if self.period != period {
            *self = Self { period, rows: 0 };
        }
        self.rows < cap
    }
}

impl Regulars {
    /// Takes `app` for a regular of `buckets` buckets, as the store knows it. `now`: Unix seconds.
    pub fn know(&mut self, app: &str, buckets: u64, now: u64) {
        if self.regulars.len() < caps::APPS {
            let regular = Regular {
                bucket: 0,
                buckets,
                at: now,
            };
            self.regulars.insert(app.into(), regular);
        }
    }

    /// Whether `app` is one.
    #[must_use]
    pub fn is_regular(&self, app: &str) -> bool {
        self.regulars.contains_key(app)
    }

    /// Whether what `app` counted in `bucket`, with `requests` to it, has rows of its own.
    /// `now`: Unix seconds.
    pub fn admit(&mut self, app: &str, bucket: u64, requests: u64, now: u64) -> bool {
        if let Some(regular) = self.regulars.get_mut(app) {
            regular.buckets += u64::from(regular.bucket != bucket);
            (regular.bucket, regular.at) = (bucket, now);
            return true;
        }
        let stranger = self.stranger(app, bucket);
        stranger.requests = stranger.requests.saturating_add(requests);
        let (again, has_row) = (
            stranger.bucket != bucket || stranger.requests >= SEVERAL,
            stranger.has_row,
        );
        if again && self.has_place(now) {
            // Its place in the order goes with time.
            self.strangers.remove(app);
            let regular = Regular {
                bucket,
                buckets: 1,
                at: now,
            };
            self.regulars.insert(app.into(), regular);
            return true;
        }
        has_row || self.give(app, now)
    }

    fn stranger(&mut self, app: &str, bucket: u64) -> &mut Stranger {
        if !self.strangers.contains_key(app) {
            let name: Arc<str> = app.into();
            self.order.push_back(name);
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.strangers.remove(&oldest);
            }
        }
        self.strangers.entry(app.into()).or_insert(Stranger {
            bucket,
            requests: 0,
            has_row: false,
        })
    }

    /// Whether there is a place for another regular; one that is idle may have to go, that
    /// which was in the fewest buckets.
    fn has_place(&mut self, now: u64) -> bool {
        if self.regulars.len() < caps::APPS {
            return true;
        }
        let idle = self.regulars.iter();
        let idle = idle.filter(|(_, regular)| regular.at.saturating_add(IDLE) < now);
        let least = idle.min_by_key(|(_, regular)| (regular.buckets, regular.at));
        match least.map(|(name, _)| name.clone()) {
            Some(name) => self.regulars.remove(&name).is_some(),
            None => false,
        }
    }

    /// Gives a stranger a row, if there is one left.
    fn give(&mut self, app: &str, now: u64) -> bool {
        let [bucket, hour] = &mut self.given;
        let has_room = bucket.has_room(now / 10, caps::STRANGERS)
            & hour.has_room(now / 3_600, caps::STRANGERS_PER_HOUR);
        if has_room && let Some(stranger) = self.strangers.get_mut(app) {
            bucket.rows += 1;
            hour.rows += 1;
            stranger.has_row = true;
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000;

    #[test]
    fn who_comes_again_is_a_regular_and_strangers_are_bounded() {
        let mut regulars = Regulars::default();
        let mut junk = 0;
        let mut admitted = 0;
        for second in 0..3_600 {
            let now = NOW - NOW % 3_600 + second;
            for _ in 0..20 {
                junk += 1;
                admitted += usize::from(regulars.admit(&format!("junk{junk}"), now / 10, 1, now));
            }
        }
        assert_eq!(admitted, caps::STRANGERS_PER_HOUR);
        assert!(regulars.regulars.is_empty());
        assert_eq!(regulars.strangers.len(), REMEMBERED);
        assert_eq!(regulars.order.len(), REMEMBERED);
        // All rows of strangers are given: the second bucket, or enough requests, decide.
        let now = NOW - NOW % 3_600 + 3_599;
        assert!(!regulars.admit("twice", 1, 1, now));
        assert!(regulars.admit("twice", 2, 1, now));
        assert!(!regulars.admit("busy", 1, SEVERAL - 1, now));
        assert!(regulars.admit("busy", 1, 1, now));
        assert!(!regulars.admit("calls others only", 1, 0, now));
        assert!(regulars.is_regular("twice") && regulars.is_regular("busy"));
    }

    #[test]
    fn a_regular_in_use_stays_and_of_the_idle_the_steadiest() {
        let mut regulars = Regulars::default();
        regulars.know("steady", 100, NOW);
        for n in 0..caps::APPS * 2 {
            regulars.admit(&format!("loud{n}"), 1, SEVERAL, NOW);
        }
        assert_eq!(regulars.regulars.len(), caps::APPS);
        assert!(regulars.is_regular("steady"));
        // A night later another wave has the places of the first, which is idle.
        let later = NOW + 2 * IDLE;
        for n in 0..caps::APPS - 1 {
            regulars.admit(&format!("wave{n}"), 2, SEVERAL, later);
        }
        assert!(regulars.is_regular("steady") && regulars.is_regular("wave0"));
        assert!(!regulars.is_regular("loud0"));
    }
}
