//! Plays PHP processes that send to the agent: realistic records, valid numbers,
//! unacknowledged batches sent again after a reconnect.

#![forbid(unsafe_code)]

mod batch;
mod process;

use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use batch::{Content, Shape};
pub use process::{Process, Report};

/// What is sent, and how.
#[derive(Debug, Clone)]
pub struct Load {
    /// The agent's socket.
    pub socket: PathBuf,
    /// Processes that send at the same time.
    pub processes: usize,
    /// How long to send.
    pub time: Duration,
    /// How long to wait for the last acknowledgements.
    pub patience: Duration,
    /// Batches per second of all processes; `None` is flat out.
    pub rate: Option<f64>,
    /// What a batch consists of.
    pub shape: Shape,
}

/// Sends it. One report for each process.
///
/// # Panics
/// When a thread cannot be started.
#[must_use]
pub fn run(load: &Load) -> Vec<Report> {
    let end = Instant::now() + load.time;
    let pause = load
        .rate
        .map(|rate| Duration::from_secs_f64(load.processes as f64 / rate));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..load.processes)
            .map(|_| {
                scope.spawn(|| {
                    let mut process = Process::new(&load.socket, load.shape);
                    process.send_until(end, pause);
                    process.settle(load.patience);
                    process.report()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a process ends"))
            .collect()
    })
}
