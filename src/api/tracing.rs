//! Switches tracing on: settings in, hooks in place, records to the sender.

use crate::context::config::Config;
use crate::context::counts::Counts;
use crate::context::outlet::Outlet;
use crate::context::{request, roots, units};
use crate::instrument;
use crate::settings::Settings;
use crate::ship::losses::Loss;
use crate::ship::{self, Identity};
use crate::zend::cell::Global;
use crate::zend::{callback, clock, engine, handlers, process, swoole};

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
                ship::permit()
            },
            send: ship::send,
            lost_spans: |count| ship::lost(Loss::SpanLimit, count),
            wishes: || {
                let wishes = ship::wishes();
                (wishes.sampling, wishes.stack_depth, wishes.probe)
            },
        },
    );
    units::listen(handlers::recheck, worker_stops);
    callback::set_around(instrument::AROUND);
    handlers::install(instrument::rows());
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
}

/// Makes sure that the sender runs and knows that there is something to do.
fn nudge() {
    ship::nudge(|| {
        let identity = IDENTITY.with(|identity| identity.clone());
        let counts = roots::counts().unwrap_or_default();
        (identity.unwrap_or_default(), Box::new(Taken(counts, 0)))
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
    }
}

/// A worker of a server stops: neither a request nor the module ends there.
fn worker_stops() {
    roots::end_all();
    ship::flush();
}
