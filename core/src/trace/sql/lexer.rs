//! Cuts SQL into tokens; knows where literals and comments end.

use super::Dialect;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// A name in quotes.
    Name,
    /// A literal or a placeholder.
    Value,
    /// Any single other byte.
    Mark(u8),
}

/// A token with the bytes that made it.
#[derive(Debug, Clone, Copy)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Whether white space or a comment stands before it.
    pub apart: bool,
}

/// The tokens of a text.
pub struct Lexer<'a> {
    sql: &'a [u8],
    at: usize,
    dialect: Dialect,
    /// Whether a name is expected: only asked for SQLite.
    name_next: bool,
    /// Nobody knows whether backslashes escape.
    doubtful: bool,
    /// A backslash stands before a quote in a literal: whether it escapes is a setting of
    /// the server's.
    escaped: bool,
    /// A text has no end, or a backslash stands outside of texts: no right SQL, if read
    /// like this.
    broken: bool,
}

fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'@' || byte >= 0x80
}

fn in_word(byte: u8) -> bool {
    begins_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

impl<'a> Lexer<'a> {
    /// A lexer at the head of `sql`.
    pub fn new(sql: &'a [u8], dialect: Dialect) -> Self {
        Self {
            sql,
            at: 0,
            dialect,
            name_next: false,
            doubtful: false,
            escaped: false,
            broken: false,
        }
    }

    /// One that hides what follows a literal with a backslash before a quote.
    pub fn doubtful(sql: &'a [u8], dialect: Dialect) -> Self {
        Self {
            doubtful: true,
            ..Self::new(sql, dialect)
        }
    }

    /// Whether the text, which was read to its end, makes no sense as it was read, and
    /// might where backslashes act otherwise (`NO_BACKSLASH_ESCAPES`, or
    /// `standard_conforming_strings` off).
    pub fn is_in_doubt(&self) -> bool {
        self.escaped && self.broken && !self.doubtful
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.sql.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn is(&self, dialects: &[Dialect]) -> bool {
        dialects.contains(&self.dialect)
    }

    #[inline]
    fn advance_while(&mut self, holds: impl Fn(u8) -> bool) {
        let rest = &self.sql[self.at..];
        self.at += rest.iter().position(|&b| !holds(b)).unwrap_or(rest.len());
    }

    /// Skips what separates tokens; tells whether there was any.
    fn skip_space(&mut self) -> bool {
        let begin = self.at;
        while self.at < self.sql.len() {
            match (self.peek(0), self.peek(1)) {
                // PHP programs send NUL bytes in broken SQL: they separate as well.
                (b, _) if b.is_ascii_whitespace() || b == 0 || b == 0x0b => self.at += 1,
                (b'/', b'*') => self.skip_block(),
                (b'-', b'-') if self.is_dash_comment() => self.advance_while(|b| b != b'\n'),
                (b'#', _) if self.is(&[Dialect::MySql, Dialect::Generic]) => {
                    self.advance_while(|b| b != b'\n');
                }
                _ => break,
            }
        }
        self.at > begin
    }

    /// MySQL wants white space after the dashes: `5--3` is 8 there.
    fn is_dash_comment(&self) -> bool {
        self.dialect != Dialect::MySql || self.peek(2).is_ascii_whitespace() || self.peek(2) < b' '
    }

    /// Skips `/* … */`. Comments nest in PostgreSQL and SQL Server; for an unknown
    /// dialect the longer comment is the safe one.
    fn skip_block(&mut self) {
        let nests = !self.is(&[Dialect::MySql, Dialect::Sqlite]);
        let mut depth = 1;
        self.at += 2;
        while depth > 0 && self.at < self.sql.len() {
            match (self.peek(0), self.peek(1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                }
                (b'/', b'*') if nests => {
                    depth += 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.sql.len());
    }

    /// Skips a quoted text, from its first quote on. A doubled quote stays inside. One
    /// without an end reaches to the end of the text; tells whether there was an end.
    fn skip_quoted(&mut self, escapes: Escapes) -> bool {
        let quote = self.peek(0);
        self.at += 1;
        while self.at < self.sql.len() {
            let byte = self.peek(0);
            if byte == b'\\' && escapes == Escapes::Yes {
                self.escaped |= self.peek(1) == quote;
                self.at += 2;
            } else if byte == b'\\' && escapes == Escapes::Unknown && self.peek(1) == quote {
                break;
            } else if byte != quote {
                self.at += 1;
            } else if self.peek(1) == quote {
                self.escaped |= self.sql[self.at - 1] == b'\\';
                self.at += 2;
            } else {
                self.escaped |= self.sql[self.at - 1] == b'\\';
                self.at += 1;
                return true;
            }
        }
        self.at = self.sql.len();
        self.broken = true;
        false
    }

    /// How backslashes act in a literal without a prefix.
    fn escapes(&self) -> Escapes {
        match self.dialect {
            _ if self.doubtful => Escapes::Unknown,
            Dialect::MySql => Escapes::Yes,
            Dialect::Generic => Escapes::Unknown,
            _ => Escapes::No,
        }
    }

    /// `"…"`: a name or a literal, as the dialect has it.
    fn double_quoted(&mut self) -> Kind {
        let is_name = match self.dialect {
            Dialect::PostgreSql | Dialect::SqlServer => true,
            // Also next to the dot of a qualified name.
            Dialect::Sqlite => self.name_next || self.at > 0 && self.sql[self.at - 1] == b'.',
            Dialect::MySql | Dialect::Generic => false,
        };
        let closed = self.skip_quoted(if is_name { Escapes::No } else { self.escapes() });
        let is_name = is_name || self.dialect == Dialect::Sqlite && self.peek(0) == b'.';
        name_if(closed && is_name)
    }

    /// `$1`, `$tag$ … $tag$` or a lone `$`.
    fn dollar(&mut self) -> Kind {
        let begin = self.at;
        self.at += 1;
        if self.peek(0).is_ascii_digit() {
            self.advance_while(|b| b.is_ascii_digit());
            return Kind::Value;
        }
        if self.is(&[Dialect::PostgreSql, Dialect::Generic]) {
            self.advance_while(|b| in_word(b) && b != b'$');
            if self.peek(0) == b'$' {
                let tag = &self.sql[begin..=self.at];
                self.at += 1;
                let body = &self.sql[self.at..];
                self.at += memchr::memmem::find(body, tag).map_or(body.len(), |n| n + tag.len());
                return Kind::Value;
            }
        }
        self.at = begin + 1;
        Kind::Mark(b'$')
    }

    /// A number with all that clings to it: `1.5e-3`, `0xff`, `1_000`.
    fn number(&mut self) {
        while self.at < self.sql.len() {
            self.advance_while(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
            let after_e = self.sql[self.at - 1].eq_ignore_ascii_case(&b'e');
            if !(after_e && matches!(self.peek(0), b'+' | b'-') && self.peek(1).is_ascii_digit()) {
                break;
            }
            self.at += 1;
        }
    }

    /// A word, or the literal whose prefix it is.
    fn word(&mut self) -> Kind {
        let begin = self.at;
        let temporary = self.dialect == Dialect::SqlServer;
        self.advance_while(|b| in_word(b) || temporary && b == b'#');
        let word = &self.sql[begin..self.at];
        let unicode = self.peek(0) == b'&' && word.eq_ignore_ascii_case(b"u");
        if unicode && self.peek(1) == b'\'' {
            self.at += 1;
            self.skip_quoted(Escapes::No);
            return Kind::Value;
        }
        if self.peek(0) != b'\'' {
            return Kind::Word;
        }
        match word {
            b"e" | b"E" => {
                self.skip_quoted(Escapes::Yes);
            }
            b"n" | b"N" | b"b" | b"B" | b"x" | b"X" => {
                self.skip_quoted(self.escapes());
            }
            b"q" | b"Q" | b"nq" | b"nQ" | b"Nq" | b"NQ" if self.dialect == Dialect::Generic => {
                self.oracle_quoted();
            }
            // The literal is a token of its own: `_utf8'…'`.
            _ => return Kind::Word,
        }
        Kind::Value
    }

    /// Oracle's `q'[ … ]'`.
    fn oracle_quoted(&mut self) {
        let closing = match self.peek(1) {
            b'[' => b']',
            b'(' => b')',
            b'{' => b'}',
            b'<' => b'>',
            other => other,
        };
        self.at = (self.at + 2).min(self.sql.len());
        let body = &self.sql[self.at..];
        self.at += memchr::memmem::find(body, &[closing, b'\'']).map_or(body.len(), |n| n + 2);
    }

    fn kind(&mut self) -> Kind {
        let ansi = self.is(&[Dialect::PostgreSql, Dialect::SqlServer]);
        match (self.peek(0), self.peek(1)) {
            (b'\'', _) => {
                self.skip_quoted(self.escapes());
                Kind::Value
            }
            (b'"', _) => self.double_quoted(),
            (b'`', _) if !ansi => name_if(self.skip_quoted(Escapes::No)),
            (b'[', next) if self.dialect == Dialect::SqlServer && next != b']' => {
                let rest = &self.sql[self.at..];
                let end = memchr::memchr(b']', rest);
                self.at += end.map_or(rest.len(), |n| n + 1);
                name_if(end.is_some())
            }
            (b'$', _) => self.dollar(),
            (b'?', _) => {
                self.at += 1;
                self.advance_while(|b| b.is_ascii_digit());
                Kind::Value
            }
            (b':', next) if begins_word(next) => {
                self.at += 1;
                self.advance_while(in_word);
                Kind::Value
            }
            // Both of a cast, so that `::int` is no placeholder.
            (b':', b':') => {
                self.at += 2;
                Kind::Mark(b':')
            }
            (b'0'..=b'9', _) | (b'.', b'0'..=b'9') => {
                self.number();
                Kind::Value
            }
            (b'#', next) if self.dialect == Dialect::SqlServer && begins_word(next) => {
                self.at += 1;
                self.word()
            }
            (byte, _) if begins_word(byte) => self.word(),
            (byte, _) => {
                self.broken |= byte == b'\\';
                self.at += 1;
                Kind::Mark(byte)
            }
        }
    }
}

/// Whether a backslash escapes the quote after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Yes,
    No,
    /// If one stands there, nobody knows where the literal ends.
    Unknown,
}

/// A name without an end may be anything: it is hidden like a literal.
fn name_if(is_name: bool) -> Kind {
    if is_name { Kind::Name } else { Kind::Value }
}

/// After these a table is named.
pub fn introduces_name(word: &[u8]) -> bool {
    ["from", "into", "join", "update", "table"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let apart = self.skip_space();
        if self.at >= self.sql.len() {
            return None;
        }
        let begin = self.at;
        let kind = self.kind();
        let bytes = &self.sql[begin..self.at];
        self.name_next =
            self.dialect == Dialect::Sqlite && kind == Kind::Word && introduces_name(bytes);
        Some(Token { kind, bytes, apart })
    }
}
