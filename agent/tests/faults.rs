//! The program under load while things go wrong: killed, stopped, out of disk, twice
//! started. What was acknowledged is there exactly once.

mod program;
#[path = "program/reload.rs"]
mod reload;
mod scratch;
#[path = "program/trouble.rs"]
mod trouble;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use program::{Agent, Place, wait};
use scratch::Scratch;
use tracker_agent::store::{Limits, Range, Reader, SqliteStore, Store};
use tracker_loadgen::{Load, Report, Shape};

const SHAPE: Shape = Shape {
    segments: 20,
    spans: 5,
    stats_every: 3,
};

/// Sends for `time`, beside the test.
fn load(place: &Place, time: Duration, rate: Option<f64>) -> JoinHandle<Vec<Report>> {
    let load = Load {
        socket: place.socket.clone(),
        processes: 4,
        time,
        patience: Duration::from_secs(60),
        rate,
        shape: SHAPE,
    };
    std::thread::spawn(move || tracker_loadgen::run(&load))
}

/// All was acknowledged, and the ledger has each batch exactly once and in order when the
/// agent has stopped.
fn expect_exactly_once(agent: Agent, place: &Place, reports: &[Report]) -> program::Ledger {
    let made: u64 = reports.iter().map(|r| r.made).sum();
    // A replay is not finished before it stops: the journal has the rest.
    wait("all is taken", || {
        place.ledger().positions.len() as u64 >= made
    });
    let (ended, took) = agent.stop();
    assert!(
        ended.success() && took < Duration::from_secs(11),
        "{took:?}"
    );
    let ledger = place.ledger();
    assert!(ledger.is_whole);
    assert!(ledger.positions.is_sorted_by(|a, b| a < b));
    for report in reports {
        assert_eq!(report.acked, report.made, "{report:?}");
        assert!(report.made > 0);
        let numbers = &ledger.numbers[&report.start_id];
        let all: Vec<_> = (1..=report.made).collect();
        assert!(
            *numbers == all,
            "{} of {} batches",
            numbers.len(),
            all.len()
        );
    }
    let calls: u64 = reports.iter().map(|r| r.content.calls).sum();
    assert_eq!(ledger.calls, calls);
    expect_stored(place, reports, &ledger);
    ledger
}

/// The store has what the ledger has.
fn expect_stored(place: &Place, reports: &[Report], ledger: &program::Ledger) {
    let store = SqliteStore::open(&place.data.join("store"), Limits::default()).unwrap();
    assert!(store.size().corrupt.is_empty());
    let mut reader = store.reader().unwrap();
    let range = Range {
        from_us: 0,
        to_us: 253_402_300_800_000_000,
    };
    let rows = reader.statistics(range, None).unwrap();
    let calls: u64 = rows.iter().map(|row| row.figures.calls).sum();
    assert_eq!(calls, ledger.calls);
    let histograms: u64 = rows.iter().map(|row| row.figures.all().n()).sum();
    assert_eq!(histograms, calls);
    let processes = reader.processes(100).unwrap();
    for report in reports {
        let known = processes
            .iter()
            .find(|p| p.origin.start_id == report.start_id);
        assert_eq!(known.map(|p| p.number), Some(report.made));
    }
}

fn spans(reports: &[Report]) -> u64 {
    reports.iter().map(|r| r.content.spans).sum()
}

#[test]
fn twenty_times_kill_9_under_load_and_every_acknowledged_batch_is_there_once() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    // Small files of the journal: some begin and end while it is killed.
    let flags = ["--journal-mb", "160"];
    let mut agent = place.start(&flags);
    // All that is sent, 60 MB, stays below the 120 MB at which bodies are shed: however slow
    // the machine, no span may be missing.
    let sending = load(&place, Duration::from_secs(6), Some(700.0));
    for round in 0..20 {
        std::thread::sleep(Duration::from_millis(100 + 37 * round % 200));
        agent.kill();
        agent = place.start(&flags);
    }
    let reports = sending.join().unwrap();
    let ledger = expect_exactly_once(agent, &place, &reports);
    assert_eq!(ledger.spans, spans(&reports));
    let reconnects: u64 = reports.iter().map(|r| r.connections).sum();
    let resent: u64 = reports.iter().map(|r| r.resent).sum();
    let batches = ledger.positions.len();
    println!("20 kills: {batches} batches, {reconnects} connections, {resent} sent again");
    assert!(reconnects >= 40, "{reconnects}");
}

