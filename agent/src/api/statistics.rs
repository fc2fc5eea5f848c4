//! `apps` and `apps/{app}/endpoints`; [`calls`](super::calls) has any other table.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::Path;
use serde::Serialize;

use super::Shared;
use super::answer::Trouble;
use super::params::{Params, Span};
use crate::stats::Figures;
use crate::store::grouped;
use tracker_protocol::record::SpanKind;

/// What every row of statistics has.
#[derive(Debug, Serialize)]
pub struct Numbers {
    pub calls: u64,
    pub errors: u64,
    pub timeouts: u64,
    pub slow: u64,
    pub sum_us: u64,
    pub avg_us: u64,
    pub min_us: u64,
    pub max_us: u64,
    error_avg_us: u64,
    pub p50_us: u64,
    p75_us: u64,
    p90_us: u64,
    pub p95_us: u64,
    pub p99_us: u64,
    apdex: f64,
    /// Calls under 5, 10, 50, 100, 200, 500, 1000 ms, and longer.
    latency: [u64; 8],
}

impl From<&Figures> for Numbers {
    fn from(figures: &Figures) -> Self {
        let all = figures.all();
        let quantile = |q| all.quantile(q).map_or(0, |us| us.round() as u64);
        Self {
            calls: figures.calls,
            errors: figures.errors,
            timeouts: figures.timeouts,
            slow: figures.slow,
            sum_us: figures.sum_us,
            avg_us: figures.avg_us(),
            min_us: figures.min_us,
            max_us: figures.max_us,
            error_avg_us: figures
                .error_sum_us
                .checked_div(figures.errors)
                .unwrap_or(0),
            p50_us: quantile(0.5),
            p75_us: quantile(0.75),
            p90_us: quantile(0.9),
            p95_us: quantile(0.95),
            p99_us: quantile(0.99),
            apdex: (figures.apdex() * 10_000.0).round() / 10_000.0,
            latency: all.latency_classes(),
        }
    }
}

#[derive(Serialize)]
struct App {
    app: String,
    #[serde(flatten)]
    numbers: Numbers,
    codes: BTreeMap<Box<str>, u64>,
}

#[derive(Serialize)]
pub struct Apps {
    apps: Vec<App>,
}

/// Applications, by what they were asked (not by what they asked of others).
pub async fn apps(state: Shared, Params(span): Params<Span>) -> Result<Json<Apps>, Trouble> {
    let range = span.range()?;
    let rows = state.pool.ask(move |r| r.statistics(range, None)).await?;
    let groups = grouped(&rows, |key| (!key.is_exit()).then(|| key.app.to_string()));
    let apps = groups
        .into_iter()
        .map(|(app, figures)| App {
            app,
            numbers: Numbers::from(&figures),
            codes: figures.codes,
        })
        .collect();
    Ok(Json(Apps { apps }))
}

#[derive(Serialize)]
struct Endpoint {
    endpoint: String,
    kind: &'static str,
    system: String,
    peer: String,
    #[serde(flatten)]
    numbers: Numbers,
    codes: BTreeMap<Box<str>, u64>,
}

#[derive(Serialize)]
pub struct Endpoints {
    endpoints: Vec<Endpoint>,
}

/// Endpoints of an application and what it asks of others, most calls first.
pub async fn endpoints(
    state: Shared,
    Path(app): Path<String>,
    Params(span): Params<Span>,
) -> Result<Json<Endpoints>, Trouble> {
    let range = span.range()?;
    let rows = state
        .pool
        .ask(move |r| r.statistics(range, Some(&app)))
        .await?;
    let groups = grouped(&rows, |key| {
        let text = |text: &str| text.to_owned();
        Some((
            text(&key.endpoint),
            key.kind,
            text(&key.system),
            text(&key.peer),
        ))
    });
    let mut endpoints: Vec<_> = groups
        .into_iter()
        .map(|((endpoint, kind, system, peer), figures)| Endpoint {
            endpoint,
            kind: kind_name(SpanKind::of(kind)),
            system,
            peer,
            numbers: Numbers::from(&figures),
            codes: figures.codes,
        })
        .collect();
    endpoints.sort_by_key(|e| std::cmp::Reverse(e.numbers.calls));
    Ok(Json(Endpoints { endpoints }))
}

/// OpenTelemetry's name of a kind.
pub fn kind_name(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}
