//! The table of verdicts, and below it a card of evidence per line.

use std::fmt::Write;

use super::chart::{self, Base};
use crate::leak::model::{Holder, ProcessReport, SiteReport, Verdict};
use crate::leak::report::fmt::{bytes, html, signed_bytes, split_path};
use crate::leak::report::stacks::frame_name;
use crate::leak::report::wording;

/// Stands in a cell that has no meaning for the verdict.
const NONE: &str = "–";

/// The table. Lines that grew only once are folded away, as they are no
/// news; they are counted.
pub fn table(process_index: usize, process: &ProcessReport) -> String {
    let sites = process.sites.iter().enumerate();
    let (once, rest): (Vec<_>, Vec<_>) = sites.partition(|(_, s)| s.verdict == Verdict::Once);
    if once.is_empty() && rest.is_empty() {
        return String::new();
    }
    let mut out = String::from("<section class=\"card\"><h3>Verdicts</h3>");
    if !rest.is_empty() {
        out.push_str(&rows(process_index, &rest));
    }
    if !once.is_empty() {
        let _ = write!(
            out,
            "<details class=\"more\"><summary>{}</summary>{}</details>",
            wording::once_sentence(once.len() as u64),
            rows(process_index, &once)
        );
    }
    out.push_str("</section>\n");
    out
}

fn rows(process_index: usize, sites: &[(usize, &SiteReport)]) -> String {
    let mut out = String::from(
        "<div class=\"scroll\"><table class=\"sites\"><thead><tr><th>Verdict</th><th>Line</th>\
         <th class=\"num\">Growth/loop</th><th class=\"num\">Live</th><th class=\"num\">Blocks</th>\
         <th class=\"num\">Since loop</th><th class=\"num\">R</th><th></th></tr></thead><tbody>",
    );
    for (index, site) in sites {
        let verdict = site.verdict.as_str();
        let name = place(site);
        let name = if has_card(site) {
            format!("<a href=\"#p{process_index}s{index}\">{name}</a>")
        } else {
            name
        };
        let number = |label: &str, value: f64, text: &str| {
            let value = if value.is_finite() { value } else { 0.0 };
            let none = if text == NONE { " none" } else { "" };
            format!(
                "<td class=\"num{none}\" data-label=\"{label}\" data-value=\"{value}\"><span>{text}</span></td>"
            )
        };
        let live = number("Live", site.live_bytes as f64, &bytes(site.live_bytes));
        let blocks = number("Blocks", site.blocks as f64, &site.blocks.to_string());
        let since = number(
            "Since loop",
            site.first_loop as f64,
            &site.first_loop.to_string(),
        );
        // Slope and fit belong to a growth; on a full cache they mislead.
        let grew = wording::site::has_rate(site);
        let (rate, fit) = if grew {
            (signed_bytes(site.bytes_per_loop), wording::site::fit(site))
        } else {
            (NONE.to_owned(), NONE.to_owned())
        };
        let rate = number(
            "Growth/loop",
            if grew { site.bytes_per_loop } else { 0.0 },
            &rate,
        );
        let fit = number("R", if grew { site.fit_r } else { 0.0 }, &fit);
        let _ = write!(
            out,
            "<tr class=\"{verdict}\"><td data-value=\"{}\"><span class=\"badge\">{verdict}</span></td><td class=\"where\">{name}</td>\
             {rate}{live}{blocks}{since}{fit}<td class=\"num trend\">{}</td></tr>",
            severity(site.verdict),
            chart::sparkline(&points(site)).unwrap_or_default()
        );
    }
    out.push_str("</tbody></table></div>");
    out
}

/// What the column of verdicts is sorted by.
fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Grows => 3,
        Verdict::Undecided => 2,
        Verdict::Flat => 1,
        Verdict::Once => 0,
    }
}

fn has_card(site: &SiteReport) -> bool {
    site.verdict != Verdict::Once
}

/// A card for each line that grows.
pub fn growing(process_index: usize, process: &ProcessReport) -> String {
    cards(process_index, process, |site| {
        site.verdict == Verdict::Grows
    })
}

/// A folded card for each other line, but for those that grew only once.
pub fn others(process_index: usize, process: &ProcessReport) -> String {
    cards(process_index, process, |site| {
        site.verdict != Verdict::Grows && has_card(site)
    })
}

fn cards(
    process_index: usize,
    process: &ProcessReport,
    wanted: impl Fn(&SiteReport) -> bool,
) -> String {
    let sites = process.sites.iter().enumerate();
    sites
        .filter(|(_, site)| wanted(site))
        .map(|(index, site)| card(&format!("p{process_index}s{index}"), site))
        .collect()
}

fn card(id: &str, site: &SiteReport) -> String {
    let verdict = site.verdict.as_str();
    let rate = if site.verdict == Verdict::Grows {
        format!(
            "<p class=\"rate tone\">{}<small>/loop</small></p>",
            signed_bytes(site.bytes_per_loop)
        )
    } else {
        String::new()
    };
    let header = format!(
        "<header><h3><span class=\"badge\">{verdict}</span>{}</h3>{rate}<p class=\"facts\">{}</p></header>",
        place(site),
        html(&wording::site::facts(site)),
    );
    let evidence = evidence(id, site);
    if site.verdict == Verdict::Grows {
        format!("<article class=\"card leak {verdict}\">{header}{evidence}</article>\n")
    } else {
        format!(
            "<details class=\"card leak {verdict}\"><summary>{header}</summary>{evidence}</details>\n"
        )
    }
}

