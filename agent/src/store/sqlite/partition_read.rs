//! One partition, read: lists and traces.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params, params_from_iter};
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{Segment, SegmentFlags};

use super::file::{count, int, name_id, name_text};
use crate::store::{Status, StoredSegment, TraceFilter, row_flags};

/// A row of a list, before it is known whether it stands for its trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub id: i64,
    pub trace: (i64, i64),
    pub start_us: i64,
    pub duration_us: i64,
    pub app: i64,
    pub endpoint: i64,
    pub flags: u32,
    pub spans: u64,
    pub errors: u64,
}

const COLUMNS: &str = "id, hi, lo, start_us, dur_us, app, endpoint, flags, spans, errors";

impl Candidate {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            trace: (row.get(1)?, row.get(2)?),
            start_us: row.get(3)?,
            duration_us: row.get(4)?,
            app: row.get(5)?,
            endpoint: row.get(6)?,
            flags: row.get(7)?,
            spans: count(row.get(8)?),
            errors: count(row.get(9)?),
        })
    }

    pub(super) fn status(&self) -> Status {
        if SegmentFlags(self.flags).has(SegmentFlags::ERROR) {
            Status::Error
        } else {
            Status::Ok
        }
    }

    /// Of two segments of a trace the lesser one stands for it: the root, else the first.
    pub(super) fn order(&self) -> (bool, i64, i64) {
        (self.flags & row_flags::ROOT == 0, self.start_us, self.id)
    }
}

/// A filter with this partition's numbers for its texts.
#[derive(Debug)]
pub(super) struct Bound<'f> {
    filter: &'f TraceFilter,
    app: Option<i64>,
    endpoint: Option<i64>,
    attribute: Option<Wanted<'f>>,
}

#[derive(Debug)]
enum Wanted<'f> {
    /// The attribute is in the index: its numbers.
    Indexed(i64, i64),
    /// It is not: bodies are read.
    Scanned(&'f str, &'f str),
}

impl<'f> Bound<'f> {
    /// `None` when nothing in the partition can match.
    pub(super) fn new(
        connection: &Connection,
        filter: &'f TraceFilter,
        indexed: impl Fn(&str) -> bool,
    ) -> rusqlite::Result<Option<Self>> {
        let mut bound = Self {
            filter,
            app: None,
            endpoint: None,
            attribute: None,
        };
        for (text, slot) in [
            (&filter.app, &mut bound.app),
            (&filter.endpoint, &mut bound.endpoint),
        ] {
            if let Some(text) = text {
                *slot = name_id(connection, text)?;
                if slot.is_none() {
                    return Ok(None);
                }
            }
        }
        if let Some((key, value)) = &filter.attribute {
            bound.attribute = Some(if indexed(key) {
                let (key, value) = (name_id(connection, key)?, name_id(connection, value)?);
                let (Some(key), Some(value)) = (key, value) else {
                    return Ok(None);
                };
                Wanted::Indexed(key, value)
            } else {
                Wanted::Scanned(key, value)
            });
        }
        Ok(Some(bound))
    }

    /// The next `limit` candidates before `(start, id)`, newest first.
    pub(super) fn candidates(
        &self,
        connection: &Connection,
        before: (i64, i64),
        limit: usize,
    ) -> rusqlite::Result<Vec<Candidate>> {
        let (condition, mut values) = self.condition(before);
        let sql = format!(
            "SELECT {COLUMNS} FROM seg WHERE {condition} ORDER BY start_us DESC, id DESC LIMIT ?"
        );
        values.push(int(limit as u64).into());
        connection
            .prepare_cached(&sql)?
            .query_map(params_from_iter(values), Candidate::read)?
            .collect()
    }

