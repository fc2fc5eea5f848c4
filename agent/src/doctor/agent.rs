//! Checks of tracing: is there an agent, may this user reach it, does the extension point
//! to it, is there room for what it keeps.

use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use super::finding::Findings;
use crate::client;
use crate::config::Config;

/// What the extension is set to.
#[derive(Debug, Default)]
pub struct Extension {
    /// `agent_socket`, if the extension tells.
    pub socket: Option<String>,
    /// `enable`, if it tells.
    pub is_enabled: Option<bool>,
}

/// Checks the agent at the socket that the extension connects to, and at that of its settings;
/// and the data directory.
pub fn check(extension: &Extension, config: &Config, findings: &mut Findings) {
    if extension.is_enabled == Some(false) {
        findings.ok("tracing: off (enable=0); the agent is not needed");
        return;
    }
    let own = config.socket.as_path();
    match extension.socket.as_deref().map(Path::new) {
        Some(theirs) if theirs != own => differ(theirs, own, findings),
        _ => agent(own, findings),
    }
    room(config, findings);
}

/// The extension connects to one socket, the settings of the agent name another.
fn differ(theirs: &Path, own: &Path, findings: &mut Findings) {
    let (there, here) = (theirs.display(), own.display());
    let text = format!("tracing: the extension connects to {there}, the agent is set to {here}");
    if client::greet(theirs).is_ok() {
        findings.warn(
            text,
            format!(
                "call this with the flags that the agent was started with: --socket {there}, or \
                 --config FILE"
            ),
        );
        agent(theirs, findings);
    } else if client::greet(own).is_ok() {
        findings.fail(
            format!("{text}: PHP does not reach it"),
            format!("apm.agent_socket={here} in php.ini; or start the agent with --socket {there}"),
        );
        agent(own, findings);
    } else {
        findings.warn(
            text,
            "set apm.agent_socket and the agent's socket to the same path",
        );
        agent(theirs, findings);
    }
}

fn agent(socket: &Path, findings: &mut Findings) {
    let at = socket.display();
    let metadata = match socket.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            findings.warn(
                format!("agent: there is no socket {at}: it does not run, PHP goes on untraced"),
                "start tracker-agent; or set apm.enable=0 where only leaks are looked for",
            );
            return;
        }
        Err(e) => {
            findings.fail(
                format!("agent: {at}: {e}"),
                "let this user enter the folder of the socket (mode 0755)",
            );
            return;
        }
    };
    if !metadata.file_type().is_socket() {
        findings.fail(
            format!("agent: {at} is no socket"),
            "move it away, or set apm.agent_socket and the agent's socket to another path",
        );
        return;
    }
    let mode = metadata.mode() & 0o777;
    match client::greet(socket) {
        Ok(agent) => findings.ok(format!(
            "agent: answers at {at} (pid {}, user {}; socket of mode {mode:04o}, group {}); id {}",
            agent.pid,
            agent.uid,
            metadata.gid(),
            agent.agent_id
        )),
        Err(e) => refused(socket, mode, metadata.gid(), &e, findings),
    }
}

fn refused(socket: &Path, mode: u32, gid: u32, e: &std::io::Error, findings: &mut Findings) {
    let at = socket.display();
    match e.kind() {
        ErrorKind::PermissionDenied => findings.fail(
            format!("agent: this user may not connect to {at} (mode {mode:04o}, group {gid})"),
            "run this as the user whom the workers run as; if that fails too, set socket_group to \
             a group of that user, or socket_mode to 0666",
        ),
        ErrorKind::ConnectionRefused => findings.warn(
            format!("agent: {at} is there, but nobody listens: it does not run"),
            "start tracker-agent",
        ),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => findings.fail(
            format!("agent: at {at} it does not answer: it is stopped or stuck"),
            "look at its log, or restart it",
        ),
        _ => findings.fail(
            format!("agent: at {at} something else answers, or it refuses: {e}"),
            "look at its log; install agent and extension from one release",
        ),
    }
}

