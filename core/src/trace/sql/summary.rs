//! What a statement does, and to which table.

use super::lexer::{Kind, Token, introduces_name};

/// The verbs that may begin a statement. Anything else is no verb: a name of a span must
/// not come from broken SQL.
const VERBS: [&str; 43] = [
    "ALTER",
    "ANALYZE",
    "BEGIN",
    "CALL",
    "CHECKPOINT",
    "CLOSE",
    "COMMIT",
    "COPY",
    "CREATE",
    "DEALLOCATE",
    "DECLARE",
    "DELETE",
    "DESC",
    "DESCRIBE",
    "DO",
    "DROP",
    "EXEC",
    "EXECUTE",
    "EXPLAIN",
    "FETCH",
    "FLUSH",
    "GRANT",
    "INSERT",
    "KILL",
    "LOAD",
    "LOCK",
    "MERGE",
    "OPTIMIZE",
    "PRAGMA",
    "PREPARE",
    "RELEASE",
    "REPLACE",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "START",
    "TRUNCATE",
    "UPDATE",
    "USE",
    "VACUUM",
];

/// Words that may stand between `UPDATE`, `TABLE` or `FROM` and the name.
const FILLERS: [&str; 8] = [
    "ONLY",
    "IGNORE",
    "LOW_PRIORITY",
    "QUICK",
    "IF",
    "NOT",
    "EXISTS",
    "LATERAL",
];

/// The longest table name kept, bytes.
const MAX_NAME: usize = 128;

fn is(word: &[u8], known: &str) -> bool {
    word.eq_ignore_ascii_case(known.as_bytes())
}

/// Where the table stands.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Wanted {
    /// Nowhere, or it was found.
    #[default]
    Nothing,
    /// After the next word of this kind.
    After(&'static str),
    /// Here.
    Name,
    /// It was begun; a dot continues it.
    Dot,
    /// After the dot.
    Rest,
}

/// Follows the tokens of a statement.
#[derive(Default)]
pub struct Summary {
    verb: Option<&'static str>,
    /// Inside of `WITH`, before its main verb.
    with: bool,
    depth: u32,
    /// Depth of the verb.
    base: u32,
    wanted: Wanted,
    /// The name found, and whether it stands as deep as the verb.
    table: Vec<u8>,
    is_main: bool,
    /// The name under construction, and how deep it stands.
    name: Vec<u8>,
    name_depth: u32,
}

impl Summary {
    /// Looks at the next token.
    pub fn see(&mut self, token: &Token<'_>) {
        match token.kind {
            Kind::Mark(b'(') => self.depth = self.depth.saturating_add(1),
            Kind::Mark(b')') => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        let Some(verb) = self.verb else {
            return self.begin(token);
        };
        if self.is_main {
            return;
        }
        let is_name = matches!(token.kind, Kind::Word | Kind::Name);
        self.wanted = match self.wanted {
            Wanted::After(word) if token.kind == Kind::Word && is(token.bytes, word) => {
                Wanted::Name
            }
            Wanted::Name if token.kind == Kind::Word && is_filler(token.bytes) => Wanted::Name,
            Wanted::Name | Wanted::Rest if is_name => {
                self.take(token);
                Wanted::Dot
            }
            Wanted::Dot if token.kind == Kind::Mark(b'.') => {
                self.name.push(b'.');
                Wanted::Rest
            }
            Wanted::Dot | Wanted::Rest => {
                self.settle();
                after(verb)
            }
            Wanted::Name => after(verb),
            other => other,
        };
    }

    /// Looks for the verb.
    fn begin(&mut self, token: &Token<'_>) {
        if token.kind != Kind::Word {
            return;
        }
        if self.with {
            let main = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"];
            if self.depth > self.base {
                return;
            }
            let Some(verb) = main.into_iter().find(|verb| is(token.bytes, verb)) else {
                return;
            };
            self.verb = Some(verb);
        } else if is(token.bytes, "WITH") {
            self.with = true;
            self.base = self.depth;
            return;
        } else {
            let verb = VERBS.into_iter().find(|verb| is(token.bytes, verb));
            self.verb = Some(verb.unwrap_or(""));
        }
        self.base = self.depth;
        self.wanted = self.verb.map_or(Wanted::Nothing, first);
    }

    fn take(&mut self, token: &Token<'_>) {
        let quotes = usize::from(token.kind == Kind::Name);
        let name = token.bytes.get(quotes..token.bytes.len() - quotes);
        self.name.extend_from_slice(name.unwrap_or_default());
        self.name.truncate(MAX_NAME);
        self.name_depth = self.depth;
    }

    /// Ends the name. One beside the verb is better than one of a sub-query.
    fn settle(&mut self) {
        self.is_main = self.name_depth <= self.base;
        if self.is_main || self.table.is_empty() {
            self.table = std::mem::take(&mut self.name);
        }
        self.name.clear();
    }

    /// The verb in capitals, or empty.
    pub fn operation(&self) -> &'static str {
        self.verb.unwrap_or("")
    }

    /// The table, or empty.
    pub fn table(mut self) -> String {
        if matches!(self.wanted, Wanted::Dot | Wanted::Rest) {
            self.settle();
        }
        String::from_utf8(self.table)
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }
}

fn is_filler(word: &[u8]) -> bool {
    FILLERS.iter().any(|filler| is(word, filler)) || introduces_name(word)
}

/// What is looked for once the verb was read.
fn first(verb: &'static str) -> Wanted {
    match verb {
        "UPDATE" | "CALL" | "DESC" | "DESCRIBE" | "EXEC" | "TRUNCATE" => Wanted::Name,
        _ => after(verb),
    }
}

/// The word that a table follows in a statement of this verb.
fn after(verb: &'static str) -> Wanted {
    match verb {
        "SELECT" | "DELETE" => Wanted::After("from"),
        "INSERT" | "REPLACE" | "MERGE" => Wanted::After("into"),
        "CREATE" | "DROP" | "ALTER" | "OPTIMIZE" => Wanted::After("table"),
        _ => Wanted::Nothing,
    }
}
