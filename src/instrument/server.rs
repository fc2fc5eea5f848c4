//! Functions of the server interface that matter to the request's own span.

use super::{always, function};
use crate::context::request;
use crate::zend::handlers::Row;

/// Rows of this file.
pub const ROWS: &[Row] = &[
    function!("fastcgi_finish_request", always, |_, _| request::answered()),
    function!(
        "litespeed_finish_request",
        always,
        |_, _| request::answered()
    ),
];
