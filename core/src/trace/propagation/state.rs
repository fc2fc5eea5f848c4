//! `tracestate`: what other systems want to be handed on (W3C Trace Context, level 2,
//! section 3.3), and our own entry in it, which names the calling application.

/// Key of our entry.
pub const OUR_KEY: &str = "swtk";
/// Entries of a list.
const MAX_ENTRIES: usize = 32;
/// Bytes that must be handed on at least; we do not hand on more.
const MAX_LENGTH: usize = 512;
/// Entries longer than this go first when the list is too long.
const LONG_ENTRY: usize = 128;
/// A header beyond this is not looked at.
const MAX_HEADER: usize = 8 << 10;
/// Bytes of our own value, percent-encoded.
const MAX_OURS: usize = 120;

/// Other systems' entries, in their order, checked; without ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceState(String);

impl TraceState {
    /// Reads the header's value, several headers joined by commas; gives the name of the
    /// calling application too. A list with a single wrong entry is none.
    #[must_use]
    pub fn parse(value: &[u8]) -> (Self, Option<String>) {
        read(value).unwrap_or_default()
    }

    /// The entries, joined by commas; empty for none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn read(value: &[u8]) -> Option<(TraceState, Option<String>)> {
    if value.len() > MAX_HEADER {
        return None;
    }
    let text = std::str::from_utf8(value).ok()?;
    let mut entries = Vec::new();
    let mut caller = None;
    let mut count = 0;
    for entry in text.split(',').map(|entry| entry.trim_matches([' ', '\t'])) {
        if entry.is_empty() {
            continue;
        }
        let (key, value) = entry.split_once('=')?;
        count += 1;
        if !is_key(key) || !is_value(value) || count > MAX_ENTRIES {
            return None;
        }
        if key == OUR_KEY {
            caller = caller.or_else(|| decode(value));
        } else {
            entries.push(entry);
        }
    }
    Some((TraceState(entries.join(",")), caller))
}

fn is_key(key: &str) -> bool {
    let begins = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = key.as_bytes();
    bytes.len() <= 256
        && bytes.first().is_some_and(|b| begins(*b))
        && bytes.iter().all(|b| begins(*b) || b"_-*/@".contains(b))
}

/// Printable ASCII without `,` and `=`; the last is no blank (blanks were trimmed).
fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len())
        && value
            .bytes()
            .all(|b| matches!(b, b' '..=b'~') && b != b',' && b != b'=')
}

/// The header's value: ours first, then the others as far as the limits allow.
pub fn write(state: Option<&TraceState>, app: &str) -> String {
    let mut entries: Vec<&str> = state.map_or("", |s| &s.0).split(',').collect();
    entries.retain(|entry| !entry.is_empty());
    let ours = encode(app);
    let own = if ours.is_empty() {
        0
    } else {
        OUR_KEY.len() + 1 + ours.len()
    };
    entries.truncate(MAX_ENTRIES - usize::from(own > 0));
    let length = |entries: &[&str]| own + entries.iter().map(|e| e.len() + 1).sum::<usize>();
    // As the specification says: long entries first, then those at the end.
    while length(&entries) > MAX_LENGTH {
        let long = entries.iter().rposition(|entry| entry.len() > LONG_ENTRY);
        entries.remove(long.unwrap_or(entries.len() - 1));
    }
    let mut value = String::with_capacity(length(&entries));
    if own > 0 {
        value = format!("{OUR_KEY}={ours}");
    }
    for entry in entries {
        if !value.is_empty() {
            value.push(',');
        }
        value.push_str(entry);
    }
    value
}

/// Percent-encodes all that a value must not have; cut between characters.
fn encode(app: &str) -> String {
    let mut out = String::new();
    for char in app.chars() {
        let before = out.len();
        match char {
            '!'..='~' if !matches!(char, ',' | '=' | '%') => out.push(char),
            _ => {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    out.push('%');
                    out.extend(
                        [byte >> 4, byte & 15]
                            .into_iter()
                            .filter_map(|digit| char::from_digit(digit.into(), 16)),
                    );
                }
            }
        }
        if out.len() > MAX_OURS {
            out.truncate(before);
            break;
        }
    }
    out
}

/// The name that [`encode`] wrote; `None` for what it never writes.
fn decode(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(crate::trace::ids::parse_hex(digits, crate::trace::ids::Case::Any)? as u8);
            rest = after;
        } else {
            bytes.push(*byte);
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (!name.chars().any(char::is_control)).then_some(name)
}
