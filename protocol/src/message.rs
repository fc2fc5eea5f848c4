//! What the frames carry: greeting, batches, acknowledgements.
//!
//! A body is one MessagePack array. See [`crate::msgpack::Fields`] for how older
//! and newer sides understand each other.

use crate::limits::MAX_RECORDS;
use crate::msgpack::{Fields, ReadError, Reader, Write};
use crate::record::Record;

/// First frame of a connection: which process this is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hello<'a> {
    /// Random number drawn when the process (or the forked child) began to send. With a
    /// batch's number it names that batch for ever.
    pub start_id: u64,
    /// Process id as the process sees it; for display, never for authorisation.
    pub pid: u64,
    /// Host name.
    pub host: &'a str,
    /// Name of the application.
    pub app: &'a str,
    /// PHP's server interface, such as `fpm-fcgi`.
    pub sapi: &'a str,
    /// Version of PHP.
    pub php: &'a str,
    /// Version of the extension.
    pub extension: &'a str,
    /// Version of Swoole, empty without it.
    pub swoole: &'a str,
    /// Moment at which the process began to send, Unix microseconds.
    pub started_us: u64,
    /// What runs: the script, or the FPM pool.
    pub title: &'a str,
}

impl<'a> Hello<'a> {
    /// Appends the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.array(10);
        out.uint(self.start_id);
        out.uint(self.pid);
        out.str(self.host);
        out.str(self.app);
        out.str(self.sapi);
        out.str(self.php);
        out.str(self.extension);
        out.str(self.swoole);
        out.uint(self.started_us);
        out.str(self.title);
    }

    /// Reads the body.
    ///
    /// # Errors
    /// When it is no greeting.
    pub fn read(body: &'a [u8]) -> Result<Self, ReadError> {
        let mut reader = Reader::new(body);
        let mut fields = Fields::open(&mut reader)?;
        let hello = Self {
            start_id: fields.next(Reader::uint)?,
            pid: fields.next(Reader::uint)?,
            host: fields.next(Reader::text)?,
            app: fields.next(Reader::text)?,
            sapi: fields.next(Reader::text)?,
            php: fields.next(Reader::text)?,
            extension: fields.next(Reader::text)?,
            swoole: fields.next(Reader::text)?,
            started_us: fields.next(Reader::uint)?,
            title: fields.next(Reader::text)?,
        };
        fields.close()?;
        Ok(hello)
    }
}

/// Records that are acknowledged together.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Number of the batch in its process, from 1, without gaps.
    pub number: u64,
    records: Reader<'a>,
    count: u32,
}

impl<'a> Batch<'a> {
    /// Appends the body of a batch of `count` records that `records` holds, each
    /// as [`Record::write`] wrote it.
    pub fn write(out: &mut Vec<u8>, number: u64, count: usize, records: &[u8]) {
        out.array(2);
        out.uint(number);
        out.array(count);
        out.extend_from_slice(records);
    }

    /// Reads the head of the body; the records are read one by one.
    ///
    /// # Errors
    /// When it is no batch.
    pub fn read(body: &'a [u8]) -> Result<Self, ReadError> {
        let mut reader = Reader::new(body);
        if reader.array()? < 2 {
            return Err(ReadError::Truncated);
        }
        let number = reader.uint()?;
        let count = reader.array()?;
        if count > MAX_RECORDS {
            return Err(ReadError::Limit("records"));
        }
        Ok(Self {
            number,
            records: reader,
            count,
        })
    }

    /// The records in order; ends after the first that cannot be read.
    pub fn records(&self) -> impl Iterator<Item = Result<Record<'a>, ReadError>> + use<'a> {
        let mut reader = self.records;
        let mut left = self.count;
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let record = Record::read(&mut reader);
            if record.is_err() {
                left = 0;
            }
            Some(record)
        })
    }
}

/// What the agent wants of a process; comes with every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// Share of ordinary traces to send, in hundredths of a percent (10 000 is all);
    /// `None` leaves it to the process's own setting.
    pub sampling: Option<u32>,
    /// Frames per span; `None` as above.
    pub stack_depth: Option<u32>,
    /// Whether to trace at all.
    pub probe: bool,
    /// At most this share of ordinary traces, whatever else is wished or set: more come
    /// than the agent takes. `None` is no limit.
    pub ceiling: Option<u32>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            sampling: None,
            stack_depth: None,
            probe: true,
            ceiling: None,
        }
    }
}

impl Wishes {
    /// Share of ordinary traces to send of a process whose own setting is `own`: the
    /// operator's word replaces the setting, the ceiling only lowers it.
    #[must_use]
    pub fn sampling_of(self, own: u32) -> u32 {
        self.sampling
            .unwrap_or(own)
            .min(self.ceiling.unwrap_or(u32::MAX))
    }

