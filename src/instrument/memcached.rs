//! The memcached extension.

use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::SpanKind;

use super::{method, thrown};
use crate::context::spans::{self, Finish};
use crate::zend::handlers::{Call, Row, Token};

/// Rows for commands.
macro_rules! commands {
    ($($name:literal)*) => {
        /// Rows of this file.
        pub const ROWS: &[Row] = &[$(method!("Memcached", $name, begin, end),)*];
    };
}

commands! {
    "add" "addByKey" "append" "appendByKey" "cas" "casByKey" "decrement" "decrementByKey" "delete"
    "deleteByKey" "deleteMulti" "deleteMultiByKey" "fetch" "fetchAll" "flush" "get" "getByKey"
    "getDelayed" "getDelayedByKey" "getMulti" "getMultiByKey" "getStats" "getVersion" "increment"
    "incrementByKey" "prepend" "prependByKey" "replace" "replaceByKey" "set" "setByKey" "setMulti"
    "setMultiByKey" "touch" "touchByKey"
}

fn begin(call: &Call<'_>) -> Token {
    spans::begin(SpanKind::Client, call.row.name)
}

fn end(call: &Call<'_>, token: Token) {
    let attributes = [
        ("db.system.name", Scalar::Str("memcached")),
        ("db.operation.name", Scalar::Str(call.row.function)),
    ];
    spans::end(
        token,
        &Finish {
            name: call.row.function,
            system: "memcached",
            attributes: &attributes,
            // `false` is an answer here: no such key.
            failure: thrown(call),
            ..Finish::default()
        },
    );
}
