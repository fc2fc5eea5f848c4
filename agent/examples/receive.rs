//! A receiver for tests: accepts what extensions send to a Unix socket, and
//! prints every record as a line of JSON.
//!
//! ```text
//! receive SOCKET [--silent | --garbage | --refuse] [--no-ack] [--sampling N] [--ceiling N] [--stack N]
//! ```
//!
//! It prints `{"listening":true}` when it is ready. When its standard input ends
//! it reads what is under way, for two seconds at most, and ends. `--silent` accepts and says nothing, `--garbage` answers with
//! nonsense, `--refuse` refuses, `--no-ack` never acknowledges, `--sampling` wishes
//! for that share (hundredths of a percent), `--ceiling` for at most that share, `--stack` for
//! that many frames.

use std::collections::HashMap;
use std::io::{Read, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};
use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::{Ack, Batch, Hello, Refused, Welcome, Wishes};
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{Attributes, Record, Segment, Span, Stats};

#[derive(Clone, Default)]
struct Manner {
    silent: bool,
    garbage: bool,
    refuse: bool,
    no_ack: bool,
    sampling: Option<u32>,
    ceiling: Option<u32>,
    stack: Option<u32>,
    /// Last batch of each process.
    kept: Arc<Mutex<HashMap<u64, u64>>>,
}

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let socket = args.next().expect("usage: receive SOCKET [options]");
    let mut manner = Manner::default();
    while let Some(option) = args.next() {
        match option.as_str() {
            "--silent" => manner.silent = true,
            "--garbage" => manner.garbage = true,
            "--refuse" => manner.refuse = true,
            "--no-ack" => manner.no_ack = true,
            "--ceiling" => manner.ceiling = args.next().and_then(|n| n.parse().ok()),
            "--stack" => manner.stack = args.next().and_then(|n| n.parse().ok()),
            "--sampling" => manner.sampling = args.next().and_then(|n| n.parse().ok()),
            other => panic!("no such option: {other}"),
        }
    }
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket)?;
    println!("{}", json!({"listening": true}));
    let connections = Arc::new(());
    let open = Arc::clone(&connections);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (manner, open) = (manner.clone(), Arc::clone(&open));
            std::thread::spawn(move || {
                serve(stream, &manner);
                drop(open);
            });
        }
    });
    // Whoever started us closes this when the test is over. What its processes
    // sent last may still be in the sockets.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    let until = Instant::now() + Duration::from_secs(2);
    std::thread::sleep(Duration::from_millis(20));
    while Arc::strong_count(&connections) > 2 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    // A line that is being printed is finished.
    let _whole = std::io::stdout().lock();
    let _ = std::fs::remove_file(&socket);
    Ok(())
}

fn serve(mut stream: UnixStream, manner: &Manner) {
    let mut bytes = Vec::new();
    let mut start_id = 0;
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        bytes.extend_from_slice(&buffer[..count]);
        loop {
            let (answer, used) = match frame::read(&bytes) {
                Ok(Some(frame)) => (one(&frame, &mut start_id, manner), frame.len),
                Ok(None) => break,
                Err(error) => {
                    println!("{}", json!({"malformed": error.to_string()}));
                    return;
                }
            };
            bytes.drain(..used);
            // A peer that is gone hears nothing; what it wrote is read all the same.
            let _ = stream.write_all(&answer);
        }
    }
}

fn one(frame: &frame::Frame<'_>, start_id: &mut u64, manner: &Manner) -> Vec<u8> {
    let mut out = Vec::new();
    let wishes = Wishes {
        sampling: manner.sampling,
        ceiling: manner.ceiling,
        stack_depth: manner.stack,
        ..Wishes::default()
    };
    match Type::of(frame.kind) {
        Some(Type::Hello) => match Hello::read(frame.body) {
            Ok(hello) => {
                *start_id = hello.start_id;
                let kept = *lock(manner).get(start_id).unwrap_or(&0);
                println!(
                    "{}",
                    json!({"kind": "hello", "pid": hello.pid, "start_id": hello.start_id,
                        "app": hello.app, "sapi": hello.sapi, "php": hello.php,
                        "swoole": hello.swoole, "title": hello.title})
                );
                frame::write(&mut out, Type::Welcome, |body| {
                    Welcome {
                        agent_id: "receive",
                        boot_id: 1,
                        kept,
                        wishes,
                    }
                    .write(body);
                });
            }
            Err(error) => println!("{}", json!({"malformed": error.to_string()})),
        },
        Some(Type::Batch) => match Batch::read(frame.body) {
            Ok(batch) => {
                let mut kept = lock(manner);
                let last = kept.entry(*start_id).or_insert(0);
                let is_new = batch.number > *last;
                if is_new && !manner.no_ack && !manner.silent {
                    *last = batch.number;
                }
                let number = *last;
                drop(kept);
                if is_new {
                    for record in batch.records() {
                        print(*start_id, batch.number, record);
                    }
                }
                if !manner.no_ack {
                    frame::write(&mut out, Type::Ack, |body| {
                        Ack { number, wishes }.write(body)
                    });
                }
            }
            Err(error) => println!("{}", json!({"malformed": error.to_string()})),
        },
        _ => {}
    }
    if manner.silent {
        out.clear();
    } else if manner.garbage {
        out = b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec();
    } else if manner.refuse {
        out.clear();
        frame::write(&mut out, Type::Refused, |body| {
            Refused { why: "asked to" }.write(body);
        });
    }
    out
}

