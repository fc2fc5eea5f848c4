//! `processes`, `agents`, and whether the agent is ready.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

use super::Shared;
use super::answer::Trouble;
use super::params::{Params, now_us};
use crate::data_size::DataSize;
use crate::pipeline::Loss;
use crate::store::ProcessRow;

/// Processes in an answer when the question does not say, and at most.
const LIMIT: (usize, usize) = (500, 10_000);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    limit: Option<usize>,
    app: Option<String>,
    host: Option<String>,
}

#[derive(Serialize)]
struct Process {
    start_id: String,
    pid: u64,
    kernel_pid: u32,
    uid: u32,
    gid: u32,
    host: String,
    app: String,
    sapi: String,
    php: String,
    extension: String,
    swoole: String,
    title: String,
    started_us: u64,
    last_seen_us: u64,
    batches: u64,
}

#[derive(Serialize)]
pub struct Processes {
    processes: Vec<Process>,
}

/// Processes, the latest seen first.
pub async fn processes(
    state: Shared,
    Params(question): Params<Question>,
) -> Result<Json<Processes>, Trouble> {
    let limit = question.limit.unwrap_or(LIMIT.0).clamp(1, LIMIT.1);
    // Few in all: they are picked here.
    let rows = state.pool.ask(move |r| r.processes(LIMIT.1)).await?;
    let is = |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|w| w == text);
    let processes = rows
        .into_iter()
        .filter(|row| is(&question.app, &row.origin.app) && is(&question.host, &row.origin.host))
        .take(limit)
        .map(process)
        .collect();
    Ok(Json(Processes { processes }))
}

fn process(row: ProcessRow) -> Process {
    let origin = &*row.origin;
    Process {
        start_id: format!("{:016x}", origin.start_id),
        pid: origin.claimed_pid,
        kernel_pid: origin.pid,
        uid: origin.uid,
        gid: origin.gid,
        host: origin.host.clone(),
        app: origin.app.clone(),
        sapi: origin.sapi.clone(),
        php: origin.php.clone(),
        extension: origin.extension.clone(),
        swoole: origin.swoole.clone(),
        title: origin.title.clone(),
        started_us: origin.started_us,
        last_seen_us: row.seen_us,
        batches: row.number,
    }
}

/// What processes of an application could not send.
#[derive(Serialize)]
struct ProcessDrop {
    app: String,
    host: String,
    reason: String,
    count: u64,
}

#[derive(Serialize)]
struct Agent {
    agent_id: String,
    boot_id: String,
    host: String,
    version: &'static str,
    started_us: u64,
    now_us: u64,
    connections: u64,
    store_bytes: u64,
    files: BTreeMap<&'static str, u64>,
    trace_bytes: u64,
    shedding: bool,
    journal_state: &'static str,
    queue_bytes: u64,
    dropped: BTreeMap<&'static str, u64>,
    process_drops: Vec<ProcessDrop>,
    corrupt_files: Vec<String>,
}

#[derive(Serialize)]
pub struct Agents {
    agents: Vec<Agent>,
}

/// Agents that bring data to this store: this one.
pub async fn agents(state: Shared) -> Result<Json<Agents>, Trouble> {
    let options = &state.options;
    let data_dir = options.data_dir.clone();
    let ask = (state.pool).ask(move |r| Ok((r.losses()?, DataSize::of(&data_dir))));
    let (losses, files) = ask.await?;
    let counters = &options.counters;
    let size = options.activity.size();
    let agent = Agent {
        agent_id: options.identity.agent_id.clone(),
        boot_id: format!("{:016x}", options.identity.boot_id),
        host: options.identity.host.clone(),
        version: env!("CARGO_PKG_VERSION"),
        started_us: state.started_us,
        now_us: now_us(),
        connections: counters.connections.load(Relaxed),
        store_bytes: files.total(),
        files: files.kinds().collect(),
        trace_bytes: size.trace_bytes,
        journal_state: match counters.journal_state.load(Relaxed) {
            0 => "all",
            1 => "shed",
            _ => "full",
        },
        queue_bytes: counters.queue_bytes.load(Relaxed),
        dropped: Loss::ALL
            .iter()
            .map(|&loss| (loss.name(), counters.lost(loss)))
            .collect(),
        process_drops: losses
            .into_iter()
            .map(|loss| ProcessDrop {
                app: loss.app,
                host: loss.host,
                reason: loss.reason,
                count: loss.count,
            })
            .collect(),
        shedding: options.activity.shedding.load(Relaxed) == 1,
        corrupt_files: size.corrupt,
    };
    Ok(Json(Agents {
        agents: vec![agent],
    }))
}

/// Ready when questions can be answered.
pub async fn ready(state: Shared) -> (StatusCode, &'static str) {
    match state.pool.ask(|r| r.processes(1)).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store cannot be read\n",
        ),
    }
}
