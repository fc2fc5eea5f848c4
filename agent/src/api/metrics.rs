//! `/metrics`, in the text format of Prometheus.

use std::fmt::Write as _;

use axum::http::{HeaderName, header};
use tracker_core::stats::Histogram;
use tracker_protocol::record::SpanKind;

use super::Shared;
use super::answer::Trouble;
use super::statistics::kind_name;
use crate::data_size::DataSize;
use crate::pipeline::{Kind, Metric};
use crate::stats::{Figures, TotalKey};
use crate::store::LossRow;

/// Upper bounds of the classic buckets, µs.
const BOUNDS_US: [u64; 14] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000, 60_000_000,
];

/// Everything that is counted.
pub async fn metrics(state: Shared) -> Result<([(HeaderName, &'static str); 1], String), Trouble> {
    let options = &state.options;
    let data_dir = options.data_dir.clone();
    let ask = state
        .pool
        .ask(move |r| Ok((r.losses()?, DataSize::of(&data_dir))));
    let (losses, files) = ask.await?;
    let mut all = options.counters.metrics();
    all.extend(options.activity.metrics());
    let help = "Bytes of all files in the data directory, by kind";
    let files = files.kinds();
    all.extend(files.map(|(kind, n)| Metric::gauge("store_bytes", help, n).with("kind", kind)));
    let mut out = Text(String::with_capacity(16 << 10));
    out.metrics(&all);
    out.losses(&losses);
    out.calls(&options.activity.totals.snapshot());
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], out.0))
}

struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// What the agent tells of itself; those of one name stand together.
    fn metrics(&mut self, metrics: &[Metric]) {
        let mut last = "";
        for metric in metrics {
            let name = format!("tracker_agent_{}", metric.name);
            if metric.name != last {
                let kind = match metric.kind {
                    Kind::Counter => "counter",
                    Kind::Gauge => "gauge",
                };
                self.head(&name, kind, metric.help);
            }
            last = metric.name;
            self.line(&name, metric.label.as_slice(), metric.value);
        }
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            self.0.push(if at == 0 { '{' } else { ',' });
            let text = text
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            let _ = write!(self.0, "{label}=\"{text}\"");
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    fn losses(&mut self, losses: &[LossRow]) {
        let name = "tracker_process_dropped_total";
        self.head(name, "counter", "What processes could not send");
        for loss in losses {
            let labels = [
                ("app", &*loss.app),
                ("host", &*loss.host),
                ("reason", &*loss.reason),
            ];
            self.line(name, &labels, loss.count);
        }
    }

    fn calls(&mut self, totals: &std::collections::BTreeMap<TotalKey, Figures>) {
        type Read = fn(&Figures) -> u64;
        #[rustfmt::skip]
        let counters: [(&str, &str, Read); 4] = [
            ("tracker_calls_total", "Calls, failed ones included", |f| f.calls),
            ("tracker_errors_total", "Failed calls", |f| f.errors),
            ("tracker_timeouts_total", "Calls that ended by a time-out", |f| f.timeouts),
            ("tracker_slow_total", "Calls slower than slow_ms", |f| f.slow),
        ];
        for (name, help, read) in counters {
            self.head(name, "counter", help);
            for ((app, kind, system), figures) in totals {
                self.line(name, &labels(app, *kind, system), read(figures));
            }
        }
        let name = "tracker_call_duration_seconds";
        self.head(name, "histogram", "Durations of calls");
        for ((app, kind, system), figures) in totals {
            self.histogram(name, &labels(app, *kind, system), figures);
        }
    }

    fn histogram(&mut self, name: &str, labels: &[(&str, &str)], figures: &Figures) {
        let all = figures.all();
        let bucket = format!("{name}_bucket");
        for (bound, count) in BOUNDS_US.iter().zip(cumulative(&all)) {
            let bound = (*bound as f64 / 1e6).to_string();
            let labels = [labels, &[("le", &*bound)]].concat();
            self.line(&bucket, &labels, count);
        }
        self.line(&bucket, &[labels, &[("le", "+Inf")]].concat(), all.n());
        self.line(&format!("{name}_sum"), labels, figures.sum_us as f64 / 1e6);
        self.line(&format!("{name}_count"), labels, all.n());
    }
}

fn labels<'a>(app: &'a str, kind: u8, system: &'a str) -> [(&'static str, &'a str); 3] {
    let kind = kind_name(SpanKind::of(kind));
    [("app", app), ("kind", kind), ("system", system)]
}

/// Counts up to each bound. A bucket of the exponential histogram counts as a whole where its
/// upper border is: within 2.2 % of a bound a duration may count one bound later.
fn cumulative(all: &Histogram) -> [u64; BOUNDS_US.len()] {
    let mut counts = [all.zero(); BOUNDS_US.len()];
    for (index, count) in all.buckets() {
        let upper = (f64::from(index + 1) / 32.0).exp2() * 1e6;
        let from = BOUNDS_US.partition_point(|&bound| (bound as f64) < upper);
        for slot in &mut counts[from..] {
            *slot = slot.saturating_add(count);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classic_buckets_are_cumulative_and_labels_escaped() {
        let mut all = Histogram::new();
        all.extend([0, 900, 7_000, 7_000, 400_000, 3_600_000_000]);
        let counts = cumulative(&all);
        assert_eq!(
            (counts[0], counts[2], counts[3], counts[8], counts[13]),
            (2, 2, 4, 5, 5)
        );
        let mut text = Text(String::new());
        text.line("m", &[("app", "a\"b\\c\nd"), ("x", "y")], 1);
        assert_eq!(text.0, "m{app=\"a\\\"b\\\\c\\nd\",x=\"y\"} 1\n");
    }
}
