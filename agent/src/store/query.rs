//! Questions to the store, and the answers.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::stats::{Figures, Key};

/// A stretch of time, Unix µs, begin included, end not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Begin.
    pub from_us: u64,
    /// End.
    pub to_us: u64,
}

/// Statistics of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// What was counted.
    pub key: Key<Arc<str>>,
    /// The numbers.
    pub figures: Figures,
}

/// Which statistics are added up; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeriesFilter {
    /// Application that counted.
    pub app: Option<String>,
    /// Endpoint, or name of the client span.
    pub endpoint: Option<String>,
    /// Number of the kind; `None` is all that comes in, nothing that goes out.
    pub kind: Option<u8>,
    /// What is at the other end.
    pub system: Option<String>,
    /// The other side.
    pub peer: Option<String>,
    /// Host that counted.
    pub host: Option<String>,
}

/// Statistics of one application in one step of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Application.
    pub app: Arc<str>,
    /// Begin of the step, Unix seconds.
    pub at: u64,
    /// The numbers.
    pub figures: Figures,
}

/// What processes could not send, by reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossRow {
    /// Application.
    pub app: String,
    /// Host.
    pub host: String,
    /// Reason, as the process named it.
    pub reason: String,
    /// Records.
    pub count: u64,
}

/// How a segment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Without an error.
    Ok,
    /// With one.
    Error,
}

/// Which traces are wanted.
#[derive(Debug, Clone)]
pub struct TraceFilter {
    /// Time of the begin.
    pub range: Range,
    /// Application.
    pub app: Option<String>,
    /// Endpoint.
    pub endpoint: Option<String>,
    /// Shortest duration, µs.
    pub min_us: u64,
    /// Longest duration, µs.
    pub max_us: u64,
    /// Status.
    pub status: Option<Status>,
    /// An attribute of any span, and its value as text.
    pub attribute: Option<(String, String)>,
    /// The slowest first, instead of the newest; there is one page.
    pub slowest: bool,
    /// Number of traces at most.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
}

/// A place in the list of traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Partition.
    pub hour: u64,
    /// Begin of the segment, Unix µs.
    pub start_us: i64,
    /// Its row.
    pub id: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{:x}.{:x}", self.hour, self.start_us, self.id)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.');
        let mut next = || {
            let part = parts.next().ok_or(())?;
            i64::from_str_radix(part, 16).map_err(|_| ())
        };
        let cursor = Self {
            hour: next()?.try_into().map_err(|_| ())?,
            start_us: next()?,
            id: next()?,
        };
        parts.next().map_or(Ok(cursor), |_| Err(()))
    }
}

/// A trace in a list: seen from the first of its segments that the filter lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceRow {
    /// Trace id.
    pub trace_id: [u8; 16],
    /// Application of the segment.
    pub app: String,
    /// Endpoint of the segment.
    pub endpoint: String,
    /// Begin of the segment, Unix µs.
    pub start_us: u64,
    /// Duration of the segment, µs.
    pub duration_us: u64,
    /// Status of the segment.
    pub status: Status,
    /// Spans of all segments.
    pub spans: u64,
    /// Failed ones among them.
    pub errors: u64,
}

/// A page of traces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TracePage {
    /// Newest first.
    pub traces: Vec<TraceRow>,
    /// Where to go on; `None` at the end. A page may be short although there is more:
    /// reading stops after a bounded number of rows.
    pub next: Option<Cursor>,
}

/// A segment as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSegment {
    /// Host.
    pub host: String,
    /// Process id as the process saw it.
    pub pid: u64,
    /// The wire's bytes: [`tracker_protocol::record::Segment::read_body`].
    pub body: Vec<u8>,
}

/// Loops of the leak finder of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeakProcess {
    /// Application.
    pub app: String,
    /// Host.
    pub host: String,
    /// Process id as the process saw it.
    pub pid: u64,
    /// The start id of its connection.
    pub start_id: u64,
    /// When the last loop came, Unix µs.
    pub seen_us: u64,
    /// Older loops that are not kept any more.
    pub forgotten: u64,
    /// The log's records in order.
    pub records: Vec<Vec<u8>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_nonsense_is_none() {
        let cursor = Cursor {
            hour: 480_000,
            start_us: 1_700_000_000_000_000,
            id: 7,
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "1.2", "1.2.3.4", "x.y.z", "-1.0.0"] {
            assert_eq!(text.parse::<Cursor>(), Err(()), "{text}");
        }
    }
}
