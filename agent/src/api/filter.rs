//! What `calls` and `series` are narrowed by.

use tracker_protocol::record::SpanKind;

use super::answer::Trouble;
use super::statistics::kind_name;
use crate::stats::Key;
use crate::store::SeriesFilter;

/// Kinds in the order of their numbers.
const KINDS: [SpanKind; 5] = [
    SpanKind::Internal,
    SpanKind::Server,
    SpanKind::Client,
    SpanKind::Producer,
    SpanKind::Consumer,
];

/// The number of a kind.
///
/// # Errors
/// When there is no such kind.
pub fn kind(name: &str) -> Result<u8, Trouble> {
    let at = KINDS.iter().position(|kind| kind_name(*kind) == name);
    let at =
        at.ok_or_else(|| Trouble::bad("`kind` is internal, server, client, producer or consumer"))?;
    Ok(at as u8 + 1)
}

/// A question about statistics: what is its own, the time, and names to narrow it by.
macro_rules! question {
    ($($own:ident: $type:ty),*) => {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Question {
            $($own: Option<$type>,)*
            from: Option<u64>,
            to: Option<u64>,
            app: Option<String>,
            endpoint: Option<String>,
            kind: Option<String>,
            system: Option<String>,
            peer: Option<String>,
            host: Option<String>,
        }

        impl Question {
            /// The time, and the store's filter.
            fn narrowed(self) -> Result<(crate::store::Range, crate::store::SeriesFilter), Trouble> {
                let range = $crate::api::params::range(self.from, self.to)?;
                let kind = self.kind.as_deref().map($crate::api::filter::kind).transpose()?;
                let filter = crate::store::SeriesFilter {
                    kind,
                    app: self.app,
                    endpoint: self.endpoint,
                    system: self.system,
                    peer: self.peer,
                    host: self.host,
                };
                Ok((range, filter))
            }
        }
    };
}
pub(super) use question;

/// Whether a key passes, but for the application, which the store looks at.
pub fn admits<S: AsRef<str>>(filter: &SeriesFilter, key: &Key<S>) -> bool {
    let is =
        |wanted: &Option<String>, text: &S| wanted.as_deref().is_none_or(|w| w == text.as_ref());
    (match filter.kind {
        Some(kind) => kind == key.kind,
        None => !key.is_exit(),
    }) && is(&filter.endpoint, &key.endpoint)
        && is(&filter.system, &key.system)
        && is(&filter.peer, &key.peer)
        && is(&filter.host, &key.host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_their_numbers() {
        for number in 1..=5 {
            let name = kind_name(SpanKind::of(number));
            assert_eq!(kind(name).unwrap(), number, "{name}");
        }
        assert!(kind("other").is_err());
    }
}
