//! Which lines deserve a closer look: a stack, or a search for the holder.

use super::sites::SiteId;
use super::{Closed, Ledger};
use crate::leak::model::Verdict;

/// Stacks captured per growing line.
pub const STACKS_PER_SITE: u8 = 3;

impl Ledger {
    /// Sites whose holder should be looked for now: those that just began to
    /// grow, and those that have grown for twice as many loops as last time.
    /// Largest first, at most `limit`.
    pub fn holders_due(&mut self, closed: &Closed, limit: usize) -> Vec<SiteId> {
        let Some(now) = closed.judged else {
            return Vec::new();
        };
        let mut due: Vec<_> = Vec::new();
        for sample in &closed.samples {
            let account = &self.accounts[sample.site.index()];
            let Some(history) = &account.history else {
                continue;
            };
            let grown = now.saturating_sub(history.era()) + 1;
            // Most were searched for not long ago, which is quickly seen.
            if grown >= 2 * account.held_at && history.verdict(now) == Verdict::Grows {
                due.push((sample.bytes, sample.site, grown));
            }
        }
        due.sort_by(|a, b| b.cmp(a));
        due.truncate(limit);
        for (_, site, grown) in &due {
            self.accounts[site.index()].held_at = *grown;
        }
        due.into_iter().map(|d| d.1).collect()
    }

    /// Whether a stack of the site's next allocation is wanted; counts it as
    /// taken.
    pub fn take_stack_order(&mut self, site: SiteId) -> bool {
        match self.accounts.get_mut(site.index()) {
            Some(account) if account.stacks_wanted > 0 => {
                account.stacks_wanted -= 1;
                true
            }
            _ => false,
        }
    }

    /// Whether stacks of the site are wanted (so it must not be cached).
    #[must_use]
    pub fn wants_stack(&self, site: SiteId) -> bool {
        self.accounts
            .get(site.index())
            .is_some_and(|account| account.stacks_wanted > 0)
    }
}
