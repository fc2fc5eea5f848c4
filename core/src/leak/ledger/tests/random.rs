//! Random programs: after every step the ledger says what the model says.

use std::collections::HashMap;

use proptest::prelude::*;

use super::super::gens::GenId;
use super::super::sites::{Site, SiteId, TextId};
use super::super::{Closed, Ledger};
use super::model::Model;

/// Units whose loops may overlap; event of unit [`NOBODY`] are outside of any.
const UNITS: usize = 3;
const NOBODY: usize = UNITS;
const SITES: usize = 6;

/// Numbers are taken modulo what there is, so that every sequence is a program.
#[derive(Debug, Clone)]
enum Step {
    Begin {
        unit: usize,
    },
    End {
        unit: usize,
    },
    Record,
    Alloc {
        unit: usize,
        site: usize,
        size: u64,
    },
    Adopt {
        unit: usize,
        site: usize,
        old: u64,
        new: u64,
    },
    Free {
        unit: usize,
        block: usize,
        site: usize,
    },
    Realloc {
        unit: usize,
        block: usize,
        site: Option<usize>,
        size: u64,
    },
    TakeCancels,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let unit = || 0..UNITS;
    let anyone = || 0..=NOBODY;
    // Few sizes: blocks that become equal share their derived generation.
    let size = || (1..24_u64).prop_map(|n| n * 8);
    let step = prop_oneof![
        3 => unit().prop_map(|unit| Step::Begin { unit }),
        2 => unit().prop_map(|unit| Step::End { unit }),
        3 => Just(Step::Record),
        8 => (unit(), 0..SITES, size()).prop_map(|(unit, site, size)| Step::Alloc { unit, site, size }),
        1 => (unit(), 0..SITES, size(), size()).prop_map(|(unit, site, old, added)| {
            Step::Adopt { unit, site, old, new: old + added }
        }),
        5 => (anyone(), any::<usize>(), 0..SITES)
            .prop_map(|(unit, block, site)| Step::Free { unit, block, site }),
        10 => (anyone(), any::<usize>(), proptest::option::weighted(0.6, 0..SITES), size())
            .prop_map(|(unit, block, site, size)| Step::Realloc { unit, block, site, size }),
        1 => Just(Step::TakeCancels),
    ];
    proptest::collection::vec(step, 1..160)
}

/// The ledger, driven as the recorder drives it, and the model beside it.
struct Pair {
    ledger: Ledger,
    model: Model,
    sites: Vec<SiteId>,
    /// Generation and last line of each live block.
    blocks: HashMap<usize, (GenId, SiteId)>,
    open: [Option<u32>; UNITS + 1],
    pending: Vec<u32>,
    next_block: usize,
}

impl Pair {
    fn new() -> Self {
        let mut ledger = Ledger::default();
        let mut model = Model::default();
        let file = ledger.sites.intern_text("t.php");
        // Two internal functions on each line.
        let sites = (0..SITES as u32).map(|n| {
            let site = Site {
                file,
                line: n / 2,
                function: TextId(n % 2),
                ..Site::default()
            };
            let id = ledger.sites.intern(site);
            model.lines.insert(id, site.line);
            id
        });
        Self {
            sites: sites.collect(),
            ledger,
            model,
            blocks: HashMap::new(),
            open: [None; UNITS + 1],
            pending: Vec::new(),
            next_block: 0,
        }
    }