fn room(config: &Config, findings: &mut Findings) {
    let dir = config.data_dir.display();
    let Ok(stat) = nix::sys::statvfs::statvfs(&config.data_dir) else {
        findings.ok(format!(
            "data directory {dir}: not there yet, the agent makes it"
        ));
        return;
    };
    let free = stat.blocks_available() * stat.fragment_size();
    let text = format!("data directory {dir}: {} MiB free", free >> 20);
    if free < config.min_free_bytes {
        findings.fail(
            format!("{text}: the agent keeps statistics only"),
            "make room, or set data_dir to another disk",
        );
    } else if free < config.journal_bytes * 2 {
        findings.warn(text, "make room: the journal alone may take half of it");
    } else {
        findings.ok(text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use crate::scratch::Scratch;
    use std::io::Write;
    use std::os::unix::net::UnixListener;

    fn found(socket: &Path, extension: &Extension, config: &Config) -> Findings {
        let mut findings = Findings::default();
        let config = Config {
            socket: socket.to_owned(),
            ..config.clone()
        };
        check(extension, &config, &mut findings);
        findings
    }

    fn first(socket: &Path) -> (Level, String) {
        let findings = found(socket, &Extension::default(), &Config::default());
        let first = &findings.0[0];
        (first.level, first.text.clone())
    }

    #[test]
    fn each_way_of_not_answering_is_named() {
        let dir = Scratch::new();
        let path = dir.path().join("agent.sock");
        assert_eq!(first(&path).0, Level::Warn);
        assert!(first(&path).1.contains("there is no socket"));
        std::fs::write(&path, "").unwrap();
        assert_eq!(first(&path).0, Level::Fail);
        std::fs::remove_file(&path).unwrap();
        let listener = UnixListener::bind(&path).unwrap();
        let garbage = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n").unwrap();
        });
        let (level, text) = first(&path);
        garbage.join().unwrap();
        assert_eq!(level, Level::Fail);
        assert!(text.contains("something else answers"), "{text}");
        let (level, text) = first(&path);
        assert_eq!(level, Level::Warn);
        assert!(text.contains("nobody listens"), "{text}");
    }

    #[test]
    fn a_silent_listener_is_given_up() {
        let dir = Scratch::new();
        let path = dir.path().join("agent.sock");
        let _listener = UnixListener::bind(&path).unwrap();
        let (level, text) = first(&path);
        assert_eq!(level, Level::Fail);
        assert!(text.contains("stopped or stuck"), "{text}");
    }

    /// An agent that answers so many greetings.
    fn answering(path: &Path, times: usize) -> std::thread::JoinHandle<()> {
        use tracker_protocol::frame::{self, Type};
        use tracker_protocol::message::Welcome;
        let listener = UnixListener::bind(path).unwrap();
        std::thread::spawn(move || {
            for _ in 0..times {
                let (mut stream, _) = listener.accept().unwrap();
                let mut hello = [0; 4096];
                assert!(std::io::Read::read(&mut stream, &mut hello).unwrap() > 0);
                let mut out = Vec::new();
                frame::write(&mut out, Type::Welcome, |out| Welcome::default().write(out));
                stream.write_all(&out).unwrap();
            }
        })
    }

    #[test]
    fn the_socket_of_php_is_tried_too() {
        for (php_reaches, wanted, level) in [
            (true, "--socket", Level::Warn),
            (false, "apm.agent_socket=", Level::Fail),
        ] {
            let dir = Scratch::new();
            let (theirs, own) = (dir.path().join("theirs"), dir.path().join("own"));
            let server = answering(if php_reaches { &theirs } else { &own }, 2);
            let extension = Extension {
                socket: Some(theirs.to_string_lossy().into_owned()),
                is_enabled: Some(true),
            };
            let findings = found(&own, &extension, &Config::default());
            server.join().unwrap();
            let first = &findings.0[0];
            assert_eq!(first.level, level, "{first:?}");
            assert!(first.remedy.contains(wanted), "{first:?}");
            assert!(
                findings.0[1].text.starts_with("agent: answers at"),
                "{}",
                findings.text()
            );
        }
    }

    #[test]
    fn another_socket_and_a_full_disk_are_named_and_off_is_enough() {
        let dir = Scratch::new();
        let config = Config {
            data_dir: dir.path().to_owned(),
            min_free_bytes: u64::MAX,
            ..Config::default()
        };
        let extension = Extension {
            socket: Some("/elsewhere".into()),
            is_enabled: Some(true),
        };
        let text = found(Path::new("/no/agent.sock"), &extension, &config).text();
        assert!(text.contains("connects to /elsewhere"), "{text}");
        assert!(text.contains("keeps statistics only"), "{text}");
        let off = Extension {
            is_enabled: Some(false),
            ..Extension::default()
        };
        assert_eq!(found(Path::new("/no"), &off, &config).0.len(), 1);
    }
}
