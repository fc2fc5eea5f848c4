//! Names of low cardinality: of endpoints, of spans, of applications.

mod path;
mod rewrite;

pub use path::{endpoint, push_id_free};
pub use rewrite::rewrite;

/// Longest name of an application, bytes.
const MAX_APP: usize = 128;

/// The HTTP methods that are names; any other text could be anything.
const METHODS: [&str; 10] = [
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY",
];

/// `http.request.method`: a known method as it is, `_OTHER` for the rest.
#[must_use]
pub fn http_method(method: &str) -> &'static str {
    METHODS
        .into_iter()
        .find(|known| method.eq_ignore_ascii_case(known))
        .unwrap_or("_OTHER")
}

/// Name of an HTTP span by OpenTelemetry's conventions: `{method} {route}`, the method
/// alone without a route (as for clients), `HTTP` for a method that is not known.
#[must_use]
pub fn http_span(method: &str, route: Option<&str>) -> String {
    let method = match http_method(method) {
        "_OTHER" => "HTTP",
        known => known,
    };
    match route {
        Some(route) if !route.is_empty() => format!("{method} {route}"),
        _ => method.to_owned(),
    }
}

/// Name of an application under FPM, as the original had it: the header `Host` with its
/// port, else the server's address.
///
/// The header is the client's: one that is no host name is not taken.
#[must_use]
pub fn fpm_app(host: &str, server_address: &str) -> String {
    let host = host.trim();
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b);
    if !host.is_empty() && host.len() <= MAX_APP && host.bytes().all(is_name) {
        host.to_ascii_lowercase()
    } else {
        server_address.to_owned()
    }
}

/// Name of an application behind an HTTP server of Swoole: `ip:port` of its main port.
#[must_use]
pub fn http_server_app(ip: &str, port: u16) -> String {
    format!("{ip}:{port}")
}

/// Name of an application behind any other server of Swoole: `ip(hostname):port`.
#[must_use]
pub fn server_app(ip: &str, hostname: &str, port: u16) -> String {
    format!("{ip}({hostname}):{port}")
}

/// The original's default white list of file-name keywords.
pub const WHITE_LIST: [&str; 4] = ["App", "Controller", "Model", "wp-includes"];

/// Interface name by the original's white list, such as
/// `App\Controller\Index::test()[(PDO::query)]`.
///
/// `frames` are (file, function with its class), innermost first. The keywords are tried
/// in order; the innermost frame whose file contains the first that matches gives the
/// name. `call` is the instrumented function, without brackets.
#[must_use]
pub fn white_listed<'a>(
    keywords: impl IntoIterator<Item = &'a str>,
    frames: impl IntoIterator<Item = (&'a str, &'a str), IntoIter: Clone>,
    call: &str,
) -> Option<String> {
    let frames = frames.into_iter();
    let (_, function) = keywords
        .into_iter()
        .filter(|keyword| !keyword.is_empty())
        .find_map(|keyword| frames.clone().find(|(file, _)| file.contains(keyword)))?;
    Some(format!("{function}()[({call})]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_http() {
        assert_eq!(http_span("GET", Some("/users/{id}")), "GET /users/{id}");
        assert_eq!(http_span("post", None), "POST");
        assert_eq!(http_span("GET", Some("")), "GET");
        assert_eq!(http_span("x3f9a", Some("/a")), "HTTP /a");
        assert_eq!(http_method("x3f9a"), "_OTHER");
    }

    #[test]
    fn applications_as_the_original_named_them() {
        assert_eq!(
            fpm_app("Shop.example.com:8080", "10.0.0.1"),
            "shop.example.com:8080"
        );
        assert_eq!(fpm_app("[::1]:80", "10.0.0.1"), "[::1]:80");
        for hostile in ["", " ", "a b", "a/b", "<script>", "é.fr", &"a".repeat(200)] {
            assert_eq!(fpm_app(hostile, "10.0.0.1"), "10.0.0.1", "{hostile}");
        }
        assert_eq!(http_server_app("10.0.0.1", 9501), "10.0.0.1:9501");
        assert_eq!(server_app("10.0.0.1", "web1", 9502), "10.0.0.1(web1):9502");
    }

    #[test]
    fn the_white_list_takes_the_first_keyword() {
        let frames = [
            ("/srv/vendor/db.php", "Db::run"),
            ("/srv/app/Model/User.php", "Model\\User::find"),
            (
                "/srv/App/Controller/Index.php",
                "App\\Controller\\Index::test",
            ),
            ("/srv/App/Kernel.php", "App\\Kernel::handle"),
        ];
        let name = |keywords: &[&'static str]| {
            white_listed(keywords.iter().copied(), frames, "PDO::query")
        };
        assert_eq!(
            name(&WHITE_LIST).unwrap(),
            "App\\Controller\\Index::test()[(PDO::query)]"
        );
        assert_eq!(
            name(&["Model", "App"]).unwrap(),
            "Model\\User::find()[(PDO::query)]"
        );
        assert_eq!(name(&["kernel", ""]), None);
    }
}
