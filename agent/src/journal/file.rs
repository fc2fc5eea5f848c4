//! One file of the journal: a head with the salt, then entries.

use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::entry::{self, MARKER, Salt};

/// Begin of each file, with the version of the format.
const MAGIC: [u8; 8] = *b"SWTJRNL\x01";
/// Bytes before the first entry.
pub const FILE_HEAD: usize = MAGIC.len() + size_of::<Salt>();
const SUFFIX: &str = "journal";

/// The file that is written to.
#[derive(Debug)]
pub struct Writer {
    /// Its place.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    file: File,
    salt: Salt,
}

impl Writer {
    /// Makes the file whose first batch is to have `position`, with a first entry of payload
    /// `first`. It is there whole or not at all, and replaces one of the same name.
    ///
    /// # Errors
    /// Those of the file system; nothing is left behind.
    pub fn create(dir: &Path, position: u64, first: &[u8]) -> io::Result<Self> {
        let draft = dir.join("draft");
        let _ = std::fs::remove_file(&draft);
        let made = Self::draft(&draft, first).and_then(|mut writer| {
            writer.path = path(dir, position);
            std::fs::rename(&draft, &writer.path)?;
            Ok(writer)
        });
        if made.is_err() {
            let _ = std::fs::remove_file(&draft);
        }
        made
    }

    fn draft(path: &Path, first: &[u8]) -> io::Result<Self> {
        let mut salt = Salt::default();
        getrandom::fill(&mut salt).map_err(io::Error::other)?;
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        let mut writer = Self {
            path: path.to_owned(),
            bytes: 0,
            file,
            salt,
        };
        writer.append(&[&MAGIC, &salt])?;
        writer.entry([first, &[]])?;
        Ok(writer)
    }

    /// Whether the file is still in its directory: what is written to one that was
    /// removed is gone with the process.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.file.metadata().is_ok_and(|m| m.nlink() > 0)
    }

    /// Whether the file is at its place.
    #[must_use]
    pub fn is_there(&self) -> bool {
        let id = |m: std::fs::Metadata| (m.dev(), m.ino());
        let (held, found) = (self.file.metadata().map(id), self.path.metadata().map(id));
        matches!((held, found), (Ok(held), Ok(found)) if held == found)
    }

    /// Appends an entry whose payload is `parts` one after the other: whole, or not at all.
    ///
    /// # Errors
    /// Those of the file system, such as a full disk.
    pub fn entry(&mut self, parts: [&[u8]; 2]) -> io::Result<()> {
        let head = entry::head(self.salt, &parts);
        self.append(&[&head, parts[0], parts[1]])
    }

    fn append(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        match self.write(parts) {
            Ok(written) => {
                self.bytes += written;
                Ok(())
            }
            Err(e) => {
                // What was written of it would be skipped as damaged; better it is not
                // there. To cut a file needs no room.
                self.file.set_len(self.bytes)?;
                Err(e)
            }
        }
    }

    fn write(&mut self, parts: &[&[u8]]) -> io::Result<u64> {
        let mut slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut left = &mut slices[..];
        let mut written = 0;
        while !left.is_empty() {
            match self.file.write_vectored(left) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    written += n as u64;
                    IoSlice::advance_slices(&mut left, n);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(written)
    }
}

/// Where the file is whose first batch has `position`.
#[must_use]
pub fn path(dir: &Path, position: u64) -> PathBuf {
    dir.join(format!("{position:020}.{SUFFIX}"))
}

/// The first position that the file of this name may hold; 0 for other names.
#[must_use]
pub fn first(path: &Path) -> u64 {
    let name = path.file_stem().and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// The files of `dir` in order.
///
/// # Errors
/// Those of the file system.
pub fn list(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        // To read a pipe would block.
        if path.extension().is_some_and(|e| e == SUFFIX) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What the reader met.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A payload.
    Payload(&'a [u8]),
    /// Bytes that are no entry, before the next good one.
    Damaged(usize),
    /// Bytes at the end that are no entry: the agent was killed while it wrote.
    Torn(usize),
}

/// Reads the entries of a file that was read whole.
#[derive(Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
    salt: Salt,
}

impl<'a> Entries<'a> {
    /// The entries of a file of content `bytes`; `None` when it is no journal file.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk()?;
        let (&salt, rest) = rest.split_first_chunk()?;
        (*magic == MAGIC).then_some(Self { rest, salt })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some(payload) = entry::payload(self.salt, self.rest) {
            self.rest = &self.rest[entry::HEAD + payload.len()..];
            return Some(Found::Payload(payload));
        }
        let next = memchr::memmem::find_iter(&self.rest[1..], &MARKER)
            .map(|at| at + 1)
            .find(|&at| entry::payload(self.salt, &self.rest[at..]).is_some());
        Some(match next {
            Some(at) => {
                self.rest = &self.rest[at..];
                Found::Damaged(at)
            }
            None => Found::Torn(std::mem::take(&mut self.rest).len()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn three(dir: &Path) -> (PathBuf, Vec<u8>) {
        let mut writer = Writer::create(dir, 7, b"one!").unwrap();
        for payload in ["two", "three"] {
            writer.entry([payload.as_bytes(), b"!"]).unwrap();
        }
        let bytes = std::fs::read(&writer.path).unwrap();
        assert_eq!(writer.bytes, bytes.len() as u64);
        (writer.path, bytes)
    }

    fn payloads(bytes: &[u8]) -> Vec<&[u8]> {
        Entries::of(bytes).map_or(vec![], |entries| {
            entries
                .filter_map(|found| match found {
                    Found::Payload(p) => Some(p),
                    _ => None,
                })
                .collect()
        })
    }

    #[test]
    fn a_file_cut_anywhere_gives_what_is_whole() {
        let dir = Scratch::new();
        let (path, bytes) = three(dir.path());
        assert_eq!(list(dir.path()).unwrap(), [path]);
        let all: [&[u8]; 3] = [b"one!", b"two!", b"three!"];
        let ends = [32, 48, 66];
        assert_eq!(bytes.len(), ends[2]);
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|&&end| end <= cut).count();
            assert_eq!(payloads(&bytes[..cut]), all[..whole], "cut at {cut}");
        }
    }

    #[test]
    fn damage_costs_the_entry_that_it_hits() {
        let dir = Scratch::new();
        let (_, bytes) = three(dir.path());
        for at in FILE_HEAD..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x40;
            assert_eq!(payloads(&bytes).len(), 2, "changed at {at}");
        }
    }

    #[test]
    fn a_batch_that_looks_like_an_entry_is_none() {
        let dir = Scratch::new();
        let mut writer = Writer::create(dir.path(), 1, b"first").unwrap();
        let fake = [&entry::head([0; 8], &[b"fake"])[..], b"fake"].concat();
        writer.entry([b"x", &fake]).unwrap();
        let mut bytes = std::fs::read(&writer.path).unwrap();
        bytes[FILE_HEAD + entry::HEAD + 5 + 9] ^= 1;
        let found: Vec<_> = Entries::of(&bytes).unwrap().skip(1).collect();
        assert_eq!(found, [Found::Torn(entry::HEAD + 1 + fake.len())]);
    }
}
