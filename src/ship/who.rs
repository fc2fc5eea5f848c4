//! Who sends, and the last word of a process whose sender does not get free in time.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tracker_protocol::message::Hello;
use tracker_protocol::outbox::{Batches, Tally};
use tracker_protocol::record::Drops;

use super::Identity;
use super::connection::Connection;

/// A process, as each of its connections names it.
pub struct Who {
    /// What the program knows of it.
    pub identity: Identity,
    host: String,
    started_us: u64,
}

/// An id that no other sender has.
pub fn draw_id() -> u64 {
    let mut id = [0; 8];
    // 8 bytes are always given whole; without them the id stays 0, which the
    // agent takes like any other.
    let _ = rustix::rand::getrandom(&mut id, rustix::rand::GetRandomFlags::empty());
    u64::from_ne_bytes(id)
}

impl Who {
    /// This process, whose sender begins now.
    pub fn new(identity: Identity) -> Self {
        let started = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            identity,
            host: rustix::system::uname()
                .nodename()
                .to_string_lossy()
                .into_owned(),
            started_us: u64::try_from(started.unwrap_or_default().as_micros()).unwrap_or(0),
        }
    }

    /// Its greeting, under that start id.
    pub fn hello(&self, start_id: u64) -> Hello<'_> {
        Hello {
            start_id,
            pid: u64::from(std::process::id()),
            host: &self.host,
            app: &self.identity.app,
            sapi: &self.identity.sapi,
            php: &self.identity.php,
            extension: env!("CARGO_PKG_VERSION"),
            swoole: &self.identity.swoole,
            started_us: self.started_us,
            title: &self.identity.title,
        }
    }

    /// Tells the agent what is lost, on a connection and under a start id of its own, and
    /// waits for nothing. False if nobody listens.
    pub fn tell(&self, lost: &Tally) -> bool {
        let mut record = Vec::new();
        Drops::write(&mut record, &lost.reasons());
        let mut batches = Batches::default();
        // A few reasons always fit.
        let _ = batches.add(&record, lost, Instant::now());
        batches.close();
        let hello = self.hello(draw_id());
        let Some(mut connection) = Connection::open(&self.identity.socket, &hello, true) else {
            return false;
        };
        while let Ok(true) = connection.write(&batches) {}
        connection.has_written(&batches)
    }
}
