//! The Unix socket's place in the file system.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use mio::net::UnixListener;

/// Where the socket is, and who may connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path.
    pub path: PathBuf,
    /// Permissions of the socket: 0660 as a rule.
    pub mode: u32,
    /// Group of the socket; that of the agent when `None`.
    pub group: Option<String>,
}

/// A bound socket, removed from the file system when dropped.
#[derive(Debug)]
pub struct Bound {
    /// It listens.
    pub listener: UnixListener,
    path: PathBuf,
    /// Device and inode: another agent's socket is not removed.
    identity: (u64, u64),
}

impl Drop for Bound {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|found| found == self.identity) {
            // Where it cannot be removed, the next start finds it stale.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Gives the bound socket to its group.
///
/// # Errors
/// When there is no such group, or the agent may not.
pub fn give(place: &Place) -> Result<(), String> {
    let Some(group) = &place.group else {
        return Ok(());
    };
    let id = group_id(group)?;
    std::os::unix::fs::chown(&place.path, None, Some(id)).map_err(|e| {
        let path = place.path.display();
        format!("{path}: cannot be given to the group {group:?}: {e}")
    })
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    std::fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

/// Binds the socket: the directory is made (0755) if it is not there, a stale socket is
/// replaced, and anything else at this path is left alone.
///
/// # Errors
/// What is wrong, for a person.
pub fn bind(place: &Place) -> Result<Bound, String> {
    let path = &place.path;
    let at = |what: &str, e: io::Error| format!("{}: {what}: {e}", path.display());
    // Checked first: nothing is made for a set-up that cannot work.
    place.group.as_deref().map(group_id).transpose()?;
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(dir)
            .map_err(|e| at("its directory cannot be made", e))?;
    }
    clear(path)?;
    let listener = UnixListener::bind(path).map_err(|e| at("cannot be bound", e))?;
    let identity = identity(path).map_err(|e| at("was removed at once", e))?;
    let bound = Bound {
        listener,
        path: path.clone(),
        identity,
    };
    give(place)?;
    std::fs::set_permissions(path, Permissions::from_mode(place.mode))
        .map_err(|e| at("its permissions cannot be set", e))?;
    Ok(bound)
}

/// Removes a socket at `path` that nobody listens to.
fn clear(path: &Path) -> Result<(), String> {
    let found = match std::fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(format!("{}: {e}", path.display())),
    };
    if !found.file_type().is_socket() {
        return Err(format!("{}: is there and is no socket", path.display()));
    }
    // Does not wait: a stopped agent's queue of connections may be full.
    match mio::net::UnixStream::connect(path) {
        Ok(_) => Err(format!("{}: another agent listens there", path.display())),
        Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path)
            .map_err(|e| format!("{}: stale, and cannot be removed: {e}", path.display())),
        Err(e) => Err(format!(
            "{}: is there, and whether an agent listens cannot be told: {e}",
            path.display()
        )),
    }
}

/// The id of a group given by name or number.
fn group_id(name: &str) -> Result<u32, String> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    match nix::unistd::Group::from_name(name) {
        Ok(Some(group)) => Ok(group.gid.as_raw()),
        Ok(None) => Err(format!("there is no group {name:?}")),
        Err(e) => Err(format!("group {name:?}: {e}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use std::os::unix::net::UnixStream;

    fn place(path: PathBuf) -> Place {
        Place {
            path,
            mode: 0o660,
            group: None,
        }
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o777
    }

    #[test]
    fn the_directory_is_made_and_the_socket_removed_at_the_end() {
        let dir = Scratch::new();
        let path = dir.path().join("run/deep/agent.sock");
        let bound = bind(&place(path.clone())).unwrap();
        assert_eq!(mode(&path), 0o660);
        // The tests' umask may take from 0755, never add to it.
        assert_eq!(mode(path.parent().unwrap()) & !0o755, 0);
        drop(bound);
        assert!(!path.exists());
    }

    #[test]
    fn a_stale_socket_is_replaced_and_a_living_one_is_not() {
        let dir = Scratch::new();
        let path = dir.path().join("agent.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let bound = bind(&place(path.clone())).unwrap();
        UnixStream::connect(&path).unwrap();
        let again = bind(&place(path.clone())).unwrap_err();
        assert!(again.contains("another agent"), "{again}");
        UnixStream::connect(&path).expect("the first still listens");
        drop(bound);
    }

    #[test]
    fn what_is_no_socket_stays() {
        let dir = Scratch::new();
        let file = dir.path().join("file");
        std::fs::write(&file, "precious").unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        for path in [&file, &link] {
            let refused = bind(&place(path.clone())).unwrap_err();
            assert!(refused.contains("is no socket"), "{refused}");
        }
        assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    }

    #[test]
    fn another_agents_socket_is_not_removed() {
        let dir = Scratch::new();
        let path = dir.path().join("agent.sock");
        let bound = bind(&place(path.clone())).unwrap();
        std::fs::remove_file(&path).unwrap();
        let _other = std::os::unix::net::UnixListener::bind(&path).unwrap();
        drop(bound);
        assert!(path.exists());
    }

    #[test]
    fn a_group_that_does_not_exist_is_told() {
        let dir = Scratch::new();
        let mut place = place(dir.path().join("agent.sock"));
        place.group = Some("no-such-group".into());
        assert!(bind(&place).unwrap_err().contains("no-such-group"));
        assert!(!place.path.exists());
    }
}