    fn write(self, out: &mut Vec<u8>) {
        out.array(if self.ceiling.is_some() { 4 } else { 3 });
        // -1 is "your own setting".
        out.int(self.sampling.map_or(-1, i64::from));
        out.int(self.stack_depth.map_or(-1, i64::from));
        out.bool(self.probe);
        if let Some(ceiling) = self.ceiling {
            out.int(i64::from(ceiling));
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        let mut fields = Fields::open(reader)?;
        let number = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
        let wishes = Self {
            sampling: number(fields.next(|r| r.int().map(Some))?),
            stack_depth: number(fields.next(|r| r.int().map(Some))?),
            probe: fields.next(|r| r.bool().map(Some))?.unwrap_or(true),
            ceiling: number(fields.next(|r| r.int().map(Some))?),
        };
        fields.close()?;
        Ok(wishes)
    }
}

/// The agent's answer to [`Hello`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Welcome<'a> {
    /// Identity of the agent's data, stable over restarts.
    pub agent_id: &'a str,
    /// Drawn when the agent started.
    pub boot_id: u64,
    /// The last batch of this process that the agent keeps; 0 is none. What is older
    /// need not be sent again.
    pub kept: u64,
    /// See [`Wishes`].
    pub wishes: Wishes,
}

impl<'a> Welcome<'a> {
    /// Appends the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.array(4);
        out.str(self.agent_id);
        out.uint(self.boot_id);
        out.uint(self.kept);
        self.wishes.write(out);
    }

    /// Reads the body.
    ///
    /// # Errors
    /// When it is no welcome.
    pub fn read(body: &'a [u8]) -> Result<Self, ReadError> {
        let mut reader = Reader::new(body);
        let mut fields = Fields::open(&mut reader)?;
        let welcome = Self {
            agent_id: fields.next(Reader::text)?,
            boot_id: fields.next(Reader::uint)?,
            kept: fields.next(Reader::uint)?,
            wishes: fields.next(Wishes::read)?,
        };
        fields.close()?;
        Ok(welcome)
    }
}

/// The agent keeps this batch and all before it: they survive its death.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ack {
    /// Number of the newest batch kept.
    pub number: u64,
    /// See [`Wishes`].
    pub wishes: Wishes,
}

impl Ack {
    /// Appends the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.array(2);
        out.uint(self.number);
        self.wishes.write(out);
    }

    /// Reads the body.
    ///
    /// # Errors
    /// When it is no acknowledgement.
    pub fn read(body: &[u8]) -> Result<Self, ReadError> {
        let mut reader = Reader::new(body);
        let mut fields = Fields::open(&mut reader)?;
        let ack = Self {
            number: fields.next(Reader::uint)?,
            wishes: fields.next(Wishes::read)?,
        };
        fields.close()?;
        Ok(ack)
    }
}

/// The agent does not go on with this connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refused<'a> {
    /// Why, for a person.
    pub why: &'a str,
}

impl<'a> Refused<'a> {
    /// Appends the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.array(1);
        out.str(self.why);
    }

    /// Reads the body.
    ///
    /// # Errors
    /// When it is no refusal.
    pub fn read(body: &'a [u8]) -> Result<Self, ReadError> {
        let mut reader = Reader::new(body);
        let mut fields = Fields::open(&mut reader)?;
        let why = fields.next(Reader::text)?;
        fields.close()?;
        Ok(Self { why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back() {
        let hello = Hello {
            start_id: u64::MAX,
            pid: 7,
            host: "h",
            app: "shop",
            sapi: "cli",
            php: "8.2.36",
            extension: "0.1.0",
            swoole: "6.2.1",
            started_us: 1,
            title: "server.php",
        };
        let mut body = Vec::new();
        hello.write(&mut body);
        assert_eq!(Hello::read(&body), Ok(hello));

        let wishes = Wishes {
            sampling: Some(1_000),
            stack_depth: None,
            probe: false,
            ceiling: Some(300),
        };
        let welcome = Welcome {
            agent_id: "a",
            boot_id: 3,
            kept: 9,
            wishes,
        };
        body.clear();
        welcome.write(&mut body);
        assert_eq!(Welcome::read(&body), Ok(welcome));

        let ack = Ack { number: 5, wishes };
        body.clear();
        ack.write(&mut body);
        assert_eq!(Ack::read(&body), Ok(ack));

        let refused = Refused { why: "full" };
        body.clear();
        refused.write(&mut body);
        assert_eq!(Refused::read(&body), Ok(refused));
    }

    #[test]
    fn a_shorter_and_a_longer_message_are_understood() {
        // An older agent knows of no wishes.
        let mut body = Vec::new();
        body.array(1);
        body.uint(5);
        let ack = Ack::read(&body).unwrap();
        assert_eq!((ack.number, ack.wishes), (5, Wishes::default()));
        // A newer one has more to say.
        body.clear();
        body.array(4);
        body.uint(5);
        Wishes::default().write(&mut body);
        body.map(1);
        body.str("task");
        body.array(0);
        body.bool(true);
        assert_eq!(Ack::read(&body).unwrap().number, 5);
    }

    #[test]
    fn a_ceiling_never_raises_a_share() {
        let mut wishes = Wishes::default();
        assert_eq!(wishes.sampling_of(1_000), 1_000);
        wishes.ceiling = Some(5_000);
        assert_eq!(wishes.sampling_of(1_000), 1_000);
        assert_eq!(wishes.sampling_of(10_000), 5_000);
        // An operator may raise it, up to what the agent takes.
        wishes.sampling = Some(4_000);
        assert_eq!(wishes.sampling_of(1_000), 4_000);
        wishes.sampling = Some(8_000);
        assert_eq!(wishes.sampling_of(1_000), 5_000);
    }

    #[test]
    fn an_impossible_count_is_refused() {
        let mut body = Vec::new();
        body.array(2);
        body.uint(1);
        body.extend_from_slice(&[0xdd, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(Batch::read(&body).unwrap_err(), ReadError::Truncated);
    }
}