#[test]
fn a_stopped_agent_goes_on_where_it_was() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let agent = place.start(&[]);
    let sending = load(&place, Duration::from_secs(2), Some(1000.0));
    std::thread::sleep(Duration::from_millis(300));
    agent.signal("STOP");
    std::thread::sleep(Duration::from_secs(1));
    // Asking it does not wait for ever.
    let begin = Instant::now();
    let status = status(&place);
    assert_eq!(status.0, Some(1), "{}", status.1);
    assert!(begin.elapsed() < Duration::from_secs(5));
    agent.signal("CONT");
    let reports = sending.join().unwrap();
    let ledger = expect_exactly_once(agent, &place, &reports);
    assert_eq!(ledger.spans, spans(&reports));
}

fn status(place: &Place) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tracker-agent"))
        .arg("status")
        .arg("--socket")
        .arg(&place.socket)
        .args(["--http", "127.0.0.1:1"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), text)
}

#[test]
fn it_stops_in_time_keeps_its_identity_and_lets_others_in_by_mode() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let id = || std::fs::read_to_string(place.data.join("agent_id")).unwrap();
    let agent = place.start(&["--socket-mode", "0666", "--shutdown-s", "3"]);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.socket), 0o666);
    assert_eq!(mode(&place.data), 0o700);
    let (code, text) = status(&place);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains(&format!("pid {}", agent.child.id())),
        "{text}"
    );
    assert!(text.contains(id().trim()), "{text}");
    let first = id();
    let sending = load(&place, Duration::from_secs(2), None);
    std::thread::sleep(Duration::from_millis(500));
    let (ended, took) = agent.stop();
    assert!(ended.success());
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert!(!place.socket.exists());
    assert_eq!(status(&place).0, Some(1));
    let agent = place.start(&[]);
    assert_eq!(id(), first);
    assert_eq!(mode(&place.socket), 0o660);
    let reports = sending.join().unwrap();
    expect_exactly_once(agent, &place, &reports);
}

#[test]
fn a_second_agent_starts_neither_on_the_socket_nor_on_the_data() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let agent = place.start(&[]);
    for (name, wanted) in [
        ("data", "another agent uses it"),
        ("other", "another agent listens there"),
    ] {
        let second = Place {
            data: dir.path().join(name),
            ..Place::new(dir.path())
        };
        let output = second.command(&[]).stderr(Stdio::piped()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(wanted), "{text}");
    }
    assert_eq!(status(&place).0, Some(0));
    drop(agent);
}

#[test]
fn wrong_settings_are_told_and_a_reload_keeps_the_old_ones() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let file = dir.path().join("agent.toml");
    let flags = ["--config", file.to_str().unwrap()];
    std::fs::write(&file, "log = \"loud\"").unwrap();
    let output = place
        .command(&flags)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("agent.toml: log: off, error,"), "{text}");
    std::fs::write(&file, "log_format = \"json\"\nlog = \"info\"").unwrap();
    let agent = place.start(&flags);
    for (text, wanted) in [
        ("probe = 7", "the settings stay as they were"),
        (
            "log_format = \"json\"\nlog = \"debug\"",
            "\"settings read again\"",
        ),
        ("log = \"info\"", "\"unchanged\":\"log_format\""),
    ] {
        std::fs::write(&file, text).unwrap();
        agent.signal("HUP");
        wait(wanted, || agent.log().contains(wanted));
    }
    assert!(agent.stop().0.success());
}

#[test]
fn hostile_claims_do_not_fill_the_memory() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    let agent = place.start(&[]);
    let header = [&b"SWTK\x01\x02\0\0"[..], &(4u32 << 20).to_be_bytes()].concat();
    let body = vec![0; 256 << 10];
    let peers: Vec<_> = (0..400)
        .map(|_| {
            let mut peer = UnixStream::connect(&place.socket).unwrap();
            peer.set_nonblocking(true).unwrap();
            peer.write_all(&header).unwrap();
            peer
        })
        .collect();
    for _ in 0..14 {
        for mut peer in &peers {
            // As much as it takes.
            let _ = peer.write(&body);
        }
    }
    std::thread::sleep(Duration::from_millis(300));
    let rss = agent.rss();
    println!("400 begun frames of 4 MiB: {} MiB resident", rss >> 20);
    assert!(rss < 100 << 20, "{rss}");
    // A process that behaves is served all the same.
    let reports = load(&place, Duration::from_millis(300), None)
        .join()
        .unwrap();
    expect_exactly_once(agent, &place, &reports);
}

