//! The other side of a connection, as spans name it.

use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::Encoded;

/// A server, or several of which any may have answered.
#[derive(Debug, Clone, Default)]
pub struct Server {
    /// `host:port`, or all of them.
    pub peer: String,
    /// `server.address` and `server.port`; nothing if it is not known, or not which
    /// of several.
    pub attributes: Encoded,
}

/// Servers of a list that are named.
const MOST: usize = 8;

impl Server {
    /// One server. The port of a socket (`/run/…`, `unix:/run/…`) is not looked at.
    pub fn new(host: &str, port: u16) -> Self {
        let is_socket = host.starts_with('/') || host.starts_with("unix:");
        let port = if is_socket { 0 } else { port };
        let known = [
            ("server.address", Scalar::Str(host)),
            ("server.port", Scalar::Int(i64::from(port))),
        ];
        let has_port = port != 0 && !host.is_empty();
        Self {
            attributes: Encoded::of(&known[..1 + usize::from(has_port)]),
            peer: if has_port {
                format!("{host}:{port}")
            } else {
                host.to_owned()
            },
        }
    }

    /// The one of a list such as `a:1,b`, or all of it.
    pub fn of_list<'a>(list: impl Iterator<Item = &'a str>, usual_port: u16) -> Self {
        let mut servers = list
            .map(str::trim)
            .filter(|place| !place.is_empty())
            .take(MOST)
            .map(|place| Self::of_place(place, usual_port));
        let Some(mut first) = servers.next() else {
            return Self::default();
        };
        for other in servers {
            first.attributes = Encoded::default();
            first.peer.push(',');
            first.peer.push_str(&other.peer);
        }
        first
    }

    /// `host:port`, `host`, `[::1]:port`, `scheme://host:port`.
    fn of_place(place: &str, usual_port: u16) -> Self {
        let place = place.split_once("://").map_or(place, |(_, rest)| rest);
        match place.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => match port.parse() {
                Ok(port) => Self::new(host, port),
                Err(_) => Self::new(place, 0),
            },
            _ => Self::new(place, usual_port),
        }
    }
}
