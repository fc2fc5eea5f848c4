//! `calls`: statistics grouped by whatever is wanted: statements, instances, callers, …

use std::collections::BTreeMap;

use axum::Json;
use serde::Serialize;
use tracker_protocol::record::SpanKind;

use super::Shared;
use super::answer::Trouble;
use super::filter::{self, question};
use super::params::Params;
use super::statistics::{Numbers, kind_name};
use crate::store::grouped;

/// Rows in an answer when the question does not say, and at most.
const LIMIT: (usize, usize) = (100, 10_000);

/// What rows can be told apart by.
const DIMENSIONS: [&str; 6] = ["app", "endpoint", "kind", "system", "peer", "host"];

question!(by: String, sort: String, limit: usize);

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    names: BTreeMap<&'static str, String>,
    #[serde(flatten)]
    numbers: Numbers,
    codes: BTreeMap<Box<str>, u64>,
}

#[derive(Serialize)]
pub struct Calls {
    rows: Vec<Row>,
    total: usize,
}

/// The first rows by what they are sorted by, the largest first.
pub async fn calls(
    state: Shared,
    Params(question): Params<Question>,
) -> Result<Json<Calls>, Trouble> {
    let wanted = by(question.by.as_deref().unwrap_or("app"))?;
    let order = order(question.sort.as_deref().unwrap_or("calls"))?;
    let limit = question.limit.unwrap_or(LIMIT.0).clamp(1, LIMIT.1);
    let (range, filter) = question.narrowed()?;
    let app = filter.app.clone();
    let ask = state.pool.ask(move |r| r.statistics(range, app.as_deref()));
    let groups = grouped(&ask.await?, |key| {
        filter::admits(&filter, key).then(|| {
            let text = |name| match name {
                "app" => key.app.to_string(),
                "endpoint" => key.endpoint.to_string(),
                "kind" => kind_name(SpanKind::of(key.kind)).to_owned(),
                "system" => key.system.to_string(),
                "peer" => key.peer.to_string(),
                _ => key.host.to_string(),
            };
            wanted.iter().map(|name| text(*name)).collect::<Vec<_>>()
        })
    });
    let mut rows: Vec<_> = groups
        .into_iter()
        .map(|(texts, figures)| Row {
            names: wanted.iter().copied().zip(texts).collect(),
            numbers: Numbers::from(&figures),
            codes: figures.codes,
        })
        .collect();
    rows.sort_by(|a, b| order(&b.numbers).total_cmp(&order(&a.numbers)));
    let total = rows.len();
    rows.truncate(limit);
    Ok(Json(Calls { rows, total }))
}

fn by(text: &str) -> Result<Vec<&'static str>, Trouble> {
    let known = |name: &str| DIMENSIONS.into_iter().find(|known| *known == name);
    let wanted: Option<Vec<_>> = text.split(',').map(known).collect();
    let wrong = || Trouble::bad(format!("`by` is some of {}", DIMENSIONS.join(",")));
    wanted.ok_or_else(wrong)
}

fn order(sort: &str) -> Result<fn(&Numbers) -> f64, Trouble> {
    Ok(match sort {
        "calls" => |n| n.calls as f64,
        "errors" => |n| n.errors as f64,
        "error_rate" => |n| n.errors as f64 / n.calls.max(1) as f64,
        "timeouts" => |n| n.timeouts as f64,
        "slow" => |n| n.slow as f64,
        "sum_us" => |n| n.sum_us as f64,
        "avg_us" => |n| n.avg_us as f64,
        "max_us" => |n| n.max_us as f64,
        "p50_us" => |n| n.p50_us as f64,
        "p95_us" => |n| n.p95_us as f64,
        "p99_us" => |n| n.p99_us as f64,
        _ => {
            return Err(Trouble::bad(
                "`sort` is calls, errors, error_rate, timeouts, slow, sum_us, avg_us, max_us, \
                 p50_us, p95_us or p99_us",
            ));
        }
    })
}
