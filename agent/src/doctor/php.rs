//! Asks a PHP about itself, with options that run no script. A PHP that does
//! not answer in time is ended.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long PHP may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// More than `phpinfo()` ever prints.
const MAX_OUTPUT: u64 = 8 << 20;

/// One answer.
#[derive(Debug, Default, Clone)]
pub struct Answer {
    /// Exit status; none if it was ended by a signal.
    pub status: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it complained about.
    pub err: String,
}

/// What a PHP says about itself.
#[derive(Debug, Default)]
pub struct Php {
    /// The program.
    pub path: PathBuf,
    /// `php -i`.
    pub info: Answer,
    /// `php --ini`.
    pub ini: Answer,
    /// `php --ri swoole_tracker`.
    pub extension: Answer,
    /// It was ended by a signal with its ini files, so `info` is without them.
    pub crashes: bool,
}

impl Php {
    /// Asks; `settings` (`NAME=VALUE`) are given to it by its `-d`.
    ///
    /// # Errors
    /// If there is no such PHP, or it does not answer like one.
    pub fn ask(path: &Path, settings: &[OsString]) -> Result<Self, String> {
        let found = whole(path);
        let path = found.as_path();
        let run = |path: &Path, question: &[&str]| run(path, question, settings);
        let mut php = Self {
            path: path.into(),
            info: run(path, &["-i"])?,
            ini: run(path, &["--ini"])?,
            extension: run(path, &["--ri", "swoole_tracker"])?,
            crashes: false,
        };
        if php.info.status.is_none() {
            php.crashes = true;
            php.info = run(path, &["-n", "-i"])?;
        }
        if php.version().is_none() {
            let why = first_words(&php.info);
            return Err(format!(
                "{}: does not answer `-i` like a PHP ({why})",
                path.display()
            ));
        }
        Ok(php)
    }

    /// Such as `8.2.36`.
    pub fn version(&self) -> Option<&str> {
        value(&self.info.out, "PHP Version")
    }

