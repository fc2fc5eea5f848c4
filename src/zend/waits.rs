//! Hears of it when PHP code is about to wait: `sleep()`, `stream_select()`
//! and their like. Their handlers are replaced while somebody listens, so no
//! other function pays.

use super::handlers;

/// Functions only, no methods. Those that this PHP does not have are passed by.
const WAITS: &[&str] = &[
    "sleep",
    "usleep",
    "time_nanosleep",
    "time_sleep_until",
    "stream_select",
    "stream_socket_accept",
    "stream_socket_client",
    "fsockopen",
    "fgets",
    "fgetc",
    "fgetcsv",
    "fread",
    "stream_get_line",
    "stream_get_contents",
    "stream_copy_to_stream",
    "file_get_contents",
    "file",
    "readfile",
    "flock",
    "exec",
    "shell_exec",
    "system",
    "passthru",
    "proc_close",
    "readline",
    "curl_exec",
    "curl_multi_select",
    "socket_select",
    "socket_accept",
    "socket_connect",
    "socket_read",
    "socket_recv",
    "socket_recvfrom",
    "socket_recvmsg",
    "pcntl_wait",
    "pcntl_waitpid",
    "pcntl_sigtimedwait",
    "pcntl_sigwaitinfo",
    "msg_receive",
];

/// Calls `listener` before each of them from now on.
pub fn listen(listener: fn()) {
    handlers::listen(WAITS, listener);
}

/// Listens no more, and puts back every handler that nobody else needs.
pub fn ignore() {
    handlers::ignore();
}

/// Whether they are wrapped, for `php --ri`.
pub fn state() -> &'static str {
    if handlers::is_heard() {
        "wrapped"
    } else {
        "untouched"
    }
}
