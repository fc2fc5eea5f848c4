//! Puts store and API together: what `run` hands the batches to.

use std::sync::Arc;

use crate::api::{self, Running};
use crate::ledger::Ledger;
use crate::pipeline::{Accepted, Busy, Sink};
use crate::run::Context;
use crate::store::{Activity, Reader, SqliteStore, Store, Writer, WriterOptions};

/// Readers of the API: as many questions are answered at the same time.
const READERS: usize = 3;

/// Store, API, and the ledger if it is asked for.
struct Service {
    writer: Writer<SqliteStore>,
    ledger: Option<Box<dyn Sink>>,
    /// Answers as long as this is.
    _api: Running,
}

/// Opens the store and starts the API, as the settings say.
///
/// # Errors
/// What is wrong, for a person.
pub fn open(context: &Context) -> Result<Box<dyn Sink>, String> {
    let config = &context.config;
    let folder = config.data_dir.join("store");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let limits = context.live.of_writer().limits;
    let store = SqliteStore::open(&folder, limits).map_err(|e| e.to_string())?;
    let readers = (0..READERS)
        .map(|_| Ok(Box::new(store.reader()?) as Box<dyn Reader>))
        .collect::<Result<Vec<_>, crate::store::StoreError>>()
        .map_err(|e| e.to_string())?;
    let options = WriterOptions {
        counters: Arc::clone(&context.counters),
        activity: Arc::new(Activity::default()),
        live: Arc::clone(&context.live),
    };
    let api = api::Options {
        http: config.http,
        data_dir: config.data_dir.clone(),
        live: Arc::clone(&context.live),
        identity: context.identity.clone(),
        counters: Arc::clone(&context.counters),
        activity: Arc::clone(&options.activity),
    };
    let ledger = config.ledger.then(|| Ledger::open(&config.data_dir));
    Ok(Box::new(Service {
        ledger: ledger.transpose()?,
        writer: Writer::new(store, options),
        _api: api::serve(api, readers)?,
    }))
}

impl Sink for Service {
    fn take(&mut self, batch: &Accepted) -> Result<(), Busy> {
        // The ledger knows what it has; the store is asked last, so that a batch that is
        // offered again was not counted.
        if let Some(ledger) = &mut self.ledger {
            ledger.take(batch)?;
        }
        self.writer.take(batch)
    }

    fn tick(&mut self) {
        if let Some(ledger) = &mut self.ledger {
            ledger.tick();
        }
        self.writer.tick();
    }

    fn durable(&self) -> u64 {
        let ledger = self.ledger.as_ref().map_or(u64::MAX, |l| l.durable());
        self.writer.durable().min(ledger)
    }

    fn newest(&self) -> u64 {
        let ledger = self.ledger.as_ref().map_or(0, |l| l.newest());
        self.writer.newest().max(ledger)
    }

    fn finish(&mut self) {
        if let Some(ledger) = &mut self.ledger {
            ledger.finish();
        }
        self.writer.finish();
    }

    fn replaying(&mut self, replaying: bool) {
        self.writer.replaying(replaying);
    }

    fn sampling(&self) -> Option<u32> {
        self.writer.sampling()
    }
}
