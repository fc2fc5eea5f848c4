//! What ends work that does not end by itself.

use tracker_protocol::record::UnitKind;

use super::spans::Failure;
use crate::zend::request;

/// Class of an exception in "Uncaught RuntimeException: text in …".
fn uncaught(message: &str) -> Option<(&str, &str)> {
    let (class, rest) = message.strip_prefix("Uncaught ")?.split_once(": ")?;
    let text = rest.split("\nStack trace:").next().unwrap_or(rest);
    // The place stands in the stack as well.
    let text = text.rsplit_once(" in ").map_or(text, |(text, _)| text);
    (!class.contains(' ')).then_some((class, text))
}

/// Gives `look` the fatal error that ended the request or the worker, if one did.
pub fn fatal<R>(look: impl FnOnce(Option<Failure<'_>>) -> R) -> R {
    request::fatal_error(|fatal| {
        look(fatal.map(|(message, ..)| match uncaught(message) {
            Some((class, message)) => Failure {
                class,
                message,
                is_exception: true,
                is_timeout: false,
            },
            None => Failure {
                class: "fatal",
                message,
                is_exception: false,
                is_timeout: message.starts_with("Maximum execution time"),
            },
        }))
    })
}

/// Whether a server was asked for this work, so that somebody waits in vain if it
/// is cut off.
fn is_asked_for(unit: UnitKind) -> bool {
    matches!(
        unit,
        UnitKind::Http
            | UnitKind::WebSocket
            | UnitKind::Tcp
            | UnitKind::Udp
            | UnitKind::Task
            | UnitKind::PipeMessage
    )
}

/// Gives `look` the failure of work of a Swoole worker that ended in the middle: every
/// other kind of work has an end of its own, or may end with its process.
pub fn cut_off<R>(unit: UnitKind, look: impl FnOnce(Option<Failure<'_>>) -> R) -> R {
    fatal(|fatal| {
        let cut = is_asked_for(unit).then_some(Failure {
            class: "interrupted",
            message: "the worker ended in the middle",
            ..Failure::default()
        });
        look(fatal.or(cut))
    })
}

/// Gives `look` the failure of a server's work that ended by `exit()`, or by what the
/// engine takes for one after a fatal error: its worker ends with it.
pub fn exited<R>(look: impl FnOnce(Option<Failure<'_>>) -> R) -> R {
    fatal(|fatal| {
        look(fatal.or(Some(Failure {
            class: "exit",
            message: "exit() ended the worker",
            ..Failure::default()
        })))
    })
}

/// What statistics call the other end of a unit.
pub fn system(unit: UnitKind) -> &'static str {
    match unit {
        UnitKind::Http | UnitKind::Request => "http",
        UnitKind::Script => "cli",
        UnitKind::Manual | UnitKind::Unknown => "",
        _ => "swoole",
    }
}
