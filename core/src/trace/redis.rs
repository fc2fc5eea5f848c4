//! Redis commands without their data.

use super::names::id_free;

/// Commands whose first argument is a key, sorted; of any other, no argument is shown.
const KEYED: [&str; 109] = [
    "APPEND",
    "BITCOUNT",
    "BITPOS",
    "BLPOP",
    "BRPOP",
    "DECR",
    "DECRBY",
    "DEL",
    "DUMP",
    "EXISTS",
    "EXPIRE",
    "EXPIREAT",
    "GEOADD",
    "GEODIST",
    "GEOPOS",
    "GEOSEARCH",
    "GET",
    "GETBIT",
    "GETDEL",
    "GETEX",
    "GETRANGE",
    "GETSET",
    "HDEL",
    "HEXISTS",
    "HGET",
    "HGETALL",
    "HINCRBY",
    "HINCRBYFLOAT",
    "HKEYS",
    "HLEN",
    "HMGET",
    "HMSET",
    "HSCAN",
    "HSET",
    "HSETNX",
    "HVALS",
    "INCR",
    "INCRBY",
    "INCRBYFLOAT",
    "LINDEX",
    "LINSERT",
    "LLEN",
    "LPOP",
    "LPOS",
    "LPUSH",
    "LPUSHX",
    "LRANGE",
    "LREM",
    "LSET",
    "LTRIM",
    "MGET",
    "MSET",
    "MSETNX",
    "PERSIST",
    "PEXPIRE",
    "PEXPIREAT",
    "PFADD",
    "PFCOUNT",
    "PSETEX",
    "PTTL",
    "RENAME",
    "RESTORE",
    "RPOP",
    "RPOPLPUSH",
    "RPUSH",
    "RPUSHX",
    "SADD",
    "SCARD",
    "SDIFF",
    "SET",
    "SETBIT",
    "SETEX",
    "SETNX",
    "SETRANGE",
    "SINTER",
    "SISMEMBER",
    "SMEMBERS",
    "SMOVE",
    "SORT",
    "SPOP",
    "SRANDMEMBER",
    "SREM",
    "SSCAN",
    "STRLEN",
    "SUNION",
    "TOUCH",
    "TTL",
    "TYPE",
    "UNLINK",
    "WATCH",
    "XACK",
    "XADD",
    "XDEL",
    "XLEN",
    "XRANGE",
    "ZADD",
    "ZCARD",
    "ZCOUNT",
    "ZINCRBY",
    "ZPOPMAX",
    "ZPOPMIN",
    "ZRANGE",
    "ZRANGEBYSCORE",
    "ZRANK",
    "ZREM",
    "ZREVRANGE",
    "ZREVRANK",
    "ZSCAN",
    "ZSCORE",
];

/// Longest key shown, bytes.
const MAX_KEY: usize = 64;

/// Name of the span and of the operation: the command in capitals, or `?` for what is
/// no command (a program may send any text as one).
#[must_use]
pub fn name(command: &[u8]) -> String {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
    let begins = command.first().is_some_and(u8::is_ascii_alphabetic);
    if command.len() > 32 || !begins || !command.iter().all(is_name) {
        return "?".to_owned();
    }
    command
        .iter()
        .map(|b| char::from(b.to_ascii_uppercase()))
        .collect()
}

/// `db.query.text`: the command, its first key with the ids taken out, and `?` for the
/// rest: `SET user:$ ?`.
#[must_use]
pub fn text(command: &[u8], arguments: &[&[u8]]) -> String {
    let mut text = name(command);
    let is_keyed = KEYED.binary_search(&text.as_str()).is_ok();
    let rest = match arguments {
        [key, rest @ ..] if is_keyed => {
            text.push(' ');
            push_key(&mut text, key);
            rest
        }
        all => all,
    };
    if !rest.is_empty() {
        text.push_str(" ?");
    }
    text
}

/// Appends a key, part by part between its colons.
fn push_key(out: &mut String, key: &[u8]) {
    let Some(key) = std::str::from_utf8(key).ok().filter(|k| k.len() <= MAX_KEY) else {
        return out.push('$');
    };
    for (index, part) in key.split(':').enumerate() {
        if index > 0 {
            out.push(':');
        }
        out.push_str(&id_free(part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_keyed_command_is_found() {
        assert!(KEYED.is_sorted());
    }

    #[test]
    fn keys_lose_their_ids_and_values_go() {
        assert_eq!(
            text(b"set", &[b"user:42:name", b"secret"]),
            "SET user:$:name ?"
        );
        assert_eq!(text(b"GET", &[b"sess:9f86d081884c7d65"]), "GET sess:$");
        assert_eq!(text(b"MGET", &[b"a", b"b", b"c"]), "MGET a ?");
        assert_eq!(text(b"PING", &[]), "PING");
        assert_eq!(text(b"GET", &[&[0xff, 0xfe]]), "GET $");
        assert_eq!(text(b"GET", &[&[b'k'; 65]]), "GET $");
        // What may be a password, a script, a channel: not shown.
        for command in ["AUTH", "HELLO", "EVAL", "PUBLISH", "CONFIG", "NEWCOMMAND"] {
            assert_eq!(
                text(command.as_bytes(), &[b"secret"]),
                format!("{command} ?")
            );
        }
        assert_eq!(text(b"se cret", &[]), "?");
        assert_eq!(text(b"", &[b"secret"]), "? ?");
    }

    proptest! {
        #[test]
        fn any_command_is_short(command: Vec<u8>, arguments: Vec<Vec<u8>>) {
            let arguments: Vec<&[u8]> = arguments.iter().map(Vec::as_slice).collect();
            prop_assert!(text(&command, &arguments).len() <= 32 + MAX_KEY + 3);
        }

        #[test]
        fn no_value_survives(command in "[A-Z]{3,9}|SET|HSET|AUTH|LPUSH", key in "[a-z]{1,5}") {
            let text = text(command.as_bytes(), &[key.as_bytes(), b"s3cret", b"s3cret"]);
            prop_assert!(!text.contains("s3cret"));
        }
    }
}
