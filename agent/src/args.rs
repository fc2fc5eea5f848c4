//! The command line: read by hand.

mod nearest;
mod question;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::ask::Question;
use crate::config::{Given, SETTINGS, Setting};
use nearest::unknown;

const USAGE: &str = "\
tracker-agent: the agent of swoole_tracker

usage:
  tracker-agent [run] [--config FILE] [--SETTING VALUE]...
                        receives what the extension sends, until SIGTERM;
                        SIGHUP reads the settings again: all but socket, data_dir,
                        http, ledger and log_format, which need a restart
  tracker-agent status [--config FILE] [--SETTING VALUE]...
                        asks the running agent how it is
  tracker-agent trace [ID] [--all] [--SETTING VALUE]...
  tracker-agent trace [--slowest] [--error] [--app APP] [--endpoint ENDPOINT] …
                        prints a trace as a tree: this one, or of the last hour
                        the newest or slowest; --all prints every attribute
  tracker-agent endpoints [--app APP] [--SETTING VALUE]...
                        prints what the last hour's calls took
  tracker-agent doctor [--php PATH] [-d NAME=VALUE]... [--leak-log PATH]
                       [--config FILE] [--SETTING VALUE]...
                        checks the set-up: PHP, extension, leak log, agent
  tracker-agent token FILE [NAME]
                        makes a token for the API, prints it, and appends its
                        hash to FILE, which the setting token_file names
  tracker-agent --version
  tracker-agent --help

options of doctor:
  --php PATH            the PHP to check (php)
  -d NAME=VALUE         a setting that the PHP is started with, as its own -d
  --leak-log PATH       the leak log to check (what the PHP is set to)
  --config, --socket …  what the agent runs with: the same flags as of run

settings; each also as TRACKER_NAME in the environment, and as name = value in
the file (--config, TRACKER_CONFIG, or /etc/swoole-tracker/agent.toml):
";

const EXIT: &str = "
in the file alone, any number of tables: endpoints whose name a regular expression
is found in are counted as one; the first that fits counts:
  [[endpoint_rule]]
  pattern = '^GET /user/[^/]+$'
  name = 'GET /user/$'
  app = 'shop'               # without it all applications

exit status: 0 nothing failed, 1 something failed, 2 wrong usage or setting
";

/// What `--help` prints.
#[must_use]
pub fn usage() -> String {
    let mut text = String::from(USAGE);
    for setting in SETTINGS {
        let flag = format!("{} {}", flag(setting.name), setting.value);
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {flag:<28} {}", setting.help);
    }
    text + EXIT
}

fn flag(name: &str) -> String {
    format!("--{}", name.replace('_', "-"))
}

fn setting(flag_name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|s| flag(s.name) == flag_name)
}

/// All commands, and the flags that stand in their place.
const COMMANDS: [&str; 9] = [
    "run",
    "status",
    "trace",
    "endpoints",
    "doctor",
    "token",
    "help",
    "--help",
    "--version",
];

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print the usage.
    Help,
    /// Print the version.
    Version,
    /// Receive.
    Run(Given),
    /// Ask the running agent.
    Status(Given),
    /// Ask the running agent's API.
    Ask(Question, Given),
    /// Make a token in this file, under this name.
    Token(PathBuf, String),
    /// Check the set-up.
    Doctor(DoctorOptions),
}

/// What `doctor` is to look at.
#[derive(Debug, PartialEq, Eq)]
pub struct DoctorOptions {
    /// The PHP.
    pub php: PathBuf,
    /// Its further settings, `NAME=VALUE`, as its own `-d` takes them.
    pub php_settings: Vec<OsString>,
    /// The leak log, if it is not to be the one that the PHP is set to.
    pub leak_log: Option<PathBuf>,
    /// The agent's settings, as `run` takes them.
    pub given: Given,
}

impl Default for DoctorOptions {
    fn default() -> Self {
        Self {
            php: "php".into(),
            php_settings: Vec::new(),
            leak_log: None,
            given: Given::default(),
        }
    }
}

/// Reads the arguments behind the program's name.
///
/// # Errors
/// What was not understood.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut arguments = arguments.peekable();
    let first = match arguments.peek() {
        None => return Ok(Command::Run(Given::default())),
        Some(first) => first.to_string_lossy().into_owned(),
    };
    let command = match first.as_str() {
        "--help" | "-h" | "help" => Command::Help,
        "--version" | "-V" => Command::Version,
        "doctor" => return doctor(arguments.skip(1)),
        "token" => return token(arguments.skip(1)),
        "trace" => return question::trace(arguments.skip(1)),
        "endpoints" => return question::endpoints(arguments.skip(1)),
        "run" => return settings(arguments.skip(1), Command::Run),
        "status" => return settings(arguments.skip(1), Command::Status),
        _ if first.starts_with("--") => return settings(arguments, Command::Run),
        _ => return Err(unknown(&first, &COMMANDS)),
    };
    match arguments.nth(1) {
        None => Ok(command),
        Some(more) => Err(unknown(&more.to_string_lossy(), &[])),
    }
}

/// The flags of a command that takes settings: its own, and theirs.
fn flags(own: &[&str]) -> Vec<String> {
    let own = own.iter().copied().chain(["--config"]);
    let settings = SETTINGS.iter().map(|s| flag(s.name));
    own.map(str::to_owned).chain(settings).collect()
}

