//! `traces` and `traces/{trace_id}`.

use axum::Json;
use axum::extract::Path;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json1, json};
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{self, Attributes, Segment, SegmentFlags};

use super::Shared;
use super::answer::Trouble;
use super::params::{self, Params};
use super::statistics::kind_name;
use crate::store::{Status, StoredSegment, TraceFilter};

/// Traces on a page when the question does not say.
const LIMIT: usize = 50;
/// Traces on a page at most.
const MAX_LIMIT: usize = 1_000;
/// Spans of one trace in an answer at most.
const MAX_SPANS: usize = 100_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    app: Option<String>,
    endpoint: Option<String>,
    min_ms: Option<f64>,
    max_ms: Option<f64>,
    sort: Option<String>,
    status: Option<String>,
    attr: Option<String>,
    from: Option<u64>,
    to: Option<u64>,
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Question {
    fn filter(self) -> Result<TraceFilter, Trouble> {
        let status = match self.status.as_deref() {
            None => None,
            Some("ok") => Some(Status::Ok),
            Some("error") => Some(Status::Error),
            Some(_) => return Err(Trouble::bad("`status` is ok or error")),
        };
        let attribute = match &self.attr {
            None => None,
            Some(attr) => {
                let pair = attr.split_once('=');
                let (key, value) = pair.ok_or_else(|| Trouble::bad("`attr` is name=value"))?;
                Some((key.to_owned(), value.to_owned()))
            }
        };
        let cursor = match &self.cursor {
            None => None,
            Some(text) => {
                let cursor = text.parse();
                Some(cursor.map_err(|()| Trouble::bad("`cursor` is the `next` of an answer"))?)
            }
        };
        let us = |name: &str, ms: Option<f64>, missing: u64| match ms {
            None => Ok(missing),
            Some(ms) if (0.0..=1e12).contains(&ms) => Ok((ms * 1_000.0) as u64),
            Some(_) => Err(Trouble::bad(format!("`{name}` is a number from 0 up"))),
        };
        let slowest = match self.sort.as_deref() {
            None | Some("start") => false,
            Some("duration") => true,
            Some(_) => return Err(Trouble::bad("`sort` is start or duration")),
        };
        if slowest && cursor.is_some() {
            return Err(Trouble::bad("the slowest have one page: no `cursor`"));
        }
        Ok(TraceFilter {
            range: params::range(self.from, self.to)?,
            app: self.app,
            endpoint: self.endpoint,
            min_us: us("min_ms", self.min_ms, 0)?,
            max_us: us("max_ms", self.max_ms, u64::MAX)?,
            status,
            attribute,
            slowest,
            limit: self.limit.unwrap_or(LIMIT).clamp(1, MAX_LIMIT),
            cursor,
        })
    }
}

#[derive(Serialize)]
struct Row {
    trace_id: String,
    app: String,
    endpoint: String,
    start_us: u64,
    duration_us: u64,
    status: &'static str,
    spans: u64,
    errors: u64,
}

#[derive(Serialize)]
pub struct List {
    traces: Vec<Row>,
    next: Option<String>,
}

