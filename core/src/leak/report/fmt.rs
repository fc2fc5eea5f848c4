//! Small formatters that several outputs share: sizes, counts, and names made
//! safe to print.
//!
//! A leak log is untrusted input. Every name from it passes through
//! [`visible`] before it reaches a person or another tool, and through
//! [`html`] before it reaches a page.

use std::borrow::Cow;

/// `12.0 KB`, in steps of 1024; plain bytes below that.
#[must_use]
pub fn bytes(value: i64) -> String {
    scaled(value as f64)
}

/// Like [`bytes`] with an explicit sign, for growth: `+12.0 KB`, `-8 B`.
#[must_use]
pub fn signed_bytes(value: f64) -> String {
    let text = scaled(value);
    if value.is_finite() && value > 0.0 {
        format!("+{text}")
    } else {
        text
    }
}

fn scaled(value: f64) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let sign = if value <= -0.05 { "-" } else { "" };
    let mut size = value.abs();
    // A slow leak of half a byte per loop must not read as "0 B".
    if size < 9.95 && size.fract() >= 0.05 {
        return format!("{sign}{size:.1} B");
    }
    if size.round() < 1024.0 {
        return format!("{sign}{size:.0} B");
    }
    for unit in ["KB", "MB", "GB", "TB", "PB"] {
        size /= 1024.0;
        // 1023.95 would be printed as 1024.0: that is 1.0 of the next unit.
        if size < 1023.95 {
            return format!("{sign}{size:.1} {unit}");
        }
    }
    format!("{sign}{:.1} EB", size / 1024.0)
}

/// `4 102`: thousands set apart by a space, as in the holder paths.
#[must_use]
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// `1 line`, `2 lines`, `3 processes`.
#[must_use]
pub fn counted(value: u64, noun: &str) -> String {
    let ending = match (value, noun.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{} {noun}{ending}", count(value))
}

/// The name with everything spelled out that would move the cursor, colour the
/// terminal or reverse the text: control characters as `\x1b`, invisible
/// direction marks as `\u{202e}`. One line in, one line out.
#[must_use]
pub fn visible(name: &str) -> Cow<'_, str> {
    if !name.chars().any(is_deceptive) {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 16);
    for character in name.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_deceptive(c) && (c as u32) < 0x100 => {
                out.push_str(&format!("\\x{:02x}", c as u32));
            }
            c if is_deceptive(c) => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control characters, line separators, and the marks that change the reading
/// direction ("Trojan Source", CVE-2021-42574).
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// The name as HTML text or attribute value: [`visible`], then escaped.
#[must_use]
pub fn html(name: &str) -> String {
    let name = visible(name);
    let mut out = String::with_capacity(name.len() + 16);
    for character in name.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Directory (with its slash, may be empty) and file name.
#[must_use]
pub fn split_path(path: &str) -> (&str, &str) {
    path.split_at(path.rfind('/').map_or(0, |slash| slash + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_one_decimal_and_change_unit_in_time() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(12_288), "12.0 KB");
        assert_eq!(bytes(1_048_575), "1.0 MB");
        assert_eq!(bytes(-3072), "-3.0 KB");
        assert_eq!(bytes(i64::MIN), "-8.0 EB");
    }

    #[test]
    fn growth_has_a_sign_and_survives_odd_numbers() {
        assert_eq!(signed_bytes(12_288.0), "+12.0 KB");
        assert_eq!(signed_bytes(0.4), "+0.4 B");
        assert_eq!(signed_bytes(24.0), "+24 B");
        assert_eq!(signed_bytes(1023.7), "+1.0 KB");
        assert_eq!(signed_bytes(-0.0), "0 B");
        assert_eq!(signed_bytes(-2048.0), "-2.0 KB");
        assert_eq!(signed_bytes(f64::NAN), "unknown");
        assert_eq!(signed_bytes(f64::INFINITY), "unknown");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(7), "7");
        assert_eq!(count(4102), "4 102");
        assert_eq!(count(1_234_567), "1 234 567");
        assert_eq!(counted(1, "line"), "1 line");
        assert_eq!(counted(0, "line"), "0 lines");
        assert_eq!(counted(2, "process"), "2 processes");
    }

    #[test]
    fn names_cannot_reach_the_terminal() {
        assert_eq!(visible("/srv/缓存.php"), "/srv/缓存.php");
        assert_eq!(visible("a\x1b[31mb\r\n\u{9b}"), "a\\x1b[31mb\\r\\n\\x9b");
        assert_eq!(visible("x\u{202e}php.exe"), "x\\u{202e}php.exe");
    }

    #[test]
    fn names_cannot_reach_the_page() {
        assert_eq!(
            html("<script>'\"&\x1b"),
            "&lt;script&gt;&#39;&quot;&amp;\\x1b"
        );
    }

    #[test]
    fn paths_split_after_the_last_slash() {
        assert_eq!(split_path("/a/b.php"), ("/a/", "b.php"));
        assert_eq!(split_path("b.php"), ("", "b.php"));
    }
}
