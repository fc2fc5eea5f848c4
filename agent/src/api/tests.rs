//! Real answers against the document that describes them.

#[path = "tests_refusals.rs"]
mod refusals;
#[path = "tests_statistics.rs"]
mod statistics;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use tracker_core::leak::log::record as leak;
use tracker_core::stats::Histogram;
use tracker_protocol::message::Batch;
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::{
    Drops, EventWriter, LeakLoop, Segment, SegmentFlags, Span, SpanKind, SpanLink, SpanWriter,
    StackFrame, Stats, StatsRow, Status,
};

use super::token::Tokens;
use super::*;
use crate::pipeline::{Accepted, Origin, Sink};
use crate::scratch::Scratch;
use crate::store::{Limits, SqliteStore, Store, Writer, WriterOptions};

/// Two applications: `shop` is asked by a user, asks MySQL, and asks `stock` by its address.
fn fill(writer: &mut Writer<SqliteStore>) {
    let now = params::now_us();
    let mut records = Vec::new();
    let spans = [
        (
            3,
            1,
            SpanKind::Client,
            "mysql",
            "10.0.0.2:3306/shop",
            Status::Unset,
        ),
        (2, 1, SpanKind::Client, "http", "10.0.0.3:80", Status::Error),
        (1, 0, SpanKind::Server, "http", "", Status::Error),
    ];
    segment(&mut records, "shop", now, &spans, SegmentFlags::ERROR);
    segment(
        &mut records,
        "stock",
        now + 5,
        &[(9, 2, SpanKind::Server, "http", "", Status::Ok)],
        0,
    );
    let rows = [
        ("shop", "GET /cart", 2, "http", ""),
        ("shop", "SELECT cart", 3, "mysql", "10.0.0.2:3306/shop"),
        ("shop", "GET", 3, "http", "10.0.0.3:80"),
        ("stock", "GET /stock", 2, "http", "shop"),
    ];
    let mut ok = Histogram::new();
    ok.extend([1_000, 3_000]);
    let rows = rows.map(|(app, endpoint, kind, system, peer)| StatsRow {
        app,
        endpoint,
        kind,
        system,
        peer,
        calls: 2,
        satisfied: 2,
        sum_us: 4_000,
        min_us: 1_000,
        max_us: 3_000,
        codes: vec![("200", 2)],
        ok: ok.pairs().collect(),
        ..StatsRow::default()
    });
    let bucket = now / 10_000_000 * 10;
    Stats::write(&mut records, bucket, rows.into_iter());
    Drops::write(&mut records, &[("queue_full", 7)]);
    for number in 1..=12 {
        let record = leak::Record {
            pid: 4,
            number,
            sapi: "cli",
            texts: vec!["/app/leak.php"],
            sites: vec![leak::SiteEntry {
                file: 0,
                line: 7,
                function: None,
                kind: tracker_core::leak::ledger::sites::SiteKind::Code,
            }],
            judged: Some(u64::from(number)),
            samples: vec![(0, i64::from(number) * 1_000, i64::from(number))],
            final_below: number,
            ..leak::Record::default()
        };
        let record = rmp_serde::to_vec(&record).unwrap();
        let looped = LeakLoop {
            app: "shop",
            record: &record,
        };
        looped.write(&mut records);
    }
    let mut body = Vec::new();
    Batch::write(&mut body, 1, 16, &records);
    writer.take(&accepted(1, body)).unwrap();
}

fn accepted(position: u64, body: Vec<u8>) -> Accepted {
    Accepted {
        position,
        origin: Arc::new(Origin {
            start_id: 0xabc,
            claimed_pid: 4,
            uid: 33,
            host: "web1".into(),
            app: "shop".into(),
            ..Origin::default()
        }),
        number: position,
        body,
    }
}

type Row<'a> = (u64, u64, SpanKind, &'a str, &'a str, Status);

