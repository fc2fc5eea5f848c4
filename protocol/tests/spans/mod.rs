//! Two spans in what is not read piece by piece.

use tracker_protocol::record::Span;

/// All fields but attributes, events and stack are the same.
pub fn assert_same(got: &Span<'_>, want: &Span<'_>) {
    assert_eq!(got.span_id, want.span_id);
    assert_eq!(got.parent_span_id, want.parent_span_id);
    assert_eq!(got.name, want.name);
    assert_eq!(got.kind, want.kind);
    assert_eq!(got.offset_us, want.offset_us);
    assert_eq!(got.duration_us, want.duration_us);
    assert_eq!(got.status, want.status);
    assert_eq!(got.status_message, want.status_message);
    assert_eq!(got.coroutine_id, want.coroutine_id);
    assert_eq!(got.system, want.system);
    assert_eq!(got.peer, want.peer);
}
