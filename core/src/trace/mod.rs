//! What tracing needs that knows nothing of PHP: identities, propagation, names,
//! redaction, and the choice of traces to keep.

pub mod ids;
pub mod propagation;
pub mod sampling;
pub mod sql;
