//! What the ini files say, and on which lines. PHP itself only tells the value
//! in force; to mend it one must know where it is set.

use std::path::{Path, PathBuf};

use crate::regular_file;

/// One `name = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The file.
    pub file: PathBuf,
    /// The line.
    pub line: usize,
    /// The name.
    pub name: String,
    /// The value, without quotes.
    pub value: String,
}

impl Entry {
    /// `file:line`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }

    /// Whether it loads this extension.
    pub fn loads_us(&self) -> bool {
        let name = self.value.rsplit('/').next().unwrap_or("");
        let name = name.strip_suffix(".so").unwrap_or(name);
        let name = name.strip_prefix("lib").unwrap_or(name);
        matches!(self.name.as_str(), "extension" | "zend_extension") && name == "swoole_tracker"
    }
}

/// All entries of some ini files, in order.
#[derive(Debug, Default)]
pub struct Ini {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Files that may not be read, with the reason.
    pub unreadable: Vec<String>,
}

impl Ini {
    /// Reads the files that PHP reads.
    pub fn read(files: &[PathBuf]) -> Self {
        let mut ini = Self::default();
        for file in files {
            match regular_file::bytes(file) {
                Ok(bytes) => ini.take(file, &String::from_utf8_lossy(&bytes)),
                Err(error) => ini.unreadable.push(format!("{}: {error}", file.display())),
            }
        }
        ini
    }

    fn take(&mut self, file: &Path, text: &str) {
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with([';', '#', '[']) {
                continue;
            }
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            self.entries.push(Entry {
                file: file.into(),
                line: index + 1,
                name: name.trim().to_owned(),
                value: plain(value),
            });
        }
    }

    /// Entries of a name; the last one counts.
    pub fn of<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.name == name)
    }
}

/// A value without its quotes and comment.
fn plain(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or("").to_owned();
        }
    }
    value.split(';').next().unwrap_or("").trim().to_owned()
}

/// What php.ini takes for "on".
pub fn is_on(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "1" | "on" | "yes" | "true"
    )
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Entries of a file called `/etc/php.ini`.
    pub fn ini(text: &str) -> Ini {
        let mut ini = Ini::default();
        ini.take(Path::new("/etc/php.ini"), text);
        ini
    }

    #[test]
    fn entries_are_found_with_their_places() {
        let ini = ini(
            "; comment = 1\n[PHP]\napm.leak_log = \"/tmp/a;b\" ; x\nextension=swoole_tracker.so;y\nempty=\nno\n",
        );
        let found: Vec<_> = ini
            .entries
            .iter()
            .map(|e| (e.line, e.name.as_str(), e.value.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (3, "apm.leak_log", "/tmp/a;b"),
                (4, "extension", "swoole_tracker.so"),
                (5, "empty", "")
            ]
        );
        assert_eq!(ini.entries[0].place(), "/etc/php.ini:3");
    }

    #[test]
    fn lines_that_load_the_extension_are_told_from_others() {
        for text in [
            "extension=swoole_tracker",
            "zend_extension = /opt/libswoole_tracker.so",
        ] {
            assert!(ini(text).entries[0].loads_us(), "{text}");
        }
        for text in [
            "extension=swoole.so",
            "extension=swoole_tracker_x.so",
            "x=swoole_tracker.so",
        ] {
            assert!(!ini(text).entries[0].loads_us(), "{text}");
        }
    }
}