    /// The slowest `limit` candidates that pass the filter. An attribute that is in no
    /// index is looked for in these alone.
    pub(super) fn slowest(
        &self,
        connection: &Connection,
        limit: usize,
    ) -> rusqlite::Result<Vec<Candidate>> {
        let (condition, mut values) = self.condition((int(self.filter.range.to_us), i64::MIN));
        // Sorted by the index alone; rows are large.
        let sql = format!(
            "SELECT {COLUMNS} FROM seg WHERE id IN \
             (SELECT id FROM seg WHERE {condition} ORDER BY dur_us DESC LIMIT ?)"
        );
        values.push(int(limit as u64).into());
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), Candidate::read)?;
        let mut found = Vec::new();
        for row in rows {
            let row = row?;
            if self.has_attribute(connection, row.id)? {
                found.push(row);
            }
        }
        Ok(found)
    }

    /// What the indexes can tell of the filter, before `(start, id)`.
    fn condition(&self, before: (i64, i64)) -> (String, Vec<Sql>) {
        let mut sql = String::from(
            "start_us >= ? AND (start_us, id) < (?, ?) AND dur_us >= ? AND dur_us <= ?",
        );
        let mut values: Vec<Sql> = vec![
            int(self.filter.range.from_us).into(),
            before.0.into(),
            before.1.into(),
            int(self.filter.min_us).into(),
            int(self.filter.max_us).into(),
        ];
        if let Some(app) = self.app {
            sql.push_str(" AND app = ?");
            values.push(app.into());
        }
        if let Some(endpoint) = self.endpoint {
            sql.push_str(" AND endpoint = ?");
            values.push(endpoint.into());
        }
        match self.filter.status {
            Some(Status::Error) => sql.push_str(" AND flags & 1 = 1"),
            Some(Status::Ok) => sql.push_str(" AND flags & 1 = 0"),
            None => {}
        }
        if let Some(Wanted::Indexed(key, value)) = self.attribute {
            sql.push_str(" AND id IN (SELECT id FROM attr WHERE k = ? AND v = ?)");
            values.extend([key.into(), value.into()]);
        }
        (sql, values)
    }

    /// Whether a segment of the partition passes the filter.
    pub(super) fn admits(
        &self,
        connection: &Connection,
        row: &Candidate,
    ) -> rusqlite::Result<bool> {
        let filter = self.filter;
        let is_in = |us: i64| us >= int(filter.range.from_us) && us < int(filter.range.to_us);
        let plain = is_in(row.start_us)
            && (int(filter.min_us)..=int(filter.max_us)).contains(&row.duration_us)
            && self.app.is_none_or(|app| app == row.app)
            && self
                .endpoint
                .is_none_or(|endpoint| endpoint == row.endpoint)
            && filter.status.is_none_or(|status| status == row.status());
        Ok(plain && self.has_attribute(connection, row.id)?)
    }

    fn has_attribute(&self, connection: &Connection, id: i64) -> rusqlite::Result<bool> {
        match self.attribute {
            None => Ok(true),
            Some(Wanted::Indexed(key, value)) => connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM attr WHERE k=?1 AND v=?2 AND id=?3)")?
                .query_row([key, value, id], |row| row.get(0)),
            Some(Wanted::Scanned(key, value)) => connection
                .prepare_cached("SELECT body FROM seg WHERE id = ?1")?
                .query_row([id], |row| {
                    Ok(super::unpack(row.get_ref(0)?.as_blob()?)
                        .is_ok_and(|body| body_has(&body, key, value)))
                }),
        }
    }
}

fn body_has(body: &[u8], key: &str, value: &str) -> bool {
    Segment::read_body(body).is_ok_and(|segment| {
        let mut spans = segment.spans().flatten();
        spans.any(|span| {
            span.attributes
                .get(key)
                .is_some_and(|v| text_of(v) == value)
        })
    })
}

/// An attribute's value as text, as filters and the index have it.
pub(crate) fn text_of(value: Value<'_>) -> std::borrow::Cow<'_, str> {
    match value {
        Value::Str(text) => text.into(),
        Value::Int(n) => n.to_string().into(),
        Value::Float(n) => n.to_string().into(),
        Value::Bool(b) => b.to_string().into(),
    }
}

/// All segments of a trace in the partition, without their bodies.
pub(super) fn of_trace(
    connection: &Connection,
    trace: (i64, i64),
) -> rusqlite::Result<Vec<Candidate>> {
    let sql = format!("SELECT {COLUMNS} FROM seg WHERE lo = ?1 AND hi = ?2");
    connection
        .prepare_cached(&sql)?
        .query_map([trace.1, trace.0], Candidate::read)?
        .collect()
}

/// The same with their bodies.
pub(super) fn bodies(
    connection: &Connection,
    (hi, lo): (i64, i64),
    found: &mut Vec<StoredSegment>,
) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("SELECT host, pid, body FROM seg WHERE lo = ?1 AND hi = ?2")?;
    let mut rows = statement.query(params![lo, hi])?;
    while let Some(row) = rows.next()? {
        if let Ok(body) = super::unpack(row.get_ref(2)?.as_blob()?) {
            found.push(StoredSegment {
                host: name_text(connection, row.get(0)?)?,
                pid: count(row.get(1)?),
                body,
            });
        }
    }
    Ok(())
}
