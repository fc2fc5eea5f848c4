//! The arguments of `trace` and `endpoints`.

use std::ffi::OsString;

use super::nearest::unknown;
use super::{Command, flags, next, set};
use crate::ask::{Question, Which};
use crate::config::Given;

/// Reads what stands behind `trace`.
pub fn trace(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let known = flags(&["--app", "--slowest", "--error", "--all", "--endpoint"]);
    let mut which = Which::default();
    let (mut all, mut given) = (false, Given::default());
    while let Some(argument) = arguments.next() {
        match argument.to_string_lossy().as_ref() {
            "--slowest" => which.slowest = true,
            "--error" => which.error = true,
            "--all" => all = true,
            text if !text.starts_with('-') && which.id.is_none() => {
                which.id = Some(text.to_owned())
            }
            _ => match option(argument, &mut arguments, &known, &mut which, &mut given)? {
                true => {}
                false => return Ok(Command::Help),
            },
        }
    }
    if which.id.is_some()
        && (which.slowest || which.error || which.app.is_some() || which.endpoint.is_some())
    {
        return Err("trace takes an id, or says which".into());
    }
    Ok(Command::Ask(Question::Trace(which, all), given))
}

/// Reads what stands behind `endpoints`.
pub fn endpoints(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let known = flags(&["--app"]);
    let (mut which, mut given) = (Which::default(), Given::default());
    while let Some(argument) = arguments.next() {
        if !option(argument, &mut arguments, &known, &mut which, &mut given)? {
            return Ok(Command::Help);
        }
    }
    Ok(Command::Ask(Question::Endpoints(which.app), given))
}

/// Reads `--app`, `--endpoint` or a setting; `false` for `--help`.
fn option(
    first: OsString,
    rest: &mut impl Iterator<Item = OsString>,
    known: &[String],
    which: &mut Which,
    given: &mut Given,
) -> Result<bool, String> {
    let mut arguments = std::iter::once(first).chain(rest);
    match next(&mut arguments, known) {
        None => Ok(true),
        Some(option) => match option? {
            (None, _) => Ok(false),
            (Some(name), value) => {
                match name.as_str() {
                    "--app" => which.app = Some(utf8(value)?),
                    "--endpoint" => which.endpoint = Some(utf8(value)?),
                    "--slowest" | "--error" | "--all" => {
                        return Err(format!("{name} takes no value"));
                    }
                    _ => set(given, &name, value)?,
                }
                Ok(true)
            }
        },
    }
}

fn utf8(value: OsString) -> Result<String, String> {
    value
        .into_string()
        .map_err(|value| unknown(&value.to_string_lossy(), &[]))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn asked(question: Question, http: Option<&str>) -> Result<Command, String> {
        let flags = http.map(|http| ("http", http.to_owned()));
        let given = Given {
            file: None,
            flags: flags.into_iter().collect(),
        };
        Ok(Command::Ask(question, given))
    }

    #[test]
    fn a_trace_is_named_or_chosen() {
        let newest = Which::default();
        assert_eq!(
            parsed("trace"),
            asked(Question::Trace(newest.clone(), false), None)
        );
        let one = Which {
            id: Some("abc".into()),
            ..newest.clone()
        };
        assert_eq!(
            parsed("trace --http [::1]:1 abc --all"),
            asked(Question::Trace(one, true), Some("[::1]:1"))
        );
        let chosen = Which {
            slowest: true,
            error: true,
            app: Some("shop".into()),
            endpoint: Some("/cart".into()),
            id: None,
        };
        assert_eq!(
            parsed("trace --slowest --endpoint=/cart --error --app shop"),
            asked(Question::Trace(chosen, false), None)
        );
        assert_eq!(parsed("trace --help"), Ok(Command::Help));
    }

    #[test]
    fn endpoints_are_of_one_app_or_all() {
        assert_eq!(parsed("endpoints"), asked(Question::Endpoints(None), None));
        assert_eq!(
            parsed("endpoints --app=a --http x"),
            asked(Question::Endpoints(Some("a".into())), Some("x"))
        );
        assert_eq!(parsed("endpoints -h"), Ok(Command::Help));
    }

    #[test]
    fn everything_else_is_an_error() {
        for line in [
            "trace a b",
            "trace a --slowest",
            "trace --app",
            "trace --endpoint",
            "trace --slowest=1",
            "trace --php x",
            "endpoints shop",
            "endpoints --all",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
