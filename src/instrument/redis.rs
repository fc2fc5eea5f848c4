//! phpredis: `Redis` and `RedisCluster`.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;
use tracker_core::trace::redis::{self, Command};
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::notes::Notes;
use super::servers::Server;
use super::{method, thrown};
use crate::context::spans::{self, Finish};
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::value::{Key, Value};

/// Rows for the commands of a class.
macro_rules! commands {
    ($class:literal: $($name:literal)*) => {
        &[$(method!($class, $name, begin, end),)*]
    };
}

/// The same commands for both classes.
macro_rules! rows {
    ($($name:literal)*) => {
        /// Rows of a single server.
        pub const ROWS: &[Row] = commands!("Redis": "auth" "select" "ping" "rawCommand" $($name)*);
        /// Rows of a cluster.
        pub const CLUSTER_ROWS: &[Row] = commands!("RedisCluster": $($name)*);
    };
}

/// Rows for connections.
pub const CONNECT_ROWS: &[Row] = &[
    method!("Redis", "connect", begin, connected),
    method!("Redis", "open", begin, connected),
    method!("Redis", "pconnect", begin, connected),
    method!("Redis", "popen", begin, connected),
    method!("RedisCluster", "__construct", begin, clustered),
];

rows! {
    "append" "bitcount" "bitop" "bitpos" "blPop" "blmove" "blmpop" "brPop" "brpoplpush"
    "bzPopMax" "bzPopMin" "bzmpop" "copy" "dbSize" "decr" "decrBy" "del" "discard" "dump" "echo"
    "eval" "eval_ro" "evalsha" "evalsha_ro" "exec" "exists" "expire" "expireAt" "expiretime"
    "flushAll" "flushDB" "geoadd" "geodist" "geohash" "geopos" "georadius" "georadiusbymember"
    "geosearch" "geosearchstore" "get" "getBit" "getDel" "getEx" "getRange" "getset" "hDel"
    "hExists" "hGet" "hGetAll" "hIncrBy" "hIncrByFloat" "hKeys" "hLen" "hMget" "hMset" "hRandField"
    "hSet" "hSetNx" "hStrLen" "hVals" "hscan" "incr" "incrBy" "incrByFloat" "info" "keys" "lInsert"
    "lLen" "lMove" "lPop" "lPos" "lPush" "lPushx" "lSet" "lcs" "lindex" "lmpop" "lrange" "lrem"
    "ltrim" "mget" "move" "mset" "msetnx" "object" "persist" "pexpire" "pexpireAt" "pfadd"
    "pfcount" "pfmerge" "psetex" "psubscribe" "pttl" "publish" "rPop" "rPush" "rPushx"
    "randomKey" "rename" "renameNx" "restore" "rpoplpush" "sAdd" "sAddArray" "sDiff" "sDiffStore"
    "sInter" "sInterStore" "sMembers" "sMisMember" "sMove" "sPop" "sRandMember" "sUnion"
    "sUnionStore" "scan" "scard" "script" "set" "setBit" "setRange" "setex" "setnx" "sintercard"
    "sismember" "sort" "sort_ro" "srem" "sscan" "strlen" "subscribe" "touch" "ttl" "type" "unlink"
    "unwatch" "wait" "watch" "xack" "xadd" "xautoclaim" "xclaim" "xdel" "xgroup" "xinfo" "xlen"
    "xpending" "xrange" "xread" "xreadgroup" "xrevrange" "xtrim" "zAdd" "zCard" "zCount" "zIncrBy"
    "zLexCount" "zMscore" "zPopMax" "zPopMin" "zRandMember" "zRange" "zRangeByLex" "zRangeByScore"
    "zRank" "zRem" "zRemRangeByLex" "zRemRangeByRank" "zRemRangeByScore" "zRevRange"
    "zRevRangeByLex" "zRevRangeByScore" "zRevRank" "zScore" "zdiff" "zdiffstore" "zinter"
    "zintercard" "zinterstore" "zmpop" "zrangestore" "zscan" "zunion" "zunionstore"
}

