//! The memcached extension.

use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::notes::Notes;
use super::servers::Server;
use super::{always, method, thrown};
use crate::context::spans::{self, Finish};
use crate::zend::call;
use crate::zend::cell::Global;
use crate::zend::handlers::{Call, Row, Token};
use crate::zend::value::{Object, Value};

/// Rows for commands.
macro_rules! commands {
    ($($name:literal)*) => {
        /// Rows of this file.
        pub const ROWS: &[Row] = &[
            method!("Memcached", "__construct", always, changed),
            method!("Memcached", "addServer", always, changed),
            method!("Memcached", "addServers", always, changed),
            method!("Memcached", "resetServerList", always, changed),
            $(method!("Memcached", $name, begin, end),)*
        ];
    };
}

commands! {
    "add" "addByKey" "append" "appendByKey" "cas" "casByKey" "decrement" "decrementByKey" "delete"
    "deleteByKey" "deleteMulti" "deleteMultiByKey" "fetch" "fetchAll" "flush" "get" "getByKey"
    "getDelayed" "getDelayedByKey" "getMulti" "getMultiByKey" "getStats" "getVersion" "increment"
    "incrementByKey" "prepend" "prependByKey" "replace" "replaceByKey" "set" "setByKey" "setMulti"
    "setMultiByKey" "touch" "touchByKey"
}

/// Servers of clients.
static SERVERS: Global<Notes<Client>> = Global::new(Notes::new());

struct Client {
    /// All of them.
    all: Server,
    /// Which of several the command that runs is for.
    now: Option<Server>,
}

/// The request is over: so are its objects.
pub fn request_ends() {
    SERVERS.with(Notes::clear);
}

/// The list of servers is read anew at the next command.
fn changed(call: &Call<'_>, _: Token) {
    if let Some(this) = call.this() {
        SERVERS.with(|notes| notes.remove(this.address()));
    }
}

/// A client whose connections are kept over requests has its servers already, so
/// it is asked for them.
fn begin(call: &Call<'_>) -> Token {
    let token = spans::begin(SpanKind::Client, call.row.name);
    if token != 0
        && let Some(this) = call.this()
    {
        let is_known = SERVERS.with(|notes| notes.get(this.address()).is_some());
        if !is_known {
            list(this);
        }
        let are_several = SERVERS.with(|notes| {
            let client = notes.get(this.address());
            client.is_some_and(|client| client.all.peer.contains(','))
        });
        if are_several {
            choose(call, this);
        }
    }
    token
}

/// An element of what the client says of its servers.
fn server(entry: Value<'_>) -> Option<Server> {
    let port = entry.get("port")?.long()?;
    let host = entry.get("host")?.text()?;
    Some(Server::new(host, u16::try_from(port).unwrap_or(0)))
}

fn list(client: Object<'_>) {
    let servers = call::method(client, "getserverlist", None, |list| {
        let list = list.into_iter().flat_map(Value::entries);
        let places = list.filter_map(|(_, entry)| server(entry));
        places.map(|server| server.peer).collect::<Vec<_>>()
    });
    let all = Server::of_list(servers.iter().flatten().map(String::as_str), 0);
    let note = Client { all, now: None };
    SERVERS.with(|notes| notes.insert(client.address(), note));
}

/// Which server has the key. Its result code is not seen by anybody: the command
/// that is about to run sets its own.
fn choose(call: &Call<'_>, client: Object<'_>) {
    let key = call.arg(0).filter(|key| key.bytes().is_some());
    let chosen = key
        .and_then(|key| call::method(client, "getserverbykey", Some(key), |found| server(found?)));
    SERVERS.with(|notes| {
        if let Some(note) = notes.get_mut(client.address()) {
            note.now = chosen.flatten();
        }
    });
}

fn end(call: &Call<'_>, token: Token) {
    let address = call.this().map_or(0, Object::address);
    let server = SERVERS.with(|notes| {
        let note = notes.get_mut(address)?;
        Some(note.now.take().unwrap_or_else(|| note.all.clone()))
    });
    let server = server.unwrap_or_default();
    let attributes = [
        ("db.system.name", Scalar::Str("memcached")),
        ("db.operation.name", Scalar::Str(call.row.function)),
    ];
    spans::end(
        token,
        &Finish {
            name: call.row.function,
            system: "memcached",
            peer: &server.peer,
            attributes: &attributes,
            encoded: &[&server.attributes],
            // `false` is an answer here: no such key.
            failure: thrown(call),
            ..Finish::default()
        },
    );
}
