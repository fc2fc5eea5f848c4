//! Programs that PHP starts, and mail, which is one of them.

use tracker_core::trace::command;
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::{function, thrown};
use crate::context::spans::{self, Failure, Finish};
use crate::zend::handlers::{Call, Row, Token};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    function!("exec", begin, end),
    function!("shell_exec", begin, end),
    function!("system", begin, end),
    function!("passthru", begin, end),
    function!("proc_open", begin, end),
    function!("popen", begin, end),
    function!("mail", begin, end),
];

fn begin(call: &Call<'_>) -> Token {
    spans::begin(SpanKind::Client, call.row.name)
}

fn end(call: &Call<'_>, token: Token) {
    let is_mail = call.row.function == "mail";
    // The program's name only: arguments may be anything.
    let program = call
        .arg(0)
        .filter(|_| !is_mail)
        // proc_open() takes the words of a command as well.
        .and_then(|command| {
            let words = || command::plain(command.entries().next()?.1.bytes()?);
            command.bytes().map(command::program).or_else(words)
        })
        .unwrap_or("");
    let attributes = [("process.executable.name", Scalar::Str(program))];
    let failed = call.result().is_some_and(|r| r.is_false());
    spans::end(
        token,
        &Finish {
            name: call.row.function,
            system: if is_mail { "mail" } else { "process" },
            peer: program,
            attributes: &attributes[..usize::from(!program.is_empty())],
            failure: thrown(call).or(failed.then_some(Failure {
                class: "error",
                ..Failure::default()
            })),
            ..Finish::default()
        },
    );
}
