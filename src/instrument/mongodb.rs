//! The mongodb extension: commands, queries and writes of `Manager` and `Server`.
//!
//! What a command is called and which collection it is about is noted when the
//! program makes it: its objects do not let anybody look into them. Filters and
//! documents are never recorded.

use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::{Encoded, SpanKind};

use super::db::{self, Shown};
use super::notes::Notes;
use super::servers::Server;
use super::{always, method};
use crate::context::spans;
use crate::zend::call;
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::value::{Key, Object, Value};

/// Rows of both classes that execute something.
macro_rules! rows {
    ($($class:literal)*) => {
        /// Rows of this file.
        pub const ROWS: &[Row] = &[
            method!("MongoDB\\Driver\\Manager", "__construct", always, managed),
            method!("MongoDB\\Driver\\Command", "__construct", always, command_made),
            method!("MongoDB\\Driver\\BulkWrite", "__construct", always, writes_made),
            method!("MongoDB\\Driver\\BulkWrite", "insert", always, write_added),
            method!("MongoDB\\Driver\\BulkWrite", "update", always, write_added),
            method!("MongoDB\\Driver\\BulkWrite", "delete", always, write_added),
            $(
                method!($class, "executeCommand", begin, commanded),
                method!($class, "executeReadCommand", begin, commanded),
                method!($class, "executeWriteCommand", begin, commanded),
                method!($class, "executeReadWriteCommand", begin, commanded),
                method!($class, "executeQuery", begin, queried),
                method!($class, "executeBulkWrite", begin, written),
            )*
        ];
    };
}

rows! { "MongoDB\\Driver\\Manager" "MongoDB\\Driver\\Server" }

/// Commands whose value is the name of a collection, sorted.
const OF_COLLECTION: [&str; 18] = [
    "aggregate",
    "collMod",
    "count",
    "create",
    "createIndexes",
    "delete",
    "distinct",
    "drop",
    "dropIndexes",
    "find",
    "findAndModify",
    "findandmodify",
    "insert",
    "listIndexes",
    "mapReduce",
    "mapreduce",
    "update",
    "validate",
];

/// What a command is about.
#[derive(Debug, Clone, Default)]
struct Command {
    name: String,
    collection: String,
}

/// The servers of managers, and that of a server.
static SERVERS: Global<Notes<Server>> = Global::new(Notes::new());
static COMMANDS: Global<Notes<Command>> = Global::new(Notes::new());
/// What a bulk of writes consists of: the operation, or `bulkWrite` for several.
static WRITES: Global<Notes<&'static str>> = Global::new(Notes::new());

/// The request is over: so are its objects.
pub fn request_ends() {
    SERVERS.with(Notes::clear);
    COMMANDS.with(Notes::clear);
    WRITES.with(Notes::clear);
}

/// The servers of an address such as `mongodb://user:password@a:27017,b/shop`.
fn servers(address: &str) -> Server {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let hosts = rest.split(['/', '?']).next().unwrap_or("");
    let hosts = hosts.rsplit_once('@').map_or(hosts, |(_, hosts)| hosts);
    // Sockets are percent-encoded: their slashes are.
    let hosts = hosts.replace("%2F", "/").replace("%2f", "/");
    Server::of_list(hosts.split(','), 27_017)
}

fn managed(call: &Call<'_>, _: Token) {
    let address = call.arg(0).and_then(Value::text);
    let server = servers(address.unwrap_or("mongodb://127.0.0.1/"));
    if let Some(this) = call.this() {
        SERVERS.with(|notes| notes.insert(this.address(), server));
    }
}

fn command_made(call: &Call<'_>, _: Token) {
    let document = call.arg(0);
    let mut entries = match document.and_then(Value::object) {
        Some(object) => object.dynamic(),
        None => match document {
            Some(array) => array.entries(),
            None => return,
        },
    };
    let command = match entries.next() {
        Some((Key::Name(name), value)) => {
            let name = String::from_utf8_lossy(name).into_owned();
            let is_named = OF_COLLECTION.binary_search(&name.as_str()).is_ok();
            let collection = value.text().filter(|_| is_named).unwrap_or("");
            Command {
                collection: collection.to_owned(),
                name,
            }
        }
        _ => Command::default(),
    };
    if let Some(this) = call.this() {
        COMMANDS.with(|notes| notes.insert(this.address(), command));
    }
}

