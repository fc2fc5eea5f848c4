//! Redis commands without their data.

use super::names::push_id_free;

/// Commands whose first argument is a key, sorted. Of commands that are in none of
/// these lists no argument is shown.
const KEYED: [&str; 105] = [
    "APPEND",
    "BITCOUNT",
    "BITPOS",
    "BLPOP",
    "BRPOP",
    "BRPOPLPUSH",
    "DECR",
    "DECRBY",
    "DUMP",
    "EXPIRE",
    "EXPIREAT",
    "EXPIRETIME",
    "GEOADD",
    "GEODIST",
    "GEOHASH",
    "GEOPOS",
    "GEORADIUS",
    "GEOSEARCH",
    "GET",
    "GETBIT",
    "GETDEL",
    "GETEX",
    "GETRANGE",
    "GETSET",
    "HGETALL",
    "HKEYS",
    "HLEN",
    "HRANDFIELD",
    "HSCAN",
    "HVALS",
    "INCR",
    "INCRBY",
    "INCRBYFLOAT",
    "LINDEX",
    "LINSERT",
    "LLEN",
    "LMOVE",
    "LPOP",
    "LPOS",
    "LPUSH",
    "LPUSHX",
    "LRANGE",
    "LREM",
    "LSET",
    "LTRIM",
    "PERSIST",
    "PEXPIRE",
    "PEXPIREAT",
    "PEXPIRETIME",
    "PFADD",
    "PSETEX",
    "PTTL",
    "RESTORE",
    "RPOP",
    "RPUSH",
    "RPUSHX",
    "SADD",
    "SCARD",
    "SET",
    "SETBIT",
    "SETEX",
    "SETNX",
    "SETRANGE",
    "SISMEMBER",
    "SMEMBERS",
    "SMISMEMBER",
    "SMOVE",
    "SORT",
    "SORT_RO",
    "SPOP",
    "SRANDMEMBER",
    "SREM",
    "SSCAN",
    "STRLEN",
    "TTL",
    "TYPE",
    "XACK",
    "XADD",
    "XDEL",
    "XLEN",
    "XRANGE",
    "XTRIM",
    "ZADD",
    "ZCARD",
    "ZCOUNT",
    "ZINCRBY",
    "ZLEXCOUNT",
    "ZMSCORE",
    "ZPOPMAX",
    "ZPOPMIN",
    "ZRANDMEMBER",
    "ZRANGE",
    "ZRANGEBYLEX",
    "ZRANGEBYSCORE",
    "ZRANK",
    "ZREM",
    "ZREMRANGEBYLEX",
    "ZREMRANGEBYRANK",
    "ZREMRANGEBYSCORE",
    "ZREVRANGE",
    "ZREVRANGEBYLEX",
    "ZREVRANGEBYSCORE",
    "ZREVRANK",
    "ZSCAN",
    "ZSCORE",
];

/// Commands whose arguments are all keys, sorted.
const KEYS: [&str; 17] = [
    "DEL",
    "EXISTS",
    "MGET",
    "PFCOUNT",
    "PFMERGE",
    "RENAME",
    "RENAMENX",
    "RPOPLPUSH",
    "SDIFF",
    "SDIFFSTORE",
    "SINTER",
    "SINTERSTORE",
    "SUNION",
    "SUNIONSTORE",
    "TOUCH",
    "UNLINK",
    "WATCH",
];

/// What stands behind the name of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Nothing but data.
    Data,
    /// A key, then data.
    Key,
    /// Keys.
    Keys,
    /// Keys, each with its value.
    Pairs,
    /// A key, then names of fields, each with its value.
    Fields,
    /// A key, then names of fields.
    Names,
}

impl Shape {
    fn of(command: &str) -> Self {
        match command {
            "MSET" | "MSETNX" => Self::Pairs,
            "HSET" | "HMSET" | "HSETNX" | "HINCRBY" | "HINCRBYFLOAT" => Self::Fields,
            "HGET" | "HMGET" | "HDEL" | "HEXISTS" | "HSTRLEN" => Self::Names,
            _ if KEYS.binary_search(&command).is_ok() => Self::Keys,
            _ if KEYED.binary_search(&command).is_ok() => Self::Key,
            _ => Self::Data,
        }
    }

    /// Whether the argument of this number names something.
    fn is_name(self, index: usize) -> bool {
        match self {
            Self::Data => false,
            Self::Key => index == 0,
            Self::Keys | Self::Names => true,
            Self::Pairs => index.is_multiple_of(2),
            Self::Fields => index == 0 || !index.is_multiple_of(2),
        }
    }
}

/// Arguments shown; what follows is `...`.
pub const SHOWN: usize = 16;

/// Longest key shown, bytes.
const MAX_KEY: usize = 64;

/// What is known of a command before its arguments are.
#[derive(Debug, Clone)]
pub struct Command {
    name: String,
    shape: Shape,
}

