//! Whether what is written stays.

use std::time::{Duration, Instant};

use super::Writer;
use crate::store::Store;

/// Time after which is looked.
pub(super) const EVERY: Duration = Duration::from_secs(1);

impl<S: Store> Writer<S> {
    /// Looks whether the store's files are still there.
    pub(super) fn look(&mut self) {
        self.looked_at = Instant::now();
        let Some(store) = &mut self.store else { return };
        let done = store.look();
        self.options.activity.tried("files", done.as_ref().copied());
        let was_gone = std::mem::replace(&mut self.is_gone, done.is_err());
        match done {
            Err(e) if !was_gone => {
                tracing::error!(error = %e, "the store was removed: what comes waits in memory");
            }
            Ok(()) if was_gone => tracing::info!("the store is there again"),
            _ => {}
        }
    }
}
