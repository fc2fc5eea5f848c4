//! Reading what an earlier run left: once at the start to learn what is there, once
//! to hand it to the sink.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{self, Entry, Process};
use super::file::{self, Entries, Found};
use super::seen::Seen;
use crate::pipeline::{Accepted, Counters, Loss, Origin};

/// Reads all files into `seen`, counts what is damaged, and removes files that hold
/// nothing. Path, bytes and last position of each file that stays.
///
/// # Errors
/// Those of the file system.
pub(super) fn scan(
    dir: &Path,
    seen: &mut Seen,
    counters: &Counters,
) -> io::Result<VecDeque<(PathBuf, u64, u64)>> {
    let mut files = VecDeque::new();
    let mut last = 0;
    for path in file::list(dir)? {
        let bytes = std::fs::read(&path)?;
        let Some(entries) = Entries::of(&bytes) else {
            if bytes.len() >= file::FILE_HEAD {
                counters.lose(Loss::Damaged, 1);
                tracing::error!(path = %path.display(), "no journal file: put aside");
                std::fs::rename(&path, path.with_extension("damaged"))?;
            } else {
                // The agent was killed while it made it.
                std::fs::remove_file(&path)?;
            }
            continue;
        };
        // Its name tells what came before, should that be cut.
        last = last.max(file::first(&path).saturating_sub(1));
        for found in entries {
            match found {
                Found::Payload(payload) => match entry::read(payload) {
                    Ok(Entry::Batch {
                        position,
                        process,
                        number,
                        ..
                    }) => {
                        last = last.max(position);
                        seen.note(process, number, super::now());
                    }
                    Ok(Entry::Seen(rows)) => {
                        for (process, number, moment) in rows {
                            seen.note(process, number, moment);
                        }
                    }
                    Ok(Entry::Origin(_) | Entry::Unknown) => {}
                    Err(_) => counters.lose(Loss::Damaged, 1),
                },
                Found::Damaged(bytes) => {
                    counters.lose(Loss::Damaged, 1);
                    tracing::error!(path = %path.display(), bytes, "damaged entry: skipped");
                }
                Found::Torn(bytes) => {
                    tracing::info!(path = %path.display(), bytes, "torn end: never acknowledged");
                }
            }
        }
        files.push_back((path, bytes.len() as u64, last));
    }
    Ok(files)
}

/// Gives the batches of an earlier run.
#[derive(Debug)]
pub struct Replay {
    files: VecDeque<PathBuf>,
    origins: HashMap<Process, Arc<Origin>>,
}

impl Replay {
    pub(super) fn new(files: VecDeque<PathBuf>) -> Self {
        Self {
            files,
            origins: HashMap::new(),
        }
    }

    /// Hands all batches behind position `from` to `each`, in order; ends when it
    /// answers `false`.
    ///
    /// # Errors
    /// When a file cannot be read; the rest was not handed on then.
    pub fn each(mut self, from: u64, mut each: impl FnMut(Accepted) -> bool) -> io::Result<()> {
        while let Some(path) = self.files.pop_front() {
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                // Cut meanwhile.
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => return Err(e),
            };
            for found in Entries::of(&bytes).into_iter().flatten() {
                let Found::Payload(payload) = found else {
                    continue;
                };
                match entry::read(payload) {
                    Ok(Entry::Origin(origin)) => {
                        self.origins.insert((origin.uid, origin.start_id), origin);
                    }
                    Ok(Entry::Batch {
                        position,
                        process,
                        number,
                        body,
                    }) if position > from => {
                        let batch = Accepted {
                            position,
                            origin: self.origin(process),
                            number,
                            body: body.to_vec(),
                        };
                        if !each(batch) {
                            return Ok(());
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The origin of a process; little of it when the entry that named it is damaged.
    fn origin(&mut self, process: Process) -> Arc<Origin> {
        let origin = self.origins.entry(process).or_insert_with(|| {
            Arc::new(Origin {
                uid: process.0,
                start_id: process.1,
                ..Origin::default()
            })
        });
        Arc::clone(origin)
    }
}
