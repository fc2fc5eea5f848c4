//! Work that a worker of Swoole hands to another process.
//!
//! The task, or the message, has a trace of its own: the payload is the
//! program's, so nothing can travel in it, and a number is given to a task
//! only while it is sent, when the other process may have begun already. Both
//! ends carry the number and the sender, by which one finds the other.

use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::{method, thrown};
use crate::context::spans::{self, Failure, Finish};
use crate::zend::handlers::{Call, Row, Token};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    method!("Swoole\\Server", "task", begin, end),
    method!("Swoole\\Server", "taskwait", begin, end),
    method!("Swoole\\Server", "taskWaitMulti", begin, end),
    method!("Swoole\\Server", "taskCo", begin, end),
    method!("Swoole\\Server", "sendMessage", begin, end),
];

/// The number of a task, given by the worker that sent it.
pub const TASK_ID: &str = "swoole.task.id";
/// The worker that sent a task or a message.
pub const WORKER_ID: &str = "swoole.worker.id";

fn begin(call: &Call<'_>) -> Token {
    spans::begin(SpanKind::Producer, call.row.function)
}

fn end(call: &Call<'_>, token: Token) {
    let worker = call
        .this()
        .and_then(|server| server.declared("worker_id"))
        .and_then(|id| id.long());
    let task = call
        .result()
        .and_then(|id| id.long())
        .filter(|_| call.row.function == "task");
    let attributes = [
        (WORKER_ID, Scalar::Int(worker.unwrap_or(-1))),
        (TASK_ID, Scalar::Int(task.unwrap_or(-1))),
    ];
    let failed = call.result().is_some_and(|r| r.is_false());
    spans::end(
        token,
        &Finish {
            system: "swoole",
            attributes: &attributes[..1 + usize::from(task.is_some())],
            failure: thrown(call).or(failed.then_some(Failure {
                class: "error",
                ..Failure::default()
            })),
            ..Finish::default()
        },
    );
}