#[test]
fn a_limit_on_file_sizes_sheds_bodies_and_counts_all() {
    let dir = Scratch::new();
    let mut place = Place::new(dir.path());
    // Blocks of 512 bytes: 1 MiB, less than a file of the journal.
    place.limits = "ulimit -f 2048;";
    let agent = place.start(&[]);
    let reports = load(&place, Duration::from_secs(1), Some(500.0))
        .join()
        .unwrap();
    let log = agent.log();
    assert!(log.contains("the journal cannot be written"), "{log}");
    let ledger = expect_exactly_once(agent, &place, &reports);
    let shed = spans(&reports) - ledger.spans;
    println!("file size limit: {shed} of {} spans shed", spans(&reports));
    assert!(shed > 0);
}

/// A small file system at `path`; none where that may not be made.
fn small_disk<'a>(path: &'a Path, size: &str) -> Option<Unmount<'a>> {
    std::fs::create_dir_all(path).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
        .arg(path)
        .stderr(Stdio::null())
        .status();
    if mounted.is_ok_and(|status| status.success()) {
        return Some(Unmount(path));
    }
    println!("SKIPPED: no file system can be mounted here");
    None
}

/// Takes all room that is left on it.
fn fill(disk: &Path) {
    // An open file would keep its room after it is removed.
    let mut filler = std::fs::File::create(disk.join("filler")).unwrap();
    while filler.write_all(&[1; 4096]).is_ok() {}
}

#[test]
fn a_full_store_gives_up_bodies_keeps_what_is_counted_and_recovers() {
    let dir = Scratch::new();
    let place = Place::new(dir.path());
    // The journal has room: the store is on its own.
    let disk = place.data.join("store");
    let Some(_unmount) = small_disk(&disk, "24m") else {
        return;
    };
    let send = |time| {
        let sent = load(&place, Duration::from_millis(time), Some(300.0));
        sent.join().unwrap()
    };
    let agent = place.start(&[]);
    let before = send(300);
    wait("all is stored", || {
        agent.metric("spans_stored_total") == spans(&before)
    });
    fill(&disk);
    let during = send(1_500);
    wait("traces are given up", || {
        agent.metric("store_shedding") == 1
    });
    let log = agent.log();
    let told = |log: &str, text: &str| log.matches(text).count();
    assert_eq!(
        told(&log, "no room for traces: they are given up"),
        1,
        "{log}"
    );
    wait("statistics wait", || {
        agent.log().contains("statistics wait in memory")
    });
    let (shed, acked) = (agent.metric("dropped_total"), agent.metric("batches_total"));
    assert!(shed > 0);
    // What is acknowledged survives, although the store has not taken it.
    agent.kill();
    let agent = place.start(&[]);
    let again = send(1_500);
    wait("traces are given up again", || {
        agent.metric("store_shedding") == 1
    });
    std::fs::remove_file(disk.join("filler")).unwrap();
    let after = send(500);
    wait("there is room", || agent.metric("store_shedding") == 0);
    let log = agent.log();
    assert_eq!(told(&log, "there is room for traces again"), 1, "{log}");
    println!("full store: {shed} segments given up of {acked} batches acknowledged");
    let all = [before, during, again, after].concat();
    expect_exactly_once(agent, &place, &all);
}

#[test]
fn a_full_disk_sheds_bodies_keeps_statistics_and_recovers() {
    let dir = Scratch::new();
    let disk = dir.path().join("disk");
    let Some(_unmount) = small_disk(&disk, "24m") else {
        return;
    };
    let place = Place {
        data: disk.join("data"),
        ..Place::new(dir.path())
    };
    let agent = place.start(&[]);
    let before = load(&place, Duration::from_millis(500), Some(500.0))
        .join()
        .unwrap();
    fill(&disk);
    let is_over = AtomicBool::new(false);
    let during = std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let reports = load(&place, Duration::from_secs(2), Some(500.0))
                .join()
                .unwrap();
            is_over.store(true, SeqCst);
            reports
        });
        std::thread::sleep(Duration::from_secs(3));
        assert!(agent.log().contains("to=Shed"), "{}", agent.log());
        std::fs::remove_file(disk.join("filler")).unwrap();
        sending.join().unwrap()
    });
    wait("bodies are taken again", || agent.log().contains("to=All"));
    let after = load(&place, Duration::from_millis(500), Some(500.0))
        .join()
        .unwrap();
    let all = [&before[..], &during[..], &after[..]].concat();
    let ledger = expect_exactly_once(agent, &place, &all);
    let shed = spans(&all) - ledger.spans;
    println!(
        "full disk: {shed} of {} spans shed, {} calls counted",
        spans(&all),
        ledger.calls
    );
    assert!(shed > 0);
    assert!(ledger.spans >= spans(&before) + spans(&after));
}

struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}
