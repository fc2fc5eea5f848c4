//! Any bytes as a stream, and as the body of each type of frame.
//!
//! From `protocol/`: `cargo +nightly fuzz run stream`, or with a stable toolchain
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run stream`.
#![no_main]

#[path = "../../tests/walk/mod.rs"]
mod walk;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    walk::Found::in_stream(bytes);
    if let [kind, body @ ..] = bytes {
        walk::Found::default().body(*kind, body);
    }
});
