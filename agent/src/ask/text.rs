//! Durations and foreign texts, as a terminal shows them.

/// Columns of the terminal that is written for.
pub const WIDTH: usize = 96;

/// Microseconds in at most seven columns.
#[must_use]
pub fn duration(us: u64) -> String {
    let ms = us as f64 / 1e3;
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..9_995 => format!("{ms:.2} ms"),
        9_995..99_950 => format!("{ms:.1} ms"),
        99_950..999_500 => format!("{ms:.0} ms"),
        999_500..99_995_000 => format!("{:.2} s", ms / 1e3),
        _ => format!("{:.0} s", ms / 1e3),
    }
}

/// A number of things: `1 error`, `2 errors`, `2 processes`.
#[must_use]
pub fn count(n: impl Into<u64>, what: &str) -> String {
    let ending = match (n.into(), what.ends_with('s')) {
        (1, _) => return format!("1 {what}"),
        (n, true) => (n, "es"),
        (n, false) => (n, "s"),
    };
    format!("{} {what}{}", ending.0, ending.1)
}

/// A peer, where there is little room: of the path of a socket only the name, and what is behind
/// it.
#[must_use]
pub fn peer(peer: &str) -> &str {
    let is_path = peer.starts_with('/');
    let name = peer.find(".sock").filter(|_| is_path);
    match name.and_then(|at| peer[..at].rfind('/')) {
        Some(slash) => &peer[slash + 1..],
        None => peer,
    }
}

/// On one line, at most `width` columns, and without what a terminal would obey: the texts are
/// those of the traced programs.
#[must_use]
pub fn line(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut columns = 0;
    let mut gap = false;
    for char in text.chars() {
        if char.is_whitespace() {
            gap = true;
            continue;
        }
        let space = usize::from(std::mem::take(&mut gap) && columns > 0);
        if columns + space + 1 > width {
            // Room for the ellipsis: what is behind the last column but one goes.
            let cut = out.char_indices().nth(width.saturating_sub(1));
            out.truncate(cut.map_or(out.len(), |(at, _)| at));
            out.push('…');
            return out;
        }
        if space == 1 {
            out.push(' ');
        }
        // Turned writing direction can fake a line as well as an escape sequence.
        let is_obeyed = char.is_control()
            || matches!(char, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        out.push(if is_obeyed { '\u{fffd}' } else { char });
        columns += space + 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_fit() {
        let shown = [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_000, "1.00 ms"),
            (9_994, "9.99 ms"),
            (9_996, "10.0 ms"),
            (12_345, "12.3 ms"),
            (99_960, "100 ms"),
            (1_500_000, "1.50 s"),
            (123_456_789, "123 s"),
        ];
        for (us, text) in shown {
            assert_eq!(duration(us), text);
            assert!(text.chars().count() <= 7);
        }
    }

    #[test]
    fn one_is_not_many() {
        let shown = [(0_u64, "0 processes"), (1, "1 process"), (2, "2 processes")];
        for (n, text) in shown {
            assert_eq!(count(n, "process"), text);
        }
        assert_eq!(
            (count(1_u64, "error"), count(3_u64, "error")),
            ("1 error".into(), "3 errors".into())
        );
    }

    #[test]
    fn of_a_socket_only_the_name_is_shown() {
        assert_eq!(peer("/run/mysqld/mysqld.sock/shop"), "mysqld.sock/shop");
        assert_eq!(peer("/run/redis"), "/run/redis");
        assert_eq!(peer("db:3306/shop"), "db:3306/shop");
        assert_eq!(peer(""), "");
    }

    #[test]
    fn foreign_texts_are_one_harmless_line() {
        assert_eq!(line(" SELECT\n\t a  FROM b ", 80), "SELECT a FROM b");
        assert_eq!(line("a\x1b[31mb\u{202e}c", 80), "a\u{fffd}[31mb\u{fffd}c");
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        assert_eq!(line("abcde fg", 6), "abcde…");
        assert_eq!(line("abcdef", 0), "…");
    }
}
