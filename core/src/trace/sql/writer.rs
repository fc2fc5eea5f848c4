//! Writes the tokens again, without data and without repetition.

use super::lexer::{Kind, Token};

/// Brackets nested deeper than this are not looked at for repetition.
const MAX_NESTING: usize = 64;

/// What was written last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing, or an operator: a sign that follows belongs to a number.
    Operator,
    /// A word, a name, a closing bracket: a sign that follows subtracts or adds.
    Operand,
    /// `?`.
    Value,
}

/// Begin and end of a bracket in the output.
#[derive(Clone, Copy)]
struct Group {
    begin: usize,
    end: usize,
}

/// The text under construction.
pub struct Writer {
    out: Vec<u8>,
    last: Last,
    /// Where the output ended before the comma, when it ends with `?,` (and signs).
    list: Option<usize>,
    /// Where the signs begin with which the output ends.
    signs: Option<usize>,
    /// Begins of the open brackets.
    open: Vec<usize>,
    /// The last closed bracket on each level, that outside of all brackets first.
    closed: Vec<Option<Group>>,
    /// Open brackets beyond [`MAX_NESTING`].
    deeper: usize,
}

impl Writer {
    /// A writer with room for `room` bytes.
    pub fn new(room: usize) -> Self {
        Self {
            out: Vec::with_capacity(room),
            last: Last::Operator,
            list: None,
            signs: None,
            open: Vec::new(),
            closed: vec![None],
            deeper: 0,
        }
    }

    /// Appends a token.
    pub fn put(&mut self, token: &Token<'_>) {
        if token.kind == Kind::Value {
            return self.value(token.apart);
        }
        let end = self.out.len();
        // Two minus signs side by side would be read as a comment.
        let dashes = token.bytes == b"-" && self.out.last() == Some(&b'-');
        if (token.apart || dashes) && end > 0 {
            self.out.push(b' ');
        }
        let begin = self.out.len();
        self.out.extend_from_slice(token.bytes);

        let is_sign = matches!(token.kind, Kind::Mark(b'-' | b'+'));
        if is_sign && self.last == Last::Operator {
            self.signs.get_or_insert(begin);
            return;
        }
        self.signs = None;
        self.list = (token.kind == Kind::Mark(b',') && self.last == Last::Value).then_some(end);
        self.last = match token.kind {
            Kind::Mark(b')' | b']') | Kind::Word | Kind::Name => Last::Operand,
            _ => Last::Operator,
        };
        match token.kind {
            Kind::Mark(b'(') => self.open(begin),
            Kind::Mark(b')') => self.close(),
            _ => {}
        }
    }

    /// Appends `?`, which swallows its sign; after `?,` nothing is appended.
    fn value(&mut self, apart: bool) {
        let (list, signs) = (self.list.take(), self.signs.take());
        if let Some(end) = list {
            self.out.truncate(end);
        } else {
            if let Some(begin) = signs {
                self.out.truncate(begin);
            } else if apart && !self.out.is_empty() {
                self.out.push(b' ');
            }
            self.out.push(b'?');
        }
        self.last = Last::Value;
    }

    fn open(&mut self, begin: usize) {
        if self.open.len() < MAX_NESTING {
            self.open.push(begin);
            self.closed.push(None);
        } else {
            self.deeper += 1;
        }
    }

    /// Ends a bracket; takes it back when it repeats the one before: `(?, a), (?, a)`.
    fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let Some(begin) = self.open.pop() else {
            return;
        };
        self.closed.pop();
        let this = Group {
            begin,
            end: self.out.len(),
        };
        let Some(before) = self.closed.last_mut() else {
            return;
        };
        if let Some(last) = *before
            && self.out[last.end..this.begin].trim_ascii() == b","
            && self.out[last.begin..last.end] == self.out[this.begin..this.end]
        {
            self.out.truncate(last.end);
        } else {
            *before = Some(this);
        }
    }

    /// The text; `cut` when there was more.
    pub fn finish(mut self, cut: bool) -> String {
        while matches!(self.out.last(), Some(b' ' | b';')) {
            self.out.pop();
        }
        let mut text = String::from_utf8(self.out)
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
        if cut {
            text.push('…');
        }
        text
    }
}
