//! The two clocks, read without a system call.

use libc::{CLOCK_MONOTONIC, CLOCK_REALTIME, clockid_t, timespec};

fn read(clock: clockid_t) -> (u64, u64) {
    let mut now = timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: fills the struct; these two clocks exist on every Linux.
    unsafe { libc::clock_gettime(clock, &raw mut now) };
    (now.tv_sec.cast_unsigned(), now.tv_nsec.cast_unsigned())
}

/// Nanoseconds since some moment before this process began; never goes back.
#[inline]
pub fn monotonic_ns() -> u64 {
    let (seconds, nanos) = read(CLOCK_MONOTONIC);
    seconds * 1_000_000_000 + nanos
}

/// Unix time, microseconds.
pub fn unix_us() -> u64 {
    let (seconds, nanos) = read(CLOCK_REALTIME);
    seconds * 1_000_000 + nanos / 1_000
}
