//! What tracing needs that knows nothing of PHP: identities, propagation, names,
//! redaction, and the choice of traces to keep.

pub mod command;
pub mod ids;
pub mod names;
pub mod propagation;
pub mod redis;
pub mod sampling;
pub mod sql;
pub mod url;

/// The longest prefix of `text` of at most `max` bytes that ends between characters.
fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
