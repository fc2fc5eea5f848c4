//! The outputs: one file per format, each a pure function of the report.
//!
//! `fmt`, `wording` and `stacks` hold what several formats share: how sizes and
//! names are written, the sentences, and which stacks count as leaked.

use std::str::FromStr;

use super::model::LeakReport;

#[cfg(test)]
mod fixture;
mod fmt;
mod folded;
mod html;
mod json;
mod pprof;
mod speedscope;
mod stacks;
mod text;
mod wording;

pub use fmt::counted;
pub use text::{Style, verdicts};
pub use wording::places::{undecided_sentence, unmatched_sentence};

/// The formats of `trackerLeakReport()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, in a terminal.
    Text,
    /// For programs: the whole report.
    Json,
    /// For people: one self-contained page.
    Html,
    /// Collapsed stacks for flame graph tools, weighted with leaked bytes.
    Folded,
    /// For <https://www.speedscope.app>.
    Speedscope,
    /// For `go tool pprof` and what understands it; gzip-compressed.
    Pprof,
}

/// Every format with its name.
const FORMATS: [(&str, Format); 6] = [
    ("text", Format::Text),
    ("json", Format::Json),
    ("html", Format::Html),
    ("folded", Format::Folded),
    ("speedscope", Format::Speedscope),
    ("pprof", Format::Pprof),
];

/// A name that is none of the formats. Its text lists those that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl std::fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        let given = fmt::visible(&self.0);
        write!(f, "unknown format \"{given}\"; use {}", names.join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Accepts the names in lower case, as documented.
    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        FORMATS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, format)| *format)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// The report in the given format. UTF-8 except for pprof. Text is the verdict
/// part only, without colours: the old report is streamed from the log, not
/// made of this model.
#[must_use]
pub fn render(report: &LeakReport, format: Format) -> Vec<u8> {
    match format {
        Format::Text => verdicts(report, Style { color: false }).into_bytes(),
        Format::Json => json::render(report),
        Format::Html => html::render(report).into_bytes(),
        Format::Folded => folded::render(report).into_bytes(),
        Format::Speedscope => speedscope::render(report),
        Format::Pprof => pprof::render(report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_found_by_name() {
        for (name, format) in FORMATS {
            assert_eq!(name.parse(), Ok(format));
        }
    }

    #[test]
    fn an_unknown_format_lists_the_known_ones() {
        let error = "XML\x1b".parse::<Format>().expect_err("no such format");
        assert_eq!(
            error.to_string(),
            "unknown format \"XML\\x1b\"; use text, json, html, folded, speedscope, pprof"
        );
    }

    #[test]
    fn no_number_in_a_log_breaks_a_format() {
        let mut report = fixture::report();
        for site in &mut report.processes[0].sites {
            site.live_bytes = i64::MAX;
            site.blocks = i64::MIN;
            site.bytes_per_loop = f64::INFINITY;
            site.fit_r = f64::NAN;
            (site.first_loop, site.last_loop) = (u64::MAX, 0);
            site.live_ring = vec![i64::MIN, i64::MAX, 0];
            site.live_ring_loops = vec![u64::MAX, 0];
        }
        report.processes[0].memory.heap_bytes = vec![u64::MAX; 2];
        report.processes[0].cycles.bytes = u64::MAX;
        for (name, format) in FORMATS {
            assert!(!render(&report, format).is_empty(), "{name}");
        }
    }

    #[test]
    fn every_format_renders_full_and_empty_reports() {
        for (name, format) in FORMATS {
            assert!(!render(&fixture::report(), format).is_empty(), "{name}");
            let empty = render(&LeakReport::default(), format);
            assert_eq!(empty.is_empty(), format == Format::Folded, "{name}");
        }
    }
}
