//! The original's interface for statistics and traces of remote calls:
//! `SwooleTracker\Stats` and `SwooleTracker\Tick`, with their older names.
//!
//! Parameters have no types, so that nothing that the components of frameworks
//! pass throws, in strict mode either. With `enable=0` all of it does nothing.

use std::cell::RefCell;

use ext_php_rs::prelude::*;
use ext_php_rs::types::Zval;
use tracker_core::trace::names;
use tracker_core::trace::propagation;
use tracker_protocol::record::SpanKind;

use super::given;
use crate::context::by_hand::{self, Entry, Work};
use crate::context::notes::{Outcome, Scalar};

/// Further names of the classes: class, alias.
pub const ALIASES: [(&str, &str); 4] = [
    ("SwooleTracker\\Stats", "StatsCenter"),
    ("SwooleTracker\\Tick", "StatsCenter_Tick"),
    ("SwooleTracker\\Stats", "Tracker\\Stats"),
    ("SwooleTracker\\Tick", "Tracker\\Tick"),
];

/// A call that has begun, served or made. Ended by `Stats::after…Rpc()` or by one
/// of the `report…()` methods, whichever comes first; the rest is ignored.
#[php_class]
#[php(name = "SwooleTracker\\Tick")]
pub struct Tick {
    work: RefCell<Option<Work>>,
}

impl Tick {
    fn of(work: Option<Work>) -> Self {
        Self {
            work: RefCell::new(work),
        }
    }

    fn finish(&self, success: bool, code: String, ip: &str) {
        // Taken first: ending may run what comes back here.
        let work = self.work.borrow_mut().take();
        let Some(mut work) = work else {
            return;
        };
        if !matches!(ip, "" | "0") {
            work.notes
                .attribute("server.address", Scalar::Text(ip.to_owned()));
        }
        work.notes.outcome = Some(Outcome { success, code });
        work.end();
    }
}

#[php_impl]
impl Tick {
    /// Adds an attribute to the call.
    #[php(name = "addParam")]
    pub fn add_param(&self, key: &Zval, value: &Zval) {
        if let Some(work) = self.work.borrow_mut().as_mut()
            && let Some(value) = given::attribute(value)
        {
            work.notes.attribute(&given::text(key), value);
        }
    }

    /// Ends the call: whether it went well, its result code, the server's address.
    #[php(optional = code)]
    pub fn report(&self, success: &Zval, code: Option<&Zval>, ip: Option<&Zval>) {
        let code = code.map_or_else(|| "0".to_owned(), given::text);
        self.finish(given::is_true(success), code, &given::optional(ip));
    }

    /// Ends the call: whether it went well; the result code is 0 then, else 1.
    #[php(name = "reportSucc", optional = success)]
    pub fn report_succ(&self, success: Option<&Zval>, ip: Option<&Zval>) {
        let success = success.is_none_or(given::is_true);
        let code = if success { "0" } else { "1" };
        self.finish(success, code.to_owned(), &given::optional(ip));
    }

    /// Ends the call with a result code; 0 says that it went well.
    #[php(name = "reportCode", optional = ip)]
    pub fn report_code(&self, code: &Zval, ip: Option<&Zval>) {
        let code = given::text(code);
        self.finish(
            matches!(code.as_str(), "" | "0"),
            code,
            &given::optional(ip),
        );
    }
}

/// Calls that the program serves and makes.
#[php_class]
#[php(name = "SwooleTracker\\Stats")]
pub struct Stats;

#[php_impl]
impl Stats {
    /// Of the original: a call that went well.
    pub const SUCC: i64 = 1;
    /// Of the original: a call that failed.
    pub const FAIL: i64 = 0;
    /// Of the original: code of a call that was never ended.
    pub const TIME_OUT_STATUS: i64 = 4444;

    /// A request begins to be served. `trace_id` and `span_id`: the caller's headers
    /// `x-swoole-traceid` and `x-swoole-spanid`.
    ///
    /// Where the extension traces the request itself, the call names it; elsewhere
    /// it begins a trace.
    #[php(name = "beforeExecRpc", optional = trace_id)]
    pub fn before_exec_rpc(
        func: &Zval,
        service_name: &Zval,
        server_ip: &Zval,
        trace_id: Option<&Zval>,
        span_id: Option<&Zval>,
    ) -> Tick {
        let name = endpoint(&given::text(func));
        let span_id = given::optional(span_id);
        let remote = propagation::swoole(
            given::optional(trace_id).as_bytes(),
            Some(span_id.as_bytes()),
        );
        let work = by_hand::entry(Entry {
            name: &name,
            app: &given::text(service_name),
            remote,
        });
        Tick::of(work.map(|work| described(work, "", &given::text(server_ip))))
    }

    /// A request was served.
    #[php(name = "afterExecRpc")]
    pub fn after_exec_rpc(tick: &Zval, ret: &Zval, errno: &Zval) {
        after(tick, ret, errno);
    }

    /// A call of another service begins.
    #[php(name = "beforeReqRpc")]
    pub fn before_req_rpc(func: &Zval, service_name: &Zval, server_ip: &Zval) -> Tick {
        let (service, ip) = (given::text(service_name), given::text(server_ip));
        let work = by_hand::span(SpanKind::Client, &endpoint(&given::text(func)));
        Tick::of(work.map(|mut work| {
            work.notes.peer = if ip.is_empty() { &service } else { &ip }.clone();
            described(work, &service, &ip)
        }))
    }

    /// A call of another service ended.
    #[php(name = "afterReqRpc")]
    pub fn after_req_rpc(tick: &Zval, ret: &Zval, errno: &Zval) {
        after(tick, ret, errno);
    }
}

/// Low in cardinality: of paths the ids go, as in the original's names.
fn endpoint(func: &str) -> String {
    if func.is_empty() {
        "(unnamed)".to_owned()
    } else if func.starts_with('/') {
        names::endpoint(func.split(['?', '#']).next().unwrap_or(func))
    } else {
        func.to_owned()
    }
}

fn described(mut work: Work, service: &str, ip: &str) -> Work {
    work.notes.system = "rpc";
    for (name, value) in [("rpc.service", service), ("server.address", ip)] {
        if !value.is_empty() {
            work.notes.attribute(name, Scalar::Text(value.to_owned()));
        }
    }
    work
}

fn after(tick: &Zval, ret: &Zval, errno: &Zval) {
    if let Some(tick) = tick.extract::<&Tick>() {
        tick.finish(given::is_true(ret), given::text(errno), "");
    }
}
