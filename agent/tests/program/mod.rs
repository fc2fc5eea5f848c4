//! The program itself, in folders of its own.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A running agent; killed when dropped.
pub struct Agent {
    pub child: Child,
    log: PathBuf,
}

/// Its folders.
pub struct Place {
    pub socket: PathBuf,
    pub data: PathBuf,
    pub log: PathBuf,
    /// Put before the command, such as `ulimit -f 100;`.
    pub limits: &'static str,
}

impl Place {
    pub fn new(dir: &Path) -> Self {
        Self {
            socket: dir.join("run/agent.sock"),
            data: dir.join("data"),
            log: dir.join("log"),
            limits: "",
        }
    }

    pub fn command(&self, flags: &[&str]) -> Command {
        let mut command = Command::new("sh");
        let script = format!("{} exec \"$0\" \"$@\"", self.limits);
        command
            .args(["-c", &script, env!("CARGO_BIN_EXE_tracker-agent"), "run"])
            .arg("--socket")
            .arg(&self.socket)
            .arg("--data-dir")
            .arg(&self.data)
            .args(["--http", "127.0.0.1:0", "--ledger", "1"])
            .args(flags)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Starts it and waits until it listens.
    pub fn start(&self, flags: &[&str]) -> Agent {
        let log = std::fs::File::options()
            .append(true)
            .create(true)
            .open(&self.log)
            .unwrap();
        let child = self.command(flags).stderr(log).spawn().unwrap();
        let mut agent = Agent {
            child,
            log: self.log.clone(),
        };
        wait("the agent listens", || {
            let ended = agent.child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", agent.log());
            std::os::unix::net::UnixStream::connect(&self.socket).is_ok()
        });
        agent
    }

    /// What the ledger holds: batches by process, number, and position.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::default();
        let text = std::fs::read_to_string(self.data.join("batches.txt")).unwrap();
        // The agent may be at the last line just now.
        let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        ledger.is_whole = whole.len() == text.len();
        for line in whole.lines() {
            let fields: Vec<u64> = line.split(' ').map(|f| f.parse().unwrap()).collect();
            let [position, _, start_id, number, segments, spans, _, calls] = fields[..] else {
                panic!("{line}");
            };
            ledger.positions.push(position);
            ledger.numbers.entry(start_id).or_default().push(number);
            ledger.segments += segments;
            ledger.spans += spans;
            ledger.calls += calls;
        }
        ledger
    }
}

/// See [`Place::ledger`].
#[derive(Debug, Default)]
pub struct Ledger {
    /// It ends with the end of a line.
    pub is_whole: bool,
    pub positions: Vec<u64>,
    pub numbers: BTreeMap<u64, Vec<u64>>,
    pub segments: u64,
    pub spans: u64,
    pub calls: u64,
}

impl Agent {
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// What its API answers: status and body.
    pub fn get(&self, path: &str) -> (u16, String) {
        let log = self.log();
        let line = log.lines().rfind(|line| line.contains("the API listens"));
        let address = line.unwrap().rsplit("address=").next().unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, body.to_owned())
    }

    /// A number of its metrics, without their prefix; all lines of that name added up.
    pub fn metric(&self, name: &str) -> u64 {
        let (_, text) = self.get("/metrics");
        let of_name = text.lines().filter_map(|line| {
            let rest = line.strip_prefix("tracker_agent_")?.strip_prefix(name)?;
            let (labels, value) = rest.rsplit_once(' ')?;
            let is_it = labels.is_empty() || labels.starts_with('{');
            is_it.then(|| value.parse::<u64>().unwrap())
        });
        of_name.sum()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(status.unwrap().success());
    }

    /// Ends it by SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it by SIGTERM; how, and how long it took.
    pub fn stop(mut self) -> (ExitStatus, Duration) {
        let begin = Instant::now();
        self.signal("TERM");
        let mut status = None;
        wait("the agent stops", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        (status.unwrap(), begin.elapsed())
    }

    /// Resident memory, bytes.
    pub fn rss(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
            << 10
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may be stopped, or gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `is_so`, at most two minutes: what must be quick is measured where it must be,
/// and a machine that builds something else meanwhile is slow.
pub fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < end, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
