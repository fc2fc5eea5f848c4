//! What a record says: all of one loop, readable by itself.
//!
//! Texts and sites are listed once per record and referred to by position, so
//! that a record does not depend on any other: logs are rotated and torn.
//! MessagePack, fields by position; a change of fields is a new version in
//! the frame.

use serde::{Deserialize, Serialize};

use crate::leak::ledger::sites::SiteKind;
use crate::leak::model::{Frame, Holder};

/// Position in [`Record::texts`].
pub type TextRef = u32;
/// Position in [`Record::sites`].
pub type SiteRef = u32;

/// What kind of process life the record tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum RecordKind {
    /// A loop.
    #[default]
    Loop,
    /// `trackerHookMalloc()` was called where PHP frees everything at the end
    /// of each request (FPM and its like): nothing was hooked.
    PerRequestSapi,
}

/// How a loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LoopEnd {
    /// The main function returned, threw, was unwound or called
    /// `trackerHookMalloc()` again.
    #[default]
    Returned,
    /// The request (or script) ended.
    RequestEnd,
    /// The heap hook was lost on the way (memory exhausted, fatal error):
    /// figures are those of that moment.
    Interrupted,
}

/// A site of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SiteEntry {
    /// File.
    pub file: TextRef,
    /// Line.
    pub line: u32,
    /// Internal function, if any.
    pub function: Option<TextRef>,
    /// What the engine was doing.
    pub kind: SiteKind,
}

/// Bytes freed late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreEntry {
    /// Loop of birth.
    pub origin_loop: u32,
    /// Line of birth.
    pub origin: SiteRef,
    /// Bytes.
    pub bytes: u64,
}

/// The original's book of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineEntry {
    /// The line.
    pub site: SiteRef,
    /// Bytes booked in the loop and alive at its end.
    pub net: i64,
    /// By how much its allocations exceed those of the loop before.
    pub growth: u64,
    /// Late frees at this line.
    pub pre: Vec<PreEntry>,
}

/// Memory at a loop end, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Memory {
    /// `memory_get_usage()`.
    pub heap: u64,
    /// `memory_get_usage(true)`.
    pub real: u64,
    /// Unique set size less the tracker's own tables; 0 where unknown.
    pub uss: u64,
}

/// One loop of one process.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Record<'a> {
    /// What the record is.
    pub kind: RecordKind,
    /// Process id.
    pub pid: u32,
    /// Start time of the process, clock ticks since boot.
    pub start_id: u64,
    /// Name of the SAPI.
    #[serde(borrow)]
    pub sapi: &'a str,
    /// Number of the loop.
    #[serde(rename = "loop")]
    pub number: u32,
    /// How it ended.
    pub end: LoopEnd,
    /// Texts.
    #[serde(borrow)]
    pub texts: Vec<&'a str>,
    /// Sites.
    pub sites: Vec<SiteEntry>,
    /// The original's book, in order of first events.
    pub lines: Vec<LineEntry>,
    /// Given back silently since the last record: loop, line, bytes.
    pub cancels: Vec<(u32, SiteRef, u64)>,
    /// Loop that the samples belong to.
    pub judged: Option<u64>,
    /// The verdicts' book: site, bytes and blocks alive in drained loops.
    pub samples: Vec<(SiteRef, i64, i64)>,
    /// Largest single allocations, largest first.
    pub top: Vec<(u64, SiteRef)>,
    /// Allocations booked since the last record.
    pub allocations: u64,
    /// Allocations not booked so far, tables being full.
    pub dropped: u64,
    /// Loops of smaller numbers are final.
    pub final_below: u32,
    /// Memory at the end.
    pub memory: Memory,
    /// Garbage cycles collected at the end: zvals, bytes.
    pub cycles: (u64, u64),
    /// Stacks captured since the last record, innermost frame first.
    pub stacks: Vec<(SiteRef, Vec<Frame>)>,
    /// Who holds what, as found at this loop end.
    pub holders: Vec<(SiteRef, Vec<Holder>)>,
}

impl Record<'_> {
    /// The record as log and agent get it; empty in the case, which does not arise,
    /// that it cannot be written.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        rmp_serde::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_the_way_through_the_log() {
        let record = Record {
            pid: 7,
            sapi: "cli",
            texts: vec!["/a.php", "str_repeat"],
            sites: vec![SiteEntry {
                file: 0,
                line: 3,
                function: Some(1),
                kind: SiteKind::Code,
            }],
            lines: vec![LineEntry {
                site: 0,
                net: -8,
                growth: 0,
                pre: Vec::new(),
            }],
            judged: Some(4),
            stacks: vec![(
                0,
                vec![Frame {
                    file: "/a.php".into(),
                    line: 3,
                    ..Frame::default()
                }],
            )],
            ..Record::default()
        };
        let bytes = rmp_serde::to_vec(&record).unwrap();
        let back: Record<'_> = rmp_serde::from_slice(&bytes).unwrap();
        assert_eq!(back, record);
    }
}
