//! Switches tracing on: settings in, hooks in place, records to the sender.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tracker_protocol::limits::MAX_FRAME;
use tracker_protocol::outbox::Loss;
use tracker_protocol::record::LeakLoop;

use crate::context::config::Config;
use crate::context::counts::Counts;
use crate::context::outlet::Outlet;
use crate::context::{by_hand, request, roots, units};
use crate::instrument;
use crate::leak::session;
use crate::settings::Settings;
use crate::ship::{self, Identity};
use crate::zend::cell::Global;
use crate::zend::{callback, clock, engine, handlers, http_wrapper, process, swoole};

/// What the sender needs once it starts; none while tracing is off.
static IDENTITY: Global<Option<Identity>> = Global::new(None);

/// Whether tracing is on.
pub fn is_on() -> bool {
    IDENTITY.with(|identity| identity.is_some())
}

/// For `php --ri`.
pub fn state() -> &'static str {
    if is_on() {
        "on"
    } else {
        "off: enable is 0, nothing is hooked"
    }
}

/// At the first request of a process: everything that tracing needs is put in
/// place, if the settings want it.
pub fn start(settings: &Settings) {
    if !settings.enable {
        return;
    }
    process::watch_forks();
    let title = crate::zend::request::with(|request| request.script.to_owned());
    IDENTITY.with(|identity| {
        *identity = Some(Identity {
            socket: settings.agent_socket.clone(),
            app: settings.service_name.clone(),
            sapi: engine::sapi_name().to_owned(),
            php: engine::php_version(),
            swoole: swoole::version().unwrap_or_default(),
            title,
        });
    });
    roots::start(
        Config {
            sampling: settings.sampling,
            slow_us: settings.slow_ms * 1_000,
            service_name: settings.service_name.clone(),
            sql_literals: settings.sql_literals,
            b3: settings.b3,
            stack_depth: settings.stack_depth,
        },
        Outlet {
            nudge,
            permit: || {
                nudge();
                ship::permit(Loss::QueueFull)
            },
            send: |write| ship::send(Loss::Exit, write),
            lost_spans: |count| ship::lost(Loss::SpanLimit, count),
            wishes: ship::wishes,
        },
    );
    units::listen(handlers::recheck, worker_stops);
    callback::set_around(instrument::AROUND);
    handlers::install(instrument::rows());
    http_wrapper::cover();
    session::tell(ship_loop);
}

/// The application that this process is: as it is set, else as the original named
/// it, which is known as soon as there is work.
fn app() -> String {
    let set = IDENTITY.with(|identity| identity.as_ref().map(|i| i.app.clone()));
    [set.unwrap_or_default(), instrument::server_app()]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(request::app)
}

/// A closed loop of the leak finder goes the way of the spans.
fn ship_loop(record: Vec<u8>) {
    nudge();
    // Names are short: what they take in the frame is little.
    if record.len() > MAX_FRAME / 2 {
        ship::lost(Loss::TooLarge, 1);
    } else if ship::permit(Loss::LeakLoop) {
        let app = app();
        let leak_loop = LeakLoop {
            app: &app,
            record: &record,
        };
        ship::send(Loss::LeakLoop, &mut |out| leak_loop.write(out));
    }
}

/// The statistics as the sender takes them.
struct Taken(Counts, u64);

impl ship::Counts for Taken {
    fn take(&mut self, end: bool, out: &mut Vec<(Vec<u8>, u64)>) -> Option<u64> {
        let (next, lost) = self.0.take(end, clock::unix_us(), out);
        self.1 += lost;
        next
    }

    fn lost(&mut self) -> u64 {
        std::mem::take(&mut self.1)
    }

    fn all(&self) -> Arc<AtomicU64> {
        self.0.calls()
    }
}

/// Makes sure that the sender runs and knows that there is something to do.
fn nudge() {
    ship::nudge(|| {
        let identity = IDENTITY.with(|identity| identity.clone());
        let identity = Identity {
            app: app(),
            ..identity.unwrap_or_default()
        };
        let counts = roots::counts().unwrap_or_default();
        (identity, Box::new(Taken(counts, 0)))
    });
}

/// A request begins.
pub fn request_begins() {
    if is_on() {
        handlers::recheck();
        request::begin();
    }
}

/// A request ends.
pub fn request_ends() {
    if is_on() {
        instrument::request_ends();
        request::end();
        roots::end_all();
        by_hand::request_ends();
    }
}

/// A worker of a server stops: where it was forked, neither a request nor the module ends
/// there.
fn worker_stops() {
    roots::end_all();
    // The process of the script itself, which a server of one worker runs in, goes on.
    ship::flush(process::generation() != 0);
}
