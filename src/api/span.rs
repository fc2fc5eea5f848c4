//! `SwooleTracker\Span`: spans made by hand.

use std::cell::RefCell;

use ext_php_rs::binary_slice::BinarySlice;
use ext_php_rs::builders::ClassBuilder;
use ext_php_rs::exception::PhpException;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::prelude::*;
use ext_php_rs::types::{ZendClassObject, ZendHashTable, Zval};
use ext_php_rs::zend::ce;
use tracker_protocol::record::SpanKind;

use super::{given, stats};
use crate::context::by_hand::{self, Work};
use crate::context::notes::{Error, cut};
use crate::zend::aliases;
use crate::zend::value::Value;

/// A piece of the program's work. It ends by `end()`, at the latest when the
/// object is gone; then its methods do nothing. It may end in another coroutine
/// than it began in.
#[php_class]
#[php(name = "SwooleTracker\\Span")]
#[php(flags = ClassFlags::Final)]
#[php(modifier = with_aliases)]
pub struct Span {
    work: RefCell<Option<Work>>,
}

/// Adds the aliases of the classes that were registered before this one: the
/// builder is asked when they have been.
fn with_aliases(builder: ClassBuilder) -> ClassBuilder {
    for (class, alias) in stats::ALIASES {
        aliases::add(class, alias);
    }
    builder
}

impl Span {
    fn note(&self, note: impl FnOnce(&mut Work)) {
        if let Some(work) = self.work.borrow_mut().as_mut() {
            note(work);
        }
    }

    fn finish(&self) {
        let work = self.work.borrow_mut().take();
        if let Some(work) = work {
            work.end();
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A name as it is sent: the program's texts may be any bytes.
fn lossy(name: &[u8]) -> String {
    cut(&String::from_utf8_lossy(name))
}

#[php_impl]
impl Span {
    /// Begins a span below the one that runs; where there is none, a trace.
    #[php(optional = attributes)]
    pub fn start(name: BinarySlice<u8>, attributes: Option<&ZendHashTable>) -> Self {
        let mut work = by_hand::span(SpanKind::Internal, &lossy(&name));
        if let (Some(work), Some(attributes)) = (&mut work, attributes) {
            for (name, value) in given::attributes(attributes) {
                work.notes.attribute(&name, value);
            }
        }
        Self {
            work: RefCell::new(work),
        }
    }

    /// Sets an attribute. Of an array the elements are kept, joined by commas; of an
    /// object the class; null is ignored.
    pub fn attribute<'a>(
        self_: &'a mut ZendClassObject<Span>,
        name: BinarySlice<u8>,
        value: &Zval,
    ) -> &'a mut ZendClassObject<Span> {
        if let Some(value) = given::attribute(value) {
            self_.note(|work| work.notes.attribute(&lossy(&name), value));
        }
        self_
    }

    /// Notes that something happens now.
    #[php(optional = attributes)]
    pub fn event<'a>(
        self_: &'a mut ZendClassObject<Span>,
        name: BinarySlice<u8>,
        attributes: Option<&ZendHashTable>,
    ) -> &'a mut ZendClassObject<Span> {
        let attributes = attributes.map(given::attributes).unwrap_or_default();
        self_.note(|work| work.notes.event(&lossy(&name), attributes));
        self_
    }

    /// Notes that the work failed: an exception, or a text.
    pub fn error<'a>(
        self_: &'a mut ZendClassObject<Span>,
        error: &Zval,
    ) -> PhpResult<&'a mut ZendClassObject<Span>> {
        let value = Value::of(error);
        let thrown = value
            .and_then(Value::object)
            .filter(|object| object.is_a("Exception") || object.is_a("Error"));
        let error = if let Some(thrown) = thrown {
            let message = thrown.declared("message").and_then(Value::bytes);
            Error {
                class: thrown.class_name().to_owned(),
                message: cut(&String::from_utf8_lossy(message.unwrap_or_default())),
                is_exception: true,
            }
        } else if let Some(text) = value.and_then(Value::bytes) {
            Error {
                class: "error".to_owned(),
                message: cut(&String::from_utf8_lossy(text)),
                is_exception: false,
            }
        } else {
            return Err(PhpException::new(
                "SwooleTracker\\Span::error(): Argument #1 ($error) must be of type Throwable|string"
                    .to_owned(),
                0,
                ce::type_error(),
            ));
        };
        self_.note(|work| work.notes.error = Some(error));
        Ok(self_)
    }

    /// Ends it.
    pub fn end(&self) {
        self.finish();
    }
}
