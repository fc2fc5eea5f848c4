//! What is instrumented: one small file per library, each a table of functions
//! with what happens before and after.

mod amqp;
mod curl;
mod curl_multi;
mod db;
mod forks;
mod headers;
mod memcached;
mod messaging;
mod mongodb;
mod mysqli;
mod notes;
mod pdo;
mod processes;
mod rdkafka;
mod redis;
mod server;
mod servers;
mod sql;
mod streams;
mod swoole_http;
mod swoole_http2;
mod swoole_server;
mod swoole_socket;
mod swoole_tasks;
pub mod userland;

use crate::context::spans::Failure;
use crate::zend::callback::Around;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::lend;
use crate::zend::value::Object;

/// A row for a function: its name, begin, end.
macro_rules! function {
    ($name:literal, $begin:expr, $end:expr) => {
        $crate::zend::handlers::Row {
            class: "",
            function: $name,
            name: $name,
            begin: $begin,
            end: $end,
        }
    };
}

/// A row for a method: its class, name, begin, end.
macro_rules! method {
    ($class:literal, $name:literal, $begin:expr, $end:expr) => {
        $crate::zend::handlers::Row {
            class: $class,
            function: $name,
            name: concat!($class, "::", $name),
            begin: $begin,
            end: $end,
        }
    };
}

use {function, method};

/// All rows; the order is the same in all processes.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [
        curl::ROWS,
        curl_multi::ROWS,
        pdo::ROWS,
        mysqli::ROWS,
        redis::CONNECT_ROWS,
        redis::ROWS,
        redis::CLUSTER_ROWS,
        memcached::ROWS,
        mongodb::ROWS,
        amqp::ROWS,
        rdkafka::ROWS,
        streams::ROWS,
        processes::ROWS,
        server::ROWS,
        swoole_server::ROWS,
        swoole_tasks::ROWS,
        swoole_http::ROWS,
        swoole_http2::ROWS,
        swoole_socket::ROWS,
        forks::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// The request is about to end: what is under way in it is ended, and what was
/// noted of its objects is forgotten.
pub fn request_ends() {
    curl_multi::request_ends();
    curl::request_ends();
    swoole_http::request_ends();
    swoole_http2::request_ends();
    pdo::request_ends();
    mysqli::request_ends();
    redis::request_ends();
    memcached::request_ends();
    mongodb::request_ends();
    rdkafka::request_ends();
    lend::request_ends();
    streams::request_ends();
}

pub use swoole_server::app as server_app;

/// What happens around the callbacks that rows replace.
pub const AROUND: Around = Around {
    begin: |kind, arguments| match kind {
        amqp::MESSAGE => amqp::begin_message(arguments),
        _ => swoole_server::begin(kind, arguments),
    },
    end: |kind, token, arguments| match kind {
        amqp::MESSAGE => amqp::end_message(token, arguments),
        _ => swoole_server::end(kind, token, arguments),
    },
};

/// Begin of a row that has nothing to do before the function.
fn always(_: &Call<'_>) -> Token {
    1
}

/// The function answered `false`, and that is a failure.
fn refused(call: &Call<'_>) -> Option<Failure<'static>> {
    let is_false = call.result().is_some_and(|result| result.is_false());
    is_false.then_some(Failure {
        class: "error",
        ..Failure::default()
    })
}

/// The exception that the function threw; `exit` is none.
fn thrown<'a>(call: &'a Call<'_>) -> Option<Failure<'a>> {
    failure_of(call.thrown())
}

/// An exception as a span shows it.
fn failure_of(thrown: Option<Object<'_>>) -> Option<Failure<'_>> {
    let thrown = thrown?;
    let class = thrown.class_name();
    if matches!(
        class,
        "UnwindExit" | "GracefulExit" | "Swoole\\ExitException"
    ) {
        return None;
    }
    Some(Failure {
        class,
        message: thrown
            .declared("message")
            .and_then(|message| message.text())
            .unwrap_or(""),
        is_exception: true,
        is_timeout: false,
    })
}