fn segment(records: &mut Vec<u8>, app: &str, start_us: u64, rows: &[Row<'_>], flags: u32) {
    let mut spans = Vec::new();
    for &(span_id, parent_span_id, kind, system, peer, status) in rows {
        let mut span = Span::default();
        span.span_id = span_id;
        span.parent_span_id = parent_span_id;
        span.name = "a span";
        span.kind = kind;
        span.system = system;
        span.peer = peer;
        span.status = status;
        span.duration_us = 2_000;
        span.offset_us = (span_id % 1_000) as i64;
        span.coroutine_id = 3;
        let attributes = [
            ("http.response.status_code", Scalar::Int(503)),
            ("a.float", Scalar::Float(0.5)),
            ("a.truth", Scalar::Bool(true)),
        ];
        let writer = SpanWriter {
            span,
            attributes: &attributes,
            encoded: &[],
            events: &[EventWriter {
                name: "exception",
                offset_us: 7,
                attributes: &[("exception.type", Scalar::Str("E"))],
            }],
            stack: &[StackFrame {
                file: "/a.php",
                line: 3,
                function: "f",
            }],
            links: &[SpanLink {
                trace_id: [0xab; 16],
                span_id: 7,
            }],
        };
        writer.write(&mut spans);
    }
    let mut segment = Segment::default();
    segment.trace_id = 0xfeed_u128.to_be_bytes();
    segment.app = app;
    segment.endpoint = "GET /cart";
    segment.start_us = start_us;
    segment.duration_us = 2_000;
    segment.flags = SegmentFlags(flags);
    segment.write(records, rows.len(), &spans);
}

struct Api {
    app: Router,
    _scratch: Scratch,
}

fn live(tokens: Tokens) -> Arc<Live> {
    let live = Live::default();
    live.set_tokens(tokens);
    Arc::new(live)
}

fn api(tokens: Tokens, fill: impl FnOnce(&mut Writer<SqliteStore>)) -> Api {
    let scratch = Scratch::new();
    let store = SqliteStore::open(scratch.path(), Limits::default()).unwrap();
    let reader: Box<dyn Reader> = Box::new(store.reader().unwrap());
    let shared = WriterOptions::default();
    let options = Options {
        http: SocketAddr::from(([127, 0, 0, 1], 0)),
        data_dir: scratch.path().to_owned(),
        live: live(tokens),
        identity: Identity {
            agent_id: "a".repeat(32),
            boot_id: 5,
            host: "web1".into(),
        },
        counters: shared.counters.clone(),
        activity: shared.activity.clone(),
    };
    let mut writer = Writer::new(store, shared);
    fill(&mut writer);
    writer.tick();
    writer.finish();
    Api {
        app: router(options, vec![reader]),
        _scratch: scratch,
    }
}

impl Api {
    fn send(&self, uri: &str, headers: &[(&str, &str)]) -> (StatusCode, String) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        runtime.unwrap().block_on(async {
            let response = self.app.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, String::from_utf8(body.to_vec()).unwrap())
        })
    }

    fn get(&self, uri: &str) -> Value {
        let (status, body) = self.send(uri, &[("host", "127.0.0.1:9666")]);
        assert_eq!(status, StatusCode::OK, "{uri}: {body}");
        serde_json::from_str(&body).unwrap()
    }
}

/// The schema of a path's answer, with everything that it refers to.
fn schema(path: &str, status: &str) -> Value {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let answer = &document["paths"][path]["get"]["responses"][status];
    let mut schema = answer["content"]["application/json"]["schema"].clone();
    assert!(schema.is_object(), "{path} {status} is not in the document");
    schema["components"] = document["components"].clone();
    schema
}

