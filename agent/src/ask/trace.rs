//! `tracker-agent trace`: finds the trace that is asked for.

use std::io;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use super::http::{encode, get};
use super::tree;

/// Which trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// This one; the rest is not looked at.
    pub id: Option<String>,
    /// The slowest of the last hour; else the newest.
    pub slowest: bool,
    /// Of those with an error.
    pub error: bool,
    /// Of those of this application.
    pub app: Option<String>,
    /// Of those of this endpoint.
    pub endpoint: Option<String>,
}

#[derive(Deserialize)]
struct List {
    traces: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    trace_id: String,
}

/// The trace as a tree.
///
/// # Errors
/// When the API does not answer, or there is none.
pub fn tree(http: SocketAddr, which: &Which, all: bool) -> io::Result<String> {
    let id = match &which.id {
        Some(id) => id.clone(),
        None => find(http, which)?,
    };
    let answer = get(http, &format!("/api/v1/traces/{}", encode(&id)))?;
    let trace = serde_json::from_str(&answer)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now_us = now.map_or(0, |now| now.as_micros() as u64);
    Ok(tree::text(&trace, all, now_us))
}

fn find(http: SocketAddr, which: &Which) -> io::Result<String> {
    let mut path = String::from("/api/v1/traces?limit=1");
    if which.slowest {
        path.push_str("&sort=duration");
    }
    if which.error {
        path.push_str("&status=error");
    }
    for (name, value) in [("app", &which.app), ("endpoint", &which.endpoint)] {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    let list: List = serde_json::from_str(&get(http, &path)?)?;
    let first = list.traces.into_iter().next();
    first
        .map(|row| row.trace_id)
        .ok_or_else(|| io::Error::other("no such trace in the last hour"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::canned;
    use serde_json::json;

    fn page(ids: &[&str]) -> (&'static str, String) {
        let rows = ids.iter().map(|id| json!({"trace_id": id, "app": "a"}));
        let rows: Vec<_> = rows.collect();
        ("200 OK", json!({"traces": rows, "next": "x"}).to_string())
    }

    #[test]
    fn the_slowest_is_asked_for() {
        let (http, asked) = canned(vec![page(&["c", "a"])]);
        let which = Which {
            slowest: true,
            error: true,
            app: Some("a b".into()),
            endpoint: Some("GET /".into()),
            id: None,
        };
        assert_eq!(find(http, &which).unwrap(), "c");
        let wanted =
            "/api/v1/traces?limit=1&sort=duration&status=error&app=a%20b&endpoint=GET%20%2f";
        assert_eq!(asked.join().unwrap(), [wanted]);
    }

    #[test]
    fn else_the_newest_is_taken() {
        let (http, asked) = canned(vec![page(&["a"]), page(&[])]);
        assert_eq!(find(http, &Which::default()).unwrap(), "a");
        assert!(find(http, &Which::default()).is_err());
        assert_eq!(asked.join().unwrap(), ["/api/v1/traces?limit=1"; 2]);
    }
}
