//! What a program says by hand of a unit of work or a span.

use tracker_protocol::msgpack::Value;
use tracker_protocol::record::{Attribute, EventWriter};

use super::spans::{Failure, Finish};
use crate::zend::clock;

/// Most attributes, and most events, that are kept of one span.
const MOST: usize = 64;
/// Bytes of a text that are kept.
const LONGEST: usize = 4 << 10;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A truth value.
    Bool(bool),
}

impl Scalar {
    fn on_wire(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Str(text),
            Self::Int(number) => Value::Int(*number),
            Self::Float(number) => Value::Float(*number),
            Self::Bool(truth) => Value::Bool(*truth),
        }
    }
}

/// A text, cut to what is kept of one.
pub fn cut(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// Attributes by name.
pub type Attributes = Vec<(String, Scalar)>;

struct Event {
    name: String,
    at_ns: u64,
    attributes: Attributes,
}

/// How the work went, as `after…Rpc()` tells it.
pub struct Outcome {
    /// It went well.
    pub success: bool,
    /// Result code; empty for none.
    pub code: String,
}

/// An error that the program tells of.
pub struct Error {
    /// Class of the exception; `error` for a mere text.
    pub class: String,
    /// Message.
    pub message: String,
    /// It is an exception.
    pub is_exception: bool,
}

/// See the module.
#[derive(Default)]
pub struct Notes {
    attributes: Attributes,
    events: Vec<Event>,
    /// How it went.
    pub outcome: Option<Outcome>,
    /// What went wrong.
    pub error: Option<Error>,
    /// What is at the other end, if it is known.
    pub system: &'static str,
    /// The called address.
    pub peer: String,
}

impl Notes {
    /// Adds an attribute, or changes it.
    pub fn attribute(&mut self, name: &str, value: Scalar) {
        let name = cut(name);
        if let Some((_, old)) = self.attributes.iter_mut().find(|(n, _)| *n == name) {
            *old = value;
        } else if self.attributes.len() < MOST {
            self.attributes.push((name, value));
        }
    }

    /// Adds an event that happens now.
    pub fn event(&mut self, name: &str, attributes: Attributes) {
        if self.events.len() < MOST {
            self.events.push(Event {
                name: cut(name),
                at_ns: clock::monotonic_ns(),
                attributes,
            });
        }
    }

    /// Adds what was noted to what is known of a span, and gives it to `use_it`.
    /// `offset_us`: µs from the begin of the trace to a moment.
    ///
    /// What the program tells wins, but for an exception or a fatal error that
    /// nobody caught.
    pub fn with<R>(
        &self,
        known: &Finish<'_>,
        offset_us: impl Fn(u64) -> i64,
        use_it: impl FnOnce(&Finish<'_>) -> R,
    ) -> R {
        let lists: Vec<_> = self.events.iter().map(|e| on_wire(&e.attributes)).collect();
        let events: Vec<EventWriter<'_>> = (self.events.iter().zip(&lists))
            .map(|(event, attributes)| EventWriter {
                name: &event.name,
                offset_us: offset_us(event.at_ns),
                attributes,
            })
            .collect();
        let mut attributes = known.attributes.to_vec();
        attributes.extend(on_wire(&self.attributes));
        let mut finish = Finish {
            attributes: &attributes,
            events: &events,
            ..*known
        };
        if finish.system.is_empty() {
            finish.system = self.system;
        }
        if finish.peer.is_empty() {
            finish.peer = &self.peer;
        }
        if let Some(outcome) = &self.outcome {
            if !outcome.code.is_empty() {
                finish.code = &outcome.code;
            }
            let uncaught = finish
                .failure
                .filter(|f| f.is_exception || f.class == "fatal");
            let failed = (!outcome.success).then_some(Failure {
                class: match outcome.code.as_str() {
                    "" | "0" => "failed",
                    code => code,
                },
                ..Failure::default()
            });
            finish.failure = uncaught.or(failed);
        }
        if let Some(error) = &self.error {
            finish.failure = Some(Failure {
                class: &error.class,
                message: &error.message,
                is_exception: error.is_exception,
                is_timeout: false,
            });
        }
        use_it(&finish)
    }
}

fn on_wire(list: &[(String, Scalar)]) -> Vec<Attribute<'_>> {
    list.iter()
        .map(|(name, value)| (name.as_str(), value.on_wire()))
        .collect()
}
