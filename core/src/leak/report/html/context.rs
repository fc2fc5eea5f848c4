//! What surrounds the verdicts: the memory of the whole process, memory that
//! is on no line, and lines that were left out.

use std::fmt::Write;

use super::chart::{self, Base};
use crate::leak::model::{MemoryCurve, ProcessReport};
use crate::leak::report::fmt::{bytes, html};
use crate::leak::report::stacks::place;
use crate::leak::report::wording;

/// The memory curves of the process, side by side; empty without points.
pub fn memory(memory: &MemoryCurve) -> String {
    let mut figures = String::new();
    for (name, how, series) in wording::memory_series(memory) {
        let points: Vec<(u64, i64)> = memory
            .loops
            .iter()
            .zip(series)
            .map(|(number, value)| (*number, i64::try_from(*value).unwrap_or(i64::MAX)))
            .collect();
        let (Some(change), Some(chart)) = (
            wording::from_to(series),
            chart::chart(&points, Base::Fitted, "memory", name),
        ) else {
            continue;
        };
        let _ = write!(
            figures,
            "<figure><figcaption>{name} <span class=\"dim\">{how}</span><b>{change}</b></figcaption>{chart}</figure>"
        );
    }
    if figures.is_empty() {
        return figures;
    }
    format!(
        "<section class=\"card\"><h3>Memory at the end of each loop</h3>\
         <p>Each chart has its own scale, which does not start at zero.</p>\
         <div class=\"memories\">{figures}</div></section>\n"
    )
}

/// Memory that is on no line.
pub fn elsewhere(process: &ProcessReport) -> String {
    let rows = wording::kind_rows(&process.kinds);
    if rows.is_empty() {
        return String::new();
    }
    let rows: Vec<[String; 3]> = rows
        .into_iter()
        .map(|(name, size, meaning)| [name.to_owned(), meaning.to_owned(), size])
        .collect();
    plain_table(
        "Memory on no line's account",
        ["Kind", "What it is", "Bytes"],
        &rows,
    )
}

/// The lines that `leak_ignore` took out.
pub fn suppressed(process: &ProcessReport) -> String {
    if process.suppressed.is_empty() {
        return String::new();
    }
    let rows: Vec<[String; 2]> = process
        .suppressed
        .iter()
        .map(|entry| {
            let place = html(&place(&entry.file, entry.line));
            [format!("<code>{place}</code>"), bytes(entry.bytes)]
        })
        .collect();
    plain_table("Suppressed by leak_ignore", ["Line", "Live"], &rows)
}

/// A card with a table whose last column is a number. The cells are HTML.
fn plain_table<const N: usize>(title: &str, heads: [&str; N], rows: &[[String; N]]) -> String {
    let class = |column: usize| {
        if column + 1 == N {
            " class=\"num\""
        } else {
            ""
        }
    };
    let mut out =
        format!("<section class=\"card\"><h3>{title}</h3><table class=\"plain\"><thead><tr>");
    for (column, head) in heads.iter().enumerate() {
        let _ = write!(out, "<th{}>{head}</th>", class(column));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let _ = write!(out, "<td{}>{cell}</td>", class(column));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></section>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leak::report::fixture;

    #[test]
    fn each_curve_has_its_own_chart() {
        let charts = memory(&fixture::report().processes[0].memory);
        assert_eq!(charts.matches("<figure>").count(), 3);
        assert!(charts.contains("<b>4.0 MB → 4.6 MB</b>"));
        assert_eq!(memory(&MemoryCurve::default()), "");
    }

    #[test]
    fn curves_of_unequal_length_are_drawn_as_far_as_they_go() {
        let mut curve = fixture::report().processes[0].memory.clone();
        curve.real_bytes.truncate(1);
        curve.rss_bytes.clear();
        assert_eq!(memory(&curve).matches("<figure>").count(), 1);
    }

    #[test]
    fn empty_tables_are_left_out() {
        let empty = ProcessReport::default();
        assert_eq!(elsewhere(&empty) + &suppressed(&empty), "");
    }

    #[test]
    fn suppressed_names_are_escaped() {
        let table = suppressed(&fixture::report().processes[0]);
        assert!(table.contains("&lt;script&gt;"), "{table}");
        assert!(table.contains("<td class=\"num\">50.0 KB</td>"));
    }
}
