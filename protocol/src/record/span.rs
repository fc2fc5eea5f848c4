//! A span, named and numbered as OpenTelemetry does.

use crate::limits::{MAX_ATTRIBUTES, MAX_STRING, cut};
use crate::msgpack::{Fields, ReadError, Reader, Value, Write};

/// OTLP's `SpanKind`, with its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[repr(u8)]
pub enum SpanKind {
    /// Work inside of the application.
    #[default]
    Internal = 1,
    /// An incoming call.
    Server = 2,
    /// An outgoing call.
    Client = 3,
    /// A message put into a queue.
    Producer = 4,
    /// A message taken out of a queue.
    Consumer = 5,
}

impl SpanKind {
    /// The kind of number `n`; [`SpanKind::Internal`] for one that is not known.
    #[must_use]
    pub fn of(n: u8) -> Self {
        match n {
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Internal,
        }
    }

    /// Whether a unit of work begins with it.
    #[must_use]
    pub fn is_entry(self) -> bool {
        matches!(self, Self::Server | Self::Consumer)
    }

    /// Whether it leads out of the application.
    #[must_use]
    pub fn is_exit(self) -> bool {
        matches!(self, Self::Client | Self::Producer)
    }
}

/// OTLP's `StatusCode`, with its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[repr(u8)]
pub enum Status {
    /// Nobody said.
    #[default]
    Unset = 0,
    /// The program said that it went well.
    Ok = 1,
    /// It failed.
    Error = 2,
}

impl Status {
    /// The status of number `n`; unset for one that is not known.
    #[must_use]
    pub fn of(n: u8) -> Self {
        match n {
            1 => Self::Ok,
            2 => Self::Error,
            _ => Self::Unset,
        }
    }
}

/// One frame of a span's call stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StackFrame<'a> {
    /// File, empty for internal functions.
    pub file: &'a str,
    /// Line.
    pub line: u32,
    /// Function with its class.
    pub function: &'a str,
}

/// Another span that a span has to do with, of any trace: the one that sent the
/// message that this one received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpanLink {
    /// The other's trace.
    pub trace_id: [u8; 16],
    /// The other; 0 if only its trace is known.
    pub span_id: u64,
}

/// A moment within a span.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Name, such as `exception`.
    pub name: &'a str,
    /// Moment, µs after the begin of the segment.
    pub offset_us: i64,
    /// Attributes.
    pub attributes: Attributes<'a>,
}

/// A span as read. Attributes, events and stack are read when asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span<'a> {
    /// Identity within the trace, not zero.
    pub span_id: u64,
    /// Span that this one is part of; 0 is none.
    pub parent_span_id: u64,
    /// Name.
    pub name: &'a str,
    /// Kind.
    pub kind: SpanKind,
    /// Begin, µs after that of the segment.
    pub offset_us: i64,
    /// Duration, µs.
    pub duration_us: u64,
    /// Status.
    pub status: Status,
    /// What the status means, for a person.
    pub status_message: &'a str,
    /// Coroutine, -1 outside of coroutines.
    pub coroutine_id: i64,
    /// What is at the other end: `http`, `mysql`, `redis`, …
    pub system: &'a str,
    /// The other side, see [`super::StatsRow::peer`].
    pub peer: &'a str,
    /// Attributes.
    pub attributes: Attributes<'a>,
    events: List<'a>,
    stack: List<'a>,
    links: List<'a>,
}

/// A list whose elements are read one by one.
#[derive(Debug, Clone, Copy, Default)]
struct List<'a> {
    bytes: &'a [u8],
    count: u32,
}

impl<'a> List<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let count = reader.array()?;
        let bytes = reader.rest();
        for _ in 0..count {
            reader.skip()?;
        }
        Ok(Self { bytes, count })
    }

    fn iter<T>(
        self,
        read: impl Fn(&mut Reader<'a>) -> Result<T, ReadError>,
    ) -> impl Iterator<Item = T> {
        let mut reader = Reader::new(self.bytes);
        (0..self.count).map_while(move |_| read(&mut reader).ok())
    }
}

/// Attributes: names and scalars.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attributes<'a> {
    bytes: &'a [u8],
    count: u32,
}

impl<'a> Attributes<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let count = reader.map()?;
        if count > MAX_ATTRIBUTES {
            return Err(ReadError::Limit("attributes"));
        }
        let bytes = reader.rest();
        for _ in 0..count * 2 {
            reader.skip()?;
        }
        Ok(Self { bytes, count })
    }

    /// Name and value of each; values of types that are not known are left out.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        (0..self.count)
            .map_while(move |_| {
                let name = reader.text().ok()?;
                Some(reader.value().ok()?.map(|value| (name, value)))
            })
            .flatten()
    }

    /// The value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        self.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }
}