    /// Major, minor, release.
    pub fn version_number(&self) -> (u32, u32, u32) {
        let mut parts = self.version().unwrap_or("").split('.').map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().unwrap_or(0)
        });
        let mut next = || parts.next().unwrap_or(0);
        (next(), next(), next())
    }

    /// A line of `php -i`.
    pub fn info(&self, name: &str) -> Option<&str> {
        value(&self.info.out, name)
    }

    /// Whether the extension is there.
    pub fn has_extension(&self) -> bool {
        self.extension.status == Some(0) && self.report("Version").is_some()
    }

    /// A line of `php --ri swoole_tracker`.
    pub fn report(&self, name: &str) -> Option<&str> {
        value(&self.extension.out, name)
    }

    /// Names (`apm.x, tracker.x`) and values in force of all settings.
    fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.extension.out.lines();
        lines.filter_map(|line| {
            let (names, value) = line.split_once(" =>")?;
            names.starts_with("apm.").then_some((names, value.trim()))
        })
    }

    /// Value in force of a setting, whichever of its names set it.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let is_it = |names: &str| names.split(", ").next().and_then(without_prefix) == Some(name);
        let mut settings = self.settings();
        settings.find_map(|(names, value)| is_it(names).then_some(value))
    }

    /// Names of all settings that the extension knows, without prefix.
    pub fn known_settings(&self) -> Vec<&str> {
        self.settings()
            .filter_map(|(names, _)| without_prefix(names.split(", ").next()?))
            .collect()
    }

    /// The section of `php -i` that belongs to a module.
    pub fn module(&self, name: &str) -> Option<&str> {
        let start = self.info.out.find(&format!("\n{name}\n\n"))?;
        let body = self.info.out.get(start + name.len() + 3..)?;
        // The next title stands alone between two empty lines.
        let mut at = 0;
        let mut was_empty = false;
        for line in body.split_inclusive('\n') {
            if was_empty && !line.contains("=>") && line.trim().len() > 1 {
                return body.get(..at);
            }
            was_empty = line.trim().is_empty();
            at += line.len();
        }
        Some(body)
    }

    /// The ini files that it read, in order; those that it would read, if it
    /// cannot say.
    pub fn ini_files(&self) -> Vec<PathBuf> {
        if self.ini.status.is_none() {
            return self.likely_ini_files();
        }
        let labels = [
            "Loaded Configuration File:",
            "Additional .ini files parsed:",
        ];
        let mut files = Vec::new();
        let mut listing = false;
        for line in self.ini.out.lines() {
            let label = labels.iter().find_map(|label| line.strip_prefix(label));
            // The last label's list goes on over the following lines.
            listing = label.is_some() || (listing && !line.contains(": "));
            if listing {
                let names = label.unwrap_or(line).split(',').map(str::trim);
                files.extend(names.filter(|n| n.starts_with('/')).map(PathBuf::from));
            }
        }
        files
    }

    fn likely_ini_files(&self) -> Vec<PathBuf> {
        let label = "Configuration File (php.ini) Path";
        let home = PathBuf::from(self.info(label).unwrap_or(""));
        let scan = std::env::var("PHP_INI_SCAN_DIR").unwrap_or_default();
        let folders = scan.split(':').map(|folder| match folder {
            "" => home.join("conf.d"),
            named => named.into(),
        });
        let mut files = vec![home.join("php.ini")];
        for folder in folders {
            let entries = folder.read_dir().into_iter().flatten().flatten();
            let mut names: Vec<_> = entries.map(|entry| entry.path()).collect();
            names.sort();
            files.extend(names);
        }
        files.retain(|file| file.extension().is_some_and(|ending| ending == "ini"));
        files.retain(|file| file.exists());
        files
    }

    /// Where a new ini file would be read.
    pub fn scan_folder(&self) -> Option<&str> {
        let label = "Scan for additional .ini files in:";
        let line = self.ini.out.lines().find_map(|l| l.strip_prefix(label))?;
        // Several folders are separated by colons; an empty one is the default.
        line.trim().split(':').find(|dir| dir.starts_with('/'))
    }

    /// What PHP complained about at start-up, each on one line.
    pub fn complaints(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for answer in [&self.extension, &self.info, &self.ini] {
            let mut lines = answer.err.lines().chain(answer.out.lines()).map(str::trim);
            while let Some(line) = lines.next() {
                let is_warning = ["PHP Warning:", "Warning:", "PHP Fatal error:"]
                    .iter()
                    .any(|word| line.starts_with(word));
                if !is_warning && !LOADER_SAYS.iter().any(|words| line.contains(words)) {
                    continue;
                }
                let mut text = line.trim_start_matches("PHP ").to_owned();
                // That of a library for another PHP has five lines.
                let mut more = 0;
                while is_warning && !text.contains(" on line ") && more < 5 {
                    let Some(line) = lines.next() else { break };
                    text = format!("{text} {line}");
                    more += 1;
                }
                if !found.contains(&text) {
                    found.push(text);
                }
            }
        }
        found
    }
}

/// What PHP's loader says, without the word Warning, of a library that it does not take.
const LOADER_SAYS: [&str; 5] = [
    "Cannot load",
    "Failed loading",
    "appear to be a valid Zend extension",
    "requires Zend Engine API version",
    "was built with configuration",
];

/// A name without `apm.` or `tracker.`.
pub fn without_prefix(name: &str) -> Option<&str> {
    name.strip_prefix("apm.")
        .or_else(|| name.strip_prefix("tracker."))
}

/// The local value in a line `name => local` or `name => local => global`.
pub fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let rest = line.strip_prefix(name)?.strip_prefix(" =>")?;
        Some(rest.split(" => ").next().unwrap_or("").trim())
    })
}

/// What to quote of an answer that is not understood.
fn first_words(answer: &Answer) -> String {
    let line = [&answer.err, &answer.out]
        .into_iter()
        .find_map(|text| text.lines().find(|line| !line.trim().is_empty()));
    match (line, answer.status) {
        (Some(line), _) => line.chars().take(120).collect(),
        (None, Some(status)) => format!("exit status {status}"),
        (None, None) => "ended by a signal".into(),
    }
}

/// The program that a bare name stands for.
fn whole(path: &Path) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    if path.components().count() > 1 {
        return path.into();
    }
    std::env::split_paths(&folders)
        .map(|folder| folder.join(path))
        .find(|file| file.is_file())
        .unwrap_or_else(|| path.into())
}

