//! `tracker-agent status`: how the running agent is, by its socket and its API.

use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use crate::client;
use crate::config::Config;
use crate::doctor::print;

const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of an answer that are read.
const MAX_ANSWER: u64 = 1 << 20;

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

/// The body that the API answers with.
fn get(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER).read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or_else(|| io::Error::other("no HTTP"))?;
    let status = head.lines().next().unwrap_or("");
    if status.split(' ').nth(1) != Some("200") {
        return Err(io::Error::other(status.to_owned()));
    }
    Ok(body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn what_is_not_zero_is_shown() {
        let metrics = "# HELP x y\na_total 3\nb_total 0\nd_bucket{le=\"1\"} 4\nc{reason=\"r\"} 1";
        assert_eq!(figures(metrics), "a_total 3\nc{reason=\"r\"} 1");
    }

    #[test]
    fn an_answer_is_read_and_a_failure_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            for status in ["200 OK", "404 Not Found"] {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let n = stream.read(&mut request).unwrap();
                assert!(request[..n].starts_with(b"GET /metrics HTTP/1.0\r\n"));
                let answer = format!("HTTP/1.0 {status}\r\nA: b\r\n\r\nx 1\n");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        assert_eq!(get(address, "/metrics").unwrap(), "x 1\n");
        let missing = get(address, "/metrics").unwrap_err();
        assert!(missing.to_string().contains("404"));
        server.join().unwrap();
    }
}
