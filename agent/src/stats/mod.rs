//! Statistics: what all processes counted, merged.
//!
//! Every process counts its own calls in buckets of ten seconds and sends rows. Rows of the
//! same key are merged here ([`Buckets`]) and, at each checkpoint, added to the
//! minutes and hours of the store. Nothing of it depends on sampling.
//!
//! A bucket holds a bounded number of keys ([`caps`]); what is beyond is added to a
//! row named [`OVERFLOW`], so that totals stay exact. Which applications have rows of their own,
//! [`Regulars`] decides.

mod alias;
mod buckets;
pub mod caps;
mod figures;
mod key;
mod regulars;
mod totals;

pub use alias::Aliases;
pub use buckets::{BucketRow, Buckets};
pub use figures::Figures;
pub use key::{Key, OVERFLOW};
pub use regulars::{Regulars, SEVERAL};
pub use totals::{TotalKey, Totals};
