//! `tracker-agent endpoints`: what applications were asked, and what they asked of others.

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use super::http::{encode, get};
use super::text::{WIDTH, count, duration, line, peer};

#[derive(Deserialize)]
struct Apps {
    apps: Vec<App>,
}

#[derive(Deserialize)]
struct App {
    app: String,
    apdex: f64,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Deserialize)]
struct Endpoints {
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    endpoint: String,
    kind: String,
    system: String,
    peer: String,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Deserialize)]
struct Numbers {
    calls: u64,
    errors: u64,
    avg_us: u64,
    p50_us: u64,
    p95_us: u64,
    p99_us: u64,
}

/// The tables of one application, or of all, over the last hour.
///
/// # Errors
/// When the API does not answer, or there is no such application.
pub fn tables(http: SocketAddr, app: Option<&str>) -> io::Result<String> {
    let mut apps = serde_json::from_str::<Apps>(&get(http, "/api/v1/apps")?)?.apps;
    if let Some(wanted) = app {
        apps.retain(|app| app.app == wanted);
    }
    if apps.is_empty() {
        let of = app.map_or_else(String::new, |app| format!(" of {app:?}"));
        return Err(io::Error::other(format!(
            "no calls{of} in the last hour; counts arrive some ten seconds after the calls"
        )));
    }
    let mut text = String::new();
    for app in &apps {
        let path = format!("/api/v1/apps/{}/endpoints", encode(&app.app));
        let answer: Endpoints = serde_json::from_str(&get(http, &path)?)?;
        table(&mut text, app, &answer.endpoints);
    }
    Ok(text)
}

fn table(text: &mut String, app: &App, endpoints: &[Endpoint]) {
    if !text.is_empty() {
        text.push('\n');
    }
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "{}: {}, {}, apdex {:.2} in the last hour",
        line(&app.app, WIDTH / 2),
        count(app.numbers.calls, "call"),
        count(app.numbers.errors, "error"),
        app.apdex
    );
    let _ = writeln!(
        text,
        "{:>7} {:>6} {:>8} {:>8} {:>8} {:>8}  endpoint, → what it asks of others",
        "calls", "errors", "avg", "p50", "p95", "p99"
    );
    let is_exit = |e: &Endpoint| matches!(&*e.kind, "client" | "producer");
    let (out, own): (Vec<_>, Vec<_>) = endpoints.iter().partition(|e| is_exit(e));
    for (endpoint, is_out) in own
        .into_iter()
        .map(|e| (e, false))
        .chain(out.into_iter().map(|e| (e, true)))
    {
        let n = &endpoint.numbers;
        let numbers = format!(
            "{:>7} {:>6} {:>8} {:>8} {:>8} {:>8}  ",
            n.calls,
            n.errors,
            duration(n.avg_us),
            duration(n.p50_us),
            duration(n.p95_us),
            duration(n.p99_us)
        );
        let name = if is_out {
            let (system, name) = (&endpoint.system, &endpoint.endpoint);
            format!("→ {system} {name} {}", peer(&endpoint.peer))
        } else {
            called(endpoint)
        };
        let room = WIDTH.saturating_sub(numbers.chars().count());
        let _ = writeln!(text, "{numbers}{}", line(&name, room));
    }
}

/// An endpoint of the application itself; of each application that calls it the calls stand apart.
fn called(endpoint: &Endpoint) -> String {
    let is_application = !endpoint.peer.is_empty() && endpoint.peer.parse::<IpAddr>().is_err();
    let caller = if is_application {
        format!(" ← {}", peer(&endpoint.peer))
    } else {
        String::new()
    };
    format!("{}{caller}", endpoint.endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::canned;
    use serde_json::json;

    fn row(endpoint: &str, kind: &str, system: &str, peer: &str, calls: u64) -> serde_json::Value {
        json!({"endpoint": endpoint, "kind": kind, "system": system, "peer": peer, "calls": calls,
            "errors": 1, "timeouts": 0, "avg_us": 1_500, "p50_us": 900, "p95_us": 12_340,
            "p99_us": 1_200_000, "codes": {"200": calls}})
    }

    #[test]
    fn what_is_asked_stands_before_what_it_asks() {
        let mut app = row("", "", "", "", 12);
        app["app"] = json!("shop 1");
        app["apdex"] = json!(0.987);
        let long = "x".repeat(200);
        let (http, asked) = canned(vec![
            ("200 OK", json!({"apps": [app]}).to_string()),
            (
                "200 OK",
                json!({"endpoints": [
                    row("SELECT cart", "client", "mysql", "db:3306", 30),
                    row("GET /cart", "server", "http", "", 12),
                    row("GET /cart", "server", "http", "front", 3),
                    row("GET /cart", "server", "http", "127.0.0.1", 2),
                    row(&long, "server", "http", "", 1),
                ]})
                .to_string(),
            ),
        ]);
        let text = tables(http, None).unwrap();
        let paths = asked.join().unwrap();
        assert_eq!(paths[1], "/api/v1/apps/shop%201/endpoints");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0],
            "shop 1: 12 calls, 1 error, apdex 0.99 in the last hour"
        );
        assert_eq!(
            lines[2],
            "     12      1  1.50 ms   900 µs  12.3 ms   1.20 s  GET /cart"
        );
        assert!(lines[3].ends_with("  GET /cart ← front"));
        assert!(lines[4].ends_with("  GET /cart"));
        assert!(lines[5].ends_with("xx…") && lines[5].chars().count() == WIDTH);
        assert!(lines[6].ends_with("→ mysql SELECT cart db:3306"));
    }

    #[test]
    fn an_app_that_nobody_called_is_told() {
        let (http, _asked) = canned(vec![("200 OK", json!({"apps": []}).to_string())]);
        let trouble = tables(http, Some("nix")).unwrap_err().to_string();
        assert!(trouble.contains("no calls of \"nix\""), "{trouble}");
    }
}
