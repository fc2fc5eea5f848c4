//! Puts what is seen into the trace of the unit that runs.
//!
//! The context takes a name at the begin of a span and all else at its end;
//! what is read earlier waits here.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{Attribute, SpanKind, UnitKind};

use super::spans::{Spans, Told};
use crate::context::spans::{self, Failure, Finish};
use crate::context::{routes, turns, work};
use crate::instrument::swoole_server;
use crate::zend::cell::Global;
use crate::zend::value::Object;

/// Most attributes of one span that are handed on.
const MOST: usize = 24;
/// Spans that wait at most: those of calls that never leave are forgotten with
/// the request, but a server's request may last for ever.
const MOST_WAITING: usize = 10_000;

enum Scalar {
    Text(String),
    Number(i64),
}

/// What is known of an open span, if anything is.
#[derive(Default)]
struct Waiting {
    system: &'static str,
    peer: String,
    attributes: Vec<(String, Scalar)>,
    failure: Option<(String, String)>,
}

static WAITING: Global<Option<HashMap<u64, Waiting, BuildHasherDefault<FxHasher>>>> =
    Global::new(None);

/// Reports to the context.
pub struct TracedSpans;

/// Forgets what waits.
pub fn clear() {
    WAITING.with(|waiting| *waiting = None);
}

fn with(span: u64, f: impl FnOnce(&mut Waiting)) {
    WAITING.with(|waiting| {
        let waiting = waiting.get_or_insert_default();
        if waiting.len() >= MOST_WAITING {
            waiting.clear();
        }
        f(waiting.entry(span).or_default());
    });
}

/// What is learnt of a span waits from now on; none for one that is not recorded.
fn wait(span: u64, system: &'static str) -> Option<u64> {
    if span == 0 {
        return None;
    }
    if !system.is_empty() {
        with(span, |known| known.system = system);
    }
    Some(span)
}

/// Gives what is known of a span to `end`.
fn finish(span: u64, end: impl FnOnce(&Finish<'_>)) {
    let known = WAITING.with(|waiting| waiting.as_mut()?.remove(&span));
    let Some(known) = known else {
        return end(&Finish::default());
    };
    let mut room: [Attribute<'_>; MOST] = [("", Value::Bool(false)); MOST];
    let count = known.attributes.len().min(MOST);
    for (place, (key, value)) in room.iter_mut().zip(&known.attributes) {
        let value = match value {
            Scalar::Text(text) => Value::Str(text),
            Scalar::Number(number) => Value::Int(*number),
        };
        *place = (key, value);
    }
    end(&Finish {
        system: known.system,
        peer: &known.peer,
        attributes: &room[..count],
        failure: known.failure.as_ref().map(|(class, message)| Failure {
            class: if class.is_empty() { message } else { class },
            message,
            is_exception: !class.is_empty(),
            is_timeout: false,
        }),
        ..Finish::default()
    });
}

impl Spans for TracedSpans {
    fn begin(&self, name: &str, kind: SpanKind, system: &'static str) -> Option<u64> {
        let span = spans::begin(kind, name.to_owned());
        wait(span, system)
    }

    fn text(&self, span: u64, key: &str, value: &str) {
        with(span, |known| {
            let value = Scalar::Text(value.to_owned());
            known.attributes.push((key.to_owned(), value));
        });
    }

    fn number(&self, span: u64, key: &str, value: i64) {
        with(span, |known| {
            let value = Scalar::Number(value);
            known.attributes.push((key.to_owned(), value));
        });
    }

    fn peer(&self, span: u64, address: &str) {
        with(span, |known| address.clone_into(&mut known.peer));
    }

    fn failed(&self, span: u64, exception: &str, message: &str) {
        with(span, |known| {
            known.failure = Some((exception.to_owned(), message.to_owned()));
        });
    }

    fn end(&self, span: u64) {
        finish(span, |finish| spans::end(span, finish));
    }

    fn begin_work(&self, name: &str, system: &'static str) -> Option<u64> {
        wait(work::begin(name), system)
    }

    fn end_work(&self, work: u64) {
        finish(work, |finish| work::end(work, finish));
    }

    fn work_failed(&self, exception: &str, message: &str) {
        let work = work::running();
        WAITING.with(|waiting| {
            // Every piece of work that a row began waits, for it has a system.
            if let Some(known) = waiting.as_mut().and_then(|all| all.get_mut(&work)) {
                known.failure = Some((exception.to_owned(), message.to_owned()));
            }
        });
    }

    fn serves(&self, server: Object<'_>) {
        swoole_server::serves(server);
    }

    fn waits(&self) {
        turns::wait();
    }

    fn packet_comes(&self) {
        swoole_server::message_comes(UnitKind::Tcp);
    }

    fn tell(&self, told: Told, name: &str) {
        match told {
            Told::Route => routes::set(name),
            Told::Command => routes::set_command(name),
            Told::Work => routes::set_work(name),
        }
    }

    fn caught(&self, exception: &str, message: &str) {
        routes::caught(exception, message);
    }

    fn known_route(&self) -> String {
        routes::known()
    }
}
