//! The result of an analysis: plain data that every output format prints.
//!
//! The field names are those of `trackerLeakReport('json')`; the struct *is*
//! the schema, version 1. Fields may be added, never renamed.

use serde::Serialize;

/// Version of the JSON schema.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that one or more leak logs say.
#[derive(Debug, Clone, Default, Serialize, PartialEq)]
pub struct LeakReport {
    /// [`SCHEMA_VERSION`].
    pub version: u32,
    /// Where the data came from, and what of it could not be used.
    pub log: LogInfo,
    /// One entry per process life (pids recur, start ids do not).
    pub processes: Vec<ProcessReport>,
    /// Patterns of `leak_ignore` that fit no line which kept memory, and none of those
    /// that called it; empty where no loop was recorded.
    pub ignore_unmatched: Vec<String>,
}

/// The files that were read.
#[derive(Debug, Clone, Default, Serialize, PartialEq)]
pub struct LogInfo {
    /// Paths read, oldest first.
    pub files: Vec<String>,
    /// Records that were torn, damaged or of an unknown kind.
    pub skipped_records: u64,
    /// Entries that name a line or a process for which the reader had no room: of
    /// those the report says too little or nothing.
    pub not_counted: u64,
    /// Paths that exist but may not be read, each with the reason.
    pub unreadable: Vec<String>,
}

/// What one process life left behind.
#[derive(Debug, Clone, Default, Serialize, PartialEq)]
pub struct ProcessReport {
    /// Process id.
    pub pid: u32,
    /// Distinguishes two processes of the same pid: start time in clock ticks
    /// since boot (`/proc/self/stat`, field 22).
    pub start_id: u64,
    /// Name of the SAPI (`cli`, `fpm-fcgi`, …).
    pub sapi: String,
    /// Number of loops recorded.
    pub loops: u64,
    /// How many of them no verdict counts yet: the newest, while a loop that began before
    /// they ended still runs.
    pub unjudged_loops: u64,
    /// Memory at loop ends.
    pub memory: MemoryCurve,
    /// Every line that the verdicts know, worst first: `grows` (by bytes per
    /// loop), then `undecided`, `flat`, `once` (each by live bytes).
    pub sites: Vec<SiteReport>,
    /// What the cycle collector found at loop ends, over all loops.
    pub cycles: Cycles,
    /// Memory that is not on a line's account.
    pub kinds: Kinds,
    /// Lines left out by `leak_ignore`.
    pub suppressed: Vec<Suppressed>,
    /// Allocations that were booked.
    pub allocations: u64,
    /// Allocations that could not be booked (tables full); verdicts of such a
    /// process may miss lines.
    pub dropped: u64,
    /// Plain sentences for the reader: memory curve, interruptions, why there
    /// is nothing to find (FPM), and so on.
    pub notes: Vec<String>,
}

/// Memory at loop ends; thinned evenly to at most 128 points.
#[derive(Debug, Clone, Default, Serialize, PartialEq)]
pub struct MemoryCurve {
    /// Loop number of each point.
    pub loops: Vec<u64>,
    /// `memory_get_usage()` at each point, bytes.
    pub heap_bytes: Vec<u64>,
    /// `memory_get_usage(true)` at each point, bytes.
    pub real_bytes: Vec<u64>,
    /// Unique set size of the process less the tracker's own tables, bytes.
    pub rss_bytes: Vec<u64>,
}

/// The verdict on a line; see `verdict` for the rules.
#[derive(Debug, Clone, Copy, Default, Serialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Live bytes keep setting records: a leak.
    Grows,
    /// Filled, then flat: a cache.
    Flat,
    /// Grew once, in warm-up or when it was first seen, and never since.
    Once,
    /// Not enough loops to tell.
    #[default]
    Undecided,
}

impl Verdict {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grows => "grows",
            Self::Flat => "flat",
            Self::Once => "once",
            Self::Undecided => "undecided",
        }
    }
}

/// What is known of one line of PHP.
#[derive(Debug, Clone, Default, Serialize, PartialEq)]
pub struct SiteReport {
    /// File as PHP knows it.
    pub file: String,
    /// Line, 0 where no PHP code was running.
    pub line: u32,
    /// Internal function that allocated on behalf of the line
    /// (`str_repeat`, `PDO::query`), if any.
    pub function: Option<String>,
    /// `code`, `compile` (the compiler or autoloader was at work) or
    /// `vm_stack` (a page of PHP's call stack).
    pub kind: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Bytes alive at the last loop that counts.
    pub live_bytes: i64,
    /// Slope of the running maximum, bytes per loop; 0 unless the line grows.
    pub bytes_per_loop: f64,
    /// Correlation coefficient of that fit, 0 to 1.
    pub fit_r: f64,
    /// Blocks alive.
    pub blocks: i64,
    /// First loop in which the line kept memory.
    pub first_loop: u64,
    /// Last loop in which its live bytes changed.
    pub last_loop: u64,
    /// Live bytes at loop ends; thinned evenly to at most 128 points.
    pub live_ring: Vec<i64>,
    /// Loop number of each point of `live_ring`.
    pub live_ring_loops: Vec<u64>,
    /// Call stack of a surviving allocation, innermost first; empty if none
    /// was captured.
    pub stack: Vec<Frame>,
    /// Who holds the memory.
    pub holder: Vec<Holder>,
}

/// One frame of a call stack.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq, Hash, serde::Deserialize)]
pub struct Frame {
    /// File, empty for an internal function.
    pub file: String,
    /// Line in the file.
    pub line: u32,
    /// `function` or `Class::method`, `{main}` for top-level code.
    pub function: String,
}

/// A retaining path.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq, Hash, serde::Deserialize)]
pub struct Holder {
    /// Such as `Foo::$bar[*]->handlers (array, 4102 elements)`; numbers are of the
    /// loop in which the search ran.
    pub path: String,
    /// Kind of root: `static`, `global`, `frame`, `constant`, `handler`,
    /// `native`, `unknown`.
    pub kind: String,
    /// False if the search ran out of its budget.
    pub complete: bool,
}

/// Garbage cycles.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Cycles {
    /// Zvals that `gc_collect_cycles()` reported as collected.
    pub objects: u64,
    /// Bytes of tracked blocks that went with them.
    pub bytes: u64,
}

/// Memory that is shown as what it is, bytes at the last loop that counts.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Kinds {
    /// Code compiled while recording and still loaded.
    pub compile: i64,
    /// Pages of PHP's call stack.
    pub vm_stack: i64,
    /// Growth of the process outside the PHP heap since the first loop.
    pub native: i64,
    /// PHP heap reserved but not in use.
    pub fragmentation: i64,
}

/// A line that `leak_ignore` took out.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Suppressed {
    /// File.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Bytes alive.
    pub bytes: i64,
}
