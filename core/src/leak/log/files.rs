//! Which files a log consists of, and how they are opened safely.
//!
//! The default path lies in `/tmp`, where anyone may put anything: a file is
//! used only if it is a regular file with one link that the present user owns.
//! Where another user's file has the name already (root's master, the
//! worker's `www-data`), `<path>.<uid>` is used instead. Full files are renamed
//! to `<name>.1`.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Why a log file may not be used.
#[derive(Debug)]
pub enum Refusal {
    /// The system says no.
    Io(io::Error),
    /// The file is not what it should be.
    Unsafe(&'static str),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Unsafe(why) => f.write_str(why),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The effective user id.
#[must_use]
pub fn euid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// `<path>.<suffix>`.
#[must_use]
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Where a full log goes.
#[must_use]
pub fn rotated(path: &Path) -> PathBuf {
    with_suffix(path, "1")
}

fn check(metadata: &Metadata) -> Result<(), Refusal> {
    if !metadata.is_file() {
        return Err(Refusal::Unsafe("not a regular file"));
    }
    if metadata.nlink() != 1 {
        return Err(Refusal::Unsafe("the file has more than one name"));
    }
    if metadata.uid() != euid() {
        return Err(Refusal::Unsafe("the file belongs to another user"));
    }
    Ok(())
}

fn open(options: &mut OpenOptions, path: &Path) -> Result<File, Refusal> {
    // O_NONBLOCK: a FIFO of that name must not stop the process.
    let flags = libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK;
    match options.custom_flags(flags).open(path) {
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            Err(Refusal::Unsafe("the file is a symbolic link"))
        }
        result => Ok(result?),
    }
}

/// Opens a log for appending; creates it (mode 0600) if there is none.
///
/// # Errors
/// A refusal if the file is not a plain file of the present user.
pub fn open_append(path: &Path) -> Result<File, Refusal> {
    let existing = open(OpenOptions::new().append(true), path);
    let file = match existing {
        Err(Refusal::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            // Opened without O_CREAT first: the kernel refuses O_CREAT on
            // another's file in a sticky directory, even to root.
            let mut options = OpenOptions::new();
            options.append(true).create_new(true).mode(0o600);
            match open(&mut options, path) {
                // Another process was faster.
                Err(Refusal::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
                    open(OpenOptions::new().append(true), path)?
                }
                result => result?,
            }
        }
        result => result?,
    };
    check(&file.metadata()?)?;
    Ok(file)
}

/// Opens a log for reading. Anyone's regular file may be read; what is in it
/// is checked record by record.
///
/// # Errors
/// A refusal if the file cannot be opened or is not a regular file.
pub fn open_read(path: &Path) -> Result<File, Refusal> {
    let file = open(OpenOptions::new().read(true), path)?;
    if !file.metadata()?.is_file() {
        return Err(Refusal::Unsafe("not a regular file"));
    }
    Ok(file)
}

/// Why nothing of the log at `path` can be read; `None` if something can. It is
/// enough that a sibling is there.
#[must_use]
pub fn refusal(path: &Path) -> Option<Refusal> {
    match open_read(path) {
        Ok(_) => None,
        Err(Refusal::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            family(path).is_empty().then_some(Refusal::Io(error))
        }
        Err(refusal) => Some(refusal),
    }
}

/// The log and its siblings that exist, rotated ones before their successors.
#[must_use]
pub fn family(path: &Path) -> Vec<PathBuf> {
    let mut bases = vec![path.to_path_buf()];
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    if let (Some(name), Ok(entries)) = (
        path.file_name(),
        folder.unwrap_or(Path::new(".")).read_dir(),
    ) {
        let mut prefix = name.to_string_lossy().into_owned();
        prefix.push('.');
        let mut users: Vec<(u32, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name();
                let rest = name.to_str()?.strip_prefix(&prefix)?;
                let uid = rest.strip_suffix(".1").unwrap_or(rest);
                let is_user = rest != "1" && !uid.is_empty() && uid != "1.1";
                let uid: u32 = is_user.then(|| uid.parse().ok()).flatten()?;
                Some((uid, with_suffix(path, &uid.to_string())))
            })
            .collect();
        users.sort();
        users.dedup();
        bases.extend(users.into_iter().map(|u| u.1));
    }
    let named = bases.into_iter().flat_map(|base| [rotated(&base), base]);
    let mut files: Vec<PathBuf> = Vec::new();
    for file in named {
        if file.symlink_metadata().is_ok() && !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_new_log_is_private() {
        let dir = folder();
        let path = dir.path().join("log");
        let file = open_append(&path).unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn links_and_folders_are_refused() {
        let dir = folder();
        let target = dir.path().join("target");
        std::fs::write(&target, "x").unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(matches!(open_append(&link), Err(Refusal::Unsafe(_))));
        assert!(matches!(open_read(&link), Err(Refusal::Unsafe(_))));
        let hard = dir.path().join("hard");
        std::fs::hard_link(&target, &hard).unwrap();
        assert!(matches!(open_append(&hard), Err(Refusal::Unsafe(_))));
        assert!(open_append(dir.path()).is_err());
        assert_eq!(std::fs::read(&target).unwrap(), b"x");
    }

    #[test]
    fn a_log_of_which_nothing_is_there_is_refused() {
        let dir = folder();
        let path = dir.path().join("log");
        assert!(matches!(refusal(&path), Some(Refusal::Io(_))));
        assert!(matches!(refusal(dir.path()), Some(Refusal::Unsafe(_))));
        std::fs::write(rotated(&path), "").unwrap();
        assert!(refusal(&path).is_none());
    }

    #[test]
    fn the_family_is_listed_oldest_first() {
        let dir = folder();
        let path = dir.path().join("log");
        for name in ["log", "log.1", "log.33", "log.33.1", "log.x", "logs"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let names: Vec<_> = family(&path)
            .iter()
            .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["log.1", "log", "log.33.1", "log.33"]);
    }
}
