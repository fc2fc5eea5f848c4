//! What a question says behind `?`.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::answer::Trouble;
use crate::store::Range;

/// Milliseconds that are looked at when a question does not say.
const DEFAULT_RANGE_MS: u64 = 3_600_000;

/// A query that is told apart into `T`, with our errors.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Trouble> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(e) => Err(Trouble::bad(e.body_text())),
        }
    }
}

/// `from` and `to`, Unix ms.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    from: Option<u64>,
    to: Option<u64>,
}

impl Span {
    /// The stretch of time.
    ///
    /// # Errors
    /// When it ends before it begins.
    pub fn range(&self) -> Result<Range, Trouble> {
        range(self.from, self.to)
    }
}

/// The stretch between two moments, Unix ms; the last hour when nothing is said.
///
/// # Errors
/// When it ends before it begins.
pub fn range(from: Option<u64>, to: Option<u64>) -> Result<Range, Trouble> {
    let to = to.unwrap_or_else(|| now_us() / 1_000 + 1);
    let from = from.unwrap_or_else(|| to.saturating_sub(DEFAULT_RANGE_MS));
    if from > to {
        return Err(Trouble::bad("`from` is after `to`"));
    }
    // Up to the year 9999: no sum can overflow.
    let us = |ms: u64| ms.min(253_402_300_800_000) * 1_000;
    Ok(Range {
        from_us: us(from),
        to_us: us(to),
    })
}

/// Now, Unix µs.
pub fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as u64)
}