fn check(path: &str, status: &str, answer: &Value) {
    let validator = jsonschema::validator_for(&schema(path, status)).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(answer)
        .map(|e| format!("{} at {}", e, e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{path}: {errors:#?}");
}

const TRACE: &str = "0000000000000000000000000000feed";

#[test]
fn every_answer_is_as_the_document_says() {
    let api = api(Tokens::default(), fill);
    let trace = format!("/api/v1/traces/{TRACE}");
    let mut seen = BTreeSet::new();
    for (path, uri, list, expected) in [
        ("/api/v1/apps", "/api/v1/apps", "apps", 2),
        (
            "/api/v1/apps/{app}/endpoints",
            "/api/v1/apps/shop/endpoints",
            "endpoints",
            3,
        ),
        (
            "/api/v1/calls",
            "/api/v1/calls?by=app,endpoint,kind,system,peer,host",
            "rows",
            2,
        ),
        ("/api/v1/series", "/api/v1/series?heat=1", "series", 1),
        ("/api/v1/traces", "/api/v1/traces", "traces", 1),
        ("/api/v1/traces/{trace_id}", &trace, "spans", 4),
        ("/api/v1/topology", "/api/v1/topology", "nodes", 4),
        (
            "/api/v1/dependencies",
            "/api/v1/dependencies",
            "dependencies",
            2,
        ),
        ("/api/v1/processes", "/api/v1/processes", "processes", 1),
        ("/api/v1/agents", "/api/v1/agents", "agents", 1),
        ("/api/v1/leaks", "/api/v1/leaks?app=shop", "leaks", 1),
    ] {
        let answer = api.get(uri);
        check(path, "200", &answer);
        let length = answer[list].as_array().map(Vec::len);
        assert_eq!(length, Some(expected), "{uri}: {answer:#}");
        seen.insert(path);
    }
    let document = api.get("/api/openapi.json");
    let paths = document["paths"].as_object().unwrap().keys();
    let untested: Vec<_> = paths
        .filter(|p| p.starts_with("/api/v1") && !seen.contains(p.as_str()))
        .collect();
    assert!(untested.is_empty(), "{untested:?}");
    jsonschema::meta::validate(&schema("/api/v1/apps", "200")).unwrap();
}

#[test]
fn answers_say_what_was_sent() {
    let api = api(Tokens::default(), fill);
    let app = &api.get("/api/v1/apps")["apps"][0];
    assert_eq!(
        (&app["app"], &app["calls"], &app["avg_us"], &app["apdex"]),
        (&json!("shop"), &json!(2), &json!(2_000), &json!(1.0))
    );
    let trace = api.get(&format!("/api/v1/traces/{TRACE}"));
    assert_eq!(
        (&trace["partial"], &trace["duration_us"]),
        (&json!(false), &json!(2_013))
    );
    let spans = trace["spans"].as_array().unwrap();
    let ids: Vec<_> = spans
        .iter()
        .map(|s| s["span_id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "0000000000000001",
            "0000000000000002",
            "0000000000000003",
            "0000000000000009"
        ]
    );
    assert_eq!(spans[3]["parent_span_id"], "0000000000000002");
    assert_eq!(spans[3]["app"], "stock");
    assert_eq!(spans[0]["attributes"]["a.float"], 0.5);
    assert_eq!(spans[0]["events"][0]["attributes"]["exception.type"], "E");
    assert_eq!(spans[0]["links"][0]["trace_id"], "ab".repeat(16));
    assert_eq!(spans[0]["links"][0]["span_id"], "0000000000000007");
    // The original's id is the right half.
    assert_eq!(api.get("/api/v1/traces/000000000000feed"), trace);
    for (query, expected) in [
        ("status=error", 1),
        ("status=ok&app=shop", 0),
        ("app=stock&status=ok", 1),
        ("min_ms=2", 1),
        ("min_ms=2.001", 0),
        ("max_ms=1.999", 0),
        ("min_ms=2&max_ms=2&sort=duration", 1),
        ("attr=http.response.status_code%3D503", 1),
        ("attr=a.float%3D0.5", 1),
        ("attr=a.float%3D0.6", 0),
        ("to=1", 0),
    ] {
        let answer = api.get(&format!("/api/v1/traces?{query}"));
        assert_eq!(
            answer["traces"].as_array().unwrap().len(),
            expected,
            "{query}"
        );
    }
    let topology = api.get("/api/v1/topology");
    let edges: BTreeSet<_> = topology["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            let text = |name: &str| e[name].as_str().unwrap().to_owned();
            (text("from"), text("to"), text("side"))
        })
        .collect();
    let edge = |from: &str, to: &str, side: &str| (from.to_owned(), to.to_owned(), side.to_owned());
    // 10.0.0.3:80 is known to be `stock`, because its segment named the caller's span.
    assert_eq!(
        edges,
        BTreeSet::from([
            edge("app:shop", "app:stock", "client"),
            edge("app:shop", "app:stock", "server"),
            edge("app:shop", "mysql:10.0.0.2:3306/shop", "client"),
            edge("user", "app:shop", "server"),
        ])
    );
    for (query, expected) in [
        ("app=shop&host=web1", 1),
        ("app=stock", 0),
        ("host=web2", 0),
    ] {
        let answer = api.get(&format!("/api/v1/processes?{query}"));
        assert_eq!(
            answer["processes"].as_array().unwrap().len(),
            expected,
            "{query}"
        );
    }
    let agent = &api.get("/api/v1/agents")["agents"][0];
    assert_eq!(agent["process_drops"][0]["count"], 7);
    assert_eq!(
        (&agent["journal_state"], &agent["dropped"]["shed"]),
        (&json!("all"), &json!(0))
    );
    let leak = &api.get("/api/v1/leaks")["leaks"][0];
    assert_eq!(
        (&leak["verdict"], &leak["growing_sites"]),
        (&json!("grows"), &json!(1))
    );
    let (_, metrics) = api.send("/metrics", &[("host", "localhost")]);
    for line in [
        "tracker_calls_total{app=\"shop\",kind=\"server\",system=\"http\"} 2",
        "tracker_call_duration_seconds_bucket{app=\"stock\",kind=\"server\",system=\"http\",le=\"0.0025\"} 1",
        "tracker_call_duration_seconds_count{app=\"stock\",kind=\"server\",system=\"http\"} 2",
        "tracker_process_dropped_total{app=\"shop\",host=\"web1\",reason=\"queue_full\"} 7",
        "tracker_agent_dropped_total{reason=\"span_malformed\"} 0",
        "tracker_agent_spans_stored_total 4",
    ] {
        assert!(
            metrics.lines().any(|l| l == line),
            "{line} is not in\n{metrics}"
        );
    }
}

#[test]
fn a_trace_of_ten_thousand_spans_is_answered_whole() {
    let api = api(Tokens::default(), |writer| {
        let now = params::now_us();
        let rows: Vec<Row<'_>> = (2..=10_000)
            .map(|id| (id, 1, SpanKind::Internal, "", "", Status::Unset))
            .chain([(1, 0, SpanKind::Server, "http", "", Status::Ok)])
            .collect();
        let mut records = Vec::new();
        segment(&mut records, "shop", now, &rows, 0);
        let mut body = Vec::new();
        Batch::write(&mut body, 1, 1, &records);
        writer.take(&accepted(1, body)).unwrap();
    });
    let trace = api.get(&format!("/api/v1/traces/{TRACE}"));
    let spans = trace["spans"].as_array().unwrap();
    assert_eq!((spans.len(), &trace["partial"]), (10_000, &json!(false)));
    let ids: BTreeSet<_> = spans
        .iter()
        .map(|s| s["span_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 10_000);
}
