//! `tracker-loadgen SOCKET [processes=4] [seconds=5] [rate=BATCHES_PER_S] [segments=50]
//! [spans=10] [stats_every=10]`: sends to an agent, prints what was acknowledged.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use tracker_loadgen::{Load, Shape, run};

fn main() -> ExitCode {
    match load(std::env::args().skip(1)) {
        Ok(load) => {
            send(&load);
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            eprintln!("tracker-loadgen: {trouble}");
            ExitCode::from(2)
        }
    }
}

fn load(mut arguments: impl Iterator<Item = String>) -> Result<Load, String> {
    let mut load = Load {
        socket: arguments
            .next()
            .ok_or("the agent's socket is needed")?
            .into(),
        processes: 4,
        time: Duration::from_secs(5),
        patience: Duration::from_secs(10),
        rate: None,
        shape: Shape::default(),
    };
    for argument in arguments {
        let (name, value) = argument.split_once('=').ok_or("name=value is wanted")?;
        let number: f64 = value
            .parse()
            .map_err(|_| format!("{argument}: no number"))?;
        match name {
            "processes" => load.processes = number as usize,
            "seconds" => load.time = Duration::from_secs_f64(number.max(0.0)),
            "rate" => load.rate = Some(number),
            "segments" => load.shape.segments = number as usize,
            "spans" => load.shape.spans = number as usize,
            "stats_every" => load.shape.stats_every = number as u64,
            _ => return Err(format!("{argument}: not known")),
        }
    }
    Ok(load)
}

fn send(load: &Load) {
    let begin = Instant::now();
    let reports = run(load);
    let seconds = begin.elapsed().as_secs_f64();
    let sum = |of: fn(&tracker_loadgen::Report) -> u64| reports.iter().map(of).sum::<u64>();
    let batches = sum(|r| r.acked);
    let spans = sum(|r| r.content.spans);
    let bytes = sum(|r| r.bytes);
    println!("batches made {} acknowledged {batches}", sum(|r| r.made));
    println!(
        "segments {} spans {spans} calls {} bytes {bytes}",
        sum(|r| r.content.segments),
        sum(|r| r.content.calls)
    );
    println!(
        "connections {} resent {}",
        sum(|r| r.connections),
        sum(|r| r.resent)
    );
    let mut latencies: Vec<_> = reports.iter().flat_map(|r| &r.latencies).collect();
    latencies.sort_unstable();
    let rank = |share: f64| {
        let last = latencies.len().saturating_sub(1);
        latencies.get((last as f64 * share) as usize)
    };
    if let (Some(p50), Some(p99)) = (rank(0.5), rank(0.99)) {
        println!("ack_p50_us {p50} ack_p99_us {p99}");
    }
    println!(
        "seconds {seconds:.3} batches_per_s {:.0} spans_per_s {:.0} mb_per_s {:.1}",
        batches as f64 / seconds,
        spans as f64 / seconds,
        bytes as f64 / seconds / 1e6
    );
}
