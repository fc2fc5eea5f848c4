//! Writes what is seen to a file, one line per event: for tests.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use tracker_core::descriptors::Own;
use tracker_core::leak::log::files;
use tracker_protocol::record::SpanKind;

use super::spans::{Spans, Told};
use crate::zend::cell::Global;
use crate::zend::value::Object;

struct Log {
    file: Option<Own<File>>,
    last: u64,
    route: String,
}

static LOG: Global<Log> = Global::new(Log {
    file: None,
    last: 0,
    route: String::new(),
});

/// Opens the file, which must be what a leak log must be: a pipe would stop the
/// process. Nothing is written where that fails.
pub fn open(path: &str) {
    let file = files::open_append(Path::new(path)).ok();
    LOG.with(|log| log.file = file.and_then(|file| Own::new(file).ok()));
}

/// Writes events to the file.
pub struct LogSpans;

fn line(text: &str) {
    LOG.with(|log| {
        if let Some(file) = log.file.as_ref().filter(|file| file.is_ours()) {
            // Tests compare the file: one that cannot be written fails them.
            let _ = (&**file).write_all(text.as_bytes());
        }
    });
}

impl Spans for LogSpans {
    fn begin(&self, name: &str, kind: SpanKind, system: &'static str) -> Option<u64> {
        let span = LOG.with(|log| {
            log.last += 1;
            log.last
        });
        let gap = if system.is_empty() { "" } else { " " };
        line(&format!("{span} begin {name} ({kind:?}{gap}{system})\n"));
        Some(span)
    }

    fn text(&self, span: u64, key: &str, value: &str) {
        line(&format!("{span} {key}={value}\n"));
    }

    fn number(&self, span: u64, key: &str, value: i64) {
        line(&format!("{span} {key}={value}\n"));
    }

    fn peer(&self, span: u64, address: &str) {
        line(&format!("{span} peer {address}\n"));
    }

    fn failed(&self, span: u64, exception: &str, message: &str) {
        let gap = if exception.is_empty() { "" } else { ": " };
        line(&format!("{span} failed {exception}{gap}{message}\n"));
    }

    fn end(&self, span: u64) {
        line(&format!("{span} end\n"));
    }

    fn begin_work(&self, name: &str, system: &'static str) -> Option<u64> {
        line(&format!("work of {system}\n"));
        self.begin(name, SpanKind::Consumer, system)
    }

    fn end_work(&self, work: u64) {
        self.end(work);
    }

    fn work_failed(&self, exception: &str, message: &str) {
        line(&format!("work failed {exception}: {message}\n"));
    }

    fn serves(&self, server: Object<'_>) {
        line(&format!("serves {}\n", server.class_name()));
    }

    fn waits(&self) {
        line("waits\n");
    }

    fn packet_comes(&self) {
        line("packet\n");
    }

    fn tell(&self, told: Told, name: &str) {
        let name = if name.is_empty() { "(none)" } else { name };
        if told == Told::Route {
            LOG.with(|log| name.clone_into(&mut log.route));
        }
        let told = format!("{told:?}").to_ascii_lowercase();
        line(&format!("{told} {name}\n"));
    }

    fn caught(&self, exception: &str, message: &str) {
        line(&format!("caught {exception}: {message}\n"));
    }

    fn known_route(&self) -> String {
        LOG.with(|log| log.route.clone())
    }
}
