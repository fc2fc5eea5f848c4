//! `series`: statistics over time, for charts, sparklines and the latency heat map.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use serde::Serialize;
use tracker_core::stats::Histogram;

use super::Shared;
use super::answer::Trouble;
use super::filter::question;
use super::params::Params;
use super::statistics::Numbers;
use crate::stats::Figures;
use crate::store::{Point as StorePoint, Range};

/// Steps that are chosen from when the question does not say, seconds.
const STEPS: [u64; 8] = [60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400];
/// Points that such a step gives at most.
const POINTS: u64 = 120;
/// Points that a question may ask for.
const MAX_POINTS: u64 = 2_000;
/// Buckets of a histogram in one row of the heat map: four rows double the duration.
const ROW: i32 = 8;

question!(step: u64, by: String, heat: u8);

#[derive(Serialize)]
struct Point {
    time_us: u64,
    #[serde(flatten)]
    numbers: Numbers,
    codes: BTreeMap<Box<str>, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heat: Option<Vec<(u64, u64)>>,
}

#[derive(Serialize)]
struct One {
    app: Option<String>,
    points: Vec<Point>,
}

#[derive(Serialize)]
pub struct Series {
    step_s: u64,
    series: Vec<One>,
}

/// One series of all that the question admits, or one by application.
pub async fn series(
    state: Shared,
    Params(question): Params<Question>,
) -> Result<Json<Series>, Trouble> {
    let by_app = match question.by.as_deref() {
        None => false,
        Some("app") => true,
        Some(_) => return Err(Trouble::bad("`by` is app")),
    };
    let heat = question.heat.unwrap_or(0) == 1;
    let wanted = question.step;
    let (range, filter) = question.narrowed()?;
    let step = step(wanted, range)?;
    let ask = state.pool.ask(move |r| r.series(range, step, &filter));
    let groups = group(ask.await?, by_app);
    let series = groups.into_iter().map(|(app, points)| One {
        app: app.map(|app| app.to_string()),
        points: points
            .into_iter()
            .map(|(at, figures)| Point {
                time_us: at * 1_000_000,
                numbers: Numbers::from(&figures),
                heat: heat.then(|| rows(&figures.all())),
                codes: figures.codes,
            })
            .collect(),
    });
    Ok(Json(Series {
        step_s: step,
        series: series.collect(),
    }))
}

fn step(wanted: Option<u64>, range: Range) -> Result<u64, Trouble> {
    let seconds = (range.to_us - range.from_us) / 1_000_000;
    let Some(step) = wanted else {
        let fits = |step: &u64| seconds / step <= POINTS;
        let chosen = STEPS.into_iter().find(fits);
        return Ok(chosen.unwrap_or_else(|| (seconds / POINTS).next_multiple_of(86_400)));
    };
    let is_even =
        step > 0 && step.is_multiple_of(60) && (step.is_multiple_of(86_400) || 86_400 % step == 0);
    if !is_even || step > 366 * 86_400 {
        return Err(Trouble::bad(
            "`step` is a multiple of 60 seconds that divides a day, or some days",
        ));
    }
    if seconds / step > MAX_POINTS {
        return Err(Trouble::bad(format!("more than {MAX_POINTS} points")));
    }
    Ok(step)
}

type Groups = BTreeMap<Option<Arc<str>>, BTreeMap<u64, Figures>>;

fn group(points: Vec<StorePoint>, by_app: bool) -> Groups {
    let mut groups = Groups::new();
    if !by_app {
        groups.insert(None, BTreeMap::new());
    }
    for point in points {
        let steps = groups.entry(by_app.then_some(point.app)).or_default();
        steps.entry(point.at).or_default().merge(&point.figures);
    }
    groups
}

/// Upper end of each row of the heat map that was hit, µs, and its calls.
fn rows(all: &Histogram) -> Vec<(u64, u64)> {
    let mut rows: BTreeMap<u64, u64> = BTreeMap::new();
    if all.zero() > 0 {
        rows.insert(0, all.zero());
    }
    for (index, count) in all.buckets() {
        // Bucket n ends at 2^((n + 1) / 32) seconds.
        let end = (index.div_euclid(ROW) + 1) * ROW;
        let upper = (f64::from(end) / 32.0).exp2() * 1e6;
        *rows.entry(upper.round() as u64).or_default() += count;
    }
    rows.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_in_a_row_that_is_not_below_it() {
        let mut all = Histogram::new();
        let durations = [0, 1, 900, 1_000, 7_000, 7_100, 2_000_000, 3_600_000_000];
        all.extend(durations);
        let rows = rows(&all);
        assert_eq!(rows.iter().map(|row| row.1).sum::<u64>(), 8);
        assert_eq!(rows[0], (0, 1));
        for us in durations {
            let row = rows.iter().find(|row| row.0 >= us).unwrap();
            // Four rows double the duration; small ones are rounded to whole µs.
            assert!(
                us == 0 || row.0 as f64 <= us as f64 * 1.19 + 1.0,
                "{us}: {row:?}"
            );
        }
    }

    #[test]
    fn steps_fit_the_range() {
        let of = |hours: u64| Range {
            from_us: 0,
            to_us: hours * 3_600_000_000,
        };
        let chosen = |hours| step(None, of(hours)).unwrap();
        assert_eq!((chosen(1), chosen(2), chosen(24)), (60, 60, 900));
        assert_eq!((chosen(24 * 7), chosen(24 * 400)), (10_800, 4 * 86_400));
        for wanted in [0, 61, 7 * 60, 86_460] {
            assert!(step(Some(wanted), of(1)).is_err(), "{wanted}");
        }
        assert!(step(Some(60), of(24 * 7)).is_err());
        assert!(step(Some(2 * 86_400), of(24)).is_ok());
    }
}