fn writes_made(call: &Call<'_>, _: Token) {
    if let Some(this) = call.this() {
        WRITES.with(|notes| notes.insert(this.address(), ""));
    }
}

fn write_added(call: &Call<'_>, _: Token) {
    WRITES.with(|notes| {
        let known = notes.get_mut(call.this().map_or(0, Object::address));
        if let Some(known) = known {
            *known = match *known {
                "" => call.row.function,
                same if same == call.row.function => same,
                _ => "bulkWrite",
            };
        }
    });
}

fn begin(call: &Call<'_>) -> Token {
    let token = spans::begin(SpanKind::Client, call.row.name);
    if token != 0 && call.row.class.ends_with("Server") {
        // Servers come from many functions. They are asked before the call: after
        // one that has thrown nobody may be.
        ask(call.this());
    }
    token
}

fn ask(server: Option<Object<'_>>) {
    let Some(server) = server else { return };
    let host = call::method(server, "gethost", None, |host| {
        host.and_then(|host| Some(host.text()?.to_owned()))
    });
    let port = call::method(server, "getport", None, |port| port?.long());
    if let Some(Some(host)) = host {
        let port = port.flatten().and_then(|port| u16::try_from(port).ok());
        let known = Server::new(&host, port.unwrap_or(0));
        SERVERS.with(|notes| notes.insert(server.address(), known));
    } else {
        SERVERS.with(|notes| notes.remove(server.address()));
    }
}

fn commanded(call: &Call<'_>, token: Token) {
    let address = call
        .arg(1)
        .and_then(Value::object)
        .map_or(0, Object::address);
    let command = COMMANDS.with(|notes| notes.get(address).cloned());
    let command = command.unwrap_or_default();
    let database = call.arg(0).and_then(Value::text).unwrap_or("");
    finish(call, token, database, &command);
}

/// Database and collection of the first argument.
fn namespace<'a>(call: &'a Call<'_>) -> (&'a str, &'a str) {
    let namespace = call.arg(0).and_then(Value::text).unwrap_or("");
    namespace.split_once('.').unwrap_or((namespace, ""))
}

fn queried(call: &Call<'_>, token: Token) {
    let (database, collection) = namespace(call);
    let command = Command {
        name: "find".to_owned(),
        collection: collection.to_owned(),
    };
    finish(call, token, database, &command);
}

fn written(call: &Call<'_>, token: Token) {
    let (database, collection) = namespace(call);
    let address = call
        .arg(1)
        .and_then(Value::object)
        .map_or(0, Object::address);
    let operation = WRITES.with(|notes| notes.get(address).copied());
    let command = Command {
        name: operation.unwrap_or("bulkWrite").to_owned(),
        collection: collection.to_owned(),
    };
    finish(call, token, database, &command);
}

fn finish(call: &Call<'_>, token: Token, database: &str, command: &Command) {
    let address = call.this().map_or(0, Object::address);
    let server = SERVERS.with(|notes| notes.get(address).cloned());
    let server = server.unwrap_or_default();
    let mut peer = server.peer;
    if !database.is_empty() {
        peer.push('/');
        peer.push_str(database);
    }
    let name = match (&*command.name, &*command.collection) {
        ("", _) => "command",
        (name, "") => name,
        (name, collection) => &format!("{name} {collection}"),
    };
    let attributes = Encoded::of(&[
        ("db.system.name", Scalar::Str("mongodb")),
        ("db.namespace", Scalar::Str(database)),
        ("db.operation.name", Scalar::Str(&command.name)),
        ("db.collection.name", Scalar::Str(&command.collection)),
    ]);
    let shown = Shown {
        name,
        system: "mongodb",
        peer: &peer,
        encoded: &[&attributes, &server.attributes],
        error: "",
    };
    db::end(call, token, &shown);
}
