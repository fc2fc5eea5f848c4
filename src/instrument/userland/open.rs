//! The calls that have begun and not ended, by their frames: right in any
//! number of coroutines, fibers and suspended generators, whose frames all lie
//! at different places. A call that never leaves (`exit()`, a fatal error) is
//! replaced when its place is used again, or forgotten at the request's end.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A call that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    /// Number in compiled code.
    pub id: u32,
    /// Its span.
    pub span: u64,
}

/// Addresses need no more than a mixing of their bits.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(usize::from(byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        let mixed = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// See the module.
pub struct OpenCalls(Option<HashMap<usize, Open, BuildHasherDefault<AddressHasher>>>);

impl OpenCalls {
    /// None.
    pub const fn new() -> Self {
        Self(None)
    }

    /// A call begins.
    pub fn insert(&mut self, call: usize, open: Open) {
        self.0.get_or_insert_default().insert(call, open);
    }

    /// A call ends.
    pub fn remove(&mut self, call: usize) -> Option<Open> {
        self.0.as_mut()?.remove(&call)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0 = None;
    }
}