impl<'a> Span<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let mut fields = Fields::open(reader)?;
        let span = Self {
            span_id: fields.next(Reader::uint)?,
            parent_span_id: fields.next(Reader::uint)?,
            name: fields.next(Reader::text)?,
            kind: SpanKind::of(fields.next(Reader::small)?),
            offset_us: fields.next(Reader::int)?,
            duration_us: fields.next(Reader::uint)?,
            status: Status::of(fields.next(Reader::small)?),
            status_message: fields.next(Reader::text)?,
            coroutine_id: fields.next(Reader::int)?,
            system: fields.next(Reader::text)?,
            peer: fields.next(Reader::text)?,
            attributes: fields.next(Attributes::read)?,
            events: fields.next(List::read)?,
            stack: fields.next(List::read)?,
            links: fields.next(List::read)?,
        };
        fields.close()?;
        Ok(span)
    }

    /// Events in order.
    pub fn events(&self) -> impl Iterator<Item = Event<'a>> + use<'a> {
        self.events.iter(|reader| {
            let mut fields = Fields::open(reader)?;
            let event = Event {
                name: fields.next(Reader::text)?,
                offset_us: fields.next(Reader::int)?,
                attributes: fields.next(Attributes::read)?,
            };
            fields.close()?;
            Ok(event)
        })
    }

    /// Call stack, innermost first.
    pub fn stack(&self) -> impl Iterator<Item = StackFrame<'a>> + use<'a> {
        self.stack.iter(|reader| {
            let mut fields = Fields::open(reader)?;
            let frame = StackFrame {
                file: fields.next(Reader::text)?,
                line: fields.next(Reader::number)?,
                function: fields.next(Reader::text)?,
            };
            fields.close()?;
            Ok(frame)
        })
    }

    /// Links; those whose trace id is none are left out.
    pub fn links(&self) -> impl Iterator<Item = SpanLink> + use<'a> {
        let read = |reader: &mut Reader<'a>| {
            let mut fields = Fields::open(reader)?;
            let trace_id = <[u8; 16]>::try_from(fields.next(Reader::bin)?).ok();
            let span_id = fields.next(Reader::uint)?;
            fields.close()?;
            Ok(trace_id.map(|trace_id| SpanLink { trace_id, span_id }))
        };
        self.links.iter(read).flatten()
    }
}

/// A named scalar.
pub type Attribute<'a> = (&'a str, Value<'a>);

/// An event to be written.
#[derive(Debug, Clone, Copy)]
pub struct EventWriter<'a> {
    /// Name.
    pub name: &'a str,
    /// Moment, µs after the begin of the segment.
    pub offset_us: i64,
    /// Attributes.
    pub attributes: &'a [Attribute<'a>],
}

/// Attributes as they are written, for those that many spans have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    bytes: Vec<u8>,
    count: usize,
}

impl Encoded {
    /// These attributes, without those that are empty texts.
    #[must_use]
    pub fn of(attributes: &[Attribute<'_>]) -> Self {
        let mut encoded = Self::default();
        for attribute in attributes {
            if attribute.1 != Value::Str("") {
                write_attribute(&mut encoded.bytes, attribute);
                encoded.count += 1;
            }
        }
        encoded
    }
}

/// What a span to be written consists of; borrowed from whoever kept it.
#[derive(Debug, Clone, Copy)]
pub struct SpanWriter<'a> {
    /// The plain fields. Its attributes, events and stack are not looked at.
    pub span: Span<'a>,
    /// Attributes.
    pub attributes: &'a [Attribute<'a>],
    /// Further ones.
    pub encoded: &'a [&'a Encoded],
    /// Events in order.
    pub events: &'a [EventWriter<'a>],
    /// Call stack, innermost first.
    pub stack: &'a [StackFrame<'a>],
    /// Links.
    pub links: &'a [SpanLink],
}

impl SpanWriter<'_> {
    /// Appends the span. Texts beyond the limit are cut, attributes left out.
    pub fn write(&self, out: &mut Vec<u8>) {
        let span = &self.span;
        // Few spans have links: the others do without the field.
        out.array(if self.links.is_empty() { 14 } else { 15 });
        out.uint(span.span_id);
        out.uint(span.parent_span_id);
        out.str(cut(span.name, MAX_STRING));
        out.uint(span.kind as u64);
        out.int(span.offset_us);
        out.uint(span.duration_us);
        out.uint(span.status as u64);
        out.str(cut(span.status_message, MAX_STRING));
        out.int(span.coroutine_id);
        out.str(span.system);
        out.str(cut(span.peer, MAX_STRING));
        write_attributes(out, self.attributes, self.encoded);
        out.array(self.events.len());
        for event in self.events {
            out.array(3);
            out.str(cut(event.name, MAX_STRING));
            out.int(event.offset_us);
            write_attributes(out, event.attributes, &[]);
        }
        out.array(self.stack.len());
        for frame in self.stack {
            out.array(3);
            out.str(cut(frame.file, MAX_STRING));
            out.uint(u64::from(frame.line));
            out.str(cut(frame.function, MAX_STRING));
        }
        if !self.links.is_empty() {
            out.array(self.links.len());
            for link in self.links {
                out.array(2);
                out.bin(&link.trace_id);
                out.uint(link.span_id);
            }
        }
    }
}

fn write_attributes(out: &mut Vec<u8>, attributes: &[Attribute<'_>], encoded: &[&Encoded]) {
    let further: usize = encoded.iter().map(|encoded| encoded.count).sum();
    let room = (MAX_ATTRIBUTES as usize).saturating_sub(further);
    let kept = &attributes[..attributes.len().min(room)];
    out.map(kept.len() + further);
    for encoded in encoded {
        out.extend_from_slice(&encoded.bytes);
    }
    for attribute in kept {
        write_attribute(out, attribute);
    }
}

fn write_attribute(out: &mut Vec<u8>, (name, value): &Attribute<'_>) {
    out.str(cut(name, MAX_STRING));
    match value {
        Value::Str(text) => out.str(cut(text, MAX_STRING)),
        Value::Int(n) => out.int(*n),
        Value::Float(n) => out.float(*n),
        Value::Bool(b) => out.bool(*b),
    }
}
