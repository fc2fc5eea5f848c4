//! The report as one self-contained page: no request leaves it, and it is
//! complete without script.
//!
//! Everything is drawn here, the charts and the flame graph as SVG; the script
//! only adds sorting, a reading cursor and zoom. Every name is escaped, and
//! the content security policy allows exactly the style and the script below,
//! so that a name that slipped through could still not run.

use std::fmt::Write;

use super::fmt::{bytes, count, html};
use super::wording;
use crate::leak::model::{LeakReport, ProcessReport, Verdict};

mod chart;
mod context;
mod flame;
mod lines;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/app.js");

/// What the content security policy lets through. Constants, so that the
/// library needs no SHA-256; a test names the new value after an edit.
const STYLE_HASH: &str = "sha256-vOl10faBoZ/gvC6PwMHBcCe2xCFrwnsEDr33qA3KoH4=";
const SCRIPT_HASH: &str = "sha256-UXl3pL1dlI1AuInGH7MnnPb9hWBR5PbvC42XYo77WhQ=";

const LOGO: &str = "<svg width=\"18\" height=\"18\" viewBox=\"0 0 18 18\" aria-hidden=\"true\">\
    <path d=\"M9 1C9 1 3 7.4 3 11.2A6 6 0 0 0 15 11.2C15 7.4 9 1 9 1Z\" fill=\"currentColor\"/>\
    <path d=\"M5.6 12.6l2.2-2.3 1.9 1.7 2.8-3.4\" fill=\"none\" stroke=\"#fff\" stroke-width=\"1.5\" \
    stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>";

/// The page, UTF-8.
#[must_use]
pub fn render(report: &LeakReport) -> String {
    fill(
        PAGE,
        &[
            ("style_hash", STYLE_HASH),
            ("script_hash", SCRIPT_HASH),
            ("title", &html(&wording::report_sentence(report))),
            ("style", STYLE),
            ("script", SCRIPT),
            ("body", &body(report)),
        ],
    )
}

/// Replaces each `{{name}}` of the template, in one pass: what is filled in is
/// not searched again, whatever a name in the report looks like.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        out.push_str(before);
        out.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn body(report: &LeakReport) -> String {
    let mut out = format!(
        "<header class=\"top\"><div><p class=\"brand\">{LOGO}Swoole Tracker · leak report</p><h1>{}</h1>",
        html(&wording::report_sentence(report))
    );
    let several = report.processes.len() > 1;
    if several {
        out.push_str("<ul class=\"overview\">");
        for (index, process) in report.processes.iter().enumerate() {
            let _ = write!(
                out,
                "<li class=\"{}\"><a href=\"#p{index}\"><b><span class=\"dot\"></span>{}</b>{}</a></li>",
                mood(process),
                html(&wording::process_name(process)),
                html(&wording::process_sentence(process)),
            );
        }
        out.push_str("</ul>");
    }
    out.push_str("</div></header>\n<main>");
    for (index, process) in report.processes.iter().enumerate() {
        let open = !several || mood(process) != "good";
        let said = wording::notes(report, index);
        out.push_str(&section(index, process, said, open));
    }
    out.push_str("</main>\n");
    out.push_str(&footer(report));
    out
}

/// Colour of the answer: `bad`, `unsure`, `good`, or none if nothing was
/// recorded.
fn mood(process: &ProcessReport) -> &'static str {
    let has = |verdict| wording::with_verdict(process, verdict).next().is_some();
    if has(Verdict::Grows) {
        "bad"
    } else if wording::is_unsure(process) {
        "unsure"
    } else if process.loops > 0 {
        "good"
    } else {
        ""
    }
}

fn section(
    index: usize,
    process: &ProcessReport,
    said: impl Iterator<Item = String>,
    open: bool,
) -> String {
    let open = if open { " open" } else { "" };
    let mut out = format!(
        "<details class=\"process {}\" id=\"p{index}\"{open}><summary><h2>{}</h2><p>{}</p></summary>\n",
        mood(process),
        html(&wording::process_name(process)),
        html(&wording::process_sentence(process)),
    );
    out.push_str(&tiles(process));
    out.push_str(&notes(process, said));
    out.push_str(&lines::table(index, process));
    out.push_str(&lines::growing(index, process));
    out.push_str(&flame::card(process));
    out.push_str(&lines::others(index, process));
    out.push_str(&context::memory(&process.memory));
    out.push_str(&context::elsewhere(process));
    out.push_str(&context::suppressed(process));
    out.push_str("</details>\n");
    out
}

