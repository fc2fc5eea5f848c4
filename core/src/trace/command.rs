//! Commands of a shell: which program they start, and nothing else of them.

/// What is shown where the program's name is not plain to see.
const SHELL: &str = "sh";

/// `process.executable.name` of a command that a shell runs: its first word, behind
/// assignments (`PGPASSWORD=… psql`, `env NAME=… cmd`). Whatever might be more than a
/// name or a path is `sh`; empty for a command without words.
#[must_use]
pub fn program(command: &[u8]) -> &str {
    let mut rest = command;
    let mut behind_env = None;
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return behind_env.unwrap_or("");
        }
        if is_assignment(rest) {
            match behind_word(rest) {
                Some(behind) => rest = behind,
                None => return SHELL,
            }
            continue;
        }
        let length = rest.iter().position(|&b| is_space(b)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(length);
        if let Some(env) = behind_env
            && word.first() == Some(&b'-')
        {
            return env;
        }
        match plain(word) {
            Some(env) if behind_env.is_none() && env.rsplit('/').next() == Some("env") => {
                behind_env = Some(env);
                rest = behind;
            }
            Some(name) => return name,
            None => return SHELL,
        }
    }
}

/// `word`, if it is a plain name or path of a program.
#[must_use]
pub fn plain(word: &[u8]) -> Option<&str> {
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"._/+-".contains(b);
    let word = std::str::from_utf8(word).ok()?;
    (!word.is_empty() && word.as_bytes().iter().all(is_plain)).then_some(word)
}

/// What separates a shell's words.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

/// Whether a word `NAME=…` begins here.
fn is_assignment(text: &[u8]) -> bool {
    let name = text
        .iter()
        .position(|&b| !(b.is_ascii_alphanumeric() || b == b'_'));
    !text[0].is_ascii_digit() && name.is_some_and(|end| end > 0 && text[end] == b'=')
}

/// What follows the first word; `None` where the shell would see more in it than texts
/// and quotes.
fn behind_word(text: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += match byte {
            _ if is_space(byte) => return Some(&text[at..]),
            b'\\' => 2,
            b'\'' => 2 + memchr::memchr(b'\'', &text[at + 1..])?,
            b'"' => 2 + double_quoted(&text[at + 1..])?,
            b'$' | b'`' | b'(' | b')' | b';' | b'|' | b'&' | b'<' | b'>' => return None,
            _ => 1,
        };
    }
    Some(&text[text.len()..])
}

/// Length of what stands before the closing `"`.
fn double_quoted(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            b'$' | b'`' => return None,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn programs() {
        for (command, shown) in [
            ("ls -l /secret", "ls"),
            ("  /usr/bin/g++ secret", "/usr/bin/g++"),
            ("PGPASSWORD=secret psql -c x", "psql"),
            (
                "A=secret\tB='a secret' C=\"a \\\" secret\" D=a\\ secret psql",
                "psql",
            ),
            ("env A=secret psql", "psql"),
            ("/usr/bin/env A='x secret' B= psql secret", "psql"),
            ("env -u secret psql", "env"),
            ("env", "env"),
            ("sudo -u secret psql", "sudo"),
            ("A=secret", ""),
            ("", ""),
            (" \n ", ""),
            ("A=$(cat secret) psql", "sh"),
            ("A=`cat secret` psql", "sh"),
            ("A=\"$(cat secret)\" psql", "sh"),
            ("A='secret psql", "sh"),
            ("A=(a secret) psql", "sh"),
            ("A+=secret psql", "sh"),
            ("(secret)", "sh"),
            ("'my secret' x", "sh"),
            ("true;A=secret psql", "sh"),
            ("A=a\rsecret psql", "psql"),
            ("A=a\u{c}secret psql", "psql"),
            ("é secret", "sh"),
        ] {
            assert_eq!(program(command.as_bytes()), shown, "{command:?}");
        }
        assert_eq!(program(b"\xff"), "sh");
        assert_eq!(program(b"A=\xff\\"), "");
    }

    proptest! {
        #[test]
        fn no_value_is_shown(
            env in "(env |/usr/bin/env )?",
            values in proptest::collection::vec(
                "[a-z0-9./\\r\\x0b\\x0c=é]{0,3}S3CRET[a-z0-9./\\r\\x0c=é]{0,3}\
                |'[^']{0,4}S3CRET[^']{0,4}'\
                |\"([^\"\\\\]|\\\\.){0,4}S3CRET([^\"\\\\]|\\\\.){0,4}\"\
                |a\\\\[ ;&'\"$]S3CRET|\\$\\{x:-S3CRET S3CRET\\}|\\$'a\\\\' S3CRET '|x;S3CRET", 1..4),
            space in "[ \\t\\n]{1,3}",
        ) {
            let mut command = env;
            for value in &values {
                command.push_str("NAME=");
                command.push_str(value);
                command.push_str(&space);
            }
            command.push_str("psql x");
            let shown = program(command.as_bytes());
            prop_assert!(shown == "psql" || shown == "sh", "{shown}: {command:?}");
        }

        #[test]
        fn any_bytes_are_taken(command in proptest::collection::vec(any::<u8>(), 0..40)) {
            let shown = program(&command);
            prop_assert!(shown.is_empty() || plain(shown.as_bytes()).is_some());
        }
    }
}