impl Command {
    /// The command of that name, in whatever case.
    #[must_use]
    pub fn of(command: &[u8]) -> Self {
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
        let begins = command.first().is_some_and(u8::is_ascii_alphabetic);
        let name = if command.len() > 32 || !begins || !command.iter().all(is_name) {
            "?".to_owned()
        } else {
            let capitals = command.iter().map(u8::to_ascii_uppercase);
            capitals.map(char::from).collect()
        };
        Self {
            shape: Shape::of(&name),
            name,
        }
    }

    /// Name of the span and of the operation: the command in capitals, or `?` for what is
    /// no command (a program may send any text as one).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether arguments may be an array of names with their values.
    #[must_use]
    pub fn has_pairs(&self) -> bool {
        matches!(self.shape, Shape::Pairs | Shape::Fields)
    }

    /// `db.query.text`: the command with its keys and the names of fields, their ids taken
    /// out, and `?` for each value: `HSET user:? name ?`.
    #[must_use]
    pub fn text(&self, arguments: &[&[u8]]) -> String {
        let mut text = String::with_capacity(64);
        text.push_str(&self.name);
        for (index, argument) in arguments.iter().take(SHOWN).enumerate() {
            text.push(' ');
            if self.shape.is_name(index) {
                push_key(&mut text, argument);
            } else {
                text.push('?');
            }
        }
        if arguments.len() > SHOWN {
            text.push_str(" ...");
        }
        text
    }
}

/// Appends a key, part by part between its colons.
fn push_key(out: &mut String, key: &[u8]) {
    let Some(key) = std::str::from_utf8(key).ok().filter(|k| k.len() <= MAX_KEY) else {
        return out.push('?');
    };
    for (index, part) in key.split(':').enumerate() {
        if index > 0 {
            out.push(':');
        }
        // Paths have `$` there; in a query it is `?`.
        push_id_free(out, part, '?');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(command: &[u8], arguments: &[&[u8]]) -> String {
        Command::of(command).text(arguments)
    }

    #[test]
    fn every_keyed_command_is_found() {
        assert!(KEYED.is_sorted());
        assert!(KEYS.is_sorted());
    }

    #[test]
    fn keys_lose_their_ids_and_values_go() {
        assert_eq!(
            text(b"set", &[b"user:42:name", b"secret"]),
            "SET user:?:name ?"
        );
        assert_eq!(text(b"GET", &[b"sess:9f86d081884c7d65"]), "GET sess:?");
        assert_eq!(text(b"MGET", &[b"a", b"b:1", b"c"]), "MGET a b:? c");
        assert_eq!(
            text(b"MSET", &[b"a", b"secret", b"b", b"secret"]),
            "MSET a ? b ?"
        );
        assert_eq!(
            text(
                b"HMSET",
                &[b"cart:7", b"name", b"secret", b"4711", b"secret"]
            ),
            "HMSET cart:? name ? ? ?"
        );
        assert_eq!(text(b"HGET", &[b"cart:7", b"name"]), "HGET cart:? name");
        assert_eq!(
            text(b"ZADD", &[b"board", b"1", b"secret", b"2", b"secret"]),
            "ZADD board ? ? ? ?"
        );
        assert_eq!(text(b"PING", &[]), "PING");
        assert_eq!(text(b"GET", &[&[0xff, 0xfe]]), "GET ?");
        assert_eq!(text(b"GET", &[&[b'k'; 65]]), "GET ?");
        assert_eq!(
            text(b"DEL", &[b"a".as_slice(); 17]),
            format!("DEL{} ...", " a".repeat(16))
        );
        // What may be a password, a script, a channel: not shown.
        for command in ["AUTH", "HELLO", "EVAL", "PUBLISH", "CONFIG", "NEWCOMMAND"] {
            assert_eq!(
                text(command.as_bytes(), &[b"secret", b"secret"]),
                format!("{command} ? ?")
            );
        }
        assert_eq!(text(b"se cret", &[]), "?");
        assert_eq!(text(b"", &[b"secret"]), "? ?");
    }

    proptest! {
        #[test]
        fn any_command_is_short(command: Vec<u8>, arguments: Vec<Vec<u8>>) {
            let arguments: Vec<&[u8]> = arguments.iter().map(Vec::as_slice).collect();
            prop_assert!(text(&command, &arguments).len() <= 32 + SHOWN * (MAX_KEY + 1) + 4);
        }

        #[test]
        fn no_value_survives(command in "[A-Z]{3,9}|SET|HSET|AUTH|LPUSH|MSET", key in "[a-z]{1,5}") {
            let arguments: &[&[u8]] = match command.as_str() {
                // All of its arguments are names.
                name if matches!(Shape::of(name), Shape::Keys | Shape::Names) => &[],
                "HSET" => &[key.as_bytes(), key.as_bytes(), b"s3cret"],
                "MSET" => &[key.as_bytes(), b"s3cret", key.as_bytes(), b"s3cret"],
                _ if Shape::of(&command) == Shape::Key => &[key.as_bytes(), b"s3cret", b"s3cret"],
                _ => &[b"s3cret", b"s3cret"],
            };
            prop_assert!(!text(command.as_bytes(), arguments).contains("s3cret"));
        }
    }
}
