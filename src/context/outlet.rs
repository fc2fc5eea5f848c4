//! Where finished work goes. Set once by whoever knows the sender, so that this
//! room need not.

use tracker_protocol::message::Wishes;

/// Appends a record.
pub type Append<'a> = dyn FnMut(&mut Vec<u8>) + 'a;

/// What is asked of the sender.
#[derive(Clone, Copy)]
pub struct Outlet {
    /// Something was counted.
    pub nudge: fn(),
    /// May a segment be built? A refusal counts as a loss.
    pub permit: fn() -> bool,
    /// Takes the segment, encoded, that its argument appends.
    pub send: for<'a> fn(&'a mut Append<'a>),
    /// Spans that a segment could not keep.
    pub lost_spans: fn(u64),
    /// What the agent wants instead of the own settings.
    pub wishes: fn() -> Wishes,
}
