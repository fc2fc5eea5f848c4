//! Receiver, journal and writer within the test's process, with a sink that only counts.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tracker_agent::ingest::socket::{Place, bind};
use tracker_agent::ingest::{Control, Options, Server};
use tracker_agent::journal::{Journal, Limits};
use tracker_agent::pipeline::{Accepted, Busy, Counters, Identity, Loss, Sink};
use tracker_agent::writer;
use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::{Ack, Batch, Hello, Welcome, Wishes};

use crate::scratch::Scratch;

/// What the sink took, shared with the test; it has no room while `is_full`.
#[derive(Debug, Default)]
pub struct Taken {
    pub batches: Vec<Accepted>,
    pub is_full: bool,
}

struct Memory(Arc<Mutex<Taken>>);

impl Sink for Memory {
    fn take(&mut self, batch: &Accepted) -> Result<(), Busy> {
        let mut taken = self.0.lock().unwrap();
        if taken.is_full {
            return Err(Busy("told to".into()));
        }
        taken.batches.push(batch.clone());
        Ok(())
    }
    fn tick(&mut self) {}
    fn durable(&self) -> u64 {
        0
    }
    fn newest(&self) -> u64 {
        0
    }
    fn finish(&mut self) {}
}

/// A running receiver, stopped when dropped.
pub struct Receiver {
    _dir: Scratch,
    pub socket: PathBuf,
    pub counters: Arc<Counters>,
    pub taken: Arc<Mutex<Taken>>,
    pub control: Arc<Control>,
    threads: Vec<JoinHandle<()>>,
}

impl Receiver {
    pub fn start(max_connections: usize) -> Self {
        let dir = Scratch::new();
        let socket = dir.path().join("agent.sock");
        let place = Place {
            path: socket.clone(),
            mode: 0o600,
            group: None,
        };
        let counters = Arc::new(Counters::default());
        let limits = Limits {
            bytes: 256 << 20,
            min_free: 0,
        };
        let journal = dir.path().join("journal");
        let (journal, replay) = Journal::open(&journal, limits, 0, Arc::clone(&counters)).unwrap();
        let options = Options {
            max_connections,
            wishes: Wishes::default(),
        };
        let identity = Identity {
            agent_id: "a".repeat(32),
            boot_id: 7,
            host: "here".into(),
        };
        let bound = bind(&place).unwrap();
        let (server, taker, control) =
            Server::new(bound, options, journal, identity, Arc::clone(&counters)).unwrap();
        let taken = Arc::new(Mutex::new(Taken::default()));
        let sink = Box::new(Memory(Arc::clone(&taken)));
        let (c, n) = (Arc::clone(&control), Arc::clone(&counters));
        let threads = vec![
            std::thread::spawn(move || server.run().unwrap()),
            std::thread::spawn(move || writer::run(sink, replay, &taker, c, n)),
        ];
        Self {
            _dir: dir,
            socket,
            counters,
            taken,
            control,
            threads,
        }
    }

    pub fn connect(&self) -> Peer {
        Peer::connect(&self.socket)
    }

    /// Waits until so many of `loss` are counted; more is an error.
    pub fn expect_lost(&self, loss: Loss, count: u64) {
        wait(&format!("{count} x {}", loss.name()), || {
            self.counters.lost(loss) >= count
        });
        assert_eq!(self.counters.lost(loss), count, "{}", loss.name());
    }

    /// All other losses are zero.
    pub fn expect_only(&self, losses: &[Loss]) {
        for &loss in Loss::ALL {
            if !losses.contains(&loss) {
                assert_eq!(self.counters.lost(loss), 0, "{}", loss.name());
            }
        }
    }

    /// Numbers that the sink took of `start_id`.
    pub fn numbers(&self, start_id: u64) -> Vec<u64> {
        let taken = self.taken.lock().unwrap();
        let of = |batch: &&Accepted| batch.origin.start_id == start_id;
        taken.batches.iter().filter(of).map(|b| b.number).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.control.stop();
        for thread in self.threads.drain(..) {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok());
        }
    }
}

/// Waits until `is_so`, at most twenty seconds.
pub fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The other end of a connection.
pub struct Peer {
    pub stream: UnixStream,
    inbox: Vec<u8>,
}

impl Peer {
    pub fn connect(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        stream
            .set_write_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        Self {
            stream,
            inbox: Vec::new(),
        }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The next frame; `None` when the agent closed.
    pub fn receive(&mut self) -> Option<(Type, Vec<u8>)> {
        loop {
            if let Some(frame) = frame::read(&self.inbox).unwrap() {
                let found = (Type::of(frame.kind).unwrap(), frame.body.to_vec());
                let len = frame.len;
                self.inbox.drain(..len);
                return Some(found);
            }
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk) {
                Ok(0) => return None,
                Ok(n) => self.inbox.extend_from_slice(&chunk[..n]),
                Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(e) => panic!("{e}"),
            }
        }
    }

    /// Greets; what the agent keeps of this process.
    pub fn greet(&mut self, start_id: u64) -> u64 {
        self.send(&hello(start_id));
        let (kind, body) = self.receive().expect("a welcome");
        assert_eq!(kind, Type::Welcome);
        Welcome::read(&body).unwrap().kept
    }

    /// Waits until all up to `number` is acknowledged.
    pub fn expect_ack(&mut self, number: u64) {
        loop {
            let (kind, body) = self.receive().expect("an acknowledgement");
            assert_eq!(kind, Type::Ack);
            let acked = Ack::read(&body).unwrap().number;
            assert!(acked <= number, "{acked}");
            if acked == number {
                return;
            }
        }
    }

    /// The agent closes, and says nothing but a refusal before.
    pub fn expect_end(&mut self) {
        while let Some((kind, _)) = self.receive() {
            assert_eq!(kind, Type::Refused);
        }
    }
}

pub fn hello(start_id: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let hello = Hello {
        start_id,
        app: "shop",
        ..Hello::default()
    };
    frame::write(&mut out, Type::Hello, |out| hello.write(out));
    out
}

/// A batch without records.
pub fn batch(number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    frame::write(&mut out, Type::Batch, |out| {
        Batch::write(out, number, 0, &[])
    });
    out
}

/// A batch whose one record, of a kind that is not known, is `bytes` long.
pub fn fat_batch(number: u64, bytes: usize) -> Vec<u8> {
    use tracker_protocol::msgpack::Write as _;
    let mut record = Vec::new();
    record.array(2);
    record.uint(99);
    record.bin(&vec![7; bytes]);
    let mut out = Vec::new();
    frame::write(&mut out, Type::Batch, |out| {
        Batch::write(out, number, 1, &record)
    });
    out
}
