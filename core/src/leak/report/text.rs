//! The verdicts as text, printed after the original's report.
//!
//! Made for reading in a terminal in the middle of the night and for `grep`:
//! the answer first, one line of text per line of PHP, evidence indented
//! below it. Never a carriage return, never a control character of a name.

use super::fmt::{bytes, counted};
use super::stacks::{frame_name, place};
use super::wording;
use crate::leak::model::{LeakReport, LogInfo, ProcessReport, SiteReport, Verdict};

/// The first line; whoever parses the old report stops here.
const HEADING: &str = "== swoole_tracker verdicts v1 ==";

/// Lines listed of each verdict that is not a leak; the JSON has them all.
const LISTED: usize = 20;

/// Columns of a growth curve.
const CURVE_WIDTH: usize = 40;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to print ANSI colours: only for a terminal, and not if
    /// `NO_COLOR` is set. The caller knows both.
    pub color: bool,
}

#[derive(Clone, Copy)]
enum Ink {
    Bold = 1,
    Dim = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
}

impl Style {
    fn paint(self, ink: Ink, text: &str) -> String {
        if self.color {
            format!("\x1b[{}m{text}\x1b[0m", ink as u8)
        } else {
            text.to_owned()
        }
    }
}

/// The verdict part of the report, every line ended by a line feed.
#[must_use]
pub fn verdicts(report: &LeakReport, style: Style) -> String {
    let mut page = Page {
        out: String::new(),
        style,
    };
    page.line(0, HEADING);
    let answer = format!("{}.", wording::report_sentence(report));
    page.line(0, &style.paint(Ink::Bold, &answer));
    for (index, process) in report.processes.iter().enumerate() {
        page.process(process, wording::notes(report, index));
    }
    page.ignore(&report.ignore_unmatched);
    page.log(&report.log);
    page.out
}