/// The next `--name VALUE` or `--name=VALUE`, its name one of `known`; no name stands for
/// `--help`.
fn next(
    arguments: &mut impl Iterator<Item = OsString>,
    known: &[String],
) -> Option<Result<(Option<String>, OsString), String>> {
    let argument = arguments.next()?;
    let text = argument.to_string_lossy().into_owned();
    let (name, inline) = match text.split_once('=') {
        Some((name, value)) => (name, Some(OsString::from(value))),
        None => (text.as_str(), None),
    };
    if inline.is_none() && matches!(name, "--help" | "-h") {
        return Some(Ok((None, OsString::new())));
    }
    if !known.iter().any(|one| one == name) {
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        return Some(Err(unknown(name, &known)));
    }
    let value = inline.or_else(|| arguments.next());
    let value = value.ok_or_else(|| format!("{name} needs a value"));
    Some(value.map(|value| (Some(name.to_owned()), value)))
}

fn settings(
    mut arguments: impl Iterator<Item = OsString>,
    command: fn(Given) -> Command,
) -> Result<Command, String> {
    let mut given = Given::default();
    let known = flags(&[]);
    while let Some(option) = next(&mut arguments, &known) {
        let (Some(name), value) = option? else {
            return Ok(Command::Help);
        };
        set(&mut given, &name, value)?;
    }
    Ok(command(given))
}

/// Notes `--config`, or a setting.
fn set(given: &mut Given, name: &str, value: OsString) -> Result<(), String> {
    match setting(name) {
        Some(setting) => {
            let value = value.into_string();
            let value = value.map_err(|_| format!("{name}: not UTF-8"))?;
            given.flags.push((setting.name, value));
        }
        None => given.file = Some(path(name, value)?),
    }
    Ok(())
}

fn token(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let file = arguments.next().filter(|file| !file.is_empty());
    let file = file.ok_or("token needs a file")?;
    let name = arguments.next().unwrap_or_default();
    match arguments.next() {
        None => Ok(Command::Token(
            file.into(),
            name.to_string_lossy().into_owned(),
        )),
        Some(more) => Err(unknown(&more.to_string_lossy(), &[])),
    }
}

fn doctor(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut options = DoctorOptions::default();
    let known = flags(&["--php", "--leak-log", "-d"]);
    while let Some(option) = next(&mut arguments, &known) {
        let (Some(name), value) = option? else {
            return Ok(Command::Help);
        };
        match name.as_str() {
            "--php" => options.php = path(&name, value)?,
            "--leak-log" => options.leak_log = Some(path(&name, value)?),
            "-d" => options.php_settings.push(value),
            _ => set(&mut options.given, &name, value)?,
        }
    }
    Ok(Command::Doctor(options))
}

fn path(name: &str, value: OsString) -> Result<PathBuf, String> {
    if value.is_empty() {
        return Err(format!("{name} needs a path"));
    }
    Ok(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn commands_are_understood() {
        assert_eq!(parsed("--help"), Ok(Command::Help));
        assert_eq!(parsed("doctor --help"), Ok(Command::Help));
        assert_eq!(parsed("run -h"), Ok(Command::Help));
        assert_eq!(parsed("-V"), Ok(Command::Version));
        let options = DoctorOptions::default();
        assert_eq!(parsed("doctor"), Ok(Command::Doctor(options)));
        let all = DoctorOptions {
            php: "/opt/php".into(),
            php_settings: vec!["extension=a.so".into(), "apm.enable=0".into()],
            leak_log: Some("/tmp/log".into()),
            given: Given {
                file: Some("/a.toml".into()),
                flags: vec![("socket", "/tmp/sock".into()), ("data_dir", "/d".into())],
            },
        };
        let line = "doctor --php /opt/php -d extension=a.so --leak-log=/tmp/log --config /a.toml \
                    --socket /tmp/sock -d apm.enable=0 --data-dir=/d";
        assert_eq!(parsed(line), Ok(Command::Doctor(all)));
    }

    #[test]
    fn run_is_the_default_and_takes_every_setting() {
        assert_eq!(parsed(""), Ok(Command::Run(Given::default())));
        let given = Given {
            file: Some("/a.toml".into()),
            flags: vec![("data_dir", "/d".into()), ("http", "[::1]:1".into())],
        };
        let flags = "--config /a.toml --data-dir=/d --http [::1]:1";
        assert_eq!(parsed(flags), Ok(Command::Run(given.clone())));
        assert_eq!(
            parsed(&format!("run {flags}")),
            Ok(Command::Run(given.clone()))
        );
        assert_eq!(
            parsed(&format!("status {flags}")),
            Ok(Command::Status(given))
        );
        for setting in SETTINGS {
            let flag = flag(setting.name);
            assert!(parsed(&format!("{flag} x")).is_ok());
            assert!(usage().contains(&format!("  {flag} {}", setting.value)));
        }
    }

    #[test]
    fn a_token_needs_a_file() {
        let token = |name: &str| Ok(Command::Token("/etc/tokens".into(), name.into()));
        assert_eq!(parsed("token /etc/tokens"), token(""));
        assert_eq!(parsed("token /etc/tokens me"), token("me"));
        assert!(parsed("token").is_err() && parsed("token a b c").is_err());
    }

    #[test]
    fn everything_else_is_an_error() {
        for line in [
            "x",
            "run x",
            "--socket",
            "--data_dir /x",
            "--config=",
            "status --php x",
            "--version x",
            "doctor x",
            "doctor --php",
            "doctor --php=",
            "doctor --PHP x",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