static SERVERS: Global<Notes<Server>> = Global::new(Notes::new());

/// The request is over: so are its objects.
pub fn request_ends() {
    SERVERS.with(Notes::clear);
}

fn begin(call: &Call<'_>) -> Token {
    spans::begin(SpanKind::Client, call.row.name)
}

fn connected(call: &Call<'_>, token: Token) {
    let host = call.arg(0).and_then(|host| host.text()).unwrap_or("");
    let port = call
        .arg(1)
        .and_then(|port| port.long())
        .and_then(|port| u16::try_from(port).ok());
    let server = Server::new(host, port.unwrap_or(6379));
    finish(call, token, "connect", "", &server);
    if let Some(this) = call.this() {
        SERVERS.with(|notes| notes.insert(this.address(), server));
    }
}

/// The servers of a cluster that the program names: which of its servers answers a
/// command, nobody says.
fn clustered(call: &Call<'_>, token: Token) {
    let seeds = call.arg(1);
    let seeds = seeds.into_iter().flat_map(Value::entries);
    let server = Server::of_list(seeds.filter_map(|(_, seed)| seed.text()), 6379);
    finish(call, token, "connect", "", &server);
    if let Some(this) = call.this() {
        SERVERS.with(|notes| notes.insert(this.address(), server));
    }
}

/// What stands for a value that is no text.
const OTHER: &[u8] = b"?";

/// The arguments as the server gets them, arrays with their elements in place; no
/// more than are shown, and one.
fn words<'a>(call: &'a Call<'_>, with_pairs: bool) -> Vec<&'a [u8]> {
    let mut words = Vec::with_capacity(4);
    for argument in (0..call.count()).filter_map(|index| call.arg(index)) {
        if !argument.is_array() {
            words.push(argument.bytes().unwrap_or(OTHER));
        }
        for (key, value) in argument.entries().take(redis::SHOWN) {
            match key {
                Key::Name(name) => words.push(name),
                Key::Index(_) if with_pairs => words.push(OTHER),
                Key::Index(_) => {}
            }
            words.push(value.bytes().unwrap_or(OTHER));
        }
        if words.len() > redis::SHOWN {
            break;
        }
    }
    words
}

/// Commands by their functions.
static COMMANDS: Global<Option<HashMap<usize, Command, BuildHasherDefault<FxHasher>>>> =
    Global::new(None);

fn end(call: &Call<'_>, token: Token) {
    let function = call.row.function;
    if function == "rawCommand" {
        let words = words(call, false);
        let (command, arguments) = words.split_first().unwrap_or((&OTHER, &[]));
        let command = Command::of(command);
        return answered(call, token, command.name(), &command.text(arguments));
    }
    COMMANDS.with(|commands| {
        let known = commands.get_or_insert_default();
        // The rows' texts live for ever: their addresses tell them apart.
        let command = known
            .entry(function.as_ptr() as usize)
            .or_insert_with(|| Command::of(function.as_bytes()));
        let text = command.text(&words(call, command.has_pairs()));
        answered(call, token, command.name(), &text);
    });
}

fn answered(call: &Call<'_>, token: Token, name: &str, text: &str) {
    let address = call.this().map_or(0, |this| this.address());
    SERVERS.with(|notes| match notes.get(address) {
        Some(server) => finish(call, token, name, text, server),
        None => finish(call, token, name, text, &Server::default()),
    });
}

fn finish(call: &Call<'_>, token: Token, name: &str, text: &str, server: &Server) {
    let attributes = [
        ("db.system.name", Scalar::Str("redis")),
        ("db.operation.name", Scalar::Str(name)),
        ("db.query.text", Scalar::Str(text)),
    ];
    let count = attributes.len() - usize::from(text.is_empty());
    spans::end(
        token,
        &Finish {
            name,
            system: "redis",
            peer: &server.peer,
            attributes: &attributes[..count],
            encoded: &[&server.attributes],
            // `false` is an answer here: no such key.
            failure: thrown(call),
            ..Finish::default()
        },
    );
}
