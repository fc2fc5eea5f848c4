//! The agent's own log: lines on stderr, text or JSON.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// Changes what is logged.
#[derive(Debug)]
pub struct Level(Handle<LevelFilter, Registry>);

impl Level {
    /// From now on.
    pub fn set(&self, level: LevelFilter) {
        // It fails when the log is gone, and then there is no place to tell.
        let _ = self.0.reload(level);
    }
}

/// Begins to log. To be called once.
#[must_use]
pub fn begin(level: LevelFilter, json: bool) -> Level {
    let (filter, handle) = reload::Layer::new(level);
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if json {
        lines.json().boxed()
    } else {
        lines.with_ansi(false).boxed()
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .init();
    Level(handle)
}
