//! Forks: the child is a unit of its own.

use super::{always, function};
use crate::context::request;
use crate::zend::handlers::{Call, Row, Token};

/// Rows of this file.
pub const ROWS: &[Row] = &[
    function!("pcntl_fork", always, forked),
    function!("pcntl_rfork", always, forked),
];

fn forked(call: &Call<'_>, _: Token) {
    if call.result().and_then(|pid| pid.long()) == Some(0) {
        request::begin_process();
    }
}
