//! The way of a batch through the agent, and the types that its stations share.
//!
//! socket → ingest → journal → acknowledgement → bounded queue →
//! writer thread → a [`Sink`] (statistics and store).

mod counters;

use std::sync::Arc;

pub use counters::{Counters, Kind, Loss, Metric};

/// The process that sent a batch. What the kernel vouches for stands beside what the
/// process says of itself; only the former may decide anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Process id by `SO_PEERCRED`, as of connect(); 0 when the process is in a pid
    /// namespace that the agent cannot see.
    pub pid: u32,
    /// User id by `SO_PEERCRED`.
    pub uid: u32,
    /// Group id by `SO_PEERCRED`.
    pub gid: u32,
    /// See [`tracker_protocol::message::Hello::start_id`].
    pub start_id: u64,
    /// Process id as the process sees it; for display only.
    pub claimed_pid: u64,
    /// Host name.
    pub host: String,
    /// Name of the application; segments and statistics rows carry their own.
    pub app: String,
    /// PHP's server interface, such as `fpm-fcgi`.
    pub sapi: String,
    /// Version of PHP.
    pub php: String,
    /// Version of the extension.
    pub extension: String,
    /// Version of Swoole, empty without it.
    pub swoole: String,
    /// Moment at which the process began to send, Unix microseconds.
    pub started_us: u64,
    /// What runs: the script, or the FPM pool.
    pub title: String,
}

/// A batch that is in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its place in the journal: 1, 2, 3, … for the life of a data directory. It grows
    /// strictly; a damaged journal leaves gaps.
    pub position: u64,
    /// Who sent it.
    pub origin: Arc<Origin>,
    /// Number of the batch in its process.
    pub number: u64,
    /// Body of the frame: [`tracker_protocol::message::Batch::read`] reads it. Its head was
    /// checked, its records were not.
    pub body: Vec<u8>,
}

/// Who the agent is: goes into every row that leaves the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Identity of the data directory, 32 hex digits, stable over restarts.
    pub agent_id: String,
    /// Drawn at each start, not zero.
    pub boot_id: u64,
    /// Host name.
    pub host: String,
}

/// A batch cannot be taken now: it is offered again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy(
    /// Why, for the log.
    pub String,
);

impl std::fmt::Display for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Busy {}

/// Where batches end: statistics and store. It lives on the writer thread alone.
///
/// After a start the journal is replayed: batches come again whose position the sink may
/// have in some of its files already. It skips them file by file, so that each is
/// counted exactly once.
pub trait Sink: Send {
    /// Takes one batch; positions ascend. A batch whose records cannot be read is taken as
    /// well: what can be read of it counts, the rest is a counted loss.
    ///
    /// # Errors
    /// When there is no room: nothing of the batch may have been counted then. The same
    /// batch is offered again after [`Sink::tick`]; meanwhile the journal fills and
    /// the senders keep what they have.
    fn take(&mut self, batch: &Accepted) -> Result<(), Busy>;

    /// Called at least ten times a second, also without batches: commits what is due.
    fn tick(&mut self);

    /// The position up to which everything is durable in every file: the journal may forget
    /// it. 0 is none. Asked after each [`Sink::tick`].
    fn durable(&self) -> u64;

    /// The highest position that any file has; 0 is none. Asked once, at the start: new
    /// positions are beyond it, also when the journal was lost.
    fn newest(&self) -> u64;

    /// Commits all that can be committed. The last call.
    fn finish(&mut self);

    /// Says that what comes from now on is, or is not any more, from the journal:
    /// acknowledged before, and not to be refused.
    fn replaying(&mut self, _replaying: bool) {}

    /// Share of ordinary traces that the sink can take, hundredths of a percent; `None` is
    /// all.
    fn sampling(&self) -> Option<u32> {
        None
    }
}
