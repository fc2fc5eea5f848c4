//! The server of coroutines for TCP, which is PHP code within Swoole: its program waits
//! for packets by itself.

use super::row::{Row, What};

/// The table.
pub static ROWS: &[Row] = &[
    Row {
        function: r"Swoole\Coroutine\Server::start",
        what: What::Serves,
    },
    Row {
        function: r"Swoole\Coroutine\Server\Connection::recv",
        what: What::Receives,
    },
];
