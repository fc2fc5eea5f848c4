//! What a peer may send at most. Beyond a limit of a *frame* the connection is
//! closed; beyond a limit of a *field* the field is cut and counted.

/// Bytes of one frame's body.
pub const MAX_FRAME: usize = 4 << 20;
/// Spans of one segment.
pub const MAX_SPANS: u32 = 10_000;
/// Nesting of MessagePack values.
pub const MAX_DEPTH: u32 = 32;
/// Bytes of one string.
pub const MAX_STRING: usize = 25_000;
/// Attributes of one span or event.
pub const MAX_ATTRIBUTES: u32 = 128;
/// Rows of one statistics record.
pub const MAX_STAT_ROWS: u32 = 10_000;
/// Records of one batch.
pub const MAX_RECORDS: u32 = 100_000;
/// Buckets of one histogram: 1 µs to 1 h are 1017 of scale 5.
pub const MAX_HISTOGRAM: u32 = 2_048;
/// Reasons of one report of losses.
pub const MAX_REASONS: u32 = 64;
/// Different result codes of one statistics row.
pub const MAX_CODES: u32 = 64;

/// The longest prefix of `text` of at most `max` bytes that ends between characters.
#[must_use]
pub fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
