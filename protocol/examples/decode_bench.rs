//! How fast batches are read: all spans with all attributes, then only walked over.
//!
//! `cargo run --release -p tracker-protocol --example decode_bench`

#[path = "../tests/samples/mod.rs"]
mod samples;
#[path = "../tests/walk/mod.rs"]
mod walk;

use std::{hint::black_box, time::Instant};
use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::Batch;

const SEGMENTS: usize = 60;
const SPANS: usize = 10;
const ROUNDS: usize = 2_000;

/// A frame of 600 spans, as large as the extension sends them.
fn full_frame() -> Vec<u8> {
    let (mut spans, mut records, mut out) = (Vec::new(), Vec::new(), Vec::new());
    (0..SPANS).for_each(|_| samples::write_span(&mut spans));
    (0..SEGMENTS).for_each(|_| samples::segment().write(&mut records, SPANS, &spans));
    frame::write(&mut out, Type::Batch, |out| {
        Batch::write(out, 1, SEGMENTS, &records);
    });
    out
}

/// Spans per second of the best of ten passes.
fn best(mut pass: impl FnMut()) -> f64 {
    let spans = (ROUNDS / 10 * SEGMENTS * SPANS) as f64;
    (0..10)
        .map(|_| {
            let begin = Instant::now();
            (0..ROUNDS / 10).for_each(|_| pass());
            spans / begin.elapsed().as_secs_f64()
        })
        .fold(0.0, f64::max)
}

fn main() {
    // One of each, so that no sample is left out of a build of this file.
    let small: usize = samples::frames().iter().map(|(_, bytes)| bytes.len()).sum();
    let frame = full_frame();
    let all = best(|| {
        let found = walk::Found::in_stream(black_box(&frame));
        assert_eq!((found.spans, found.errors), (SEGMENTS * SPANS, 0));
    });
    let heads = best(|| {
        let body = frame::read(black_box(&frame)).ok().flatten();
        let batch = body.and_then(|frame| Batch::read(frame.body).ok());
        let records = batch.map_or(0, |batch| batch.records().filter(Result::is_ok).count());
        assert_eq!(records, SEGMENTS);
    });
    println!(
        "frame {} bytes ({} per span; one of each message and record: {small})",
        frame.len(),
        frame.len() / SEGMENTS / SPANS
    );
    println!("read with all attributes, events, stacks, and copied: {all:.0} spans/s");
    println!("read up to the segments (what ingest needs):          {heads:.0} spans/s");
}
