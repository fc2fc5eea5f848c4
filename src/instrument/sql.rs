//! SQL of all database libraries: redacted once, and remembered.

use std::hash::Hasher;

use rustc_hash::FxHasher;
use tracker_core::trace::sql::{Dialect, Redacted, redact};
use tracker_protocol::msgpack::Value;
use tracker_protocol::record::Encoded;

use crate::context::spans;
use crate::zend::cell::Global;

/// Bytes of a statement that are looked at.
const LIMIT: usize = 4_096;
/// Statements remembered.
const PLACES: usize = 256;
/// Longer ones are not remembered.
const MAX_KEPT: usize = 2_048;

struct Known {
    sql: Vec<u8>,
    dialect: Dialect,
    text: Statement,
}

/// What a span shows of a statement.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    /// Name of the span.
    pub name: String,
    /// Operation, collection, and the text: redacted, or as it came if the owner
    /// asks for that.
    pub attributes: Encoded,
}

impl Statement {
    /// One without a text.
    pub fn of(name: &str, operation: &str) -> Self {
        Self {
            name: name.to_owned(),
            attributes: Encoded::of(&[("db.operation.name", Value::Str(operation))]),
        }
    }
}

static KNOWN: Global<Vec<Option<Known>>> = Global::new(Vec::new());

fn read(sql: &[u8], dialect: Dialect) -> Statement {
    let redacted: Redacted = redact(sql, dialect, LIMIT);
    let text = if spans::wants_literals() {
        String::from_utf8_lossy(&sql[..sql.len().min(LIMIT)]).into_owned()
    } else {
        redacted.text.clone()
    };
    Statement {
        name: redacted.name(),
        attributes: Encoded::of(&[
            ("db.operation.name", Value::Str(redacted.operation)),
            ("db.collection.name", Value::Str(&redacted.table)),
            ("db.query.text", Value::Str(&text)),
        ]),
    }
}

/// Gives what is to be shown of `sql` to `look`, which must not come back here.
pub fn with<R>(sql: &[u8], dialect: Dialect, look: impl FnOnce(&Statement) -> R) -> R {
    if sql.len() > MAX_KEPT {
        return look(&read(sql, dialect));
    }
    let mut hasher = FxHasher::default();
    hasher.write(sql);
    #[allow(clippy::cast_possible_truncation, reason = "a place in a small table")]
    let place = (hasher.finish() >> 16) as usize % PLACES;
    KNOWN.with(|known| {
        if known.is_empty() {
            known.resize_with(PLACES, || None);
        }
        let slot = &mut known[place];
        if !slot
            .as_ref()
            .is_some_and(|k| k.dialect == dialect && k.sql == sql)
        {
            *slot = Some(Known {
                sql: sql.to_vec(),
                dialect,
                text: read(sql, dialect),
            });
        }
        match slot {
            Some(known) => look(&known.text),
            None => look(&Statement::default()),
        }
    })
}