    fn chosen(&self, block: usize) -> Option<usize> {
        let live = self.model.live();
        (!live.is_empty()).then(|| live[block % live.len()])
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Begin { unit } => {
                self.end(unit);
                let number = self.ledger.begin_loop();
                assert_eq!(number, self.model.begin());
                self.open[unit] = Some(number);
            }
            Step::End { unit } => self.end(unit),
            Step::Record => self.record_all(),
            Step::Alloc { unit, site, size } => self.alloc(unit, self.sites[site], size),
            Step::Adopt {
                unit,
                site,
                old,
                new,
            } => self.adopt(unit, self.sites[site], old, new),
            Step::Free { unit, block, site } => {
                if let Some(block) = self.chosen(block) {
                    self.free(block, self.sites[site], self.open[unit]);
                }
            }
            Step::Realloc {
                unit,
                block,
                site,
                size,
            } => {
                if let Some(block) = self.chosen(block) {
                    let site = site.map_or(self.blocks[&block].1, |n| self.sites[n]);
                    self.realloc(block, site, size, self.open[unit]);
                }
            }
            Step::TakeCancels => {
                assert_eq!(self.ledger.take_cancels(), self.model.take_cancels());
            }
        }
        self.compare();
    }

    fn end(&mut self, unit: usize) {
        if let Some(number) = self.open[unit].take() {
            self.ledger.end_loop(number);
            self.model.end(number);
            self.pending.push(number);
        }
    }

    fn record_all(&mut self) {
        for number in std::mem::take(&mut self.pending) {
            let closed = self.ledger.record(number).unwrap();
            let expected = self.model.record(number);
            self.model.judge(&closed);
            let plain = Closed {
                samples: Vec::new(),
                ..closed
            };
            assert_eq!(plain, expected);
            assert_eq!(self.ledger.record(number), None);
            self.compare();
        }
    }

    fn alloc(&mut self, unit: usize, site: SiteId, size: u64) {
        let Some(number) = self.open[unit] else {
            return;
        };
        let id = self.ledger.gen_for(site, number);
        self.ledger.alloc(id, size);
        self.model.alloc(self.next_block, site, number, size);
        self.blocks.insert(self.next_block, (id, site));
        self.next_block += 1;
    }

    fn adopt(&mut self, unit: usize, site: SiteId, old: u64, new: u64) {
        let Some(number) = self.open[unit] else {
            return;
        };
        let id = self.ledger.adopt(old, new, site, number);
        self.model.adopt(self.next_block, old, new, site, number);
        self.blocks.insert(self.next_block, (id, site));
        self.next_block += 1;
    }

    fn free(&mut self, block: usize, site: SiteId, at: Option<u32>) {
        let (id, _) = self.blocks.remove(&block).unwrap();
        let size = self.model.size(block);
        self.model.free(block, site, at);
        if self.ledger.free_fast(id, size) {
            return;
        }
        // The recorder looks for the line only if it is told to.
        let known = if self.ledger.free_needs_site(id) {
            site
        } else {
            SiteId::NONE
        };
        self.ledger.free(id, size, known, at);
    }

    fn realloc(&mut self, block: usize, site: SiteId, new: u64, at: Option<u32>) {
        let (id, _) = self.blocks[&block];
        let old = self.model.size(block);
        if old == new {
            return;
        }
        self.model.realloc(block, new, site, at);
        let in_place = match at {
            Some(number) if new > old => {
                self.ledger.gen_for(site, number) == id && self.ledger.grow_fast(id, new - old)
            }
            _ => false,
        };
        let id = if in_place {
            id
        } else {
            self.ledger.realloc(id, old, new, site, at)
        };
        assert_eq!(id != GenId::NONE, self.model.is_live(block));
        if id == GenId::NONE {
            self.blocks.remove(&block);
        } else {
            self.blocks.insert(block, (id, site));
        }
    }

    fn compare(&self) {
        self.model.assert_sums();
        for site in &self.sites {
            let found = self
                .ledger
                .account(*site)
                .map_or((0, 0), |a| (a.bytes, a.blocks));
            assert_eq!(found, self.model.account(*site), "account of {site:?}");
        }
        assert_eq!(self.ledger.live_bytes(), self.model.live_bytes());
    }

    /// Everything is freed, and time goes on: nothing may be left.
    fn finish(mut self) {
        for unit in 0..UNITS {
            self.end(unit);
        }
        self.record_all();
        for block in self.model.live() {
            self.free(block, self.sites[0], None);
            self.compare();
        }
        for _ in 0..3 {
            self.step(&Step::Begin { unit: 0 });
            self.step(&Step::End { unit: 0 });
            self.record_all();
        }
        // The loop that ended last has no successor, and so has its accounts.
        assert_eq!(self.ledger.gens.in_use(), 0);
        assert_eq!(self.ledger.derived_in_use(), 0);
    }
}

proptest! {
    #[test]
    fn the_ledger_is_the_model(steps in steps()) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.step(step);
        }
        pair.finish();
    }
}
