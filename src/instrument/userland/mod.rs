//! User-land libraries, frameworks, and what `trace_functions` names: which
//! functions are instrumented while they are compiled, and what their calls
//! mean. One file per library; see `row` for what a table says.

mod amqplib;
mod elasticsearch;
mod guzzle;
mod http;
mod hyperf;
mod laravel;
mod log;
mod named;
mod open;
mod predis;
mod row;
mod slim;
pub mod spans;
mod swoole;
mod symfony;
mod traced;
mod wordpress;

use tracker_core::functions::{Choice, Matcher};

use self::open::{Open, OpenCalls};
use self::row::{Row, SpanRow, What};
use self::spans::{Label, Span, Spans, Told};
use crate::zend::ast::{self, Call, Hooks, Kind, Outcome};
use crate::zend::cell::Global;
use crate::zend::opcache;
use crate::zend::value::{Object, Value};

/// All tables. Their order gives the numbers in compiled code.
static TABLES: &[&[Row]] = &[
    guzzle::ROWS,
    predis::ROWS,
    amqplib::ROWS,
    elasticsearch::ROWS,
    symfony::ROWS,
    laravel::ROWS,
    hyperf::ROWS,
    slim::ROWS,
    swoole::ROWS,
    wordpress::ROWS,
];

/// Number of a function that a pattern named.
const NAMED: u32 = 0;
/// The same, with its arguments.
const NAMED_WITH_ARGUMENTS: u32 = 1;
/// Number of the first row.
const FIRST_ROW: u32 = 2;

/// What was armed at start-up.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Armed {
    hooks: bool,
    functions: String,
}

static ARMED: Global<Option<Armed>> = Global::new(None);
static MATCHER: Global<Option<Matcher>> = Global::new(None);
static SPANS: Global<Option<&'static dyn Spans>> = Global::new(None);
static OPEN: Global<OpenCalls> = Global::new(OpenCalls::new());

/// MINIT: arms the instrumentation. `hooks`: the known libraries;
/// `functions`: the text of `trace_functions`.
pub fn arm(hooks: bool, functions: &str) {
    let rows = TABLES.iter().flat_map(|table| table.iter());
    let names = rows.map(|row| row.function).filter(|_| hooks);
    let matcher = Matcher::new(names, functions);
    if matcher.is_empty() {
        return;
    }
    let mut identity = env!("CARGO_PKG_VERSION").as_bytes().to_vec();
    identity.push(b'\n');
    identity.extend(matcher.identity());
    MATCHER.with(|slot| *slot = Some(matcher));
    let armed = ast::install(
        Hooks {
            choose,
            enter,
            leave,
        },
        &identity,
    );
    if armed.is_ok() {
        let functions = functions.to_owned();
        ARMED.with(|slot| *slot = Some(Armed { hooks, functions }));
    }
}

/// First request of a process: what is seen becomes spans.
pub fn report_to_context() {
    SPANS.with(|slot| *slot = Some(&traced::TracedSpans));
}

/// First request of a process: writes what is seen to a file, for tests.
pub fn report_to_file(path: &str) {
    log::open(path);
    SPANS.with(|slot| *slot = Some(&log::LogSpans));
}

/// RSHUTDOWN: calls that never left are forgotten.
pub fn request_ended() {
    OPEN.with(OpenCalls::clear);
    traced::clear();
}

/// For `php --ri`: what is armed, compared with what is set now.
pub fn state(hooks: bool, functions: &str) -> &'static str {
    let armed = ARMED.with(|slot| slot.clone());
    if armed.is_some() && !SPANS.with(|slot| slot.is_some()) {
        return if MATCHER.with(|slot| slot.is_some()) {
            "armed for others that opcache shares code with, here enable is 0"
        } else {
            "off, enable is 0"
        };
    }
    let wanted = hooks || !functions.trim().is_empty();
    match armed {
        None if wanted => "not armed at start-up",
        None => "off",
        Some(armed) if armed.hooks == hooks && armed.functions.trim() == functions.trim() => {
            "armed"
        }
        Some(_) => "armed, with other settings at start-up",
    }
}

/// First request of a process: nobody will hear of anything. What is compiled from
/// now on is left alone, unless opcache hands it to processes that may want it.
pub fn report_to_nobody() {
    if !opcache::shares_code() {
        MATCHER.with(|slot| *slot = None);
    }
}

fn choose(name: &[u8], kind: Kind) -> Option<u32> {
    MATCHER.with(|slot| {
        let choice = slot.as_ref()?.choose(name, kind == Kind::Closure)?;
        Some(match choice {
            Choice::Exact(number) => FIRST_ROW + u32::try_from(number).ok()?,
            Choice::Pattern { arguments: false } => NAMED,
            Choice::Pattern { arguments: true } => NAMED_WITH_ARGUMENTS,
        })
    })
}

