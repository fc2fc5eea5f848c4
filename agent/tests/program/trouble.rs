//! The program where its files are not what they should be: pipes, a disk without room, a
//! directory that somebody removed.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tracker_agent::journal::{Append, Journal, Limits, State};
use tracker_agent::pipeline::Origin;
use tracker_loadgen::{Load, Report, Shape};

use crate::program::{Agent, Place, wait};
use crate::scratch::Scratch;
use crate::{fill, small_disk};

/// Sends for half a second; waits `patience` for what is not acknowledged.
fn load(place: &Place, patience: Duration) -> Vec<Report> {
    tracker_loadgen::run(&Load {
        socket: place.socket.clone(),
        processes: 2,
        time: Duration::from_millis(500),
        patience,
        rate: Some(100.0),
        shape: Shape {
            segments: 5,
            spans: 3,
            stats_every: 1,
        },
    })
}

fn acked(reports: &[Report]) -> u64 {
    reports.iter().map(|r| r.acked).sum()
}

fn calls(agent: &Agent) -> u64 {
    let (status, body) = agent.get("/api/v1/apps");
    assert_eq!(status, 200, "{body}");
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    let apps = answer["apps"].as_array().unwrap().iter();
    apps.map(|app| app["calls"].as_u64().unwrap()).sum()
}

/// How often its API was started.
fn starts(place: &Place) -> usize {
    let log = std::fs::read_to_string(&place.log).unwrap();
    log.matches("the API listens").count()
}

fn pipe(path: &Path) {
    let _ = std::fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_pipe_or_a_device_in_place_of_a_file_is_refused_at_once() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let fifo = dir.path().join("pipe");
    pipe(&fifo);
    let fifo = fifo.to_str().unwrap();
    for flags in [
        ["--token-file", fifo],
        ["--config", fifo],
        ["--config", "/dev/zero"],
    ] {
        let mut command = place.command(&flags);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut ended = None;
        wait("the agent refuses", || {
            ended = child.try_wait().unwrap();
            ended.is_some()
        });
        let mut text = String::new();
        child.stderr.unwrap().read_to_string(&mut text).unwrap();
        assert!(!ended.unwrap().success());
        let wanted = format!("{}: not a regular file", flags[1]);
        assert!(text.contains(&wanted), "{text}");
    }
}

#[test]
fn a_token_file_that_turns_into_a_pipe_leaves_the_agent_as_it_was() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let tokens = dir.path().join("tokens");
    let hash = format!("sha256:{} me\n", "0".repeat(64));
    std::fs::write(&tokens, hash).unwrap();
    let agent = place.start(&["--token-file", tokens.to_str().unwrap()]);
    pipe(&tokens);
    agent.signal("HUP");
    wait("it is told", || agent.log().contains("not a regular file"));
    let (ended, took) = agent.stop();
    assert!(ended.success() && took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn it_starts_on_a_full_disk_answers_and_recovers() {
    let dir = Scratch::new();
    let disk = dir.path().join("disk");
    let Some(_unmount) = small_disk(&disk, "12m") else {
        return;
    };
    let place = Place {
        data: disk.join("data"),
        ..Place::new(dir.path())
    };
    for (is_killed, has_room) in [(false, true), (true, true), (true, false)] {
        let flags = ["--min-free-mb", "1"];
        let agent = place.start(&flags);
        assert!(acked(&load(&place, Duration::from_secs(20))) > 0);
        let mut before = 0;
        wait("what was sent is counted", || {
            before = calls(&agent);
            before > 0 && agent.metric("calls_counted_total") > 0
        });
        if is_killed {
            agent.kill();
        } else {
            assert!(agent.stop().0.success());
        }
        // What is set aside for statistics is used up.
        let _ = std::fs::remove_file(place.data.join("journal/reserve"));
        if !has_room {
            let _ = std::fs::remove_file(place.data.join("reserve"));
        }
        fill(&disk);
        let started = starts(&place);
        let agent = place.start(&flags);
        wait("the API listens", || starts(&place) > started);
        assert!(calls(&agent) >= before);
        if has_room {
            assert!(acked(&load(&place, Duration::from_secs(5))) > 0);
        }
        std::fs::remove_file(disk.join("filler")).unwrap();
        wait("it recovers", || agent.get("/readyz").0 == 200);
        assert!(acked(&load(&place, Duration::from_secs(20))) > 0);
        assert!(agent.stop().0.success());
    }
}

#[test]
fn a_journal_begins_without_any_room_and_goes_on_when_there_is_some() {
    let dir = Scratch::new();
    let disk = dir.path().join("disk");
    let Some(_unmount) = small_disk(&disk, "2m") else {
        return;
    };
    let folder = disk.join("journal");
    std::fs::create_dir(&folder).unwrap();
    fill(&disk);
    let limits = Limits {
        bytes: 1 << 20,
        min_free: 0,
    };
    let (mut journal, _) = Journal::open(&folder, limits, 0, Arc::default()).unwrap();
    assert_eq!(journal.state(), State::Full);
    let origin = Arc::new(Origin::default());
    assert_eq!(journal.append(&origin, 1, b"body"), Append::Full);
    std::fs::remove_file(disk.join("filler")).unwrap();
    journal.recover();
    assert_eq!(journal.state(), State::All);
    assert_eq!(journal.append(&origin, 1, b"body"), Append::Kept(1));
}

#[test]
fn a_data_directory_that_was_removed_is_told_and_made_anew() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let agent = place.start(&[]);
    assert!(acked(&load(&place, Duration::from_secs(20))) > 0);
    wait("what was sent is counted", || calls(&agent) > 0);
    std::fs::remove_dir_all(&place.data).unwrap();
    std::fs::write(&place.data, "in the way").unwrap();
    wait("it is not ready", || agent.get("/readyz").0 == 503);
    let (_, why) = agent.get("/readyz");
    assert!(why.contains("written"), "{why}");
    assert_eq!(acked(&load(&place, Duration::from_millis(100))), 0);

    std::fs::remove_file(&place.data).unwrap();
    wait("it is ready again", || agent.get("/readyz").0 == 200);
    let reports = load(&place, Duration::from_secs(20));
    let sent: u64 = reports.iter().map(|r| r.content.calls).sum();
    assert!(sent > 0 && reports.iter().all(|r| r.acked == r.made));
    wait("what is sent now is counted", || calls(&agent) >= sent);
    agent.kill();
    let started = starts(&place);
    let agent = place.start(&[]);
    wait("the API listens", || starts(&place) > started);
    wait("it is there after a start", || calls(&agent) >= sent);
    assert!(agent.stop().0.success());
}
