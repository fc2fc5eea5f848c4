//! Line charts as SVG.
//!
//! The drawing is stretched to whatever width the page has (`viewBox` without
//! aspect ratio, strokes that do not scale); the labels are HTML around it, so
//! that they stay readable on a telephone.

use std::fmt::Write;

use crate::leak::report::fmt::{bytes, html};

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 240.0;

/// Where the vertical axis begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// At zero: the area is the amount.
    Zero,
    /// Below the lowest point, but never so close that noise looks like growth.
    Fitted,
}

/// A chart with axes. `points` are (loop, bytes), `tone` is a class of the
/// style sheet. None with fewer than two points.
pub fn chart(points: &[(u64, i64)], base: Base, tone: &str, title: &str) -> Option<String> {
    let (first, last) = (points.first()?.0, points.last()?.0);
    let axis = Axis::of(points, base);
    let line = polyline(points, &axis, WIDTH, HEIGHT)?;
    let mut tips = String::new();
    for (number, value) in points {
        let bar = if tips.is_empty() { "" } else { "|" };
        let _ = write!(tips, "{bar}loop {number}: {}", bytes(*value));
    }
    let middle = f64::midpoint(axis.low, axis.high);
    Some(format!(
        "<div class=\"chart tone {tone}\">\
         <div class=\"y\"><span>{}</span><span>{}</span><span>{}</span></div>\
         <div class=\"plot\"><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{}\" data-tips=\"{tips}\">{}{}\
         <polygon class=\"area\" points=\"0,{HEIGHT} {line} {WIDTH},{HEIGHT}\"/>\
         <polyline class=\"series\" points=\"{line}\"/>\
         <line class=\"cursor\" x1=\"0\" x2=\"0\" y1=\"0\" y2=\"{HEIGHT}\"/></svg></div>\
         <div class=\"x\"><span>loop {first}</span><span>loop {last}</span></div></div>",
        mark(axis.high),
        mark(middle),
        mark(axis.low),
        html(title),
        rule(0.0),
        rule(HEIGHT / 2.0) + &rule(HEIGHT),
    ))
}

/// The curve alone, small, without axes. None with fewer than two points.
pub fn sparkline(points: &[(u64, i64)]) -> Option<String> {
    let axis = Axis::of(points, Base::Zero);
    let line = polyline(points, &axis, 96.0, 26.0)?;
    Some(format!(
        "<svg class=\"spark tone\" viewBox=\"0 -2 96 30\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <polygon class=\"area\" points=\"0,26 {line} 96,26\"/>\
         <polyline class=\"series\" points=\"{line}\"/></svg>"
    ))
}

/// A size on the axis, without the decimal where there is none.
fn mark(value: f64) -> String {
    bytes(value as i64).replace(".0 ", " ")
}

fn rule(y: f64) -> String {
    format!("<line class=\"rule\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/>")
}

fn polyline(points: &[(u64, i64)], axis: &Axis, width: f64, height: f64) -> Option<String> {
    let (first, last) = (points.first()?.0, points.last()?.0);
    let span = last.checked_sub(first).filter(|span| *span > 0)? as f64;
    let mut out = String::new();
    for (number, value) in points {
        let x = number.saturating_sub(first) as f64 / span * width;
        let share = (*value as f64 - axis.low) / (axis.high - axis.low);
        let y = (1.0 - share.clamp(0.0, 1.0)) * height;
        let space = if out.is_empty() { "" } else { " " };
        let _ = write!(out, "{space}{x:.1},{y:.1}");
    }
    Some(out)
}

/// The vertical axis, bytes; `high` is always above `low`.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    fn of(points: &[(u64, i64)], base: Base) -> Self {
        let values = || points.iter().map(|(_, value)| *value as f64);
        let lowest = values().fold(f64::INFINITY, f64::min);
        let highest = values().fold(f64::NEG_INFINITY, f64::max);
        match base {
            Base::Zero => Self {
                low: lowest.min(0.0),
                high: round_up(highest),
            },
            Base::Fitted => {
                // A fifth of the value fills the chart: less is drawn flat.
                let span = (highest - lowest).max(highest / 5.0).max(1024.0) * 1.2;
                let low = (f64::midpoint(lowest, highest) - span / 2.0).max(0.0);
                Self {
                    low,
                    high: low + span,
                }
            }
        }
    }
}

/// The next size whose half is round as well: 8 B, 40 KB, 600 KB, 1 MB.
fn round_up(value: f64) -> f64 {
    let mut unit = 1.0;
    while value > unit * 1000.0 {
        unit *= 1024.0;
    }
    for power in [0.01, 0.1, 1.0, 10.0, 100.0] {
        for digit in [1.0, 2.0, 4.0, 6.0, 8.0, 10.0] {
            let size = digit * power * unit;
            // Below 8 bytes there is no allocation.
            if size >= value && size >= 8.0 {
                return size;
            }
        }
    }
    value.max(8.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_sizes() {
        assert_eq!(round_up(0.0), 8.0);
        assert_eq!(round_up(466_944.0), 600.0 * 1024.0);
        assert_eq!(round_up(1_000.0), 1_000.0);
        assert_eq!(round_up(1_020.0), 1_024.0);
        assert_eq!(round_up(1_048_000.0), 1_048_576.0);
    }

    #[test]
    fn charts_need_two_loops() {
        assert_eq!(chart(&[], Base::Zero, "grows", ""), None);
        assert_eq!(chart(&[(3, 8)], Base::Zero, "grows", ""), None);
        assert_eq!(sparkline(&[(3, 8), (3, 9)]), None);
        assert!(chart(&[(3, 8), (4, 16)], Base::Zero, "grows", "").is_some());
    }

    #[test]
    fn points_are_placed_by_loop_and_bytes() {
        let svg = chart(&[(0, 0), (5, 500), (10, 1000)], Base::Zero, "grows", "t");
        let svg = svg.expect("a chart");
        assert!(
            svg.contains("points=\"0.0,240.0 500.0,120.0 1000.0,0.0\""),
            "{svg}"
        );
        assert!(svg.contains("data-tips=\"loop 0: 0 B|loop 5: 500 B|loop 10: 1000 B\""));
    }

    #[test]
    fn small_changes_of_a_large_value_look_small() {
        let axis = Axis::of(&[(0, 1_000_000), (1, 1_000_100)], Base::Fitted);
        assert!(axis.high - axis.low > 200_000.0);
        let axis = Axis::of(&[(0, 0), (1, 0)], Base::Fitted);
        assert!(axis.high > axis.low);
    }

    #[test]
    fn extreme_values_stay_inside() {
        let svg = sparkline(&[(0, i64::MIN), (u64::MAX, i64::MAX)]).expect("a curve");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
