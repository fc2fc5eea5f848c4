//! Readers for many questions.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::answer::Trouble;
use crate::store::{Reader, Result as StoreResult};

/// How long a question waits for a reader.
const PATIENCE: Duration = Duration::from_secs(10);

/// A bounded number of readers.
pub struct Pool {
    idle: Mutex<Vec<Box<dyn Reader>>>,
    permits: Arc<Semaphore>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool")
            .field("permits", &self.permits)
            .finish()
    }
}

impl Pool {
    /// A pool of these readers.
    pub fn new(readers: Vec<Box<dyn Reader>>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(readers.len())),
            idle: Mutex::new(readers),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn Reader>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a question on a reader, on a thread that may block.
    ///
    /// # Errors
    /// Those of the store, or that all readers are in use for long.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&mut dyn Reader) -> StoreResult<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let waited = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = waited else {
            return Err(Trouble::busy());
        };
        let Some(mut reader) = self.idle().pop() else {
            return Err(Trouble::busy());
        };
        let pool = self.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let answer = question(&mut *reader);
            pool.idle().push(reader);
            // Whoever asked may be gone: the permit ends with the work.
            drop(permit);
            answer
        });
        match asked.await {
            Ok(answer) => answer.map_err(Trouble::from),
            Err(e) => Err(Trouble::internal(&e)),
        }
    }
}
