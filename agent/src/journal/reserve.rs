//! Room that is set aside on the disk: given back to the file system when the disk is
//! full, so that statistics still find some.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use nix::fcntl::{FallocateFlags, fallocate};

/// The room.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
    bytes: u64,
    is_held: bool,
}

impl Reserve {
    /// A reserve of `bytes` in `dir`; not held yet.
    #[must_use]
    pub fn new(dir: &Path, bytes: u64) -> Self {
        Self {
            path: dir.join("reserve"),
            bytes,
            is_held: false,
        }
    }

    /// Sets the room aside; does nothing when it is.
    ///
    /// # Errors
    /// When there is not as much.
    pub fn hold(&mut self) -> io::Result<()> {
        if self.is_held {
            return Ok(());
        }
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .open(&self.path)?;
        let bytes = i64::try_from(self.bytes).map_err(io::Error::other)?;
        if let Err(e) = fallocate(&file, FallocateFlags::empty(), 0, bytes) {
            self.release();
            return Err(e.into());
        }
        self.is_held = true;
        Ok(())
    }

    /// Gives it back.
    pub fn release(&mut self) {
        // Where it cannot be removed, the disk stays as full as it is.
        let _ = std::fs::remove_file(&self.path);
        self.is_held = false;
    }
}
