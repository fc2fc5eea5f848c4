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
static CLIENTS: Global<Notes<Client>> = Global::new(Notes::new());

struct Client {
    /// Hosts and ports, in the client's order.
    servers: Vec<(String, i64, Server)>,
    /// All of them as one.
    all: Server,
    /// Which of several the command that runs is for.
    now: Option<usize>,
}

/// The request is over: so are its objects.
pub fn request_ends() {
    CLIENTS.with(Notes::clear);
}

/// The list of servers is read anew at the next command.
fn changed(call: &Call<'_>, _: Token) {
    if let Some(this) = call.this() {
        CLIENTS.with(|notes| notes.remove(this.address()));
    }
}

/// A client whose connections are kept over requests has its servers already, so
/// it is asked for them.
fn begin(call: &Call<'_>) -> Token {
    let token = spans::begin(SpanKind::Client, call.row.name);
    if token != 0
        && let Some(this) = call.this()
    {
        let mut known = CLIENTS.with(|notes| Some(notes.get(this.address())?.servers.len()));
        if known.is_none() {
            known = list(this);
        }
        if known > Some(1) {
            choose(call, this);
        }
    }
    token
}

/// Host and port of an element of what the client says of its servers.
fn place(entry: Value<'_>) -> Option<(&str, i64)> {
    Some((entry.get("host")?.text()?, entry.get("port")?.long()?))
}

/// Asks a client for its servers; how many there are.
fn list(client: Object<'_>) -> Option<usize> {
    let servers = call::method(client, "getserverlist", None, |list| {
        let list = list.into_iter().flat_map(Value::entries);
        let servers = list.filter_map(|(_, entry)| {
            let (host, port) = place(entry)?;
            let server = Server::new(host, u16::try_from(port).unwrap_or(0));
            Some((host.to_owned(), port, server))
        });
        servers.collect::<Vec<_>>()
    })?;
    let count = servers.len();
    let all = Server::of_list(servers.iter().map(|(_, _, server)| &*server.peer), 0);
    let note = Client {
        servers,
        all,
        now: None,
    };
    CLIENTS.with(|notes| notes.insert(client.address(), note));
    Some(count)
}

/// Which server has the key. Its result code is not seen by anybody: the command
/// that is about to run sets its own.
fn choose(call: &Call<'_>, client: Object<'_>) {
    let Some(key) = call.arg(0).filter(|key| key.bytes().is_some()) else {
        return;
    };
    call::method(client, "getserverbykey", Some(key), |found| {
        let found = found.and_then(place);
        CLIENTS.with(|notes| {
            if let Some(note) = notes.get_mut(client.address()) {
                let is_it = |(host, port, _): &(String, i64, Server)| found == Some((host, *port));
                note.now = note.servers.iter().position(is_it);
            }
        });
    });
}

fn end(call: &Call<'_>, token: Token) {
    let address = call.this().map_or(0, Object::address);
    CLIENTS.with(|notes| {
        let Some(note) = notes.get_mut(address) else {
            return finish(call, token, &Server::default());
        };
        let now = note.now.take().and_then(|now| note.servers.get(now));
        finish(call, token, now.map_or(&note.all, |(_, _, server)| server));
    });
}

fn finish(call: &Call<'_>, token: Token, server: &Server) {
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