fn tiles(process: &ProcessReport) -> String {
    if process.loops == 0 {
        return String::new();
    }
    let growing = wording::with_verdict(process, Verdict::Grows);
    let live = wording::live_bytes(growing.clone());
    let rate: f64 = growing.clone().map(|site| site.bytes_per_loop).sum();
    let hot = if growing.count() > 0 { "hot" } else { "" };
    let tile = |class: &str, name: &str, value: &str| {
        format!("<div class=\"{class}\"><dt>{name}</dt><dd>{value}</dd></div>")
    };
    let mut out = String::from("<dl class=\"card tiles\">");
    out.push_str(&tile(
        hot,
        "growth per loop",
        &super::fmt::signed_bytes(rate),
    ));
    out.push_str(&tile(hot, "held by growing lines", &bytes(live)));
    out.push_str(&tile("", "loops", &count(process.loops)));
    out.push_str(&tile("", "allocations", &count(process.allocations)));
    out.push_str(&tile("", "in garbage cycles", &size(process.cycles.bytes)));
    out.push_str("</dl>\n");
    out
}

fn size(value: u64) -> String {
    bytes(i64::try_from(value).unwrap_or(i64::MAX))
}

fn notes(process: &ProcessReport, said: impl Iterator<Item = String>) -> String {
    let mut items: Vec<(&str, String)> = Vec::new();
    items.extend(wording::dropped_sentence(process).map(|sentence| ("warn", sentence)));
    items.extend(said.map(|note| ("", note)));
    items.extend(wording::cycles_sentence(&process.cycles).map(|sentence| ("", sentence)));
    if items.is_empty() {
        return String::new();
    }
    let list: String = items
        .iter()
        .map(|(class, text)| format!("<li class=\"{class}\">{}</li>", html(text)))
        .collect();
    format!("<section class=\"card\"><ul class=\"notes\">{list}</ul></section>\n")
}

fn footer(report: &LeakReport) -> String {
    let log = &report.log;
    let mut out = String::from("<footer><ul>");
    if let Some(sentence) = wording::places::unmatched_sentence(&report.ignore_unmatched) {
        let _ = write!(
            out,
            "<li class=\"warn\">leak_ignore: {}</li>",
            html(&sentence)
        );
    }
    for sentence in wording::log_sentences(log) {
        let _ = write!(out, "<li class=\"warn\">Log: {}</li>", html(&sentence));
    }
    for file in &log.files {
        let _ = write!(out, "<li>Read from <code>{}</code></li>", html(file));
    }
    out.push_str("</ul></footer>");
    out
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::leak::report::fixture;

    #[test]
    fn the_policy_allows_exactly_our_style_and_script() {
        let hash = |text: &str| format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)));
        assert_eq!(STYLE_HASH, hash(STYLE), "style.css was edited");
        assert_eq!(SCRIPT_HASH, hash(SCRIPT), "app.js was edited");
    }

    #[test]
    fn names_do_not_become_markup() {
        let page = render(&fixture::report());
        assert_eq!(page.matches("<script").count(), 1, "our own");
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"));
        assert!(!page.contains("<b>eval</b>"));
        assert!(!page.contains('\x1b'));
        assert!(!page.contains('\u{202e}'));
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let page = render(&fixture::report());
        for scheme in ["http:", "https:", "url(", "@import", "src="] {
            assert!(!page.contains(scheme), "{scheme}");
        }
        // The policy would block them.
        assert!(!page.contains(" style=\""));
        assert!(!page.contains(" onclick="));
    }

    #[test]
    fn every_part_is_there_without_script() {
        let page = render(&fixture::report());
        for part in [
            "3 lines grow in 1 of 2 processes",
            "<table class=\"sites\">",
            "App\\Service\\Cache::$items[*]<wbr>",
            "search stopped",
            "class=\"flame\"",
            "Memory at the end of each loop",
            "PHP heap grows 13.9 KB per loop",
            "fragmentation",
            "Suppressed by leak_ignore",
            "leak_ignore: these patterns fit no line",
            "3 records skipped",
        ] {
            assert!(page.contains(part), "{part:?} is missing");
        }
    }

    #[test]
    fn an_empty_report_is_a_page_too() {
        let page = render(&LeakReport::default());
        assert!(page.contains("<h1>No process is in the log</h1>"));
        assert!(!page.contains("{{"));
    }

    #[test]
    fn what_is_filled_in_is_not_a_template() {
        let filled = fill("<{{a}}|{{b}}>", &[("a", "{{b}}"), ("b", "x")]);
        assert_eq!(filled, "<{{b}}|x>");
    }
}
