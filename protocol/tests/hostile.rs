//! What a hostile or broken peer may send: nothing panics, hangs or allocates by it.

#[path = "samples/mod.rs"]
mod samples;
#[path = "walk/mod.rs"]
mod walk;

use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use std::sync::Mutex;
use tracker_protocol::frame::{self, Type};
use tracker_protocol::limits::MAX_FRAME;
use tracker_protocol::message::Batch;
use tracker_protocol::msgpack::{Reader, Write};
use walk::Found;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One measurement at a time: the peak is the process's.
static ALONE: Mutex<()> = Mutex::new(());

/// Bytes that reading may hold at a time: one row of statistics, or a copy of a segment.
fn cap(input: usize) -> usize {
    (192 << 10) + 2 * input
}

/// Reads it all and checks what it cost.
fn read_within_cap(bytes: &[u8]) -> Found {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let found = Found::in_stream(bytes);
    let used = MEMORY.peak_usage().saturating_sub(before);
    assert!(used <= cap(bytes.len()), "{used} bytes for {}", bytes.len());
    found
}

fn whole_stream() -> Vec<u8> {
    samples::frames()
        .into_iter()
        .flat_map(|(_, bytes)| bytes)
        .collect()
}

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[test]
fn the_meter_sees_what_is_allocated() {
    let _alone = alone();
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    drop(std::hint::black_box(vec![1u8; 8 << 20]));
    assert!(MEMORY.peak_usage() - before >= 8 << 20);
}

#[test]
fn every_prefix_is_survived() {
    let _alone = alone();
    let stream = whole_stream();
    for cut in 0..stream.len() {
        let found = read_within_cap(&stream[..cut]);
        assert_eq!(
            found.errors, 0,
            "cut at {cut}: a part of a frame is no error"
        );
    }
    let all = samples::frames().len();
    assert_eq!(read_within_cap(&stream).frames, all);
    // The same prefixes as bodies whose frame claims to be whole.
    for (name, bytes) in samples::frames() {
        let whole = frame::read(&bytes).unwrap().unwrap();
        for cut in 0..whole.body.len() {
            let mut found = Found::default();
            found.body(whole.kind, &whole.body[..cut]);
            assert!(found.errors > 0, "{name} cut at {cut} was taken");
        }
    }
}

#[test]
fn every_byte_may_be_any_other() {
    let _alone = alone();
    for (_, bytes) in samples::frames() {
        for at in 0..bytes.len() {
            for flip in [1, 0x80, 0xff, 0x55, 0x10] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                read_within_cap(&bytes);
            }
        }
    }
}

/// A batch whose only record is `record`.
fn batch(record: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    frame::write(&mut out, Type::Batch, |out| Batch::write(out, 1, 1, record));
    out
}

#[test]
fn claimed_lengths_cost_nothing() {
    let _alone = alone();
    let huge_heads: [&[u8]; 7] = [
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\0",
        b"\xdc\xff\xff",
        b"\xde\xff\xff",
    ];
    for head in huge_heads {
        for kind in 1..6u8 {
            for before in [
                &[0x92, kind][..],
                &[0x92, kind, 0x92, 0],
                &[0x92, kind, 0x9a],
            ] {
                let found = read_within_cap(&batch(&[before, head].concat()));
                assert!(found.errors > 0);
            }
        }
        let mut found = Found::default();
        found.body(Type::Batch as u8, head);
        assert_eq!(found.errors, 1);
    }
}

#[test]
fn a_full_frame_of_the_worst_is_read_in_linear_time() {
    let _alone = alone();
    let room = MAX_FRAME - 64;
    let fill = |out: &mut Vec<u8>, byte: u8| out.resize(room, byte);
    let begin = std::time::Instant::now();
    // Deep nesting, and widths at each level.
    for byte in [0x91, 0x92, 0x9f, 0x81, 0x8f, 0xc0, 0x00, 0xdc] {
        let mut unknown = vec![0x92, 99];
        fill(&mut unknown, byte);
        read_within_cap(&batch(&unknown));
    }
    // Statistics rows that are as large as they may be.
    let mut stats = vec![0x92, 2, 0x92, 0];
    let rows = 900;
    stats.array(rows);
    for _ in 0..rows {
        stats.array(18);
        for _ in 0..2 {
            stats.str("");
        }
        stats.uint(2);
        stats.str("");
        stats.str("");
        (0..10).for_each(|_| stats.uint(1));
        stats.map(0);
        stats.array(4_096);
        stats.resize(stats.len() + 4_096, 1);
        stats.array(0);
    }
    assert!(stats.len() < room);
    let found = read_within_cap(&batch(&stats));
    assert_eq!((found.errors, found.details), (0, rows * 2_048));
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}

#[test]
fn nesting_is_limited() {
    let deep = [&vec![0x91; 100][..], &[0xc0]].concat();
    assert!(Reader::new(&deep).skip().is_err());
    let fine = [&vec![0x91; 30][..], &[0xc0]].concat();
    assert!(Reader::new(&fine).skip().is_ok());
}

proptest! {
    #[test]
    fn random_bodies_are_survived(body in prop::collection::vec(any::<u8>(), 0..600), kind: u8) {
        let _alone = alone();
        let mut found = Found::default();
        found.body(kind, &body);
        found.body(Type::Batch as u8, &body);
    }

    #[test]
    fn random_records_are_survived(body in prop::collection::vec(any::<u8>(), 0..600), kind in 0..6u8) {
        let _alone = alone();
        read_within_cap(&batch(&[&[0x92, kind], &body[..]].concat()));
    }

    #[test]
    fn mutated_streams_are_survived(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..20),
    ) {
        let _alone = alone();
        let mut stream = whole_stream();
        for (at, byte, how) in changes {
            let at = at.index(stream.len());
            match how {
                0 => stream[at] = byte,
                1 => stream.insert(at, byte),
                2 => { stream.remove(at); }
                // A piece of the stream, again.
                _ => {
                    let end = (at + usize::from(byte)).min(stream.len());
                    let piece = stream[at..end].to_vec();
                    stream.splice(at..at, piece);
                }
            }
        }
        read_within_cap(&stream);
    }
}
