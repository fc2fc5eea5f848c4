//! Names that come for the first time: they may be made up by a client (the header `Host`
//! names the application under FPM), so they have a bounded share of the rows.

use rustc_hash::FxHashSet;

/// Names of a process that are known at once: most processes have one.
const FEW: usize = 16;
/// Names after which those that did not come again are forgotten.
const REMEMBERED: usize = 1_024;

/// Tells newcomers from names that were there in an earlier bucket. Remembers the last
/// 1 024 different names, or up to twice as many.
#[derive(Debug, Default)]
pub struct Newcomers {
    /// Hashes of names of this bucket that are new.
    now: FxHashSet<u64>,
    known: FxHashSet<u64>,
    older: FxHashSet<u64>,
}

impl Newcomers {
    /// Whether the name of this hash is one, in the present bucket.
    pub fn is_new(&mut self, name: u64) -> bool {
        if self.known.contains(&name) {
            return false;
        }
        let is_few = self.older.is_empty() && self.known.len() + self.now.len() < FEW;
        if is_few || self.older.contains(&name) {
            self.remember(name);
            return false;
        }
        // The bound: what is beyond is new the next time as well.
        if self.now.len() < REMEMBERED {
            self.now.insert(name);
        }
        true
    }

    /// The bucket is over: who was new is known.
    pub fn roll(&mut self) {
        for name in std::mem::take(&mut self.now) {
            self.remember(name);
        }
    }

    fn remember(&mut self, name: u64) {
        if self.known.len() >= REMEMBERED {
            self.older = std::mem::take(&mut self.known);
        }
        self.known.insert(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_recurs_is_known_among_made_up_names() {
        let mut names = Newcomers::default();
        let mut junk = 1_000..;
        let mut new = 0;
        for bucket in 0..100 {
            for name in junk.by_ref().take(700) {
                new += u32::from(names.is_new(name));
            }
            assert_eq!(names.is_new(1), bucket == 0);
            assert_eq!(names.is_new(1), bucket == 0);
            names.roll();
        }
        // All but the first few.
        assert_eq!(new, 70_000 - FEW as u32);
        assert!(names.known.len() <= REMEMBERED && names.older.len() <= REMEMBERED);
    }

    #[test]
    fn the_first_few_are_known_at_once() {
        let mut names = Newcomers::default();
        let new: Vec<_> = (0..FEW as u64 + 2).filter(|&n| names.is_new(n)).collect();
        assert_eq!(new, [FEW as u64, FEW as u64 + 1]);
    }

    #[test]
    fn a_flood_within_one_bucket_is_bounded() {
        let mut names = Newcomers::default();
        for name in 0..100_000 {
            names.is_new(name);
        }
        assert!(names.now.len() <= REMEMBERED);
        names.roll();
        assert!(names.known.len() <= REMEMBERED);
    }
}