/// Carries the id: a link into a folded card unfolds it, without script.
fn evidence(id: &str, site: &SiteReport) -> String {
    let verdict = site.verdict.as_str();
    let title = format!("Live bytes of {}", wording::site::name(site));
    let chart = chart::chart(&points(site), Base::Zero, verdict, &title)
        .unwrap_or_else(|| "<p class=\"empty\">Too few loops for a chart.</p>".to_owned());
    let mut out = format!(
        "<div class=\"evidence\" id=\"{id}\"><div><h4>Live bytes at the end of each loop</h4>{chart}</div>"
    );
    let held = held(&site.holder);
    let calls = calls(site);
    if !held.is_empty() || !calls.is_empty() {
        let _ = write!(out, "<div>{held}{calls}</div>");
    }
    out.push_str("</div>");
    out
}

fn held(holders: &[Holder]) -> String {
    if holders.is_empty() {
        return String::new();
    }
    let items: String = holders
        .iter()
        .map(|holder| {
            format!(
                "<li>{} <span class=\"tag\">root: {}</span></li>",
                arrows(&html(&wording::site::holder_sentence(holder))),
                html(&holder.kind)
            )
        })
        .collect();
    format!("<h4>Who holds it</h4><ul class=\"holders\">{items}</ul>")
}

/// A long path may end a line of the screen before an arrow, but not within one.
fn arrows(path: &str) -> String {
    path.replace("-&gt;", "<wbr><span class=\"arrow\">-&gt;</span>")
}

fn calls(site: &SiteReport) -> String {
    if site.stack.is_empty() {
        return String::new();
    }
    let items: String = site
        .stack
        .iter()
        .map(|frame| format!("<li>{}</li>", html(&frame_name(frame))))
        .collect();
    format!("<h4>Allocated at</h4><ol class=\"stack\">{items}</ol>")
}

/// `file:line (function) [kind]` with the part that the eye looks for in bold.
fn place(site: &SiteReport) -> String {
    let (directory, base) = split_path(&site.file);
    let mut out = String::from("<span class=\"place\">");
    if site.file.is_empty() {
        out.push_str(&html(&wording::site::name(site)));
    } else {
        let _ = write!(
            out,
            "<span class=\"dir\">{}</span><b>{}:{}</b>",
            // Every directory may end a line of the screen.
            html(directory).replace('/', "/<wbr>"),
            html(base),
            site.line
        );
        if let Some(function) = &site.function {
            let _ = write!(out, " <span class=\"fn\">({})</span>", html(function));
        }
        if let Some(kind) = wording::site::kind(site) {
            let _ = write!(out, " <span class=\"dim\">[{}]</span>", html(&kind));
        }
    }
    out.push_str("</span>");
    out
}

fn points(site: &SiteReport) -> Vec<(u64, i64)> {
    let loops = site.live_ring_loops.iter().copied();
    loops.zip(site.live_ring.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leak::report::fixture;

    #[test]
    fn every_line_has_a_row_and_links_lead_somewhere() {
        let process = &fixture::report().processes[0];
        let table = table(0, process);
        let cards = growing(0, process) + &others(0, process);
        assert_eq!(table.matches("<tr class=").count(), process.sites.len());
        for link in table.split("href=\"#").skip(1) {
            let id = link.split('"').next().expect("an id");
            assert!(cards.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }

    #[test]
    fn rows_carry_numbers_to_sort_by() {
        let table = table(0, &fixture::report().processes[0]);
        assert!(table.contains("data-label=\"Growth/loop\" data-value=\"12288\"><span>+12.0 KB"));
        assert!(table.contains("data-label=\"Live\" data-value=\"466944\"><span>456.0 KB"));
    }

    #[test]
    fn warm_up_lines_are_folded_and_counted() {
        let table = table(0, &fixture::report().processes[0]);
        assert!(table.contains("<summary>2 lines grew once and never since</summary>"));
    }

    #[test]
    fn paths_break_before_their_arrows() {
        assert_eq!(
            arrows("A::$b-&gt;c"),
            "A::$b<wbr><span class=\"arrow\">-&gt;</span>c"
        );
        let cards = growing(0, &fixture::report().processes[0]);
        assert!(cards.contains("$items[*]<wbr><span class=\"arrow\">-&gt;</span>handlers (array)"));
    }

    #[test]
    fn each_judged_line_has_a_growth_chart() {
        let process = &fixture::report().processes[0];
        let cards = growing(0, process) + &others(0, process);
        let charts = cards.matches("class=\"series\"").count();
        assert_eq!(charts, process.sites.iter().filter(|s| has_card(s)).count());
    }

    #[test]
    fn a_fit_that_is_no_number_sorts_as_zero() {
        let mut process = fixture::report().processes[0].clone();
        process.sites[0].fit_r = f64::NAN;
        assert!(!table(0, &process).contains("NaN"));
    }
}
