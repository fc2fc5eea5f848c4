//! From accepted batches to disk, statistics included, on one thread; then traces by id.
//! `cargo bench -p tracker-agent --bench store -- [SPANS]` (default 1 000 000).
//!
//! A segment has ten spans of five attributes, about as PDO and curl make them. Prints one
//! line per figure: name, value, unit.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tracker_agent::pipeline::{Accepted, Origin, Sink};
use tracker_agent::store::{Limits, Reader, SqliteStore, Store, Writer, WriterOptions};
use tracker_core::stats::Histogram;
use tracker_protocol::message::Batch;
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{
    Segment, SegmentFlags, Span, SpanKind, SpanWriter, Stats, StatsRow,
};

const SPANS: u64 = 10;
const SEGMENTS: u64 = 50;
const HOURS: u64 = 24;

fn main() {
    let wanted = std::env::args()
        .filter_map(|a| a.parse::<u64>().ok())
        .next();
    let batches = wanted.unwrap_or(1_000_000) / (SPANS * SEGMENTS);
    let folder = std::env::temp_dir().join(format!("tracker-bench-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("a folder");
    let result = run(&folder, batches);
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    if let Err(e) = result {
        eprintln!("{e}");
        std::process::exit(1);
    }
}

fn run(folder: &std::path::Path, batches: u64) -> Result<(), Box<dyn std::error::Error>> {
    let limits = Limits {
        trace_bytes: u64::MAX,
        ..Limits::default()
    };
    let store = SqliteStore::open(folder, limits)?;
    let mut writer = Writer::new(store, WriterOptions::default());
    let origin = Arc::new(Origin {
        start_id: 1,
        host: "web1".into(),
        app: "shop".into(),
        ..Origin::default()
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros() as u64;
    let first = now - HOURS * 3_600_000_000;
    let (mut busy, mut body_bytes) = (0.0, 0);
    for n in 0..batches {
        let at = first + (now - first) / batches * n;
        let body = batch(n, at);
        body_bytes += body.len() as u64;
        let accepted = Accepted {
            position: n + 1,
            origin: origin.clone(),
            number: n + 1,
            body,
        };
        let begin = Instant::now();
        writer.take(&accepted)?;
        writer.tick();
        busy += begin.elapsed().as_secs_f64();
    }
    let begin = Instant::now();
    writer.finish();
    busy += begin.elapsed().as_secs_f64();
    let spans = batches * SEGMENTS * SPANS;
    println!("spans                {spans}");
    println!("spans per second     {:.0}", spans as f64 / busy);
    println!(
        "wire bytes per span  {:.0}",
        body_bytes as f64 / spans as f64
    );
    println!(
        "disk bytes per span  {:.0}",
        size(folder)? as f64 / spans as f64
    );
    println!("resident MB          {:.0}", resident_mb()?);
    lookups(folder, limits, batches * SEGMENTS)?;
    println!("resident MB          {:.0}", resident_mb()?);
    Ok(())
}

/// Traces by id after a restart, known and unknown ones; the unknown ones also before
/// there are filters, which is how they were answered without.
fn lookups(
    folder: &std::path::Path,
    limits: Limits,
    traces: u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut store = SqliteStore::open(folder, limits)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros() as u64;
    let unknown = |n: u64| id(traces + n);
    let known = |n: u64| id(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % traces);
    let time = |store: &SqliteStore, name: &str, of: &dyn Fn(u64) -> [u8; 16], wanted| {
        let mut reader = store.reader()?;
        let mut times = Vec::new();
        for n in 0..5_000 {
            let begin = Instant::now();
            let found = reader.trace(of(n))?;
            times.push(begin.elapsed().as_secs_f64() * 1e3);
            if found.len() != wanted {
                return Err(format!("{name} {n}: {} segments", found.len()).into());
            }
        }
        times.sort_by(f64::total_cmp);
        println!("{name} p50 ms   {:.3}", times[times.len() / 2]);
        println!("{name} p99 ms   {:.3}", times[times.len() * 99 / 100]);
        Ok::<(), Box<dyn std::error::Error>>(())
    };
    if store.size().filters == 0 {
        time(&store, "unknown without filters", &unknown, 0)?;
    }
    let begin = Instant::now();
    let mut filters = None;
    while filters != Some(store.size().filters) {
        filters = Some(store.size().filters);
        store.retain(now)?;
    }
    println!("partitions           {}", store.size().partitions);
    println!("filters              {}", store.size().filters);
    println!(
        "filters made in ms   {:.0}",
        begin.elapsed().as_secs_f64() * 1e3
    );
    time(&store, "trace by id", &known, 1)?;
    time(&store, "unknown trace", &unknown, 0)?;
    store.close();
    Ok(())
}

/// Spread as random ids are.
fn id(n: u64) -> [u8; 16] {
    let low = (n + 1).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (u128::from(low.rotate_left(32)) << 64 | u128::from(low)).to_be_bytes()
}

fn batch(n: u64, at: u64) -> Vec<u8> {
    let mut records = Vec::with_capacity(128 << 10);
    let mut spans = Vec::new();
    for segment in 0..SEGMENTS {
        let number = n * SEGMENTS + segment;
        spans.clear();
        for child in (0..SPANS).rev() {
            write_span(&mut spans, number, child);
        }
        let endpoint = format!("GET /shop/{}/$", number % 97);
        let mut whole = Segment::default();
        whole.trace_id = id(number);
        whole.app = "shop";
        whole.endpoint = &endpoint;
        whole.start_us = at + segment;
        whole.duration_us = 20_000 + number % 5_000;
        whole.flags = SegmentFlags(SegmentFlags::SAMPLED);
        whole.write(&mut records, SPANS as usize, &spans);
    }
    Stats::write(&mut records, at / 10_000_000 * 10, rows(n));
    let mut body = Vec::with_capacity(records.len() + 16);
    Batch::write(&mut body, n + 1, SEGMENTS as usize + 1, &records);
    body
}

fn write_span(spans: &mut Vec<u8>, number: u64, child: u64) {
    let query = format!(
        "SELECT * FROM product WHERE category = ? AND shop = {}",
        number % 31
    );
    let path = format!("/shop/{}/product/{number}", number % 97);
    let mut span = Span::default();
    span.span_id = number.wrapping_mul(SPANS) + child + 1;
    span.offset_us = child as i64 * 900;
    span.duration_us = 800 + number % 300;
    span.coroutine_id = -1;
    let server = [
        ("http.request.method", Value::Str("GET")),
        ("http.response.status_code", Value::Int(200)),
        ("http.route", Value::Str("/shop/{id}/product/{product}")),
        ("url.path", Value::Str(&path)),
        ("client.address", Value::Str("10.0.0.7")),
    ];
    let client = [
        ("db.system.name", Value::Str("mysql")),
        ("db.query.text", Value::Str(&query)),
        ("server.address", Value::Str("10.0.0.2")),
        ("server.port", Value::Int(3_306)),
        (
            "db.response.returned_rows",
            Value::Int((number % 50) as i64),
        ),
    ];
    let attributes = if child == 0 {
        (span.name, span.kind) = ("GET /shop/$/product/$", SpanKind::Server);
        &server
    } else {
        span.parent_span_id = number.wrapping_mul(SPANS) + 1;
        (span.name, span.kind) = ("SELECT product", SpanKind::Client);
        (span.system, span.peer) = ("mysql", "10.0.0.2:3306/shop");
        &client
    };
    let writer = SpanWriter {
        span,
        attributes,
        encoded: &[],
        events: &[],
        stack: &[],
        links: &[],
    };
    writer.write(spans);
}

/// What a process sends in ten seconds: twenty interfaces.
fn rows(n: u64) -> impl ExactSizeIterator<Item = StatsRow<'static>> {
    let mut ok = Histogram::new();
    ok.extend((0..25).map(|call| 500 + (n * 7 + call * 131) % 40_000));
    (0..20u8).map(move |interface| StatsRow {
        app: "shop",
        endpoint: ["GET /a", "GET /b", "GET /c", "GET /d", "GET /e"][usize::from(interface % 5)],
        kind: 2 + interface / 10,
        system: ["http", "mysql"][usize::from(interface % 2)],
        calls: 25,
        satisfied: 25,
        sum_us: ok.sum(),
        min_us: ok.min().unwrap_or(0),
        max_us: ok.max().unwrap_or(0),
        ok: ok.pairs().collect(),
        codes: vec![("200", 25)],
        ..StatsRow::default()
    })
}

fn size(folder: &std::path::Path) -> std::io::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let data = entry.metadata()?;
        sum += if data.is_dir() {
            size(&entry.path())?
        } else {
            data.len()
        };
    }
    Ok(sum)
}

fn resident_mb() -> Result<f64, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages = text.split(' ').nth(1).ok_or("statm")?;
    Ok(pages.parse::<f64>()? * 4_096.0 / 1_048_576.0)
}
