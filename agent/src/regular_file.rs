//! Opening files that somebody else named or made: a pipe would block for ever, and a device
//! has no end.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;

/// Bytes of a file that is read whole.
const MAX: u64 = 1 << 20;

/// Opens a file, or what a link leads to, without waiting for anybody.
///
/// # Errors
/// When it is no regular file, and those of the file system.
pub fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = match options.custom_flags(OFlag::O_NONBLOCK.bits()).open(path) {
        // A pipe that nobody reads.
        Err(e) if e.raw_os_error() == Some(nix::errno::Errno::ENXIO as i32) => {
            return Err(irregular());
        }
        opened => opened?,
    };
    if !file.metadata()?.is_file() {
        return Err(irregular());
    }
    Ok(file)
}

/// The text of a file of at most a MiB.
///
/// # Errors
/// When it is larger, no regular file, no UTF-8, and those of the file system.
pub fn text(path: &Path) -> io::Result<String> {
    String::from_utf8(bytes(path)?).map_err(io::Error::other)
}

/// The bytes of a file of at most a MiB.
///
/// # Errors
/// When it is larger, no regular file, and those of the file system.
pub fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let file = open(OpenOptions::new().read(true), path)?;
    let mut bytes = Vec::new();
    file.take(MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX {
        return Err(io::Error::other("larger than 1 MiB"));
    }
    Ok(bytes)
}

fn irregular() -> io::Error {
    io::Error::other("not a regular file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use nix::sys::stat::Mode;

    #[test]
    fn only_regular_files_of_some_size_are_read() {
        let scratch = Scratch::new();
        let at = |name: &str| scratch.path().join(name);
        nix::unistd::mkfifo(&at("pipe"), Mode::S_IRWXU).unwrap();
        std::fs::write(at("file"), "text").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("pipe"), at("link to pipe")).unwrap();
        std::fs::write(at("full"), vec![b'x'; MAX as usize]).unwrap();
        std::fs::write(at("large"), vec![b'x'; MAX as usize + 1]).unwrap();
        assert_eq!(text(&at("file")).unwrap(), "text");
        assert_eq!(text(&at("link")).unwrap(), "text");
        assert_eq!(bytes(&at("full")).unwrap().len(), MAX as usize);
        for (path, why) in [
            (at("pipe"), "not a regular file"),
            (at("link to pipe"), "not a regular file"),
            (scratch.path().to_owned(), "not a regular file"),
            ("/dev/zero".into(), "not a regular file"),
            (at("large"), "larger than 1 MiB"),
        ] {
            assert_eq!(text(&path).unwrap_err().to_string(), why, "{path:?}");
        }
        let append = open(OpenOptions::new().append(true), &at("pipe"));
        assert_eq!(append.unwrap_err().to_string(), "not a regular file");
    }
}