fn lock(manner: &Manner) -> std::sync::MutexGuard<'_, HashMap<u64, u64>> {
    manner.kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn print<E: std::fmt::Display>(start_id: u64, number: u64, record: Result<Record<'_>, E>) {
    let mut line = match record {
        Ok(Record::Segment(segment)) => segment_json(&segment),
        Ok(Record::Stats(stats)) => stats_json(&stats),
        Ok(Record::LeakLoop(leak)) => {
            json!({"kind": "leak_loop", "app": leak.app, "bytes": leak.record.len()})
        }
        Ok(Record::Drops(drops)) => {
            let reasons: Map<String, Json> = drops
                .iter()
                .map(|(reason, count)| (reason.to_owned(), count.into()))
                .collect();
            json!({"kind": "drops", "reasons": reasons})
        }
        Ok(Record::Unknown(kind)) => json!({"kind": "unknown", "number": kind}),
        Err(error) => json!({"malformed": error.to_string()}),
    };
    line["start_id"] = start_id.into();
    line["batch"] = number.into();
    println!("{line}");
}

fn attributes(attributes: &Attributes<'_>) -> Json {
    attributes
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Str(text) => text.into(),
                Value::Int(n) => n.into(),
                Value::Float(n) => n.into(),
                Value::Bool(b) => b.into(),
            };
            (name.to_owned(), value)
        })
        .collect::<Map<String, Json>>()
        .into()
}

fn span_json(span: &Span<'_>) -> Json {
    let events: Vec<Json> = span
        .events()
        .map(|event| json!({"name": event.name, "attributes": attributes(&event.attributes)}))
        .collect();
    let stack: Vec<Json> = span
        .stack()
        .map(|f| json!({"file": f.file, "line": f.line, "function": f.function}))
        .collect();
    let links: Vec<Json> = span
        .links()
        .map(|link| {
            let trace_id = format!("{:032x}", u128::from_be_bytes(link.trace_id));
            json!({"trace_id": trace_id, "span_id": format!("{:016x}", link.span_id)})
        })
        .collect();
    json!({"span_id": format!("{:016x}", span.span_id),
        "parent_span_id": format!("{:016x}", span.parent_span_id),
        "name": span.name, "kind": format!("{:?}", span.kind), "offset_us": span.offset_us,
        "duration_us": span.duration_us, "status": format!("{:?}", span.status),
        "message": span.status_message, "coroutine": span.coroutine_id, "system": span.system,
        "peer": span.peer, "attributes": attributes(&span.attributes), "events": events,
        "stack": stack, "links": links})
}

fn segment_json(segment: &Segment<'_>) -> Json {
    let id = u128::from_be_bytes(segment.trace_id);
    let spans: Vec<Json> = segment
        .spans()
        .map(|span| match span {
            Ok(span) => span_json(&span),
            Err(error) => json!({"malformed": error.to_string()}),
        })
        .collect();
    json!({"kind": "segment", "trace_id": format!("{id:032x}"), "app": segment.app,
        "endpoint": segment.endpoint, "unit": format!("{:?}", segment.unit),
        "start_us": segment.start_us, "duration_us": segment.duration_us,
        "flags": segment.flags.0, "sampling": segment.sampling,
        "dropped_spans": segment.dropped_spans, "spans": spans})
}

fn stats_json(stats: &Stats<'_>) -> Json {
    let rows: Vec<Json> = stats
        .rows()
        .map(|row| match row {
            Ok(row) => json!({"app": row.app, "endpoint": row.endpoint, "span_kind": row.kind,
                "system": row.system, "peer": row.peer, "calls": row.calls,
                "errors": row.errors, "timeouts": row.timeouts, "slow": row.slow,
                "sum_us": row.sum_us, "min_us": row.min_us, "max_us": row.max_us,
                "codes": row.codes}),
            Err(error) => json!({"malformed": error.to_string()}),
        })
        .collect();
    json!({"kind": "stats", "bucket": stats.bucket, "rows": rows})
}
