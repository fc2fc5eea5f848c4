//! Appends records; never raises, never blocks, counts what it lost.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::files::{self, Refusal};
use super::frame;
use super::record::Record;
use crate::descriptors::Own;

/// A log that is open for appending.
#[derive(Debug)]
pub struct LogWriter {
    path: PathBuf,
    max_bytes: u64,
    open: Option<(PathBuf, Own<File>)>,
    /// Records that could not be written.
    pub lost: u64,
    /// Why the last one could not be; said once by the caller.
    pub trouble: Option<String>,
}

impl LogWriter {
    /// A writer of the log at `path`, which is rotated before it grows beyond
    /// `max_bytes`.
    #[must_use]
    pub fn new(path: &Path, max_bytes: u64) -> Self {
        Self {
            path: path.into(),
            max_bytes,
            open: None,
            lost: 0,
            trouble: None,
        }
    }

    /// Appends a record in one write.
    pub fn append(&mut self, record: &Record<'_>) {
        self.append_payload(&record.payload());
    }

    /// Appends a record that [`Record::payload`] wrote.
    pub fn append_payload(&mut self, payload: &[u8]) {
        let result = match frame::encode(payload) {
            Some(frame) => self.append_frame(&frame),
            None => Err("the record is too large".into()),
        };
        if let Err(trouble) = result {
            self.lost += 1;
            self.trouble = Some(trouble);
        }
    }

    fn append_frame(&mut self, frame: &[u8]) -> Result<(), String> {
        let (path, file) = self.current(frame.len() as u64)?;
        let result = match (&*file).write(frame) {
            Ok(n) if n == frame.len() => Ok(()),
            Ok(n) => Err(format!(
                "{}: only {n} of {} bytes written",
                path.display(),
                frame.len()
            )),
            Err(error) => Err(format!("{}: {error}", path.display())),
        };
        self.open = Some((path, file));
        result
    }

    /// The open file, opened again if another process rotated or removed it,
    /// rotated if `more` bytes would make it too large.
    fn current(&mut self, more: u64) -> Result<(PathBuf, Own<File>), String> {
        // Beyond its limit a write is answered by a signal that ends the process.
        let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
        let most = self.max_bytes.min(limit.unwrap_or(u64::MAX));
        if limit.is_some_and(|limit| more > limit) {
            return Err(format!(
                "{}: a record of {more} bytes is more than a file may have (ulimit -f)",
                self.path.display()
            ));
        }
        for _ in 0..3 {
            let (path, file) = match self.open.take() {
                Some(open) => open,
                None => self.reopen()?,
            };
            if !file.is_ours() {
                continue;
            }
            let here = file
                .metadata()
                .map_err(|e| format!("{}: {e}", path.display()))?;
            let same = path
                .symlink_metadata()
                .is_ok_and(|there| (there.dev(), there.ino()) == (here.dev(), here.ino()));
            if !same {
                continue;
            }
            if here.len() > 0 && here.len() + more > most {
                // Two processes may do this at once: the loser renames a file
                // that was begun a moment ago, so one of both is dropped.
                // Rare, bounded, and better than a lock in a worker.
                std::fs::rename(&path, files::rotated(&path))
                    .map_err(|e| format!("{}: cannot be rotated: {e}", path.display()))?;
                continue;
            }
            return Ok((path, file));
        }
        Err(format!("{}: keeps being replaced", self.path.display()))
    }

    fn reopen(&self) -> Result<(PathBuf, Own<File>), String> {
        let first = match own(&self.path) {
            Ok(file) => return Ok((self.path.clone(), file)),
            Err(refusal) => refusal,
        };
        // Only another user's file is a reason to write elsewhere: a link or a
        // missing folder is a set-up that the user should hear of.
        let foreign = match &first {
            Refusal::Io(error) => error.kind() == std::io::ErrorKind::PermissionDenied,
            Refusal::Unsafe(why) => why.contains("another user"),
        };
        if foreign {
            let ours = files::with_suffix(&self.path, &files::euid().to_string());
            if let Ok(file) = own(&ours) {
                return Ok((ours, file));
            }
        }
        Err(format!("{}: {first}", self.path.display()))
    }
}

fn own(path: &Path) -> Result<Own<File>, Refusal> {
    Ok(Own::new(files::open_append(path)?)?)
}

/// Empties the log at `path` and its siblings; returns those that were emptied
/// and those that may not be, with the reason.
#[must_use]
pub fn clean(path: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, String)>) {
    let mut emptied = Vec::new();
    let mut refused = Vec::new();
    for file in files::family(path) {
        // Truncated, not removed: workers hold it open.
        let result =
            files::open_append(&file).and_then(|open| open.set_len(0).map_err(Refusal::from));
        match result {
            Ok(()) => emptied.push(file),
            Err(refusal) => refused.push((file, refusal.to_string())),
        }
    }
    (emptied, refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(pid: u32) -> Record<'static> {
        Record {
            pid,
            sapi: "cli",
            ..Record::default()
        }
    }

    #[test]
    fn a_full_log_is_rotated_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut writer = LogWriter::new(&path, 200);
        for pid in 0..20 {
            writer.append(&record(pid));
        }
        assert_eq!((writer.lost, writer.trouble), (0, None));
        let sizes: Vec<u64> = files::family(&path)
            .iter()
            .map(|p| p.metadata().unwrap().len())
            .collect();
        assert_eq!(sizes.len(), 2);
        assert!(sizes.iter().all(|s| *s <= 200), "{sizes:?}");
    }

    #[test]
    fn a_removed_log_is_begun_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut writer = LogWriter::new(&path, 1 << 20);
        writer.append(&record(1));
        std::fs::remove_file(&path).unwrap();
        writer.append(&record(2));
        assert!(path.metadata().unwrap().len() > 0);
    }

    #[test]
    fn an_unwritable_log_is_counted_not_raised() {
        let mut writer = LogWriter::new(Path::new("/nonexistent/log"), 1 << 20);
        writer.append(&record(1));
        assert_eq!(writer.lost, 1);
        assert!(writer.trouble.unwrap().contains("/nonexistent/log"));
    }

    #[test]
    fn clean_empties_the_family_and_names_what_it_may_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, "x").unwrap();
        let theirs = dir.path().join("theirs");
        std::fs::write(&theirs, "not a log").unwrap();
        std::os::unix::fs::symlink(&theirs, files::rotated(&path)).unwrap();
        let (emptied, refused) = clean(&path);
        assert_eq!(emptied, vec![path.clone()]);
        assert_eq!(refused[0].0, files::rotated(&path));
        assert_eq!(path.metadata().unwrap().len(), 0);
        assert_eq!(std::fs::read_to_string(theirs).unwrap(), "not a log");
    }
}
