//! `tracker-agent run`: starts the parts, watches for signals, stops them in time.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Instant;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::ingest::socket::{self, Place};
use crate::ingest::{Control, Options, Server};
use crate::journal::{Journal, Limits};
use crate::live::Live;
use crate::logs::Level;
use crate::pipeline::{Counters, Identity, Sink};
use crate::writer;

/// Who may connect when nothing is set: what PHP workers run as on Debian.
const DEFAULT_GROUP: &str = "www-data";
/// Descriptors that are not connections: each of the store's readers and its writer have
/// up to 24 partitions of three files open.
const OTHER_FILES: u64 = 320;

/// What a sink is opened with.
#[derive(Debug, Clone)]
pub struct Context {
    /// The settings.
    pub config: Config,
    /// Who the agent is.
    pub identity: Identity,
    /// What is counted.
    pub counters: Arc<Counters>,
    /// What can change.
    pub live: Arc<Live>,
}

/// What is told of a reload.
struct Parts<'a> {
    level: &'a Level,
    control: &'a Control,
    live: &'a Live,
}

/// What the main thread waits for.
enum Event {
    Signal(i32),
    /// A thread of this name ended.
    Ended(&'static str, Result<(), String>),
}

/// Runs until a signal ends it. `reload` reads the settings again.
///
/// # Errors
/// Why it could not start, or what broke.
pub fn run(
    config: Config,
    level: &Level,
    reload: impl Fn() -> Result<Config, String>,
    open_sink: impl FnOnce(&Context) -> Result<Box<dyn Sink>, String>,
) -> Result<(), String> {
    let (events, inbox) = channel();
    let signals = signals(events.clone()).map_err(|e| format!("signals: {e}"))?;
    let data = DataDir::open(&config.data_dir)?;
    let context = Context {
        identity: data.identity()?,
        live: Arc::new(Live::new(&config)?),
        config,
        counters: Arc::default(),
    };
    let control = start(&data, &context, open_sink, &events)?;
    let parts = Parts {
        level,
        control: &control,
        live: &context.live,
    };
    let outcome = watch(context.config, &parts, reload, &inbox);
    signals.close();
    outcome
}

fn signals(events: Sender<Event>) -> io::Result<signal_hook::iterator::Handle> {
    // SIGXFSZ would kill; taken, the write fails as on a full disk.
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGXFSZ])?;
    let handle = signals.handle();
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in signals.forever() {
                if events.send(Event::Signal(signal)).is_err() {
                    return;
                }
            }
        })?;
    Ok(handle)
}

/// Starts receiver and writer.
fn start(
    data: &DataDir,
    context: &Context,
    open_sink: impl FnOnce(&Context) -> Result<Box<dyn Sink>, String>,
    events: &Sender<Event>,
) -> Result<Arc<Control>, String> {
    let config = &context.config;
    let counters = &context.counters;
    let max_connections = raise_files(config.max_connections);
    // First of all: where another agent has the socket, nothing is touched.
    let bound = bind(config)?;
    let sink = open_sink(context)?;
    let limits = journal_limits(config);
    let dir = data.path().join("journal");
    let (journal, replay) = Journal::open(&dir, limits, sink.newest(), Arc::clone(counters))
        .map_err(|e| format!("{}: {e}", dir.display()))?;
    let options = Options {
        max_connections,
        wishes: config.wishes,
    };
    let identity = context.identity.clone();
    let (server, taker, control) =
        Server::new(bound, options, journal, identity, Arc::clone(counters))
            .map_err(|e| format!("event queue: {e}"))?;
    let for_writer = (Arc::clone(&control), Arc::clone(counters));
    thread("writer", events, move || {
        writer::run(sink, replay, &taker, for_writer.0, for_writer.1);
        Ok(())
    })?;
    thread("receiver", events, move || {
        server.run().map_err(|e| e.to_string())
    })?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        agent_id = context.identity.agent_id,
        socket = %config.socket.display(),
        data_dir = %config.data_dir.display(),
        "started"
    );
    Ok(control)
}

fn journal_limits(config: &Config) -> Limits {
    Limits {
        bytes: config.journal_bytes,
        min_free: config.min_free_bytes,
    }
}

fn thread(
    name: &'static str,
    events: &Sender<Event>,
    work: impl FnOnce() -> Result<(), String> + Send + 'static,
) -> Result<(), String> {
    let events = events.clone();
    let body = move || {
        let outcome = catch_unwind(AssertUnwindSafe(work));
        let outcome = outcome.unwrap_or_else(|_| Err("panicked".into()));
        // Nobody listens any more when the deadline is over.
        let _ = events.send(Event::Ended(name, outcome));
    };
    let thread = std::thread::Builder::new().name(name.into()).spawn(body);
    thread.map(drop).map_err(|e| format!("thread {name}: {e}"))
}

