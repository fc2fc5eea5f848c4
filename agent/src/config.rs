//! The settings of `tracker-agent run`: flags before environment before file before
//! defaults.
//!
//! Each is one row of [`SETTINGS`]: `--max-connections 10`, `TRACKER_MAX_CONNECTIONS=10`, and
//! `max_connections = 10` in the file are the same.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use tracing::level_filters::LevelFilter;
use tracker_protocol::message::Wishes;

use crate::merge::{Rule, Rules};
use crate::regular_file;

/// Where the file is looked for when none is named.
pub const DEFAULT_FILE: &str = "/etc/swoole-tracker/agent.toml";

/// All settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Unix socket that the extension connects to.
    pub socket: PathBuf,
    /// Permissions of the socket.
    pub socket_mode: u32,
    /// Group of the socket; `None` is `www-data` where the agent may give it to that.
    pub socket_group: Option<String>,
    /// Directory of all that is kept.
    pub data_dir: PathBuf,
    /// Where the API listens.
    pub http: SocketAddr,
    /// Hashes of the tokens that the API asks for.
    pub token_file: Option<PathBuf>,
    /// Age of traces, days.
    pub trace_days: u64,
    /// Bytes of traces.
    pub trace_bytes: u64,
    /// Ordinary traces per second; 0 is no cap.
    pub max_traces_per_s: u64,
    /// Whether `batches.txt` is written.
    pub ledger: bool,
    /// What is logged.
    pub log: LevelFilter,
    /// Whether each line of the log is a JSON object.
    pub log_json: bool,
    /// Bytes of the journal.
    pub journal_bytes: u64,
    /// Free bytes of the data directory's file system below which bodies are shed.
    pub min_free_bytes: u64,
    /// Connections of processes at the same time.
    pub max_connections: usize,
    /// Time to stop in.
    pub shutdown: Duration,
    /// What processes are told to do.
    pub wishes: Wishes,
    /// Endpoints that are counted as one; only in the file.
    pub endpoint_rules: Rules,
}

/// Settings that need a restart. SIGHUP changes all others.
pub const RESTART: [&str; 5] = ["socket", "data_dir", "http", "ledger", "log_format"];

impl Default for Config {
    fn default() -> Self {
        Self {
            socket: "/run/swoole-tracker/agent.sock".into(),
            socket_mode: 0o660,
            socket_group: None,
            data_dir: "/var/lib/swoole-tracker".into(),
            http: SocketAddr::from(([127, 0, 0, 1], 9666)),
            token_file: None,
            trace_days: 3,
            trace_bytes: 2 << 30,
            max_traces_per_s: 20_000,
            ledger: false,
            log: LevelFilter::INFO,
            log_json: false,
            journal_bytes: 512 << 20,
            min_free_bytes: 64 << 20,
            max_connections: 4096,
            shutdown: Duration::from_secs(10),
            wishes: Wishes::default(),
            endpoint_rules: Rules::default(),
        }
    }
}

impl Config {
    /// Takes over of `new` what can change while the agent runs; tells which settings
    /// differ and stay as they are, by their names in [`RESTART`].
    pub fn reload(&mut self, new: Self) -> Vec<&'static str> {
        let differ = [
            self.socket != new.socket,
            self.data_dir != new.data_dir,
            self.http != new.http,
            self.ledger != new.ledger,
            self.log_json != new.log_json,
        ];
        let old = std::mem::replace(self, new);
        self.socket = old.socket;
        self.data_dir = old.data_dir;
        self.http = old.http;
        self.ledger = old.ledger;
        self.log_json = old.log_json;
        let names = RESTART.into_iter().zip(differ);
        names
            .filter(|(_, differs)| *differs)
            .map(|(name, _)| name)
            .collect()
    }
}

/// One setting.
pub struct Setting {
    /// Its name in the file.
    pub name: &'static str,
    /// What `--help` calls its value.
    pub value: &'static str,
    /// What `--help` says.
    pub help: &'static str,
    set: fn(&mut Config, &str) -> Result<(), String>,
}

macro_rules! setting {
    ($name:literal, $value:literal, $help:literal, $set:expr) => {
        Setting {
            name: $name,
            value: $value,
            help: $help,
            set: $set,
        }
    };
}

