//! The leaked bytes as a speedscope file: one sampled profile per process,
//! one sample per line, weighted with its leaked bytes (see
//! [`super::stacks`]).
//!
//! Format: <https://www.speedscope.app/file-format-schema.json>.

use std::collections::HashMap;

use serde::Serialize;

use super::stacks::{frame_name, leaked};
use super::wording::process_name;
use crate::leak::model::{Frame, LeakReport, ProcessReport};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(rename = "$schema")]
    schema: &'static str,
    name: &'static str,
    exporter: &'static str,
    active_profile_index: usize,
    shared: Shared,
    profiles: Vec<Profile>,
}

#[derive(Serialize, Default)]
struct Shared {
    frames: Vec<SharedFrame>,
}

#[derive(Serialize)]
struct SharedFrame {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    file: String,
    #[serde(skip_serializing_if = "is_zero")]
    line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    unit: &'static str,
    start_value: u64,
    end_value: u64,
    samples: Vec<Vec<usize>>,
    weights: Vec<u64>,
}

// By reference, as serde asks for it.
fn is_zero(line: &u32) -> bool {
    *line == 0
}

/// Compact JSON. Opens on the first process that leaks.
#[must_use]
pub fn render(report: &LeakReport) -> Vec<u8> {
    let mut frames = FrameTable::default();
    let profiles: Vec<Profile> = report
        .processes
        .iter()
        .map(|process| profile(process, &mut frames))
        .collect();
    let file = File {
        schema: "https://www.speedscope.app/file-format-schema.json",
        name: "Leaked bytes",
        exporter: concat!("swoole_tracker ", env!("CARGO_PKG_VERSION")),
        active_profile_index: profiles.iter().position(|p| p.end_value > 0).unwrap_or(0),
        shared: frames.shared,
        profiles,
    };
    serde_json::to_vec(&file).expect("the file model is plain data")
}

fn profile(process: &ProcessReport, frames: &mut FrameTable) -> Profile {
    let (samples, weights): (Vec<_>, Vec<_>) = leaked(process)
        .map(|stack| {
            let sample: Vec<usize> = stack.frames.iter().rev().map(|f| frames.index(f)).collect();
            (sample, stack.bytes)
        })
        .unzip();
    Profile {
        kind: "sampled",
        name: process_name(process),
        unit: "bytes",
        start_value: 0,
        end_value: weights
            .iter()
            .fold(0, |sum, bytes| sum.saturating_add(*bytes)),
        samples,
        weights,
    }
}

/// The frames of all profiles, each once.
#[derive(Default)]
struct FrameTable {
    shared: Shared,
    known: HashMap<Frame, usize>,
}

impl FrameTable {
    fn index(&mut self, frame: &Frame) -> usize {
        *self.known.entry(frame.clone()).or_insert_with(|| {
            self.shared.frames.push(SharedFrame {
                name: frame_name(frame),
                file: frame.file.clone(),
                line: frame.line,
            });
            self.shared.frames.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::leak::report::fixture;

    fn parsed() -> Value {
        serde_json::from_slice(&render(&fixture::report())).expect("valid JSON")
    }

    #[test]
    fn the_file_is_as_the_schema_says() {
        let schema = serde_json::from_str(include_str!("speedscope.schema.json")).expect("JSON");
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        let wrong: Vec<_> = schema
            .iter_errors(&parsed())
            .map(|e| e.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn one_sampled_profile_per_process_in_bytes() {
        let json = parsed();
        let profiles = json["profiles"].as_array().expect("profiles");
        assert_eq!(profiles.len(), 2);
        assert_eq!(profiles[0]["type"], "sampled");
        assert_eq!(profiles[0]["unit"], "bytes");
        assert_eq!(profiles[0]["name"], "pid 4711 (cli, 42 loops)");
        assert_eq!(profiles[1]["samples"].as_array().map(Vec::len), Some(0));
    }

    #[test]
    fn weights_add_up_and_frames_exist() {
        let json = parsed();
        let known = json["shared"]["frames"].as_array().expect("frames");
        let profile = &json["profiles"][0];
        let weights = profile["weights"].as_array().expect("weights");
        let sum: u64 = weights.iter().filter_map(Value::as_u64).sum();
        assert_eq!(profile["endValue"], sum);
        let samples = profile["samples"].as_array().expect("samples");
        assert_eq!(samples.len(), weights.len());
        for index in samples.iter().filter_map(Value::as_array).flatten() {
            assert!(index.as_u64().is_some_and(|i| (i as usize) < known.len()));
        }
    }

    #[test]
    fn samples_run_from_outer_to_inner_and_share_frames() {
        let json = parsed();
        let samples = &json["profiles"][0]["samples"];
        let frames = &json["shared"]["frames"];
        let outer = samples[0][0].as_u64().expect("index") as usize;
        assert_eq!(frames[outer]["name"], "{main} (/srv/app/worker.php:24)");
        assert_eq!(samples[0][0], samples[1][0]);
        let leaf = samples[0].as_array().and_then(|s| s.last()).expect("leaf");
        let leaf = &frames[leaf.as_u64().expect("index") as usize];
        assert_eq!(leaf["name"], "str_repeat");
        assert_eq!(leaf.get("file"), None);
    }
}
