//! The settings that tracing looks at, taken once per process.

/// Settings of tracing.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Share of ordinary traces, hundredths of a percent.
    pub sampling: u32,
    /// Slower than this is always kept, µs.
    pub slow_us: u64,
    /// Name of the application; empty: as the original named it.
    pub service_name: String,
    /// SQL is sent with its literals.
    pub sql_literals: bool,
    /// Headers of B3 are written and read, too.
    pub b3: bool,
    /// Frames recorded per span, unless the agent wishes for another number.
    pub stack_depth: u32,
}
