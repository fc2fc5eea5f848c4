//! `leaks`: the verdicts of the leak finder, per application and process.

use std::collections::BTreeMap;

use axum::Json;
use serde::{Deserialize, Serialize};
use tracker_core::leak::analysis::Analysis;
use tracker_core::leak::model::{ProcessReport, Verdict};

use super::Shared;
use super::answer::Trouble;
use super::params::Params;
use crate::store::LeakProcess;

/// Processes that are analysed when the question does not say, and at most.
const LIMIT: (usize, usize) = (32, 256);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    app: Option<String>,
    ignore: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Life {
    host: String,
    pid: u64,
    start_id: String,
    last_seen_us: u64,
    forgotten_loops: u64,
    /// What `trackerLeakReport('json')` says of the process.
    report: ProcessReport,
}

#[derive(Serialize)]
struct App {
    app: String,
    verdict: Verdict,
    growing_sites: usize,
    processes: Vec<Life>,
}

#[derive(Serialize)]
pub struct Leaks {
    leaks: Vec<App>,
}

/// Applications in which loops were recorded.
pub async fn leaks(
    state: Shared,
    Params(question): Params<Question>,
) -> Result<Json<Leaks>, Trouble> {
    let limit = question.limit.unwrap_or(LIMIT.0).clamp(1, LIMIT.1);
    let ignore = question.ignore.unwrap_or_default();
    let answer = state.pool.ask(move |r| {
        let processes = r.leaks(question.app.as_deref(), limit)?;
        Ok(judge(processes, &ignore))
    });
    Ok(Json(answer.await?))
}

fn judge(processes: Vec<LeakProcess>, ignore: &str) -> Leaks {
    let mut apps: BTreeMap<String, Vec<Life>> = BTreeMap::new();
    for process in processes {
        let records = process.records.iter().map(Vec::as_slice);
        let reports = Analysis::of_records(records, ignore);
        let lives = apps.entry(process.app).or_default();
        lives.extend(reports.into_iter().map(|report| Life {
            host: process.host.clone(),
            pid: process.pid,
            start_id: format!("{:016x}", process.start_id),
            last_seen_us: process.seen_us,
            forgotten_loops: process.forgotten,
            report,
        }));
    }
    let leaks = apps.into_iter().map(|(app, processes)| {
        let sites = || processes.iter().flat_map(|life| &life.report.sites);
        let has = |verdict| sites().any(|site| site.verdict == verdict);
        let order = [
            Verdict::Grows,
            Verdict::Undecided,
            Verdict::Flat,
            Verdict::Once,
        ];
        App {
            app,
            verdict: order.into_iter().find(|v| has(*v)).unwrap_or_default(),
            growing_sites: sites().filter(|s| s.verdict == Verdict::Grows).count(),
            processes,
        }
    });
    Leaks {
        leaks: leaks.collect(),
    }
}
