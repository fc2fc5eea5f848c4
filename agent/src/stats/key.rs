//! What is counted apart.

use tracker_protocol::record::SpanKind;

/// Name that stands for all that had no room of its own.
pub const OVERFLOW: &str = "(overflow)";

/// What a row of statistics counts. `S` is a text, or the number of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Key<S> {
    /// Application that counted.
    pub app: S,
    /// Number of the [`SpanKind`].
    pub kind: u8,
    /// Endpoint of entries, name of the span of clients.
    pub endpoint: S,
    /// What is at the other end: `http`, `mysql`, `redis`, …
    pub system: S,
    /// The other side: see [`tracker_protocol::record::StatsRow::peer`].
    pub peer: S,
    /// Host of the process that counted.
    pub host: S,
}

impl<S> Key<S> {
    /// Whether it counts calls that leave the application.
    pub fn is_exit(&self) -> bool {
        SpanKind::of(self.kind).is_exit()
    }

    /// The same key with every text replaced by what `f` gives for it.
    pub fn map<T>(&self, mut f: impl FnMut(&S) -> T) -> Key<T> {
        Key {
            app: f(&self.app),
            kind: self.kind,
            endpoint: f(&self.endpoint),
            system: f(&self.system),
            peer: f(&self.peer),
            host: f(&self.host),
        }
    }
}

impl<S: Clone> Key<S> {
    /// The key without its endpoint: that of an edge of the topology.
    pub fn edge(&self, empty: S) -> Self {
        Self {
            endpoint: empty,
            ..self.clone()
        }
    }

    /// The overflow row of this application and kind.
    pub fn folded(&self, overflow: S, empty: S) -> Self {
        Self {
            app: self.app.clone(),
            kind: self.kind,
            endpoint: overflow.clone(),
            system: empty.clone(),
            peer: empty,
            host: overflow,
        }
    }

    /// The overflow row of all applications.
    pub fn folded_app(&self, overflow: S, empty: S) -> Self {
        Self {
            app: overflow.clone(),
            ..self.folded(overflow, empty)
        }
    }
}
