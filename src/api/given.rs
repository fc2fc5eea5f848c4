//! What programs pass, read as generously as the original read it: components
//! hand over numbers as texts, null for a name, and whatever `getCode()` gives.

use ext_php_rs::types::{ZendHashTable, Zval};

use crate::context::notes::{Attributes, Scalar, cut};
use crate::zend::value::{Key, Value, entries};

/// A text; empty for what is none.
pub fn text(given: &Zval) -> String {
    match Value::of(given).map(scalar) {
        Some(Some(Scalar::Text(text))) => text,
        Some(Some(Scalar::Int(number))) => number.to_string(),
        Some(Some(Scalar::Float(number))) => number.to_string(),
        Some(Some(Scalar::Bool(true))) => "1".to_owned(),
        _ => String::new(),
    }
}

/// The same, of an argument that may be missing.
pub fn optional(given: Option<&Zval>) -> String {
    given.map(text).unwrap_or_default()
}

/// Whether PHP takes it for true.
pub fn is_true(given: &Zval) -> bool {
    let Some(value) = Value::of(given) else {
        return false;
    };
    match scalar(value) {
        Some(Scalar::Text(text)) => !text.is_empty() && text != "0",
        Some(Scalar::Int(number)) => number != 0,
        Some(Scalar::Float(number)) => number != 0.0,
        Some(Scalar::Bool(truth)) => truth,
        None => value.object().is_some() || value.len() > 0,
    }
}

/// The value of an attribute; none for null. Of arrays the elements, joined by
/// commas; of objects only their class.
pub fn attribute(given: &Zval) -> Option<Scalar> {
    Value::of(given).and_then(attribute_of)
}

/// An array as attributes.
pub fn attributes(given: &ZendHashTable) -> Attributes {
    entries(given)
        .filter_map(|(key, value)| {
            let name = match key {
                Key::Index(index) => index.to_string(),
                Key::Name(name) => cut(&String::from_utf8_lossy(name)),
            };
            Some((name, attribute_of(value)?))
        })
        .take(64)
        .collect()
}

fn attribute_of(value: Value<'_>) -> Option<Scalar> {
    if let Some(scalar) = scalar(value) {
        return Some(scalar);
    }
    if let Some(object) = value.object() {
        return Some(Scalar::Text(object.class_name().to_owned()));
    }
    if value.len() == 0 {
        return None;
    }
    let parts: Vec<String> = value
        .entries()
        .take(64)
        .filter_map(|(_, element)| match scalar(element)? {
            Scalar::Text(text) => Some(text),
            Scalar::Int(number) => Some(number.to_string()),
            Scalar::Float(number) => Some(number.to_string()),
            Scalar::Bool(truth) => Some(truth.to_string()),
        })
        .collect();
    Some(Scalar::Text(cut(&parts.join(","))))
}

fn scalar(value: Value<'_>) -> Option<Scalar> {
    if let Some(bytes) = value.bytes() {
        Some(Scalar::Text(cut(&String::from_utf8_lossy(bytes))))
    } else if let Some(number) = value.long() {
        Some(Scalar::Int(number))
    } else if let Some(number) = value.double() {
        Some(Scalar::Float(number))
    } else if value.is_true() || value.is_false() {
        Some(Scalar::Bool(value.is_true()))
    } else {
        None
    }
}