/// What calls with that number are.
enum Meaning {
    Span(&'static SpanRow),
    Work(&'static SpanRow),
    Row(&'static What),
}

fn meaning(id: u32) -> Option<Meaning> {
    Some(match id {
        NAMED => Meaning::Span(&named::PLAIN),
        NAMED_WITH_ARGUMENTS => Meaning::Span(&named::WITH_ARGUMENTS),
        _ => {
            let mut number = (id - FIRST_ROW) as usize;
            let mut tables = TABLES.iter();
            let row = loop {
                let table = tables.next()?;
                match table.get(number) {
                    Some(row) => break row,
                    None => number -= table.len(),
                }
            };
            match &row.what {
                What::Span(span) => Meaning::Span(span),
                What::Work(span) => Meaning::Work(span),
                what => Meaning::Row(what),
            }
        }
    })
}

fn enter(id: u32, call: &Call<'_>) {
    let Some(spans) = SPANS.with(|slot| *slot) else {
        return;
    };
    match meaning(id) {
        Some(Meaning::Span(row)) => begin(id, row, call, spans, |name| {
            spans.begin(name, row.kind, row.system)
        }),
        Some(Meaning::Work(row)) => begin(id, row, call, spans, |name| {
            spans.begin_work(name, row.system)
        }),
        Some(Meaning::Row(what)) => match what {
            What::RouteAtEnter(find) => tell(Told::Route, *find, call, spans),
            What::NoRoute => spans.tell(Told::Route, ""),
            What::Caught(position) => {
                let exception = call.argument(*position).and_then(Value::object);
                if let Some(exception) = exception {
                    spans.caught(exception.class_name(), message(exception));
                }
            }
            What::WorkFails(find) => {
                if let Some(exception) = find(call) {
                    spans.work_failed(exception.class_name(), message(exception));
                }
            }
            What::Command(find) => tell(Told::Command, *find, call, spans),
            What::WorkName(find) => tell(Told::Work, *find, call, spans),
            What::Serves => {
                if let Some(server) = call.this() {
                    spans.serves(server);
                }
            }
            What::Receives => spans.waits(),
            _ => {}
        },
        None => {}
    }
}

fn begin(
    id: u32,
    row: &SpanRow,
    call: &Call<'_>,
    spans: &dyn Spans,
    begin: impl FnOnce(&str) -> Option<u64>,
) {
    let mut name = Label::default();
    (row.name)(call, &mut name);
    if name.is_empty() {
        named::full_name(call, &mut name);
    }
    let Some(span) = begin(name.as_str()) else {
        return;
    };
    OPEN.with(|open| open.insert(call.identity(), Open { id, span }));
    (row.begin)(call, Span { spans, id: span });
}

fn tell(told: Told, find: impl FnOnce(&Call<'_>, &mut Label), call: &Call<'_>, spans: &dyn Spans) {
    let mut name = Label::default();
    find(call, &mut name);
    if !name.is_empty() {
        spans.tell(told, name.as_str());
    }
}

fn leave(id: u32, call: &Call<'_>) {
    let Some(spans) = SPANS.with(|slot| *slot) else {
        return;
    };
    match meaning(id) {
        Some(Meaning::Span(row)) => end(id, row, call, spans, |span| spans.end(span)),
        Some(Meaning::Work(row)) => end(id, row, call, spans, |work| spans.end_work(work)),
        Some(Meaning::Row(what)) => match (what, call.outcome()) {
            (What::FindsRoute(_), Outcome::Threw(_)) => spans.tell(Told::Route, ""),
            (What::RouteAtLeave(_), Outcome::Threw(_)) => {}
            (What::RouteAtLeave(find) | What::FindsRoute(find), _) => {
                tell(Told::Route, *find, call, spans);
            }
            (What::Receives, Outcome::Returned(packet))
                if packet.bytes().is_some_and(|packet| !packet.is_empty()) =>
            {
                spans.packet_comes();
            }
            (What::RouteWithin(find), Outcome::Returned(_)) => {
                let find = |call: &Call<'_>, route: &mut Label| {
                    find(call, &spans.known_route(), route);
                };
                tell(Told::Route, find, call, spans);
            }
            _ => {}
        },
        None => {}
    }
}

fn end(id: u32, row: &SpanRow, call: &Call<'_>, spans: &dyn Spans, end: impl FnOnce(u64)) {
    // What began at the same place and never left may be another's.
    let open = OPEN.with(|open| open.remove(call.identity()));
    if let Some(open) = open.filter(|open| open.id == id) {
        let span = Span {
            spans,
            id: open.span,
        };
        let outcome = call.outcome();
        (row.end)(call, &outcome, span);
        threw(&outcome, span);
        end(open.span);
    }
}

fn threw(outcome: &Outcome<'_>, span: Span<'_>) {
    if let Outcome::Threw(exception) = outcome {
        span.failed(exception.class_name(), message(*exception));
    }
}

fn message<'a>(exception: Object<'a>) -> &'a str {
    let message = exception.declared("message").and_then(Value::text);
    message.unwrap_or_default()
}
