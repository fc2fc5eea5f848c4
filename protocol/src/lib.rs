//! The wire between the PHP extension and the agent.
//!
//! A Unix stream socket carries [frames](frame): a header of twelve bytes and a
//! MessagePack body. The extension opens with [`message::Hello`], then sends
//! [batches](message::Batch) of [records](record); the agent answers with
//! [`message::Welcome`] and [`message::Ack`].
//!
//! Every composite is a MessagePack *array* whose fields have fixed places. A newer
//! side appends fields; an older one skips what it does not know, and gives what is
//! missing its default. Record kinds and frame types that are not known are
//! skipped as well. `docs/WIRE.md` lists every field.
//!
//! Nothing here allocates by a length that a peer claims: see [`limits`].

#![forbid(unsafe_code)]

pub mod frame;
pub mod limits;
pub mod message;
pub mod msgpack;
pub mod outbox;
pub mod record;

/// Version of the wire. Raised only when an older peer could misread a frame;
/// added fields and records do not raise it.
pub const VERSION: u8 = 1;
