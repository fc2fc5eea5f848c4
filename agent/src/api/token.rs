//! Tokens. The file holds only their SHA-256: it tells nobody a token.
//!
//! A token is 32 random bytes, so a plain hash cannot be reversed by guessing.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What stands before a hash in the file.
const PREFIX: &str = "sha256:";

/// The hashes of tokens that are valid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens(Vec<[u8; 32]>);

impl Tokens {
    /// Reads a file of lines `sha256:<64 hex digits> <name>`; empty lines and those that begin
    /// with `#` are skipped.
    ///
    /// # Errors
    /// When it cannot be read, a line is something else, or there is no token in it.
    pub fn load(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut tokens = Vec::new();
        for (n, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let hash = line
                .strip_prefix(PREFIX)
                .and_then(|rest| parse(rest.split(' ').next()?));
            tokens.push(hash.ok_or_else(|| {
                format!("{}:{n}: not {PREFIX} and 64 hex digits", path.display())
            })?);
        }
        if tokens.is_empty() {
            return Err(format!("{}: holds no token", path.display()));
        }
        Ok(Self(tokens))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an API may listen on `http` with these.
    ///
    /// # Errors
    /// When other machines can reach it and there is no token.
    pub fn suffice(&self, http: SocketAddr) -> Result<(), String> {
        if http.ip().is_loopback() || !self.is_empty() {
            return Ok(());
        }
        Err(format!(
            "the API does not listen on {http}, which other machines can reach, without a token: \
             see token_file"
        ))
    }

    /// Whether `token` is valid; takes the same time for every wrong one.
    #[must_use]
    pub fn knows(&self, token: &str) -> bool {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let found = self.0.iter().map(|known| known.ct_eq(&hash));
        found
            .fold(subtle::Choice::from(0), |any, one| any | one)
            .into()
    }
}

/// Makes a token, appends its hash to the file under `name`, and gives the token, which is
/// nowhere else.
///
/// # Errors
/// When the file cannot be written.
pub fn create(path: &Path, name: &str) -> Result<String, String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| e.to_string())?;
    let token = hex(&bytes);
    let hash: [u8; 32] = Sha256::digest(&token).into();
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let line = format!("{PREFIX}{} {name}\n", hex(&hash));
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path);
    file.and_then(|mut file| file.write_all(line.as_bytes()))
        .map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(token)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn parse(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_token_is_known_and_not_in_the_file() {
        let scratch = Scratch::new();
        let path = scratch.path().join("tokens");
        let (first, second) = (
            create(&path, "grafana").unwrap(),
            create(&path, "me\n").unwrap(),
        );
        let tokens = Tokens::load(&path).unwrap();
        assert!(tokens.knows(&first) && tokens.knows(&second));
        for wrong in ["", &first[1..], "sha256:", &second.to_uppercase()] {
            assert!(!tokens.knows(wrong), "{wrong}");
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&first));
        // The hash itself opens nothing.
        assert!(!tokens.knows(&text[PREFIX.len()..PREFIX.len() + 64]));
    }

    #[test]
    fn a_file_without_tokens_is_refused() {
        let scratch = Scratch::new();
        let path = scratch.path().join("tokens");
        for text in ["", "# nothing\n", "secret\n", "sha256:ff\n", "sha256:é\n"] {
            std::fs::write(&path, text).unwrap();
            assert!(Tokens::load(&path).is_err(), "{text}");
        }
    }
}
