//! The directory of all that the agent keeps, and who it is.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::pipeline::Identity;
use crate::regular_file;

/// The directory, locked for this process.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    lock: Flock<File>,
}

impl DataDir {
    /// Makes the directory (0700) if it is not there, and locks it.
    ///
    /// # Errors
    /// What is wrong, for a person.
    pub fn open(path: &Path) -> Result<Self, String> {
        let at = |what: &str, e: &dyn std::fmt::Display| format!("{}: {what}: {e}", path.display());
        make(path).map_err(|e| at("cannot be made", &e))?;
        std::fs::set_permissions(path, Permissions::from_mode(0o700))
            .map_err(|e| at("its permissions cannot be set", &e))?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true).mode(0o600);
        let file = regular_file::open(&mut options, &path.join("lock"))
            .map_err(|e| at("no file can be made in it", &e))?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Self {
                path: path.to_owned(),
                lock,
            }),
            Err((_, Errno::EWOULDBLOCK)) => {
                Err(format!("{}: another agent uses it", path.display()))
            }
            Err((_, e)) => Err(at("cannot be locked", &e)),
        }
    }

    /// Whether it is where it was: somebody may have removed it.
    #[must_use]
    pub fn is_there(&self) -> bool {
        let held = self.lock.metadata().map(|m| (m.dev(), m.ino()));
        let found = self.path.join("lock").metadata();
        matches!((held, found), (Ok(held), Ok(found)) if held == (found.dev(), found.ino()))
    }

    /// Makes it anew after it was removed, with the identity that it had.
    ///
    /// # Errors
    /// What is wrong, for a person; it is worth another try.
    pub fn restore(&mut self, agent_id: &str) -> Result<(), String> {
        *self = Self::open(&self.path)?;
        let path = self.path.join("agent_id");
        if path.exists() {
            return Ok(());
        }
        write_id(&path, agent_id).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Who this agent is; the first call in a directory draws its identity.
    ///
    /// # Errors
    /// What is wrong, for a person.
    pub fn identity(&self) -> Result<Identity, String> {
        let path = self.path.join("agent_id");
        let agent_id = agent_id(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let host = nix::unistd::gethostname().map_err(|e| format!("no host name: {e}"))?;
        Ok(Identity {
            agent_id,
            boot_id: random()
                .map_err(|e| format!("no random numbers: {e}"))?
                .max(1),
            host: host.to_string_lossy().into_owned(),
        })
    }
}

fn random() -> io::Result<u64> {
    getrandom::u64().map_err(io::Error::other)
}

fn agent_id(path: &Path) -> io::Result<String> {
    match regular_file::text(path) {
        Ok(text) => {
            let id = text.trim();
            let is_id = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
            let wrong = || io::Error::other("not 32 hexadecimal digits; remove it to draw another");
            is_id.then(|| id.to_owned()).ok_or_else(wrong)
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let id = format!("{:016x}{:016x}", random()?, random()?);
            write_id(path, &id)?;
            Ok(id)
        }
        Err(e) => Err(e),
    }
}

fn write_id(path: &Path, id: &str) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = File::create(&draft)?;
    writeln!(file, "{id}")?;
    file.sync_all()?;
    std::fs::rename(&draft, path)
}

/// Makes a directory (0700), and those that it is in, unless they are there.
///
/// # Errors
/// Those of the file system.
pub fn make(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn one_agent_uses_it_and_stays_the_same() {
        let dir = Scratch::new();
        let path = dir.path().join("a/b");
        let data = DataDir::open(&path).unwrap();
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700);
        let again = DataDir::open(&path).unwrap_err();
        assert!(again.contains("another agent"), "{again}");
        let first = data.identity().unwrap();
        assert_eq!(first.agent_id.len(), 32);
        drop(data);
        let second = DataDir::open(&path).unwrap().identity().unwrap();
        assert_eq!(first.agent_id, second.agent_id);
        assert_ne!(first.boot_id, second.boot_id);
    }

    #[test]
    fn one_that_was_removed_is_made_again_with_its_identity() {
        let dir = Scratch::new();
        let path = dir.path().join("data");
        let mut data = DataDir::open(&path).unwrap();
        let id = data.identity().unwrap().agent_id;
        assert!(data.is_there());
        std::fs::remove_dir_all(&path).unwrap();
        assert!(!data.is_there());
        std::fs::write(&path, "in the way").unwrap();
        assert!(data.restore(&id).is_err());
        std::fs::remove_file(&path).unwrap();
        data.restore(&id).unwrap();
        assert!(data.is_there());
        assert_eq!(data.identity().unwrap().agent_id, id);
        let again = DataDir::open(&path).unwrap_err();
        assert!(again.contains("another agent"), "{again}");
    }

    #[test]
    fn a_spoilt_identity_is_told_and_kept() {
        let dir = Scratch::new();
        std::fs::write(dir.path().join("agent_id"), "").unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        let trouble = data.identity().unwrap_err();
        assert!(trouble.contains("32 hexadecimal digits"), "{trouble}");
    }
}