struct Page {
    out: String,
    style: Style,
}

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn blank(&mut self) {
        self.out.push('\n');
    }

    fn section(&mut self, heading: &str) {
        self.blank();
        let heading = self.style.paint(Ink::Bold, heading);
        self.line(2, &heading);
    }

    fn process(&mut self, process: &ProcessReport, notes: impl Iterator<Item = String>) {
        let grows = wording::with_verdict(process, Verdict::Grows);
        let ink = match (grows.clone().next(), process.loops) {
            (Some(_), _) => Ink::Red,
            (None, 0) => Ink::Dim,
            (None, _) if wording::is_unsure(process) => Ink::Yellow,
            (None, _) => Ink::Green,
        };
        self.blank();
        let name = self.style.paint(Ink::Bold, &wording::process_name(process));
        let answer = self.style.paint(ink, &wording::process_sentence(process));
        self.line(0, &format!("{name}: {answer}"));
        for site in grows {
            self.growing(site);
        }
        self.list(
            process,
            Verdict::Undecided,
            "undecided (too few loops, or too irregular, to tell)",
        );
        self.list(
            process,
            Verdict::Flat,
            "filled, then flat (a cache, not a leak)",
        );
        self.context(process, notes);
        self.suppressed(process);
        if let Some(sentence) = wording::dropped_sentence(process) {
            self.blank();
            let label = self.style.paint(Ink::Yellow, "dropped:");
            self.line(2, &format!("{label} {sentence}"));
        }
    }

    fn growing(&mut self, site: &SiteReport) {
        self.blank();
        self.site(2, site, Ink::Red);
        if let Some(curve) = curve(&site.live_ring) {
            let curve = self.style.paint(Ink::Red, &curve);
            self.line(6, &format!("{curve}  live bytes, loop by loop"));
        }
        for holder in &site.holder {
            let sentence = wording::site::holder_sentence(holder);
            self.line(6, &self.style.paint(Ink::Cyan, &sentence));
        }
        for frame in &site.stack {
            let frame = format!("at {}", frame_name(frame));
            self.line(6, &self.style.paint(Ink::Dim, &frame));
        }
    }

    /// The whole statement on one line, for `grep`.
    fn site(&mut self, indent: usize, site: &SiteReport, ink: Ink) {
        let name = self.style.paint(Ink::Bold, &wording::site::name(site));
        let verdict = self.style.paint(ink, &wording::site::verdict_words(site));
        let facts = wording::site::facts(site);
        self.line(indent, &format!("{name}  {verdict}, {facts}"));
    }

    fn list(&mut self, process: &ProcessReport, verdict: Verdict, heading: &str) {
        let sites = wording::with_verdict(process, verdict);
        let total = sites.clone().count();
        if total == 0 {
            return;
        }
        self.section(heading);
        let ink = if verdict == Verdict::Undecided {
            Ink::Yellow
        } else {
            Ink::Green
        };
        for site in sites.clone().take(LISTED) {
            self.site(4, site, ink);
        }
        if total > LISTED {
            let rest = wording::live_bytes(sites.skip(LISTED));
            let more = counted((total - LISTED) as u64, "more line");
            self.line(4, &format!("and {more}, live {}", bytes(rest)));
        }
    }

    /// What is not on the account of a growing line.
    fn context(&mut self, process: &ProcessReport, notes: impl Iterator<Item = String>) {
        let mut rows: Vec<(&str, String)> = Vec::new();
        let once = wording::with_verdict(process, Verdict::Once);
        let lines = once.clone().count() as u64;
        if lines > 0 {
            let live = wording::live_bytes(once);
            let lines = wording::once_sentence(lines);
            rows.push(("once", format!("{lines}, live {}", bytes(live))));
        }
        if let Some(sentence) = wording::cycles_sentence(&process.cycles) {
            rows.push(("cycles", sentence));
        }
        for (name, size, meaning) in wording::kind_rows(&process.kinds) {
            rows.push((name, format!("{size}, {meaning}")));
        }
        for (name, how, series) in wording::memory_series(&process.memory) {
            if let Some(change) = wording::from_to(series) {
                rows.push((name, format!("{change}, {how}")));
            }
        }
        rows.extend(notes.map(|note| ("note", note)));
        if rows.is_empty() {
            return;
        }
        self.blank();
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, text) in rows {
            let name = self.style.paint(Ink::Bold, &format!("{name:<width$}"));
            self.line(2, &format!("{name}  {text}"));
        }
    }

    fn suppressed(&mut self, process: &ProcessReport) {
        if process.suppressed.is_empty() {
            return;
        }
        self.section("suppressed (leak_ignore)");
        for entry in &process.suppressed {
            let place = place(&entry.file, entry.line);
            self.line(4, &format!("{place}  live {}", bytes(entry.bytes)));
        }
    }

    fn ignore(&mut self, unmatched: &[String]) {
        if let Some(sentence) = wording::places::unmatched_sentence(unmatched) {
            self.blank();
            let label = self.style.paint(Ink::Yellow, "leak_ignore:");
            self.line(0, &format!("{label} {sentence}"));
        }
    }

    fn log(&mut self, log: &LogInfo) {
        let sentences = wording::log_sentences(log);
        if sentences.is_empty() {
            return;
        }
        self.blank();
        let label = self.style.paint(Ink::Yellow, "log:");
        for sentence in sentences {
            self.line(0, &format!("{label} {sentence}"));
        }
    }
}

