//! What is known of objects of PHP, by their address.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;

/// Notes about objects. An address comes again when an object is gone: every
/// function that makes an object of the kind writes a new note, so a note is
/// never another object's. Bounded: when full, all are forgotten, and what is
/// not known is left alone.
pub struct Notes<T> {
    map: Option<HashMap<usize, T, BuildHasherDefault<FxHasher>>>,
}

/// Objects of one kind that are remembered.
const MAX: usize = 8_192;

impl<T> Notes<T> {
    /// None yet.
    pub const fn new() -> Self {
        Self { map: None }
    }

    /// Notes something; what was noted before comes out.
    pub fn insert(&mut self, address: usize, note: T) -> Option<T> {
        let map = self.map.get_or_insert_default();
        if map.len() >= MAX {
            map.clear();
        }
        map.insert(address, note)
    }

    /// The note about an object.
    pub fn get(&self, address: usize) -> Option<&T> {
        self.map.as_ref()?.get(&address)
    }

    /// The note about an object, to be changed.
    pub fn get_mut(&mut self, address: usize) -> Option<&mut T> {
        self.map.as_mut()?.get_mut(&address)
    }

    /// Forgets one.
    pub fn remove(&mut self, address: usize) -> Option<T> {
        self.map.as_mut()?.remove(&address)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        if let Some(map) = &mut self.map {
            map.clear();
        }
    }

    /// All notes; none is left.
    pub fn drain(&mut self) -> Vec<T> {
        self.map
            .as_mut()
            .map(|map| map.drain().map(|(_, note)| note).collect())
            .unwrap_or_default()
    }
}
