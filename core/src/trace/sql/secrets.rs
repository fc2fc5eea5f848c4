//! Passwords and keys that stand in a statement as bare words: `PRAGMA key = …`,
//! `ALTER USER u PASSWORD …`, `IDENTIFIED BY …`.

use super::lexer::{Kind, Token};

/// What kind of statement it is, as far as secrets go.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Statement {
    /// Nothing was seen of it.
    #[default]
    New,
    /// None that has secrets.
    Other,
    Pragma,
    /// A pragma of a key: the rest is secret.
    KeyPragma,
    Attach,
    /// `ALTER` or `CREATE`, of what is not known after this many words.
    Definition(u8),
    /// Of a user or the like.
    Account,
    Set,
    /// `SET PASSWORD`: what follows `=` is secret.
    SetPassword,
}

/// Follows the tokens of a text, and says of each whether it is a secret.
#[derive(Default)]
pub struct Secrets {
    statement: Statement,
    /// The next word or name is one.
    next: bool,
    /// What clings to the token before is, too.
    clings: bool,
    identified: bool,
}

/// What is to be done with a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It is shown.
    Plain,
    /// It is hidden like a literal.
    Secret,
    /// It is a part of the secret before it.
    More,
}

fn one_of(word: &[u8], known: &[&str]) -> bool {
    known
        .iter()
        .any(|k| word.eq_ignore_ascii_case(k.as_bytes()))
}

impl Secrets {
    /// Looks at the next token.
    pub fn see(&mut self, token: &Token<'_>) -> Seen {
        if token.kind == Kind::Mark(b';') {
            *self = Self::default();
            return Seen::Plain;
        }
        let ends = matches!(token.kind, Kind::Mark(b',' | b'(' | b')'));
        if std::mem::replace(&mut self.clings, false) && !token.apart && !ends {
            self.clings = true;
            return Seen::More;
        }
        match token.kind {
            Kind::Word if self.keyword(token.bytes) => Seen::Plain,
            Kind::Mark(b'=') => {
                self.next |= self.statement == Statement::SetPassword;
                Seen::Plain
            }
            Kind::Mark(_) => Seen::Plain,
            _ if self.next => {
                // All of the rest of these may be an expression.
                self.next = matches!(
                    self.statement,
                    Statement::KeyPragma | Statement::SetPassword
                );
                self.clings = true;
                Seen::Secret
            }
            _ => Seen::Plain,
        }
    }

    /// Follows the statement; false for a word that may be a secret.
    fn keyword(&mut self, word: &[u8]) -> bool {
        match self.statement {
            Statement::New => {
                self.statement = match () {
                    () if one_of(word, &["pragma"]) => Statement::Pragma,
                    () if one_of(word, &["attach"]) => Statement::Attach,
                    () if one_of(word, &["alter", "create"]) => Statement::Definition(0),
                    () if one_of(word, &["grant"]) => Statement::Account,
                    () if one_of(word, &["set"]) => Statement::Set,
                    () => Statement::Other,
                };
            }
            Statement::Pragma => {
                // Those of SQLCipher and of SQLite's own encryption.
                let keys = ["key", "rekey", "hexkey", "hexrekey", "textkey", "textrekey"];
                if one_of(word, &keys) {
                    self.statement = Statement::KeyPragma;
                    self.next = true;
                }
            }
            Statement::Definition(words) => {
                self.statement = if one_of(word, &["user", "role", "group", "login"]) {
                    Statement::Account
                } else if words < 3 && !one_of(word, &["table"]) {
                    Statement::Definition(words + 1)
                } else {
                    Statement::Other
                };
            }
            Statement::Set => {
                self.statement = if one_of(word, &["password"]) {
                    Statement::SetPassword
                } else {
                    Statement::Other
                };
            }
            Statement::Attach if !self.next => self.next = one_of(word, &["key"]),
            Statement::Account => return self.account(word),
            _ => return !self.next,
        }
        true
    }

    fn account(&mut self, word: &[u8]) -> bool {
        // Behind `PASSWORD` these are no passwords.
        let options = ["expire", "null", "history", "reuse", "require", "values"];
        if self.next && one_of(word, &options) {
            self.next = one_of(word, &["values"]);
            return true;
        }
        if one_of(word, &["password"]) || self.identified && one_of(word, &["by", "as"]) {
            self.next = true;
            return true;
        }
        self.identified |= one_of(word, &["identified"]);
        !self.next
    }
}