/// Waits for the end: by signal, or because a part broke.
fn watch(
    mut config: Config,
    parts: &Parts<'_>,
    reload: impl Fn() -> Result<Config, String>,
    inbox: &Receiver<Event>,
) -> Result<(), String> {
    let control = parts.control;
    let mut running = 2;
    let mut outcome = Ok(());
    let mut deadline: Option<Instant> = None;
    while running > 0 {
        let event = match deadline {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(end) => inbox.recv_timeout(end.saturating_duration_since(Instant::now())),
        };
        match event {
            Ok(Event::Signal(SIGHUP)) => apply(&mut config, reload(), parts),
            Ok(Event::Signal(SIGTERM | SIGINT)) if deadline.is_none() => {
                tracing::info!("stopping");
                deadline = Some(Instant::now() + config.shutdown);
                control.stop();
            }
            Ok(Event::Signal(SIGTERM | SIGINT)) | Err(_) => {
                tracing::warn!("not all was stored in time: the journal has it");
                return outcome;
            }
            Ok(Event::Signal(_)) => {}
            Ok(Event::Ended(name, ended)) => {
                running -= 1;
                if let Err(e) = ended {
                    tracing::error!(thread = name, error = e, "broke");
                    outcome = Err(format!("{name}: {e}"));
                }
                if deadline.is_none() {
                    deadline = Some(Instant::now() + config.shutdown);
                    control.stop();
                }
            }
        }
    }
    tracing::info!("stopped");
    outcome
}

/// Takes over what can change while the agent runs, and says what cannot.
fn apply(config: &mut Config, new: Result<Config, String>, parts: &Parts<'_>) {
    let taken = new.and_then(|new| {
        let mut next = config.clone();
        let left = next.reload(new);
        parts.live.set(&next)?;
        Ok((next, left))
    });
    let (next, left) = match taken {
        Ok(taken) => taken,
        Err(trouble) => {
            tracing::error!(error = trouble, "the settings stay as they were");
            return;
        }
    };
    parts.level.set(next.log);
    parts.control.set_wishes(next.wishes);
    if next.max_connections != config.max_connections
        || journal_limits(&next) != journal_limits(config)
    {
        let max_connections = raise_files(next.max_connections);
        (parts.control).set_bounds(max_connections, journal_limits(&next));
    }
    if (next.socket_mode, &next.socket_group) != (config.socket_mode, &config.socket_group) {
        give(&next);
    }
    *config = next;
    if left.is_empty() {
        tracing::info!("settings read again");
    } else {
        let left = left.join(", ");
        tracing::warn!(
            unchanged = left,
            "settings read again; these need a restart"
        );
    }
}

fn place(config: &Config) -> Place {
    Place {
        path: config.socket.clone(),
        mode: config.socket_mode,
        group: config.socket_group.clone(),
    }
}

fn bind(config: &Config) -> Result<socket::Bound, String> {
    let mut place = place(config);
    let bound = socket::bind(&place)?;
    if place.group.is_none() {
        place.group = Some(DEFAULT_GROUP.into());
        if let Err(e) = socket::give(&place) {
            tracing::info!(
                reason = e,
                "the socket stays with the agent's own group; see socket_group"
            );
        }
    }
    Ok(bound)
}

/// Gives the socket other permissions and another group.
fn give(config: &Config) {
    let mut place = place(config);
    place.group.get_or_insert_with(|| DEFAULT_GROUP.into());
    let mode = Permissions::from_mode(place.mode);
    let moded = std::fs::set_permissions(&place.path, mode).map_err(|e| e.to_string());
    if let Err(e) = moded.and_then(|()| socket::give(&place)) {
        tracing::warn!(error = e, "the socket's permissions stay as they were");
    }
}

/// Lets the process open as many files as it may; the connections that fit.
fn raise_files(wanted: usize) -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return wanted;
    };
    let needed = (wanted as u64 + OTHER_FILES).min(hard);
    if needed > soft && setrlimit(Resource::RLIMIT_NOFILE, needed, hard).is_err() {
        tracing::warn!(limit = soft, "the limit of open files cannot be raised");
    }
    let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(soft, |(soft, _)| soft);
    let fits = usize::try_from(limit.saturating_sub(OTHER_FILES)).unwrap_or(wanted);
    if fits < wanted {
        tracing::warn!(
            wanted,
            fits,
            "max_connections is more than the limit of open files allows"
        );
    }
    wanted.min(fits.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tracing::level_filters::LevelFilter;
    use tracker_protocol::message::Wishes;

    #[test]
    fn what_hangs_is_left_at_the_deadline_and_what_breaks_is_told() {
        let level = crate::logs::begin(LevelFilter::OFF, false);
        let config = Config {
            shutdown: Duration::from_millis(300),
            ..Config::default()
        };
        let watched = |events: Vec<Event>| {
            let poll = mio::Poll::new().unwrap();
            let waker = Arc::new(mio::Waker::new(poll.registry(), mio::Token(0)).unwrap());
            let control = Control::new(Wishes::default(), waker);
            let (sender, inbox) = channel();
            for event in events {
                sender.send(event).unwrap();
            }
            let begin = Instant::now();
            let reload = || Err("unused".into());
            let live = Live::default();
            let parts = Parts {
                level: &level,
                control: &control,
                live: &live,
            };
            let outcome = watch(config.clone(), &parts, reload, &inbox);
            assert!(control.is_stopping());
            (outcome, begin.elapsed())
        };
        let (outcome, took) = watched(vec![
            Event::Signal(SIGTERM),
            Event::Ended("receiver", Ok(())),
        ]);
        assert_eq!(outcome, Ok(()));
        assert!(took >= config.shutdown && took < config.shutdown * 10);
        let (outcome, took) = watched(vec![Event::Signal(SIGTERM), Event::Signal(SIGINT)]);
        assert_eq!(outcome, Ok(()));
        assert!(took < config.shutdown, "a second signal does not wait");
        let (outcome, _) = watched(vec![
            Event::Ended("writer", Err("panicked".into())),
            Event::Ended("receiver", Ok(())),
        ]);
        assert_eq!(outcome, Err("writer: panicked".into()));
    }
}
