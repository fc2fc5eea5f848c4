//! Addresses of outgoing calls: without what is secret in them, and taken apart.

/// Longest address shown, bytes.
const MAX_URL: usize = 2_048;
/// Stands where something was hidden, as OpenTelemetry's conventions have it.
const HIDDEN: &str = "REDACTED";

/// `url.full`: without user and password, without the values of the query, without the
/// fragment. What is no address of a host is hidden: `http://REDACTED`.
#[must_use]
pub fn redact(url: &str) -> String {
    let url = crate::trace::cut(url, MAX_URL);
    let (scheme, rest) = split_scheme(url);
    let mut out = String::with_capacity(url.len());
    if let Some(scheme) = scheme {
        out.push_str(scheme);
        out.push_str("://");
    }
    // Without a scheme, but with a host.
    let rest = match rest.strip_prefix("//") {
        Some(behind) if scheme.is_none() => {
            out.push_str("//");
            behind
        }
        _ => rest,
    };
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    // A slash in a password ends the authority early: then no host is left.
    // Some readers take slashes too many for none.
    let may_hide_one = !authority.is_empty() || !out.is_empty() && rest.contains('@');
    if host.is_empty() && may_hide_one || !host.is_empty() && split_port(host).is_none() {
        out.push_str(HIDDEN);
        return out;
    }
    out.push_str(host);
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    put_path(&mut out, path);
    for (index, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        out.push(if index == 0 { '?' } else { '&' });
        put_pair(&mut out, pair);
    }
    out
}

/// A path, whose parameters (`;jsessionid=…`) are treated like those of a query.
fn put_path(out: &mut String, path: &str) {
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            out.push('/');
        }
        let mut parts = segment.split(';');
        out.push_str(parts.next().unwrap_or_default());
        for pair in parts {
            out.push(';');
            if !pair.is_empty() {
                put_pair(out, pair);
            }
        }
    }
}

/// A name without its value. A name alone may be a token.
fn put_pair(out: &mut String, pair: &str) {
    if let Some((name, _)) = pair.split_once('=') {
        out.push_str(name);
        out.push('=');
    }
    out.push_str(HIDDEN);
}

/// Scheme and the rest behind `://`.
fn split_scheme(url: &str) -> (Option<&str>, &str) {
    match url.split_once("://") {
        Some((scheme, rest))
            if scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) =>
        {
            (Some(scheme), rest)
        }
        _ => (None, url),
    }
}

/// Host and port; `None` for what is no host.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let colon = match authority.rfind(']') {
        Some(bracket) => authority[bracket..].find(':').map(|at| at + bracket),
        None => authority.rfind(':'),
    };
    let (host, port) = match colon {
        Some(at) if at + 1 < authority.len() => {
            (&authority[..at], Some(authority[at + 1..].parse().ok()?))
        }
        Some(at) => (&authority[..at], None),
        None => (authority, None),
    };
    let in_brackets = host.starts_with('[') && host.ends_with(']');
    let is_host = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b) || b >= 0x80;
    let is_address = |b: u8| b.is_ascii_hexdigit() || b":.%".contains(&b);
    let valid = if in_brackets {
        host.len() > 2 && host[1..host.len() - 1].bytes().all(is_address)
    } else {
        !host.is_empty() && host.bytes().all(is_host)
    };
    valid.then_some((host, port))
}

/// `server.address` and `server.port`: the host (IPv6 without brackets) and the port, the
/// scheme's own one where none is named (0 when the scheme is not known).
#[must_use]
pub fn server(url: &str) -> Option<(&str, u16)> {
    let (scheme, rest) = split_scheme(url);
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, port) = split_port(host)?;
    let port =
        port.unwrap_or_else(
            || match scheme.unwrap_or("http").to_ascii_lowercase().as_str() {
                "http" | "ws" => 80,
                "https" | "wss" => 443,
                "ftp" => 21,
                _ => 0,
            },
        );
    Some((host.trim_start_matches('[').trim_end_matches(']'), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_go() {
        for (url, shown) in [
            ("http://h/p", "http://h/p"),
            (
                "https://u:secret@h:8443/p?a=secret&b=&secret#secret",
                "https://h:8443/p?a=REDACTED&b=REDACTED&REDACTED",
            ),
            ("http://secret:secret@secret@h", "http://h"),
            ("secret:secret@h/p", "h/p"),
            ("h?token=secret", "h?token=REDACTED"),
            ("http://[::1]:80/", "http://[::1]:80/"),
            ("http://u:secret/secret@h/", "http://REDACTED"),
            ("file:///etc/x", "file:///etc/x"),
            ("//u:secret@h/p?a=secret", "//h/p?a=REDACTED"),
            ("///u:secret@h/p", "//REDACTED"),
            ("http:///u:secret@h/", "http://REDACTED"),
            (
                "http://h/a;jsessionid=secret/b;secret;/c?d=secret",
                "http://h/a;jsessionid=REDACTED/b;REDACTED;/c?d=REDACTED",
            ),
            ("/a;jsessionid=secret", "/a;jsessionid=REDACTED"),
            ("/path?a=secret", "/path?a=REDACTED"),
            ("http://", "http://"),
            ("", ""),
            (":", "REDACTED"),
        ] {
            assert_eq!(redact(url), shown, "{url}");
        }
        assert!(redact(&"é".repeat(5_000)).len() <= MAX_URL);
    }

    #[test]
    fn servers() {
        assert_eq!(server("http://h/p"), Some(("h", 80)));
        assert_eq!(server("HTTPS://u:p@h"), Some(("h", 443)));
        assert_eq!(server("https://[fe80::1]:8080/x"), Some(("fe80::1", 8080)));
        assert_eq!(server("h:81"), Some(("h", 81)));
        assert_eq!(server("h:"), Some(("h", 80)));
        assert_eq!(server("gopher://h"), Some(("h", 0)));
        for wrong in [
            "",
            "http://",
            "http://h:99999",
            "/p",
            "http://a b/",
            "http://[/",
        ] {
            assert_eq!(server(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_secret_survives(user in "[a-z]{0,3}", sign in "[:@]{0,3}", path in "[a-z/]{0,9}",
            glue in "[?&=]{1,4}")
        {
            let url = format!("http://{user}:s3cret{sign}@host/{path}?a=s3cret{glue}b=s3cret#s3cret");
            prop_assert!(!redact(&url).contains("s3cret"), "{}", redact(&url));
        }

        #[test]
        fn any_text_is_taken_and_twice_is_once(url in "\\PC*|[a-z:/@?#&=\\[\\]%.]{0,40}") {
            let once = redact(&url);
            prop_assert_eq!(redact(&once), once.clone());
            let _ = server(&url);
        }
    }
}