/// All settings, in the order of `--help`.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting!("socket", "PATH", "socket for the extension (/run/swoole-tracker/agent.sock)", |c, v| {
        c.socket = path(v)?;
        Ok(())
    }),
    setting!("socket_mode", "OCTAL", "its permissions: 0660, or 0666 for everybody (0660)", |c, v| {
        c.socket_mode = u32::from_str_radix(v.trim_start_matches("0o"), 8).ok()
            .filter(|mode| mode & !0o777 == 0 && mode & 0o600 == 0o600)
            .ok_or("permissions in octal, 0600 to 0777")?;
        Ok(())
    }),
    setting!("socket_group", "GROUP", "its group (www-data where that may be)", |c, v| {
        c.socket_group = (!v.is_empty()).then(|| v.to_owned());
        Ok(())
    }),
    setting!("data_dir", "DIR", "what is kept (/var/lib/swoole-tracker)", |c, v| {
        c.data_dir = path(v)?;
        Ok(())
    }),
    setting!("http", "ADDR:PORT", "where the API listens (127.0.0.1:9666)", |c, v| {
        c.http = v.parse().map_err(|_| "an address and a port, such as 127.0.0.1:9666")?;
        Ok(())
    }),
    setting!("token_file", "PATH", "hashes of the tokens that the API asks for (none)", |c, v| {
        c.token_file = own(v, path)?;
        Ok(())
    }),
    setting!("trace_days", "DAYS", "age of traces, 1 to 3650 (3)", |c, v| {
        c.trace_days = number(v, 1, 3_650)?;
        Ok(())
    }),
    setting!("trace_mb", "MB", "size of traces, from 16 up (2048)", |c, v| {
        c.trace_bytes = number(v, 16, 1 << 30)? << 20;
        Ok(())
    }),
    setting!("max_traces_per_s", "N", "ordinary traces per second, 0 for all (20000)", |c, v| {
        c.max_traces_per_s = number(v, 0, 1 << 32)?;
        Ok(())
    }),
    setting!("ledger", "BOOL", "1 writes a line per batch to batches.txt, for tests (0)", |c, v| {
        c.ledger = truth(v)?;
        Ok(())
    }),
    setting!("log", "LEVEL", "off, error, warn, info, debug or trace (info)", |c, v| {
        c.log = v.parse().map_err(|_| "off, error, warn, info, debug or trace")?;
        Ok(())
    }),
    setting!("log_format", "FORMAT", "text or json (text)", |c, v| {
        c.log_json = match v {
            "text" => false,
            "json" => true,
            _ => return Err("text or json".into()),
        };
        Ok(())
    }),
    setting!("journal_mb", "MB", "size of the journal, 1 to 65536 (512)", |c, v| {
        c.journal_bytes = number(v, 1, 65_536)? << 20;
        Ok(())
    }),
    setting!("min_free_mb", "MB", "free disk below which no traces are kept (64)", |c, v| {
        c.min_free_bytes = number(v, 0, 1 << 20)? << 20;
        Ok(())
    }),
    setting!("max_connections", "N", "processes at the same time, 1 to 100000 (4096)", |c, v| {
        c.max_connections = usize::try_from(number(v, 1, 100_000)?).map_err(|e| e.to_string())?;
        Ok(())
    }),
    setting!("shutdown_s", "SECONDS", "time to stop in, 1 to 600 (10)", |c, v| {
        c.shutdown = Duration::from_secs(number(v, 1, 600)?);
        Ok(())
    }),
    setting!("sampling_rate", "PERCENT", "tells processes their share of ordinary traces", |c, v| {
        c.wishes.sampling = percent(v)?;
        Ok(())
    }),
    setting!("trace_stack_depth", "N", "tells processes the frames per span, 0 to 64", |c, v| {
        c.wishes.stack_depth = own(v, |v| number(v, 0, 64).map(|n| n as u32))?;
        Ok(())
    }),
    setting!("probe", "BOOL", "0 tells processes not to trace (1)", |c, v| {
        c.wishes.probe = truth(v)?;
        Ok(())
    }),
];

fn path(value: &str) -> Result<PathBuf, String> {
    let path = Path::new(value);
    if !path.is_absolute() {
        return Err("an absolute path".into());
    }
    Ok(path.to_owned())
}

fn truth(value: &str) -> Result<bool, String> {
    match value {
        "1" | "true" | "on" => Ok(true),
        "0" | "false" | "off" => Ok(false),
        _ => Err("1 or 0".into()),
    }
}

