//! The leaked bytes as a gzip-compressed pprof profile.
//!
//! Format: `proto/profile.proto` of <https://github.com/google/pprof>, message
//! `perftools.profiles.Profile`. It is encoded by hand: seven small messages
//! of integers and strings are less than a protobuf dependency and its code
//! generator.
//!
//! Two values per sample, live bytes and growth per loop, and the labels `pid`
//! and `verdict` (`pprof -tagfocus=verdict=grows`).

use std::collections::HashMap;
use std::io::Write;

use flate2::{Compression, GzBuilder};

#[cfg(test)]
mod profile;
mod protobuf;

use self::protobuf::Message;
use super::fmt::visible;
use super::stacks::{LeakedStack, leaked};
use crate::leak::model::{Frame, LeakReport};

/// Field numbers of `profile.proto`, by message.
mod field {
    pub const PROFILE_SAMPLE_TYPE: u64 = 1;
    pub const PROFILE_SAMPLE: u64 = 2;
    pub const PROFILE_LOCATION: u64 = 4;
    pub const PROFILE_FUNCTION: u64 = 5;
    pub const PROFILE_STRING_TABLE: u64 = 6;
    pub const PROFILE_DEFAULT_SAMPLE_TYPE: u64 = 14;
    pub const VALUE_TYPE_TYPE: u64 = 1;
    pub const VALUE_TYPE_UNIT: u64 = 2;
    pub const SAMPLE_LOCATION_ID: u64 = 1;
    pub const SAMPLE_VALUE: u64 = 2;
    pub const SAMPLE_LABEL: u64 = 3;
    pub const LABEL_KEY: u64 = 1;
    pub const LABEL_STR: u64 = 2;
    pub const LABEL_NUM: u64 = 3;
    pub const LOCATION_ID: u64 = 1;
    pub const LOCATION_LINE: u64 = 4;
    pub const LINE_FUNCTION_ID: u64 = 1;
    pub const LINE_LINE: u64 = 2;
    pub const FUNCTION_ID: u64 = 1;
    pub const FUNCTION_NAME: u64 = 2;
    pub const FUNCTION_FILENAME: u64 = 4;
}

/// The file. Empty of samples if nothing leaked. Without a time stamp: the
/// same report gives the same bytes.
#[must_use]
pub fn render(report: &LeakReport) -> Vec<u8> {
    let mut builder = Builder::default();
    builder.strings.index("");
    for name in ["live_bytes", "growth_per_loop"] {
        let mut value_type = Message::default();
        value_type.number(field::VALUE_TYPE_TYPE, builder.strings.index(name));
        value_type.number(field::VALUE_TYPE_UNIT, builder.strings.index("bytes"));
        builder.out.message(field::PROFILE_SAMPLE_TYPE, &value_type);
    }
    for process in &report.processes {
        for stack in leaked(process) {
            builder.sample(process.pid, &stack);
        }
    }
    compress(&builder.finish())
}

fn compress(profile: &[u8]) -> Vec<u8> {
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::default());
    gzip.write_all(profile)
        .and_then(|()| gzip.finish())
        .expect("writing into memory does not fail")
}

#[derive(Default)]
struct Builder {
    out: Message,
    strings: Table<String>,
    functions: Table<(u64, u64)>,
    locations: Table<(u64, u64)>,
}

impl Builder {
    fn sample(&mut self, pid: u32, stack: &LeakedStack<'_>) {
        let locations: Vec<u64> = stack.frames.iter().map(|f| self.location(f)).collect();
        let live = stack.site.live_bytes;
        // `as` saturates, and makes a number that is none 0.
        let growth = stack.site.bytes_per_loop.round() as i64;

        let mut verdict = Message::default();
        verdict.number(field::LABEL_KEY, self.strings.index("verdict"));
        let word = stack.site.verdict.as_str();
        verdict.number(field::LABEL_STR, self.strings.index(word));
        let mut process = Message::default();
        process.number(field::LABEL_KEY, self.strings.index("pid"));
        process.number(field::LABEL_NUM, u64::from(pid));

        let mut sample = Message::default();
        sample.packed(field::SAMPLE_LOCATION_ID, &locations);
        sample.packed(
            field::SAMPLE_VALUE,
            &[live.cast_unsigned(), growth.cast_unsigned()],
        );
        sample.message(field::SAMPLE_LABEL, &verdict);
        sample.message(field::SAMPLE_LABEL, &process);
        self.out.message(field::PROFILE_SAMPLE, &sample);
    }

    /// Ids start at 1: 0 means "none".
    fn location(&mut self, frame: &Frame) -> u64 {
        // A frame without a function is a line whose stack is not known.
        let name = if frame.function.is_empty() {
            super::stacks::frame_name(frame)
        } else {
            visible(&frame.function).into_owned()
        };
        let name = self.strings.index(&name);
        let file = self.strings.index(&*visible(&frame.file));
        let function = self.functions.index(&(name, file)) + 1;
        self.locations.index(&(function, u64::from(frame.line))) + 1
    }

