//! `tracker-agent trace`: finds the trace that is asked for.

use std::io;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use super::http::{encode, get};
use super::tree;

/// Pages that are looked through for the slowest trace: each has only slower ones than the page
/// before.
const PAGES: usize = 32;

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
    next: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    trace_id: String,
    duration_us: u64,
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
    let limit = if which.slowest { 1_000 } else { 1 };
    let mut path = format!("/api/v1/traces?limit={limit}");
    if which.error {
        path.push_str("&status=error");
    }
    for (name, value) in [("app", &which.app), ("endpoint", &which.endpoint)] {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    let mut best: Option<Row> = None;
    for _ in 0..PAGES {
        let slower = match &best {
            Some(best) => format!("&min_ms={}", (best.duration_us + 1) as f64 / 1e3),
            None => String::new(),
        };
        let list: List = serde_json::from_str(&get(http, &(path.clone() + &slower))?)?;
        let is_last = list.next.is_none() || !which.slowest;
        let row = list.traces.into_iter().max_by_key(|row| row.duration_us);
        let found = row.is_some();
        best = row.or(best);
        if is_last || !found {
            break;
        }
    }
    best.map(|row| row.trace_id)
        .ok_or_else(|| io::Error::other("no such trace in the last hour"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::canned;
    use serde_json::json;

    fn page(rows: &[(&str, u64)], next: Option<&str>) -> (&'static str, String) {
        let rows: Vec<_> = rows
            .iter()
            .map(|(id, us)| json!({"trace_id": id, "duration_us": us, "app": "a"}))
            .collect();
        ("200 OK", json!({"traces": rows, "next": next}).to_string())
    }

    #[test]
    fn the_slowest_is_found_through_all_pages() {
        let (http, asked) = canned(vec![
            page(&[("a", 5_000), ("b", 9_000)], Some("x")),
            page(&[("c", 12_500)], Some("y")),
            page(&[], None),
        ]);
        let which = Which {
            slowest: true,
            error: true,
            app: Some("a b".into()),
            endpoint: Some("GET /".into()),
            id: None,
        };
        assert_eq!(find(http, &which).unwrap(), "c");
        let base = "/api/v1/traces?limit=1000&status=error&app=a%20b&endpoint=GET%20%2f";
        let paths = asked.join().unwrap();
        let wanted = ["", "&min_ms=9.001", "&min_ms=12.501"].map(|rest| format!("{base}{rest}"));
        assert_eq!(paths, wanted);
    }

    #[test]
    fn else_the_newest_is_taken() {
        let (http, asked) = canned(vec![page(&[("a", 5)], Some("x")), page(&[], None)]);
        assert_eq!(find(http, &Which::default()).unwrap(), "a");
        assert!(find(http, &Which::default()).is_err());
        assert_eq!(asked.join().unwrap(), ["/api/v1/traces?limit=1"; 2]);
    }
}
