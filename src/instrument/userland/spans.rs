//! Where the rows report to.

use tracker_protocol::record::SpanKind;

use crate::zend::value::Object;

/// Takes spans. Called inside of PHP's frames: neither runs PHP code nor
/// allocates PHP memory. A span that is unknown, or over already, is ignored:
/// `exit()` and fatal errors skip the ends.
pub trait Spans: Sync {
    /// A span begins; `None` if nothing is recorded now.
    fn begin(&self, name: &str, kind: SpanKind, system: &'static str) -> Option<u64>;
    /// An attribute of an open span.
    fn text(&self, span: u64, key: &str, value: &str);
    /// An attribute of an open span.
    fn number(&self, span: u64, key: &str, value: i64);
    /// The other side: `host:port`, or a path.
    fn peer(&self, span: u64, address: &str);
    /// It failed; `exception` is the class, empty if nothing was thrown.
    fn failed(&self, span: u64, exception: &str, message: &str);
    /// The span is over.
    fn end(&self, span: u64);
    /// A piece of work begins; `None` if nothing is recorded now.
    fn begin_work(&self, name: &str, system: &'static str) -> Option<u64>;
    /// The piece of work is over.
    fn end_work(&self, work: u64);
    /// The piece of work that runs has failed.
    fn work_failed(&self, exception: &str, message: &str);
    /// A name for what is being served.
    fn tell(&self, told: Told, name: &str);
    /// A server begins to serve.
    fn serves(&self, server: Object<'_>);
    /// The unit waits for a packet: it is done with the one that it had.
    fn waits(&self);
    /// A packet has come.
    fn packet_comes(&self);
    /// The framework makes an answer of an exception that the program did not catch.
    fn caught(&self, exception: &str, message: &str);
    /// The route as far as it is known, else the path.
    fn known_route(&self) -> String;
}

/// What a framework tells the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The route of the request; empty for none.
    Route,
    /// The command of a script.
    Command,
    /// The piece of work.
    Work,
}

/// An open span.
#[derive(Clone, Copy)]
pub struct Span<'a> {
    /// Who takes it.
    pub spans: &'a dyn Spans,
    /// Its number.
    pub id: u64,
}

impl Span<'_> {
    /// Sets an attribute, if there is a value.
    pub fn text(self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.spans.text(self.id, key, value);
        }
    }

    /// Sets an attribute, if there is a value.
    pub fn number(self, key: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.spans.number(self.id, key, value);
        }
    }

    /// Names the other side, as far as it is known.
    pub fn peer(self, host: Option<&str>, port: Option<i64>) {
        let Some(host) = host.filter(|host| !host.is_empty()) else {
            return;
        };
        self.spans.text(self.id, "server.address", host);
        let mut peer = Label::default();
        peer.push(host);
        if let Some(port) = port {
            self.spans.number(self.id, "server.port", port);
            peer.push(":");
            peer.push_number(port);
        }
        self.spans.peer(self.id, peer.as_str());
    }

    /// Marks it as failed.
    pub fn failed(self, exception: &str, message: &str) {
        self.spans.failed(self.id, exception, message);
    }
}

/// Longest label, bytes; what is longer is cut.
const LONGEST: usize = 256;

/// A short text that is put together without an allocation.
pub struct Label {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Default for Label {
    fn default() -> Self {
        Self {
            bytes: [0; LONGEST],
            length: 0,
        }
    }
}

impl Label {
    /// Appends text.
    pub fn push(&mut self, text: &str) {
        let mut end = text.len().min(LONGEST - self.length);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.bytes[self.length..self.length + end].copy_from_slice(&text.as_bytes()[..end]);
        self.length += end;
    }

    /// Appends bytes that should be text.
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            self.push(chunk.valid());
            if !chunk.invalid().is_empty() {
                self.push("\u{fffd}");
            }
        }
    }

    /// Appends a number.
    pub fn push_number(&mut self, number: i64) {
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            self.push("-");
        }
        self.push_bytes(&digits[at..]);
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    /// Whether nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}
