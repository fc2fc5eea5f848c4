//! `tracker-agent status`: how the running agent is, by its socket and its API.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::ask::http::get;
use crate::client;
use crate::config::Config;
use crate::doctor::print;

/// Prints it; fails when there is no agent that answers at the socket.
#[must_use]
pub fn run(config: &Config) -> ExitCode {
    let socket = config.socket.display();
    let agent = match client::greet(&config.socket) {
        Ok(agent) => agent,
        Err(e) => {
            print(&format!(
                "not running, or not for this user: {socket}: {e}\n"
            ));
            return ExitCode::FAILURE;
        }
    };
    let mut text = format!(
        "running    pid {}, uid {}\nsocket     {socket}\nagent      {}\nboot       {:016x}\n",
        agent.pid, agent.uid, agent.agent_id, agent.boot_id
    );
    // Writing to a text cannot fail.
    let _ = match get(config.http, "/metrics") {
        Ok(metrics) => writeln!(
            text,
            "api        http://{}\n{}",
            config.http,
            figures(&metrics)
        ),
        Err(e) => writeln!(text, "api        http://{}: {e}", config.http),
    };
    print(&text);
    ExitCode::SUCCESS
}

/// The lines of the metrics that are not zero, without comments and histograms' buckets.
fn figures(metrics: &str) -> String {
    let lines = metrics.lines().filter(|line| {
        let value = line.rsplit(' ').next().unwrap_or("");
        !line.starts_with('#') && !line.contains("_bucket{") && !matches!(value, "" | "0")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_zero_is_shown() {
        let metrics = "# HELP x y\na_total 3\nb_total 0\nd_bucket{le=\"1\"} 4\nc{reason=\"r\"} 1";
        assert_eq!(figures(metrics), "a_total 3\nc{reason=\"r\"} 1");
    }
}
