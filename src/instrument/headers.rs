//! Headers of the trace among those in a property of a client or a request.

use crate::context::remote;
use crate::context::spans::Token;
use crate::zend::properties::{self, WasArray};
use crate::zend::value::{Key, Object};

/// What was added, to be taken out again.
#[derive(Debug)]
pub struct Added {
    property: &'static str,
    names: Vec<&'static str>,
    was: WasArray,
}

/// Adds the headers of the trace for a call made by `span`. One that the
/// program sets itself is left alone.
pub fn add(object: Object<'_>, property: &'static str, span: Token) -> Option<Added> {
    let mut ours = remote::headers(span, |_| true);
    if let Some(theirs) = object.declared(property) {
        for (key, _) in theirs.entries() {
            if let Key::Name(name) = key {
                ours.retain(|(own, _)| !name.eq_ignore_ascii_case(own.as_bytes()));
            }
        }
    }
    let was = properties::add_texts(object, property, &ours)?;
    let names = ours.into_iter().map(|(name, _)| name).collect();
    Some(Added {
        property,
        names,
        was,
    })
}

/// Takes them out.
pub fn remove(object: Object<'_>, added: &Added) {
    properties::remove_keys(object, added.property, &added.names, added.was);
}
