//! The command line. Four flags: read by hand.

use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints.
pub const USAGE: &str = "\
tracker-agent: the agent of swoole_tracker

usage:
  tracker-agent doctor [--php PATH] [--leak-log PATH]
                        checks the set-up of the leak finder
  tracker-agent --version
  tracker-agent --help

options of doctor:
  --php PATH            the PHP to check (php)
  --leak-log PATH       the leak log to check (what the PHP is set to)

exit status: 0 nothing failed, 1 a check failed, 2 wrong usage
";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print the usage.
    Help,
    /// Print the version.
    Version,
    /// Check the set-up.
    Doctor(DoctorOptions),
}

/// What `doctor` is to look at.
#[derive(Debug, PartialEq, Eq)]
pub struct DoctorOptions {
    /// The PHP.
    pub php: PathBuf,
    /// The leak log, if it is not to be the one that the PHP is set to.
    pub leak_log: Option<PathBuf>,
}

impl Default for DoctorOptions {
    fn default() -> Self {
        Self {
            php: "php".into(),
            leak_log: None,
        }
    }
}

/// Reads the arguments behind the program's name.
///
/// # Errors
/// What was not understood.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut arguments = arguments;
    let Some(first) = arguments.next() else {
        return Err("a command is needed".into());
    };
    let command = match first.to_str() {
        Some("--help" | "-h" | "help") => Command::Help,
        Some("--version" | "-V") => Command::Version,
        Some("doctor") => return doctor(arguments),
        _ => return Err(unknown(&first)),
    };
    match arguments.next() {
        None => Ok(command),
        Some(more) => Err(unknown(&more)),
    }
}

fn doctor(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut options = DoctorOptions::default();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy().into_owned();
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (text.as_str(), None),
        };
        if inline.is_none() && matches!(name, "--help" | "-h") {
            return Ok(Command::Help);
        }
        if !matches!(name, "--php" | "--leak-log") {
            return Err(unknown(&argument));
        }
        let value = inline
            .or_else(|| arguments.next())
            .filter(|value| !value.is_empty())
            .ok_or_else(|| format!("{name} needs a path"))?;
        match name {
            "--php" => options.php = value.into(),
            _ => options.leak_log = Some(value.into()),
        }
    }
    Ok(Command::Doctor(options))
}

fn unknown(argument: &OsString) -> String {
    format!("unknown argument {argument:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn options(php: &str, leak_log: Option<&str>) -> Command {
        Command::Doctor(DoctorOptions {
            php: php.into(),
            leak_log: leak_log.map(PathBuf::from),
        })
    }

    #[test]
    fn commands_are_understood() {
        assert_eq!(parsed("--help"), Ok(Command::Help));
        assert_eq!(parsed("doctor --help"), Ok(Command::Help));
        assert_eq!(parsed("-V"), Ok(Command::Version));
        assert_eq!(parsed("doctor"), Ok(options("php", None)));
        let both = Ok(options("/opt/php", Some("/tmp/log")));
        assert_eq!(parsed("doctor --php /opt/php --leak-log=/tmp/log"), both);
    }

    #[test]
    fn everything_else_is_an_error() {
        for line in [
            "",
            "run",
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
