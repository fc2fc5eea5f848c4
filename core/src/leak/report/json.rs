//! The report as JSON: [`LeakReport`] *is* the schema.

use crate::leak::model::LeakReport;

/// Compact JSON, UTF-8, no trailing line feed. JSON has no word for a number
/// that is none: such a slope or R is `null`.
#[must_use]
pub fn render(report: &LeakReport) -> Vec<u8> {
    // The model has string keys and plain values only; serde_json fails on
    // nothing else.
    serde_json::to_vec(report).expect("the report model is plain data")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::leak::model::{ProcessReport, SiteReport};
    use crate::leak::report::fixture;

    fn parsed(report: &LeakReport) -> Value {
        serde_json::from_slice(&render(report)).expect("valid JSON")
    }

    #[test]
    fn the_documented_fields_are_there() {
        let json = parsed(&fixture::report());
        assert_eq!(json["version"], 1);
        assert_eq!(json["log"]["skipped_records"], 3);
        let process = &json["processes"][0];
        assert_eq!(process["memory"]["heap_bytes"][0], 4_194_304);
        assert_eq!(process["kinds"]["vm_stack"], 262_144);
        assert_eq!(process["cycles"], json!({"objects": 1204, "bytes": 98304}));
        let site = &process["sites"][0];
        assert_eq!(site["verdict"], "grows");
        assert_eq!(site["function"], "str_repeat");
        assert_eq!(site["stack"][1]["line"], 42);
        assert_eq!(site["holder"][1]["complete"], false);
        assert_eq!(process["sites"][1]["function"], Value::Null);
        assert_eq!(json["ignore_unmatched"][0], "worker.php:7-9");
    }

    #[test]
    fn names_arrive_unchanged() {
        let json = parsed(&fixture::report());
        assert_eq!(json["processes"][0]["sites"][2]["file"], fixture::HOSTILE);
    }

    #[test]
    fn numbers_that_are_none_become_null() {
        let json = parsed(&LeakReport {
            processes: vec![ProcessReport {
                sites: vec![SiteReport {
                    bytes_per_loop: f64::NAN,
                    fit_r: f64::INFINITY,
                    ..SiteReport::default()
                }],
                ..ProcessReport::default()
            }],
            ..LeakReport::default()
        });
        let site = &json["processes"][0]["sites"][0];
        assert_eq!(site["bytes_per_loop"], Value::Null);
        assert_eq!(site["fit_r"], Value::Null);
    }
}