/// Traces, newest first, or the slowest.
pub async fn list(
    state: Shared,
    Params(question): Params<Question>,
) -> Result<Json<List>, Trouble> {
    let filter = question.filter()?;
    let page = state.pool.ask(move |r| r.traces(&filter)).await?;
    let traces = page.traces.into_iter().map(|row| Row {
        trace_id: hex(row.trace_id),
        app: row.app,
        endpoint: row.endpoint,
        start_us: row.start_us,
        duration_us: row.duration_us,
        status: match row.status {
            Status::Ok => "ok",
            Status::Error => "error",
        },
        spans: row.spans,
        errors: row.errors,
    });
    Ok(Json(List {
        traces: traces.collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}

#[derive(Serialize)]
struct Span {
    span_id: String,
    parent_span_id: Option<String>,
    name: String,
    kind: &'static str,
    app: String,
    host: String,
    pid: u64,
    coroutine_id: i64,
    start_us: u64,
    duration_us: u64,
    status: &'static str,
    status_message: String,
    system: String,
    peer: String,
    attributes: Map<String, Json1>,
    events: Vec<Event>,
    stack: Vec<Frame>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Event {
    name: String,
    time_us: u64,
    attributes: Map<String, Json1>,
}

#[derive(Serialize)]
struct Frame {
    file: String,
    line: u32,
    function: String,
}

#[derive(Serialize)]
struct Link {
    trace_id: String,
    span_id: String,
}

#[derive(Serialize)]
pub struct Trace {
    trace_id: String,
    start_us: u64,
    duration_us: u64,
    partial: bool,
    truncated: bool,
    spans: Vec<Span>,
}

/// A whole trace: the spans of all processes, by their begin.
pub async fn one(state: Shared, Path(trace_id): Path<String>) -> Result<Json<Trace>, Trouble> {
    let id = parse(&trace_id)
        .ok_or_else(|| Trouble::bad("a trace id is 32 hex digits, or the original's 16"))?;
    let assembled = state.pool.ask(move |r| Ok(assemble(id, &r.trace(id)?)));
    let trace = assembled.await?;
    let missing = || Trouble::not_found("no such trace; it was not kept, or is too old");
    trace.map(Json).ok_or_else(missing)
}

fn assemble(id: [u8; 16], segments: &[StoredSegment]) -> Option<Trace> {
    let mut spans = Vec::new();
    let mut partial = false;
    let mut truncated = false;
    for stored in segments {
        let Ok(segment) = Segment::read_body(&stored.body) else {
            partial = true;
            continue;
        };
        partial |= segment.dropped_spans > 0 || segment.flags.has(SegmentFlags::INTERRUPTED);
        for span in segment.spans() {
            match span {
                Ok(_) if spans.len() >= MAX_SPANS => truncated = true,
                Ok(span) => spans.push(convert(stored, &segment, &span)),
                Err(_) => partial = true,
            }
        }
    }
    if spans.is_empty() {
        return None;
    }
    let ids: std::collections::HashSet<&str> = spans.iter().map(|s| &*s.span_id).collect();
    let parents = || spans.iter().map(|span| span.parent_span_id.as_deref());
    // Whole: one span that nobody called, and the parent of each other is there.
    partial |= parents().filter(Option::is_none).count() != 1;
    partial |= parents().flatten().any(|parent| !ids.contains(parent));
    // Of two that begin together the longer one is around the other.
    spans.sort_by_key(|span| (span.start_us, std::cmp::Reverse(span.duration_us)));
    let start_us = spans.first().map_or(0, |span| span.start_us);
    let ends = spans
        .iter()
        .map(|s| s.start_us.saturating_add(s.duration_us));
    let end_us = ends.max().unwrap_or(start_us);
    Some(Trace {
        trace_id: hex(id),
        start_us,
        duration_us: end_us - start_us,
        partial: partial || truncated,
        truncated,
        spans,
    })
}

fn convert(stored: &StoredSegment, segment: &Segment<'_>, span: &record::Span<'_>) -> Span {
    let at = |offset: i64| segment.start_us.saturating_add_signed(offset);
    Span {
        span_id: format!("{:016x}", span.span_id),
        parent_span_id: (span.parent_span_id != 0).then(|| format!("{:016x}", span.parent_span_id)),
        name: span.name.into(),
        kind: kind_name(span.kind),
        app: segment.app.into(),
        host: stored.host.clone(),
        pid: stored.pid,
        coroutine_id: span.coroutine_id,
        start_us: at(span.offset_us),
        duration_us: span.duration_us,
        status: match span.status {
            record::Status::Unset => "unset",
            record::Status::Ok => "ok",
            record::Status::Error => "error",
        },
        status_message: span.status_message.into(),
        system: span.system.into(),
        peer: span.peer.into(),
        attributes: attributes(&span.attributes),
        events: span
            .events()
            .map(|event| Event {
                name: event.name.into(),
                time_us: at(event.offset_us),
                attributes: attributes(&event.attributes),
            })
            .collect(),
        stack: span
            .stack()
            .map(|frame| Frame {
                file: frame.file.into(),
                line: frame.line,
                function: frame.function.into(),
            })
            .collect(),
        links: span
            .links()
            .map(|link| Link {
                trace_id: hex(link.trace_id),
                span_id: format!("{:016x}", link.span_id),
            })
            .collect(),
    }
}

fn attributes(attributes: &Attributes<'_>) -> Map<String, Json1> {
    let value = |value| match value {
        Value::Str(text) => json!(text),
        Value::Int(n) => json!(n),
        Value::Float(n) => json!(n),
        Value::Bool(b) => json!(b),
    };
    let pairs = attributes.iter().map(|(k, v)| (k.to_owned(), value(v)));
    pairs.collect()
}

fn hex(id: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(id))
}

/// Reads an id; 16 digits are the right half, the left being zeros.
fn parse(text: &str) -> Option<[u8; 16]> {
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex || !matches!(text.len(), 16 | 32) {
        return None;
    }
    Some(u128::from_str_radix(text, 16).ok()?.to_be_bytes())
}
