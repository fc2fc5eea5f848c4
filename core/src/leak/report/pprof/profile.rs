//! The profile as another decoder sees it: the messages of `profile.proto` of
//! <https://github.com/google/pprof>, by its field numbers and types and none of ours.

use std::collections::HashSet;
use std::io::Read;

use prost::Message;

use crate::leak::model::LeakReport;
use crate::leak::report::fixture;

#[derive(Clone, PartialEq, Message)]
struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, tag = "7")]
    drop_frames: i64,
    #[prost(int64, tag = "8")]
    keep_frames: i64,
    #[prost(int64, tag = "9")]
    time_nanos: i64,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    period: i64,
    #[prost(int64, repeated, tag = "13")]
    comment: Vec<i64>,
    #[prost(int64, tag = "14")]
    default_sample_type: i64,
}

#[derive(Clone, PartialEq, Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    r#type: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
    #[prost(message, repeated, tag = "3")]
    label: Vec<Label>,
}

#[derive(Clone, PartialEq, Message)]
struct Label {
    #[prost(int64, tag = "1")]
    key: i64,
    #[prost(int64, tag = "2")]
    str: i64,
    #[prost(int64, tag = "3")]
    num: i64,
    #[prost(int64, tag = "4")]
    num_unit: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Mapping {
    #[prost(uint64, tag = "1")]
    id: u64,
}

#[derive(Clone, PartialEq, Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(uint64, tag = "2")]
    mapping_id: u64,
    #[prost(uint64, tag = "3")]
    address: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
    #[prost(bool, tag = "5")]
    is_folded: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
    #[prost(int64, tag = "3")]
    column: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "3")]
    system_name: i64,
    #[prost(int64, tag = "4")]
    filename: i64,
    #[prost(int64, tag = "5")]
    start_line: i64,
}

fn decoded(report: &LeakReport) -> Profile {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(super::render(report).as_slice())
        .read_to_end(&mut plain)
        .expect("valid gzip");
    Profile::decode(plain.as_slice()).expect("valid protobuf")
}

/// What `pprof` checks of a profile that it loads (`Profile.CheckValid`).
#[test]
fn the_profile_is_valid() {
    let profile = decoded(&fixture::report());
    let text = |index: i64| -> &str {
        let index = usize::try_from(index).expect("an index");
        profile.string_table.get(index).expect("a text")
    };
    assert_eq!(profile.string_table[0], "");
    let types: Vec<_> = profile
        .sample_type
        .iter()
        .map(|t| (text(t.r#type), text(t.unit)))
        .collect();
    assert_eq!(
        types,
        [("live_bytes", "bytes"), ("growth_per_loop", "bytes")]
    );
    assert!(
        types
            .iter()
            .any(|t| t.0 == text(profile.default_sample_type))
    );

    let functions: HashSet<u64> = profile.function.iter().map(|f| f.id).collect();
    let locations: HashSet<u64> = profile.location.iter().map(|l| l.id).collect();
    assert_eq!(functions.len(), profile.function.len(), "ids are unique");
    assert_eq!(locations.len(), profile.location.len(), "ids are unique");
    assert!(!functions.contains(&0) && !locations.contains(&0));
    for function in &profile.function {
        assert_ne!(text(function.name), "");
        text(function.filename);
    }
    for line in profile.location.iter().flat_map(|l| &l.line) {
        assert!(functions.contains(&line.function_id));
    }
    assert!(!profile.sample.is_empty());
    for sample in &profile.sample {
        assert_eq!(sample.value.len(), types.len());
        assert!(!sample.location_id.is_empty());
        assert!(sample.location_id.iter().all(|id| locations.contains(id)));
        for label in &sample.label {
            assert_ne!(text(label.key), "");
            assert!((label.str == 0) != (label.num == 0), "a text or a number");
        }
    }
}

#[test]
fn the_leaf_comes_first_with_its_file_and_line() {
    let profile = decoded(&fixture::report());
    let frames: Vec<_> = profile.sample[0]
        .location_id
        .iter()
        .map(|id| {
            let location = profile.location.iter().find(|l| l.id == *id).expect("one");
            let line = &location.line[0];
            let function = profile.function.iter().find(|f| f.id == line.function_id);
            let function = function.expect("one");
            let text = |index: i64| profile.string_table[index as usize].as_str();
            (text(function.name), text(function.filename), line.line)
        })
        .collect();
    assert_eq!(frames[0].0, "str_repeat");
    assert_eq!((frames[1].0, frames[1].2), ("App\\Service\\Cache::put", 42));
    assert_eq!(frames.last(), Some(&("{main}", "/srv/app/worker.php", 24)));
    assert_eq!(profile.sample[0].value, [466_944, 12_288]);
    let labels: Vec<_> = profile.sample[0]
        .label
        .iter()
        .map(|l| {
            let text = |index: i64| profile.string_table[index as usize].as_str();
            (text(l.key), text(l.str), l.num)
        })
        .collect();
    assert_eq!(labels, [("verdict", "grows", 0), ("pid", "", 4711)]);
}
