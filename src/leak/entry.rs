//! From the ledger's numbers to a record that can be read by itself.

use std::collections::HashMap;

use tracker_core::leak::ledger::sites::SiteId;
use tracker_core::leak::ledger::{Closed, Ledger};
use tracker_core::leak::log::record::{LineEntry, PreEntry, Record, SiteEntry, SiteRef, TextRef};
use tracker_core::leak::model::{Frame, Holder};

use crate::zend::frame::StackFrame;

/// Texts and sites of one record.
#[derive(Default)]
pub struct Texts<'a> {
    texts: Vec<&'a str>,
    text_refs: HashMap<&'a str, TextRef>,
    site_refs: HashMap<SiteId, SiteRef>,
}

impl<'a> Texts<'a> {
    fn text(&mut self, text: &'a str) -> TextRef {
        *self.text_refs.entry(text).or_insert_with(|| {
            self.texts.push(text);
            (self.texts.len() - 1) as TextRef
        })
    }

    fn site(&mut self, sites: &mut Vec<SiteEntry>, ledger: &'a Ledger, id: SiteId) -> SiteRef {
        if let Some(known) = self.site_refs.get(&id) {
            return *known;
        }
        let site = ledger.sites.get(id);
        let function = ledger.sites.text(site.function);
        let entry = SiteEntry {
            file: self.text(ledger.sites.text(site.file)),
            line: site.line,
            function: (!function.is_empty()).then(|| self.text(function)),
            kind: site.kind,
        };
        sites.push(entry);
        let number = (sites.len() - 1) as SiteRef;
        self.site_refs.insert(id, number);
        number
    }

    /// Fills in everything that refers to sites.
    pub fn fill(
        &mut self,
        record: &mut Record<'a>,
        ledger: &'a Ledger,
        closed: &Closed,
        stacks: &[(SiteId, Vec<StackFrame>)],
        holders: &[(SiteId, Vec<Holder>)],
    ) {
        let mut sites = Vec::new();
        let mut site = |id: SiteId| self.site(&mut sites, ledger, id);
        record.lines = closed
            .lines
            .iter()
            .map(|line| LineEntry {
                site: site(line.site),
                net: line.net,
                growth: line.growth,
                pre: line
                    .pre
                    .iter()
                    .map(|pre| PreEntry {
                        origin_loop: pre.origin_loop,
                        origin: site(pre.origin_site),
                        bytes: pre.bytes,
                    })
                    .collect(),
            })
            .collect();
        record.cancels = closed
            .cancels
            .iter()
            .map(|c| (c.0, site(c.1), c.2))
            .collect();
        record.samples = closed
            .samples
            .iter()
            .map(|s| (site(s.site), s.bytes, s.blocks))
            .collect();
        record.top = closed.top.iter().map(|t| (t.0, site(t.1))).collect();
        record.stacks = stacks.iter().map(|s| (site(s.0), frames(&s.1))).collect();
        record.holders = holders.iter().map(|h| (site(h.0), h.1.clone())).collect();
        record.sites = sites;
    }

    /// The texts, by position.
    pub fn refs(self) -> Vec<&'a str> {
        self.texts
    }
}

fn frames(stack: &[StackFrame]) -> Vec<Frame> {
    stack
        .iter()
        .map(|f| Frame {
            file: f.file.clone(),
            line: f.line,
            function: f.function.clone(),
        })
        .collect()
}

/// Start time of this process in clock ticks since boot (`/proc/self/stat`,
/// field 22): tells two processes of one id apart.
pub fn start_id() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in field 2 may hold anything, but ends at the last parenthesis.
    let rest = stat.rsplit_once(')').map_or("", |parts| parts.1);
    rest.split_whitespace()
        .nth(19)
        .and_then(|word| word.parse().ok())
        .unwrap_or(0)
}

/// Resident memory of this process that no file and no other process shares,
/// bytes; 0 where unknown. From `statm`: `smaps_rollup` is exact about sharing,
/// but takes milliseconds in a large process, at every loop end.
pub fn private_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let mut words = statm
        .split_whitespace()
        .skip(1)
        .map(|w| w.parse::<u64>().unwrap_or(0));
    let (resident, shared) = (words.next().unwrap_or(0), words.next().unwrap_or(0));
    resident.saturating_sub(shared) * 4096
}
