//! What tracing needs that knows nothing of PHP: identities, propagation, names,
//! redaction, and the choice of traces to keep.

pub mod sql;
