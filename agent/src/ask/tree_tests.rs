use super::*;
use serde_json::json;

fn span(id: &str, parent: Option<&str>, app: &str, name: &str, at: u64, us: u64) -> Value {
    json!({"span_id": id, "parent_span_id": parent, "name": name, "kind": "client", "app": app,
        "host": "h", "pid": 7, "coroutine_id": -1, "start_us": at, "duration_us": us,
        "status": "unset", "system": "", "peer": "", "attributes": {}, "events": [], "stack": []})
}

fn show(spans: &[Value], all: bool) -> Vec<String> {
    let trace = json!({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "start_us": 1_000_000,
        "duration_us": 50_000, "partial": false, "truncated": false, "spans": spans});
    let text = text(&serde_json::from_value(trace).unwrap(), all, 3_500_000);
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    text.lines().map(str::to_owned).collect()
}

/// A shop that asks MySQL and a second service.
fn shop() -> Vec<Value> {
    let mut query = span("b", Some("a"), "shop", "SELECT cart", 1_001_000, 4_000);
    query["system"] = json!("mysql");
    query["peer"] = json!("db:3306");
    query["attributes"] = json!({"db.query.text": "SELECT *\n FROM cart WHERE id = ?",
        "db.response.returned_rows": 3, "server.port": 3306});
    let mut stock = span(
        "d",
        Some("c"),
        "stock",
        "GET /stock/{id}",
        1_012_000,
        20_000,
    );
    (stock["status"], stock["status_message"]) = (json!("error"), json!("sold\x1b[0m out"));
    (stock["kind"], stock["peer"]) = (json!("server"), json!("shop"));
    stock["attributes"] = json!({"url.full": ""});
    stock["pid"] = json!(8);
    stock["events"] = json!([{"name": "exception", "time_us": 1, "attributes":
        {"exception.type": "RuntimeException", "exception.message": "sold\x1b[0m out"}}]);
    vec![
        span("a", None, "shop", "GET /cart", 1_000_000, 50_000),
        query,
        span("c", Some("a"), "shop", "GET", 1_010_000, 30_000),
        stock,
    ]
}

#[test]
fn two_services_are_one_tree() {
    assert_eq!(
        show(&shop(), false),
        [
            "trace 4bf92f3577b34da6a3ce929d0e0e4736: 50.0 ms, 2.50 s ago",
            "4 spans, 1 error, 2 applications, 2 processes",
            "",
            "   total     self",
            " 50.0 ms  16.0 ms  [shop] GET /cart",
            " 4.00 ms  4.00 ms  ├─ SELECT cart → mysql db:3306 returned_rows=3",
            "                   │     SELECT * FROM cart WHERE id = ?",
            " 30.0 ms  10.0 ms  └─ GET",
            " 20.0 ms  20.0 ms     └─ ✗ [stock] GET /stock/{id}",
            "                            ✗ RuntimeException: sold\u{fffd}[0m out",
        ]
    );
}

#[test]
fn all_attributes_are_shown_on_request() {
    let lines = show(&shop(), true);
    for attribute in ["server.port = 3306", "db.response.returned_rows = 3"] {
        assert!(lines.iter().any(|line| line.ends_with(attribute)));
    }
}

#[test]
fn the_call_stack_is_shown_on_request() {
    let mut spans = shop();
    spans[1]["stack"] = json!([
        {"file": "/srv/Cart.php", "line": 12, "function": "Shop\\Cart::load"},
        {"file": "", "line": 0, "function": "array_map"},
        {"file": "/srv/index.php", "line": 3, "function": ""},
    ]);
    let lines = show(&spans, true);
    let wanted = [
        "at Shop\\Cart::load (/srv/Cart.php:12)",
        "at array_map",
        "at {main} (/srv/index.php:3)",
    ];
    let at = lines
        .iter()
        .position(|line| line.ends_with(wanted[0]))
        .unwrap();
    for (line, wanted) in lines[at..].iter().zip(wanted) {
        assert!(line.ends_with(wanted), "{line}");
    }
    assert!(
        !show(&spans, false)
            .iter()
            .any(|line| line.contains("Cart::load"))
    );
}

#[test]
fn a_query_in_a_loop_is_shown_once() {
    let mut spans = vec![span("a", None, "shop", "GET /", 1_000_000, 50_000)];
    for n in 0..20 {
        spans.push(span(
            &format!("q{n}"),
            Some("a"),
            "shop",
            "SELECT x",
            1_000_000 + n * 100,
            100,
        ));
    }
    let lines = show(&spans, false);
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[5], "  100 µs   100 µs  ├─ SELECT x");
    assert_eq!(lines[6], " 1.90 ms           └─ … 19 more like it");
    assert_eq!(show(&spans, true).len(), 25);
}

#[test]
fn children_that_overlap_or_outlive_count_once() {
    let spans = [
        span("a", None, "s", "root", 1_000_000, 1_000),
        span("b", Some("a"), "s", "b", 1_000_100, 500),
        span("c", Some("a"), "s", "c", 1_000_300, 500),
        span("d", Some("a"), "s", "late", 1_000_900, 5_000),
        span("e", Some("a"), "s", "early", 999_000, 50),
    ];
    let lines = show(&spans, false);
    // 100 before b, 100 between c and d.
    assert_eq!(lines[4], " 1.00 ms   200 µs  [s] root");
}

#[test]
fn lost_parents_circles_and_depth_do_no_harm() {
    let orphan = [
        span("a", None, "s", "root", 10, 5),
        span("b", Some("gone"), "s", "orphan", 12, 1),
        span("c", Some("d"), "s", "circle", 12, 1),
        span("d", Some("c"), "s", "circle", 12, 1),
    ];
    let lines = show(&orphan, false);
    assert_eq!(lines.len(), 8);
    for (name, count) in [("root", 1), ("orphan", 1), ("circle", 2)] {
        assert_eq!(lines.iter().filter(|l| l.contains(name)).count(), count);
    }
    let deep: Vec<_> = (0..5_000)
        .map(|n| {
            let parent = (n > 0).then(|| format!("{}", n - 1));
            span(&n.to_string(), parent.as_deref(), "s", "deep", n, 10_000)
        })
        .collect();
    assert_eq!(show(&deep, false).len(), 5_004);
}
