//! `tracker-agent`.
fn main() {}