/// `▁▂▄▆█`: the points as bars above zero, thinned to [`CURVE_WIDTH`].
fn curve(points: &[i64]) -> Option<String> {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let highest = points.iter().copied().max().filter(|max| *max > 0)?;
    let columns = points.len().min(CURVE_WIDTH);
    let bar = |column: usize| {
        let point = points[column * points.len() / columns].max(0);
        let height = point as f64 / highest as f64 * (BARS.len() - 1) as f64;
        BARS[height.round() as usize]
    };
    (columns > 1).then(|| (0..columns).map(bar).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leak::report::fixture;

    fn plain(report: &LeakReport) -> String {
        verdicts(report, Style { color: false })
    }

    #[test]
    fn begins_with_the_heading_and_the_answer() {
        let text = plain(&fixture::report());
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("== swoole_tracker verdicts v1 =="));
        assert_eq!(lines.next(), Some("3 lines grow in 1 of 2 processes."));
    }

    #[test]
    fn a_growing_line_is_followed_by_its_evidence() {
        let text = plain(&fixture::report());
        let lines: Vec<&str> = text.lines().collect();
        let at = lines
            .iter()
            .position(|line| line.starts_with("  /srv/app/src/Service/Cache.php:42 "))
            .expect("the planted line");
        assert_eq!(
            lines[at],
            "  /srv/app/src/Service/Cache.php:42 (str_repeat)  grows +12.0 KB/loop, 38 loops, \
             since loop 4, live 456.0 KB in 38 blocks (R 0.99)"
        );
        assert!(lines[at + 1].contains('█'), "{}", lines[at + 1]);
        assert_eq!(
            lines[at + 2],
            "      held by App\\Service\\Cache::$items[*]->handlers (array)"
        );
        assert!(lines[at + 3].ends_with("(object Closure), search stopped"));
        assert_eq!(lines[at + 4], "      at str_repeat");
    }

    #[test]
    fn every_section_is_there() {
        let text = plain(&fixture::report());
        for part in [
            "pid 4711 (cli, 42 loops): 3 lines grow, together",
            "pid 33990 (fpm-fcgi, 0 loops): no loop recorded",
            "undecided (too few loops, or too irregular, to tell)\n    /srv/app/src/Metrics.php:203  undecided, +3.0 KB",
            "filled, then flat (a cache, not a leak)\n    /srv/app/src/ConnectionPool.php:77  flat, live",
            "2 lines grew once and never since",
            "1 204 values in garbage cycles",
            "compile/autoload ",
            "VM stack ",
            "native ",
            "fragmentation ",
            "PHP heap grows 13.9 KB per loop",
            "suppressed (leak_ignore)",
            "dropped: 12 allocations not booked",
            "leak_ignore: these patterns fit no line that kept memory: worker.php:7-9, ",
            "log: 3 records skipped",
            "log: not readable: /tmp/trackerleak.33 (permission denied)",
        ] {
            assert!(text.contains(part), "{part:?} is missing in\n{text}");
        }
    }

    #[test]
    fn names_cannot_move_the_cursor_or_add_lines() {
        let text = plain(&fixture::report());
        let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(bad));
        assert!(text.contains("/\\x1b[31m;evil\\n\"&\\u{202e}.php:3"));
    }

    #[test]
    fn colours_change_nothing_but_the_colour() {
        let coloured = verdicts(&fixture::report(), Style { color: true });
        assert!(coloured.starts_with("== swoole_tracker verdicts v1 ==\n"));
        let mut stripped = coloured.clone();
        for code in ["0", "1", "2", "31", "32", "33", "36"] {
            stripped = stripped.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(stripped, plain(&fixture::report()));
        assert_ne!(stripped, coloured);
    }

    #[test]
    fn long_lists_of_harmless_lines_are_cut() {
        let mut report = fixture::report();
        let flat = report.processes[0].sites[4].clone();
        report.processes[0].sites.extend(vec![flat; 30]);
        let text = plain(&report);
        assert!(
            text.contains("    and 12 more lines, live 767.8 KB\n"),
            "{text}"
        );
    }

    #[test]
    fn an_empty_log_is_said_to_be_empty() {
        assert_eq!(
            plain(&LeakReport::default()),
            "== swoole_tracker verdicts v1 ==\nNo process is in the log.\n"
        );
    }

    #[test]
    fn curves_are_thinned_and_need_two_points() {
        assert_eq!(curve(&[0, 7]), Some("▁█".to_owned()));
        assert_eq!(curve(&[5]), None);
        assert_eq!(curve(&[0, -3]), None);
        let long: Vec<i64> = (0..128).collect();
        assert_eq!(curve(&long).map(|c| c.chars().count()), Some(CURVE_WIDTH));
    }
}