fn number(value: &str, min: u64, max: u64) -> Result<u64, String> {
    let number = value.parse().ok().filter(|n| (min..=max).contains(n));
    number.ok_or_else(|| format!("a whole number from {min} to {max}"))
}

/// Empty leaves it to each process.
fn own<T>(value: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    (!value.is_empty()).then(|| read(value)).transpose()
}

/// Percent as hundredths of a percent.
fn percent(value: &str) -> Result<Option<u32>, String> {
    own(value, |value| {
        let percent = value.parse().ok().filter(|p| (0.0..=100.0).contains(p));
        let percent: f64 = percent.ok_or("a number from 0 to 100")?;
        Ok((percent * 100.0).round() as u32)
    })
}

/// The table of the file that holds the [`crate::merge`] rules, one each.
pub const RULES: &str = "endpoint_rule";

/// A rule as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    pattern: String,
    name: String,
    app: Option<String>,
}

impl FileRule {
    fn rule(self) -> Rule {
        Rule {
            pattern: self.pattern,
            name: self.name,
            app: self.app,
        }
    }
}

/// Where settings come from, besides the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// `--config`.
    pub file: Option<PathBuf>,
    /// Flags: name as in the file, value.
    pub flags: Vec<(&'static str, String)>,
}

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// What is wrong, and where it stands.
    pub fn load(
        given: &Given,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, String> {
        let mut config = Self::default();
        if let Some(file) = Self::file_of(given, &environment) {
            config.file(&file)?;
        }
        for setting in SETTINGS {
            let name = format!("TRACKER_{}", setting.name.to_uppercase());
            if let Some(value) = environment(&name) {
                let value = value.to_str().ok_or(format!("{name}: not UTF-8"))?;
                config.set(setting.name, value, &name)?;
            }
        }
        for (name, value) in &given.flags {
            let flag = format!("--{}", name.replace('_', "-"));
            config.set(name, value, &flag)?;
        }
        Ok(config)
    }

    /// The file that [`Self::load`] reads: the one that is named, or the usual one if it is there.
    pub fn file_of(
        given: &Given,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Option<PathBuf> {
        let named = (given.file.clone()).or_else(|| environment("TRACKER_CONFIG").map(Into::into));
        let usual = || Some(PathBuf::from(DEFAULT_FILE)).filter(|file| file.exists());
        named.or_else(usual)
    }

    fn file(&mut self, path: &Path) -> Result<(), String> {
        let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text = regular_file::text(path).map_err(|e| at(&e))?;
        let table: toml::Table = text.parse().map_err(|e| at(&e))?;
        for (name, value) in &table {
            if name == RULES {
                let rules = Vec::<FileRule>::deserialize(value.clone()).map_err(|e| at(&e))?;
                let rules = rules.into_iter().map(FileRule::rule).collect();
                self.endpoint_rules =
                    Rules::new(rules).map_err(|e| at(&format!("{RULES}: {e}")))?;
                continue;
            }
            let value = match value {
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Float(number) => number.to_string(),
                toml::Value::Boolean(truth) => truth.to_string(),
                _ => return Err(at(&format!("{name}: one value is wanted"))),
            };
            self.set(name, &value, &at(&name))?;
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str, place: &str) -> Result<(), String> {
        let setting = SETTINGS.iter().find(|s| s.name == name);
        let setting = setting.ok_or_else(|| {
            let known: Vec<_> = SETTINGS.iter().map(|s| s.name).collect();
            format!("{place}: no such setting; there are {}", known.join(", "))
        })?;
        (setting.set)(self, value).map_err(|wanted| format!("{place}: {wanted}, not {value:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn load(
        file: &str,
        environment: &[(&str, &str)],
        flags: &[(&'static str, &str)],
    ) -> Result<Config, String> {
        let dir = Scratch::new();
        let path = dir.path().join("agent.toml");
        std::fs::write(&path, file).unwrap();
        let given = Given {
            file: Some(path),
            flags: flags.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(),
        };
        Config::load(&given, |name| {
            let row = environment.iter().find(|row| row.0 == name);
            row.map(|row| row.1.into())
        })
    }

    #[test]
    fn flags_beat_environment_beats_file_beats_defaults() {
        let file = "http = \"127.0.0.1:1\"\njournal_mb = 1\nmax_connections = 7\nprobe = false";
        let environment = [("TRACKER_HTTP", "127.0.0.1:2"), ("TRACKER_JOURNAL_MB", "2")];
        let config = load(file, &environment, &[("http", "127.0.0.1:3")]).unwrap();
        assert_eq!(config.http.port(), 3);
        assert_eq!(config.journal_bytes, 2 << 20);
        assert_eq!(config.max_connections, 7);
        assert!(!config.wishes.probe);
        assert_eq!(config.shutdown, Config::default().shutdown);
    }

    #[test]
    fn values_are_understood() {
        let file = "socket_mode = \"0666\"\nsampling_rate = 12.5\nlog_format = \"json\"\ntrace_stack_depth = 3";
        let config = load(file, &[], &[("log", "debug")]).unwrap();
        assert_eq!(config.socket_mode, 0o666);
        assert_eq!(config.wishes.sampling, Some(1250));
        assert_eq!(config.wishes.stack_depth, Some(3));
        assert!(config.log_json);
        assert_eq!(config.log, LevelFilter::DEBUG);
    }

    #[test]
    fn rules_for_endpoints_are_read_in_their_order() {
        let file = "[[endpoint_rule]]\npattern = '^GET /b'\nname = 'b'\n\
                    [[endpoint_rule]]\npattern = '^GET /'\nname = 'all'\napp = 'shop'";
        let rules = load(file, &[], &[]).unwrap().endpoint_rules;
        assert_eq!(rules.name("shop", "GET /b/7"), Some("b"));
        assert_eq!(rules.name("shop", "GET /a"), Some("all"));
        assert_eq!(rules.name("blog", "GET /a"), None);
    }

    #[test]
    fn a_reload_takes_all_but_what_it_names() {
        let mut config = Config::default();
        let all = "socket = '/s'\ndata_dir = '/d'\nhttp = '127.0.0.1:1'\nledger = 1\n\
                   log_format = 'json'\nmax_traces_per_s = 7\ntrace_days = 1\nlog = 'warn'";
        let new = load(all, &[], &[]).unwrap();
        assert_eq!(config.reload(new.clone()), RESTART);
        assert_eq!((config.max_traces_per_s, config.trace_days), (7, 1));
        assert_eq!(config.log, LevelFilter::WARN);
        assert_eq!(config.socket, Config::default().socket);
        assert_eq!(config.reload(config.clone()), [""; 0]);
        for name in RESTART {
            assert!(
                SETTINGS.iter().any(|setting| setting.name == name),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (file, environment, wanted) in [
            ("nonsense", "", "agent.toml: "),
            (
                "sokcet = \"/x\"",
                "",
                "agent.toml: sokcet: no such setting; there are socket,",
            ),
            (
                "http = \"localhost\"",
                "",
                "agent.toml: http: an address and a port",
            ),
            ("socket_mode = 660", "", ""),
            ("socket_mode = 988", "", "permissions in octal"),
            ("socket_mode = \"0066\"", "", "permissions in octal"),
            ("data_dir = \"here\"", "", "an absolute path, not \"here\""),
            ("sampling_rate = 101", "", "a number from 0 to 100"),
            ("[http]", "", "one value is wanted"),
            ("endpoint_rule = 1", "", "agent.toml: "),
            (
                "[[endpoint_rule]]\nname = 'a'",
                "",
                "missing field `pattern`",
            ),
            (
                "[[endpoint_rule]]\nname = 'a'\npattern = '['",
                "",
                "agent.toml: endpoint_rule: rule 1",
            ),
            (
                "",
                "0",
                "TRACKER_JOURNAL_MB: a whole number from 1 to 65536, not \"0\"",
            ),
        ] {
            let environment = [("TRACKER_JOURNAL_MB", environment)];
            let given = usize::from(!environment[0].1.is_empty());
            match load(file, &environment[..given], &[]) {
                Ok(_) => assert_eq!(wanted, "", "{file}"),
                Err(trouble) => {
                    assert!(trouble.contains(wanted) && !wanted.is_empty(), "{trouble}");
                }
            }
        }
        let none = Given {
            file: Some("/no/such/file".into()),
            ..Given::default()
        };
        assert!(
            Config::load(&none, |_| None)
                .unwrap_err()
                .contains("/no/such/file")
        );
    }
}
