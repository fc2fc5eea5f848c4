//! What can change while the agent runs: read anew at SIGHUP, seen by the parts when they
//! look next.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::api::token::Tokens;
use crate::config::Config;
use crate::merge::Rules;
use crate::sampling::Governor;
use crate::store::Limits;

/// What writer and API share with whoever reads the settings.
#[derive(Debug, Default)]
pub struct Live {
    /// The cap on ordinary traces.
    pub governor: Governor,
    of_writer: Mutex<OfWriter>,
    /// How often that changed.
    version: AtomicU64,
    tokens: RwLock<Arc<Tokens>>,
}

/// What the writer looks at now and then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfWriter {
    /// How much is kept, and for how long.
    pub limits: Limits,
    /// Endpoints that are counted as one.
    pub rules: Rules,
}

impl Live {
    /// What these settings say.
    ///
    /// # Errors
    /// When the tokens cannot be read.
    pub fn new(config: &Config) -> Result<Self, String> {
        let live = Self::default();
        live.set(config)?;
        Ok(live)
    }

    /// Takes over what these settings say, all of it or nothing. The file of tokens is read
    /// again, although its name is the same.
    ///
    /// # Errors
    /// When the tokens cannot be read, or there would be none where some are needed.
    pub fn set(&self, config: &Config) -> Result<(), String> {
        let tokens = match &config.token_file {
            Some(path) => Tokens::load(path)?,
            None => Tokens::default(),
        };
        tokens.suffice(config.http)?;
        self.set_tokens(tokens);
        self.governor.set_cap(config.max_traces_per_s);
        let limits = Limits {
            trace_seconds: config.trace_days * 86_400,
            trace_bytes: config.trace_bytes,
            ..Limits::default()
        };
        let rules = config.endpoint_rules.clone();
        let of_writer = self.of_writer.lock();
        *of_writer.unwrap_or_else(PoisonError::into_inner) = OfWriter { limits, rules };
        self.version.fetch_add(1, SeqCst);
        Ok(())
    }

    /// Takes other tokens.
    pub fn set_tokens(&self, tokens: Tokens) {
        let slot = self.tokens.write();
        *slot.unwrap_or_else(PoisonError::into_inner) = Arc::new(tokens);
    }

    /// Changes with what the writer is to do.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(SeqCst)
    }

    /// What the writer is to do from now on.
    #[must_use]
    pub fn of_writer(&self) -> OfWriter {
        let of_writer = self.of_writer.lock();
        of_writer.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The tokens of now.
    #[must_use]
    pub fn tokens(&self) -> Arc<Tokens> {
        let tokens = self.tokens.read();
        Arc::clone(&tokens.unwrap_or_else(PoisonError::into_inner))
    }
}
