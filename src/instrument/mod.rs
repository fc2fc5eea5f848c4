//! What is instrumented: one small file per library, one row per function.

pub mod userland;
