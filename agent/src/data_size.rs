//! What the data directory holds, by kind of file.

use std::path::{Component, Path};

/// Kinds, in the order of [`DataSize::kinds`].
const KINDS: [&str; 8] = [
    "partitions",
    "rollups",
    "leaks",
    "meta",
    "wal",
    "journal",
    "corrupt",
    "other",
];
/// Folders within folders that are looked into.
const DEPTH: usize = 3;

/// Bytes of all files by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DataSize([u64; KINDS.len()]);

impl DataSize {
    /// Adds up the files below `folder`; what cannot be read, or is just going, counts nothing.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        let mut size = Self::default();
        size.add(folder, folder, DEPTH);
        size
    }

    fn add(&mut self, root: &Path, folder: &Path, depth: usize) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.metadata() {
                Ok(found) if found.is_dir() && depth > 0 => self.add(root, &path, depth - 1),
                Ok(found) if found.is_file() => {
                    let relative = path.strip_prefix(root).unwrap_or(&path);
                    self.0[kind(relative)] += found.len();
                }
                _ => {}
            }
        }
    }

    /// Kind and bytes.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        KINDS.into_iter().zip(self.0)
    }

    /// Bytes of all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// The place in [`KINDS`] of a file, by its path below the data directory.
fn kind(path: &Path) -> usize {
    let mut folders = path.components().map(Component::as_os_str);
    let first = folders.next().unwrap_or_default();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let kind = if first == "journal" {
        "journal"
    } else if name.contains(".corrupt") {
        "corrupt"
    } else if name.ends_with("-wal") || name.ends_with("-shm") {
        "wal"
    } else if folders.next().is_some_and(|folder| folder == "seg") {
        "partitions"
    } else {
        match &*name {
            "roll.db" => "rollups",
            "leak.db" => "leaks",
            "meta.db" => "meta",
            _ => "other",
        }
    };
    KINDS
        .iter()
        .position(|k| *k == kind)
        .unwrap_or(KINDS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn every_file_counts_under_its_kind() {
        let dir = Scratch::new();
        let files = [
            ("store/seg/2026010100.db", 1, "partitions"),
            ("store/seg/2026010101.db", 2, "partitions"),
            ("store/roll.db", 4, "rollups"),
            ("store/leak.db", 8, "leaks"),
            ("store/meta.db", 16, "meta"),
            ("store/meta.db-wal", 32, "wal"),
            ("store/seg/2026010101.db-shm", 64, "wal"),
            ("journal/00000001.log", 128, "journal"),
            ("journal/reserve", 256, "journal"),
            ("store/roll.db.corrupt", 512, "corrupt"),
            ("store/seg/2026010100.db.corrupt-wal", 1_024, "corrupt"),
            ("agent_id", 2_048, "other"),
            ("batches.txt", 4_096, "other"),
        ];
        for (path, bytes, _) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, vec![0; bytes]).unwrap();
        }
        let size = DataSize::of(dir.path());
        for (kind, found) in size.kinds() {
            let of_kind = files.iter().filter(|(.., of)| *of == kind);
            let wanted: usize = of_kind.map(|(_, bytes, _)| bytes).sum();
            assert_eq!(found, wanted as u64, "{kind}");
        }
        assert_eq!(size.total(), 8_191);
        assert_eq!(DataSize::of(&dir.path().join("none")).total(), 0);
    }
}