/// Starts `path` with these arguments, and its own settings `settings`.
///
/// # Errors
/// If it cannot be started, or does not end in time.
pub fn run(path: &Path, arguments: &[&str], settings: &[OsString]) -> Result<Answer, String> {
    // Complaints are to come here, wherever php.ini sends them.
    let settings = settings.iter().cloned().chain(["error_log=".into()]);
    let mut child = Command::new(path)
        // First: behind -i they are not looked at.
        .args(settings.flat_map(|setting| ["-d".into(), setting]))
        .args(arguments)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{} cannot be started: {error}", path.display()))?;
    let out = collect(child.stdout.take());
    let err = collect(child.stderr.take());
    let Some(status) = wait(&mut child) else {
        return Err(format!(
            "{} {} did not end within {} s",
            path.display(),
            arguments.join(" "),
            PATIENCE.as_secs()
        ));
    };
    // A process that PHP started may hold the pipe for longer.
    let soon = Duration::from_secs(1);
    Ok(Answer {
        status,
        out: out.recv_timeout(soon).unwrap_or_default(),
        err: err.recv_timeout(soon).unwrap_or_default(),
    })
}

/// Reads a pipe in the background, so that the child is never stopped by it.
fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.by_ref().take(MAX_OUTPUT).read_to_end(&mut bytes);
            let _ = std::io::copy(&mut pipe, &mut std::io::sink());
        }
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// The exit status; `None` if the child had to be ended.
fn wait(child: &mut Child) -> Option<Option<i32>> {
    let end = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.code()),
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A PHP that answers as given.
    pub fn php(info: &str, extension: &str) -> Php {
        let answer = |out: &str| Answer {
            status: Some(0),
            out: out.into(),
            err: String::new(),
        };
        Php {
            path: "php".into(),
            info: answer(info),
            ini: answer(""),
            extension: answer(extension),
            crashes: false,
        }
    }

    #[test]
    fn local_values_are_read() {
        let text = "a => 1\nJIT => Off\nabc => On => Off\nempty =>  \n";
        assert_eq!(value(text, "abc"), Some("On"));
        assert_eq!(value(text, "a"), Some("1"));
        assert_eq!(value(text, "empty"), Some(""));
        assert_eq!(value(text, "ab"), None);
    }

    #[test]
    fn modules_end_where_the_next_begins() {
        let php = php(
            "PHP Version => 8.2.36\n\nstandard\n\nx => 1\n\nswoole\n\nVersion => 6.2.1\n\n\
             Directive => Local => Master\nswoole.leak_detection => On => Off\n\nxml\n\nVersion => 2\n",
            "",
        );
        let swoole = php.module("swoole").unwrap();
        assert_eq!(value(swoole, "Version"), Some("6.2.1"));
        assert_eq!(value(swoole, "swoole.leak_detection"), Some("On"));
        assert!(!swoole.contains("Version => 2"));
        assert!(php.module("redis").is_none());
        assert_eq!(php.version_number(), (8, 2, 36));
    }

    #[test]
    fn complaints_are_whole() {
        let mut php = php("", "");
        php.extension.err =
            "PHP Warning:  PHP Startup: swoole_tracker: Unable to initialize module\n\
             Module compiled with module API=20210902\nPHP    compiled with module API=20220829\n\
             These options need to match\n in Unknown on line 0\n\
             /x/swoole_tracker.so doesn't appear to be a valid Zend extension\nother\n"
                .into();
        php.info = php.extension.clone();
        assert_eq!(
            php.complaints(),
            [
                "Warning:  PHP Startup: swoole_tracker: Unable to initialize module Module compiled \
                 with module API=20210902 PHP    compiled with module API=20220829 These options \
                 need to match in Unknown on line 0",
                "/x/swoole_tracker.so doesn't appear to be a valid Zend extension",
            ]
        );
    }

    #[test]
    fn ini_files_are_listed() {
        let mut php = php("", "");
        php.ini.out = "Configuration File (php.ini) Path: /etc/php\n\
             Loaded Configuration File:         (none)\n\
             Scan for additional .ini files in: :/etc/php/conf.d\n\
             Additional .ini files parsed:      /etc/php/conf.d/10-a.ini,\n\
             /etc/php/conf.d/20-b.ini\n\n"
            .into();
        let names: Vec<_> = php
            .ini_files()
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        assert_eq!(
            names,
            ["/etc/php/conf.d/10-a.ini", "/etc/php/conf.d/20-b.ini"]
        );
        assert_eq!(php.scan_folder(), Some("/etc/php/conf.d"));
    }
}
