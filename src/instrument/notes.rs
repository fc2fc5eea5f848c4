//! What is known of objects of PHP, by their address.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;

type Map<T> = HashMap<usize, T, BuildHasherDefault<FxHasher>>;

/// Notes about objects. An address comes again when an object is gone: every
/// function that makes an object of the kind writes a new note, so a note is
/// never another object's.
///
/// Bounded, as nobody tells of an object that is gone: what has not been looked
/// at while [`MAX`] others were noted is forgotten, and what is not known is
/// left alone.
pub struct Notes<T> {
    young: Option<Map<T>>,
    old: Option<Map<T>>,
}

/// Objects of one kind in one generation.
const MAX: usize = 4_096;

impl<T> Notes<T> {
    /// None yet.
    pub const fn new() -> Self {
        Self {
            young: None,
            old: None,
        }
    }

    /// Notes something; what was noted before comes out.
    pub fn insert(&mut self, address: usize, note: T) -> Option<T> {
        self.insert_telling(address, note).0
    }

    /// The same, for notes that must not be lost: those that are forgotten for it
    /// come out as well.
    pub fn insert_telling(
        &mut self,
        address: usize,
        note: T,
    ) -> (Option<T>, impl Iterator<Item = T> + use<T>) {
        let before = self.old.as_mut().and_then(|old| old.remove(&address));
        let young = self.young.get_or_insert_default();
        let mut forgotten = None;
        if young.len() >= MAX && !young.contains_key(&address) {
            forgotten = self.old.replace(std::mem::take(young));
        }
        let before = young.insert(address, note).or(before);
        (before, forgotten.into_iter().flat_map(HashMap::into_values))
    }

    /// The note about an object, which does not count as looked at.
    pub fn peek(&self, address: usize) -> Option<&T> {
        let map = [&self.young, &self.old].into_iter().flatten();
        map.filter_map(|map| map.get(&address)).next()
    }

    /// The note about an object.
    pub fn get(&mut self, address: usize) -> Option<&T> {
        self.get_mut(address).map(|note| &*note)
    }

    /// The note about an object, to be changed.
    pub fn get_mut(&mut self, address: usize) -> Option<&mut T> {
        if let Some(note) = self.old.as_mut().and_then(|old| old.remove(&address)) {
            self.insert(address, note);
        }
        self.young.as_mut()?.get_mut(&address)
    }

    /// Forgets one.
    pub fn remove(&mut self, address: usize) -> Option<T> {
        let old = self.old.as_mut().and_then(|old| old.remove(&address));
        let young = self.young.as_mut().and_then(|map| map.remove(&address));
        young.or(old)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        if let Some(young) = &mut self.young {
            young.clear();
        }
        self.old = None;
    }

    /// All notes; none is left.
    pub fn drain(&mut self) -> Vec<T> {
        [self.old.take(), self.young.take()]
            .into_iter()
            .flatten()
            .flat_map(HashMap::into_values)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_not_forgotten() {
        let mut notes = Notes::new();
        assert_eq!(notes.get(1), None);
        assert_eq!(notes.insert(1, 10), None);
        notes.insert(2, 20);
        for address in 3..10 * MAX {
            notes.insert(address, 0);
            assert_eq!(notes.get(1), Some(&10), "{address}");
        }
        assert_eq!(notes.get(2), None);
        assert!(notes.drain().len() <= 2 * MAX + 1);
        assert_eq!(notes.get(1), None);
    }

    #[test]
    fn what_is_forgotten_can_be_told() {
        let mut notes = Notes::new();
        let mut told = 0;
        for address in 0..3 * MAX {
            assert_eq!(notes.peek(address), None);
            let (before, forgotten) = notes.insert_telling(address, address);
            assert_eq!(before, None);
            told += forgotten.count();
            assert_eq!(notes.peek(address), Some(&address));
        }
        assert_eq!(told, MAX);
        assert_eq!(told + notes.drain().len(), 3 * MAX);
    }

    #[test]
    fn an_address_has_one_note() {
        let mut notes = Notes::new();
        for address in 0..=MAX {
            notes.insert(address, 1);
        }
        assert_eq!(notes.insert(0, 2), Some(1));
        assert_eq!(notes.get(0), Some(&2));
        assert_eq!(notes.remove(0), Some(2));
        assert_eq!(notes.get(0), None);
        notes.clear();
        assert!(notes.drain().is_empty());
    }
}
