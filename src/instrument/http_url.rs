//! The parts of a URL that a span shows.

/// A URL without what nobody else should see: no user, no password, no query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Url {
    /// `url.full`.
    pub full: String,
    /// `server.address`.
    pub host: String,
    /// `server.port`.
    pub port: u16,
}

impl Url {
    /// Takes a URL apart. One without a scheme is taken for http, as curl does.
    pub fn of(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", &text));
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let path = tail.split(['?', '#']).next().unwrap_or("");
        let address = authority.rsplit_once('@').map_or(authority, |(_, a)| a);
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
            _ => (address, None),
        };
        let usual = if scheme.eq_ignore_ascii_case("https") {
            443
        } else {
            80
        };
        Self {
            full: format!("{scheme}://{address}{path}"),
            host: host.to_owned(),
            port: port.unwrap_or(usual),
        }
    }

    /// `host:port`.
    pub fn peer(&self) -> String {
        if self.host.is_empty() {
            return String::new();
        }
        format!("{}:{}", self.host, self.port)
    }
}
