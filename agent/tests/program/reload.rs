//! SIGHUP changes what the running program does, and the metrics tell what it keeps.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use tracker_loadgen::{Load, Shape};

use crate::program::{Agent, Place, wait};
use crate::scratch::Scratch;

/// Sends for a third of a second; the calls counted.
fn send(place: &Place, processes: usize) -> u64 {
    let load = Load {
        socket: place.socket.clone(),
        processes,
        time: Duration::from_millis(300),
        patience: Duration::from_secs(30),
        rate: Some(200.0),
        shape: Shape {
            segments: 20,
            spans: 5,
            stats_every: 1,
        },
    };
    let reports = tracker_loadgen::run(&load);
    reports.iter().map(|report| report.content.calls).sum()
}

/// Writes the settings, and waits until they were read `times` times in all.
fn reload(agent: &Agent, file: &Path, settings: &str, times: usize) {
    std::fs::write(file, settings).unwrap();
    agent.signal("HUP");
    wait("the settings are read", || {
        agent.log().matches("settings read again").count() == times
    });
}

#[test]
fn a_reload_changes_cap_rules_tokens_and_the_socket() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let file = dir.path().join("agent.toml");
    std::fs::write(&file, "max_traces_per_s = 0").unwrap();
    let agent = place.start(&["--config", file.to_str().unwrap()]);
    let endpoints = |agent: &Agent| agent.get("/api/v1/calls?by=endpoint").1;
    let counted = |calls| {
        wait("all is counted", || {
            agent.metric("calls_counted_total") == calls
        })
    };
    let mut calls = send(&place, 1);
    counted(calls);
    assert_eq!(agent.metric("dropped_total"), 0);
    wait("endpoints are told", || endpoints(&agent).contains("GET /"));
    assert!(!endpoints(&agent).contains("all of it"));

    let rules = "[[endpoint_rule]]\npattern = '^GET /'\nname = 'all of it'";
    let settings = format!("max_traces_per_s = 1\nsocket_mode = '0666'\n{rules}");
    reload(&agent, &file, &settings, 1);
    let mode = place.socket.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o666);
    // The writer looks ten times a second.
    std::thread::sleep(Duration::from_millis(300));
    calls += send(&place, 1);
    counted(calls);
    wait("traces are beyond the cap", || {
        agent.metric("dropped_total") > 0
    });
    wait("the rule is applied", || {
        endpoints(&agent).contains("all of it")
    });

    // A rule that is wrong changes nothing, a place that cannot change is named.
    std::fs::write(&file, "[[endpoint_rule]]\npattern = '('\nname = 'x'").unwrap();
    agent.signal("HUP");
    wait("it is told", || {
        agent.log().contains("endpoint_rule: rule 1")
    });
    let tokens = dir.path().join("tokens");
    let token = tracker_agent::api::token::create(&tokens, "me").unwrap();
    assert_eq!(token.len(), 64);
    let settings = format!("token_file = {tokens:?}\nlog_format = 'json'\nmax_connections = 1");
    reload(&agent, &file, &settings, 2);
    assert!(
        agent.log().contains("unchanged=\"log_format\""),
        "{}",
        agent.log()
    );
    assert_eq!(agent.get("/api/v1/apps").0, 401);
    reload(&agent, &file, "max_connections = 1", 3);
    assert_eq!(agent.get("/api/v1/apps").0, 200);
    std::thread::sleep(Duration::from_millis(500));
    let peers: Vec<_> = (0..3)
        .map(|_| UnixStream::connect(&place.socket).unwrap())
        .collect();
    wait("connections are refused", || {
        let (_, metrics) = agent.get("/metrics");
        !metrics.contains("dropped_total{reason=\"connections\"} 0\n")
    });
    drop(peers);
    assert!(agent.stop().0.success());
}

/// Bytes of all files below a folder.
fn bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

#[test]
fn the_metrics_tell_the_size_of_the_whole_data_directory() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let agent = place.start(&[]);
    let calls = send(&place, 2);
    wait("all is counted", || {
        agent.metric("calls_counted_total") == calls
    });
    // Whatever is written meanwhile: in the end both are the same.
    wait("the sizes agree", || {
        agent.metric("store_bytes") == bytes(&place.data)
    });
    let (_, metrics) = agent.get("/metrics");
    for kind in ["partitions", "rollups", "wal", "journal", "meta"] {
        let line = format!("tracker_agent_store_bytes{{kind=\"{kind}\"}} ");
        let value = metrics.lines().find_map(|l| l.strip_prefix(&*line));
        assert!(value.is_some_and(|n| n != "0"), "{kind}: {value:?}");
    }
    assert!(agent.stop().0.success());
}
