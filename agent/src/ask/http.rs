//! One question to the agent's HTTP API, as a command asks it.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde::Deserialize;

/// Time to connect, and between two pieces of the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read: a trace of 100 000 spans fits.
const MAX_ANSWER: u64 = 256 << 20;
/// Where the token of an API that asks for one is looked for.
const TOKEN: &str = "TRACKER_TOKEN";

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}

/// The body that the API answers `path` with.
///
/// # Errors
/// Those of the connection; when the answer is none, or not 200: what the API says of it.
pub fn get(address: SocketAddr, path: &str) -> io::Result<String> {
    let token = std::env::var(TOKEN).ok();
    ask(address, path, token.as_deref())
}

fn ask(address: SocketAddr, path: &str, token: Option<&str>) -> io::Result<String> {
    let token = token.map(str::trim).filter(|token| !token.is_empty());
    let answer = exchange(address, path, token)?;
    let answer = String::from_utf8(answer).map_err(|_| io::Error::other("not UTF-8"))?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or_else(|| io::Error::other("no HTTP"))?;
    let status = head.lines().next().unwrap_or("");
    match status.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        Some("401") if token.is_some() => Err(io::Error::other(format!(
            "it does not know the token in {TOKEN}: its hash is not in the agent's token_file, \
             or was added after the agent read that (SIGHUP reads it again)"
        ))),
        Some("401") => Err(io::Error::other(format!(
            "it asks for a token: put one into {TOKEN} (tracker-agent token makes them)"
        ))),
        _ => {
            let refusal = serde_json::from_str::<Refusal>(body);
            let why = refusal.map_or_else(|_| status.to_owned(), |r| r.error.message);
            Err(io::Error::other(why))
        }
    }
}

fn exchange(address: SocketAddr, path: &str, token: Option<&str>) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let token = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    // 1.0: the answer comes whole, never in chunks.
    let request =
        format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n{token}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
    Ok(answer)
}

/// A part of a path or of a question, percent-encoded.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(nibble.into(), 16));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::canned;

    #[test]
    fn an_answer_is_read_and_a_failure_told() {
        let (address, asked) = canned(vec![
            ("200 OK", "x 1\n".into()),
            ("404 Not Found", "gone".into()),
            (
                "404 Not Found",
                r#"{"error":{"code":"not_found","message":"no such trace"}}"#.into(),
            ),
            ("401 Unauthorized", "{}".into()),
        ]);
        assert_eq!(get(address, "/metrics").unwrap(), "x 1\n");
        for why in ["404 Not Found", "no such trace", "TRACKER_TOKEN"] {
            let trouble = get(address, "/metrics").unwrap_err().to_string();
            assert!(trouble.contains(why), "{trouble}");
        }
        assert_eq!(asked.join().unwrap(), ["/metrics"; 4]);
    }

    #[test]
    fn a_wrong_token_is_told_from_none() {
        let refusal = || ("401 Unauthorized", String::from("{}"));
        let (address, _asked) = canned(vec![refusal(), refusal(), refusal()]);
        for (token, wanted) in [
            (None, "it asks for a token"),
            (Some(" "), "it asks for a token"),
            (Some("abc"), "does not know the token in TRACKER_TOKEN"),
        ] {
            let trouble = ask(address, "/", token).unwrap_err().to_string();
            assert!(trouble.contains(wanted), "{trouble}");
        }
    }

    #[test]
    fn what_is_not_a_plain_letter_is_encoded() {
        assert_eq!(encode("shop:8080 a/b?ü"), "shop%3a8080%20a%2fb%3f%c3%bc");
    }
}