    fn finish(mut self) -> Vec<u8> {
        for (id, (function, line)) in (1..).zip(&self.locations.entries) {
            let mut place = Message::default();
            place.number(field::LINE_FUNCTION_ID, *function);
            place.number(field::LINE_LINE, *line);
            let mut location = Message::default();
            location.number(field::LOCATION_ID, id);
            location.message(field::LOCATION_LINE, &place);
            self.out.message(field::PROFILE_LOCATION, &location);
        }
        for (id, (name, file)) in (1..).zip(&self.functions.entries) {
            let mut function = Message::default();
            function.number(field::FUNCTION_ID, id);
            function.number(field::FUNCTION_NAME, *name);
            function.number(field::FUNCTION_FILENAME, *file);
            self.out.message(field::PROFILE_FUNCTION, &function);
        }
        // Without it pprof shows the last type, growth.
        let live = self.strings.index("live_bytes");
        self.out.number(field::PROFILE_DEFAULT_SAMPLE_TYPE, live);
        for string in &self.strings.entries {
            self.out
                .bytes(field::PROFILE_STRING_TABLE, string.as_bytes());
        }
        self.out.into_bytes()
    }
}

/// Values in order of first use, each once.
struct Table<T> {
    entries: Vec<T>,
    known: HashMap<T, u64>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            known: HashMap::new(),
        }
    }
}

impl<T: std::hash::Hash + Eq + Clone> Table<T> {
    fn index<Q>(&mut self, value: &Q) -> u64
    where
        T: std::borrow::Borrow<Q>,
        Q: std::hash::Hash + Eq + ToOwned<Owned = T> + ?Sized,
    {
        if let Some(index) = self.known.get(value) {
            return *index;
        }
        let index = self.entries.len() as u64;
        self.entries.push(value.to_owned());
        self.known.insert(value.to_owned(), index);
        index
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::protobuf::decode::{Value, bytes, decode, messages, number, packed};
    use super::*;
    use crate::leak::report::fixture;

    fn profile(report: &LeakReport) -> Vec<(u64, Value)> {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(render(report).as_slice())
            .read_to_end(&mut plain)
            .expect("valid gzip");
        decode(&plain)
    }

    fn strings(profile: &[(u64, Value)]) -> Vec<String> {
        bytes(profile, field::PROFILE_STRING_TABLE)
            .into_iter()
            .map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
            .collect()
    }

    #[test]
    fn declares_two_values_in_bytes() {
        let profile = profile(&fixture::report());
        let strings = strings(&profile);
        assert_eq!(strings[0], "");
        let types: Vec<_> = messages(&profile, field::PROFILE_SAMPLE_TYPE)
            .iter()
            .map(|t| {
                let name = number(t, field::VALUE_TYPE_TYPE) as usize;
                let unit = number(t, field::VALUE_TYPE_UNIT) as usize;
                (strings[name].clone(), strings[unit].clone())
            })
            .collect();
        let expected = ["live_bytes", "growth_per_loop"].map(|n| (n.into(), "bytes".into()));
        assert_eq!(types, expected);
    }

    #[test]
    fn a_sample_has_its_values_labels_and_stack() {
        let profile = profile(&fixture::report());
        let strings = strings(&profile);
        let samples = messages(&profile, field::PROFILE_SAMPLE);
        assert_eq!(samples.len(), 4);
        assert_eq!(packed(&samples[0], field::SAMPLE_VALUE), [466_944, 12_288]);

        let labels = messages(&samples[0], field::SAMPLE_LABEL);
        let key =
            |label: &[(u64, Value)]| strings[number(label, field::LABEL_KEY) as usize].clone();
        assert_eq!(key(&labels[0]), "verdict");
        assert_eq!(
            strings[number(&labels[0], field::LABEL_STR) as usize],
            "grows"
        );
        assert_eq!(key(&labels[1]), "pid");
        assert_eq!(number(&labels[1], field::LABEL_NUM), 4711);

        let locations = messages(&profile, field::PROFILE_LOCATION);
        let functions = messages(&profile, field::PROFILE_FUNCTION);
        let frames: Vec<(&str, u64)> = packed(&samples[0], field::SAMPLE_LOCATION_ID)
            .iter()
            .map(|id| {
                let line = &messages(&locations[*id as usize - 1], field::LOCATION_LINE)[0];
                let function = &functions[number(line, field::LINE_FUNCTION_ID) as usize - 1];
                let name = &strings[number(function, field::FUNCTION_NAME) as usize];
                (name.as_str(), number(line, field::LINE_LINE))
            })
            .collect();
        assert_eq!(frames[0], ("str_repeat", 0));
        assert_eq!(frames[1], ("App\\Service\\Cache::put", 42));
        assert_eq!(frames.last(), Some(&("{main}", 24)));
    }

    #[test]
    fn ids_are_their_position_and_never_zero() {
        let profile = profile(&fixture::report());
        for (table, id) in [
            (field::PROFILE_LOCATION, field::LOCATION_ID),
            (field::PROFILE_FUNCTION, field::FUNCTION_ID),
        ] {
            for (position, entry) in (1..).zip(messages(&profile, table)) {
                assert_eq!(number(&entry, id), position);
            }
        }
    }

    #[test]
    fn a_slope_that_is_no_number_is_zero() {
        let mut report = fixture::report();
        report.processes[0].sites[0].bytes_per_loop = f64::NAN;
        let samples = messages(&profile(&report), field::PROFILE_SAMPLE);
        assert_eq!(packed(&samples[0], field::SAMPLE_VALUE), [466_944, 0]);
    }
}
