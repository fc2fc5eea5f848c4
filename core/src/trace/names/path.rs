//! Paths of requests with their ids taken out: `/userinfo/1` is `/userinfo/$`.

use std::borrow::Cow;

/// Stands where an id stood; the original's sign.
const ID: char = '$';
/// Parts of a path that are kept; `*` stands for the rest.
const MAX_PARTS: usize = 10;
/// From this length on a part is no name.
const LONG: usize = 32;

/// The endpoint of a request path; the query, if there is one, is left out.
///
/// An id is: a number, a UUID, hex digits (8 and more, with a digit), a token (16 and more
/// of letters and digits mixed), an address of e-mail, whatever is long or holds encoded
/// bytes other than plain letters. Numbers inside a part go too: `page-12` is `page-$`.
/// Versions such as `v2` stay. Repeated slashes count as one.
#[must_use]
pub fn endpoint(path: &str) -> String {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let mut name = String::with_capacity(end.min(128) + 1);
    let mut parts = path[..end].split('/').filter(|part| !part.is_empty());
    for part in parts.by_ref().take(MAX_PARTS) {
        name.push('/');
        push_id_free(&mut name, part, ID);
    }
    if parts.next().is_some() {
        name.push_str("/*");
    }
    if name.is_empty() || path[..end].ends_with('/') {
        name.push('/');
    }
    name
}

/// Appends one part, a path's or a key's, with `id` for each of its ids.
pub fn push_id_free(out: &mut String, part: &str, id: char) {
    // No name is that long, and decoding need not look at more.
    if part.len() >= LONG * 3 {
        return out.push(id);
    }
    let decoded = if part.contains('%') {
        Cow::Owned(decode(part.as_bytes()))
    } else {
        Cow::Borrowed(part.as_bytes())
    };
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~+!'()*,;:=&{}<>[]$".contains(&b);
    if decoded.len() >= LONG || !decoded.iter().copied().all(is_plain) {
        return out.push(id);
    }
    let text = std::str::from_utf8(&decoded).unwrap_or_default();
    if is_version(text) {
        out.push_str(text);
    } else if is_token(text) {
        out.push(id);
    } else {
        without_numbers(out, text, id);
    }
}

/// Decodes `%41`; a lone `%` stays, and is then no plain letter.
fn decode(part: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(part.len());
    let mut at = 0;
    while let Some(&byte) = part.get(at) {
        let digits = part.get(at + 1..at + 3).filter(|_| byte == b'%');
        let value =
            digits.and_then(|d| crate::trace::ids::parse_hex(d, crate::trace::ids::Case::Any));
        out.push(value.map_or(byte, |v| v as u8));
        at += if value.is_some() { 3 } else { 1 };
    }
    out
}

/// `v1`, `V2.1`.
fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['v', 'V']) else {
        return false;
    };
    rest.len() <= 6
        && rest
            .split('.')
            .all(|n| (1..=2).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether the whole is one id: UUID, hex, token.
fn is_token(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 {
        return false;
    }
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let hex = bytes.iter().filter(|b| b.is_ascii_hexdigit()).count();
    let dashes = bytes.iter().filter(|b| **b == b'-').count();
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let is_hex = bytes.len() >= 8 && digits > 0 && hex + dashes == bytes.len() && hex >= 8;
    let is_mixed = bytes.len() >= 16 && digits >= 2 && digits + letters + dashes >= bytes.len() - 2;
    // Base64 without a digit by chance: capitals amid small letters, no separator.
    let turns = bytes
        .windows(2)
        .filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase())
        .count();
    let is_base64 = bytes.len() >= 20 && letters == bytes.len() && turns >= bytes.len() / 4;
    is_hex || is_mixed && dashes <= 1 || is_base64
}

/// Appends `text`, a sign for each run of digits; one digit inside a word stays (`mp3`).
fn without_numbers(out: &mut String, text: &str, id: char) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let run = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let after_letter = at > 0 && bytes[at - 1].is_ascii_alphabetic();
        if run > 1 || run == 1 && !after_letter {
            out.push(id);
            at += run;
        } else {
            out.push(char::from(bytes[at]));
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_are_taken_out() {
        for (path, name) in [
            ("/userinfo/1", "/userinfo/$"),
            ("/", "/"),
            ("", "/"),
            ("//a///b/", "/a/b/"),
            ("/a?id=1", "/a"),
            ("/a/b#c", "/a/b"),
            ("/u/550e8400-e29b-41d4-a716-446655440000/x", "/u/$/x"),
            ("/c/DEADBEEF01", "/c/$"),
            ("/c/deadbeef", "/c/deadbeef"),
            ("/t/eyJhbGciOiJIUzI1NiJ9", "/t/$"),
            ("/t/aBcDeFgHiJkLmNoPqRsT", "/t/$"),
            ("/m/me@example.com", "/m/$"),
            ("/api/v2/users/42/orders/7", "/api/v2/users/$/orders/$"),
            ("/api/v1.2/x", "/api/v1.2/x"),
            ("/page-12/mp3/oauth2/2fa", "/page-$/mp3/oauth2/$fa"),
            ("/%E4%BD%A0%E5%A5%BD", "/$"),
            ("/caf\u{e9}", "/$"),
            ("/%61bc", "/abc"),
            ("/0-", "/$-"),
            ("/$-", "/$-"),
            ("/100%", "/$"),
            ("/a%2Fb", "/$"),
            ("/how-to-write-a-very-long-title-of-a-page", "/$"),
            ("/wp-admin/admin-ajax.php", "/wp-admin/admin-ajax.php"),
            ("/index.php/App/Controller", "/index.php/App/Controller"),
            ("/createUserFromTemplate", "/createUserFromTemplate"),
            ("/1/2/3/a/b/c/d/e/f/g/h/i", "/$/$/$/a/b/c/d/e/f/g/*"),
        ] {
            assert_eq!(endpoint(path), name, "{path}");
        }
    }

    #[test]
    fn many_ids_are_one_name() {
        let mut ids = crate::trace::ids::Ids::from_seed(1);
        let names: std::collections::HashSet<String> = (0..2_000)
            .flat_map(|i| {
                [
                    format!("/a/{i}"),
                    format!("/a/{}", ids.trace().hex()),
                    format!("/a/{}", ids.span().hex()),
                ]
            })
            .map(|path| endpoint(&path))
            .collect();
        assert_eq!(names, std::collections::HashSet::from(["/a/$".to_owned()]));
    }

    proptest! {
        #[test]
        fn any_path_gets_a_short_plain_name(path in "\\PC*|(/[a-z0-9%.@-]{0,40}){0,20}") {
            let name = endpoint(&path);
            prop_assert!(name.starts_with('/') && name.is_ascii());
            prop_assert!(name.len() <= MAX_PARTS * LONG + 3);
            prop_assert_eq!(endpoint(&name), name.clone());
        }
    }
}
