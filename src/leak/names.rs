//! From addresses to interned texts.

use std::collections::HashMap;

use tracker_core::leak::ledger::Ledger;
use tracker_core::leak::ledger::sites::{Site, SiteId, SiteKind, TextId};

use crate::zend::frame::{self, Moment, RawSite};
use crate::zend::heap::Watch;

/// Stands where no PHP code runs; the engine's own words for it.
const NO_FILE: &str = "[no active file]";

/// Texts by address, for as long as the address means them.
#[derive(Default)]
pub struct Names {
    files: HashMap<usize, TextId>,
    functions: HashMap<usize, TextId>,
    sites: HashMap<(RawSite, SiteKind), SiteId>,
}

impl Names {
    /// The site at a moment.
    pub fn site(
        &mut self,
        ledger: &mut Ledger,
        moment: Moment,
        raw: &RawSite,
        kind: SiteKind,
        watch: &mut Watch<'_>,
    ) -> SiteId {
        if let Some(site) = self.sites.get(&(*raw, kind)) {
            return *site;
        }
        let file = match self.files.get(&raw.file) {
            Some(file) => *file,
            None if raw.file == 0 => ledger.sites.intern_text(NO_FILE),
            None => {
                let (text, may_vanish) = frame::file_name(raw.file);
                if may_vanish {
                    // Names of eval()'d code are freed with it.
                    watch.block(raw.file);
                }
                let id = ledger.sites.intern_text(&text);
                self.files.insert(raw.file, id);
                id
            }
        };
        let function = match self.functions.get(&raw.function) {
            Some(function) => *function,
            None if raw.function == 0 => TextId::NONE,
            None => {
                let name = moment.internal_function();
                let id = name.map_or(TextId::NONE, |name| ledger.sites.intern_text(&name));
                self.functions.insert(raw.function, id);
                id
            }
        };
        let site = ledger.sites.intern(Site {
            file,
            line: raw.line,
            function,
            kind,
        });
        self.sites.insert((*raw, kind), site);
        site
    }

    /// An address was freed: what it named may come to be named otherwise.
    pub fn forget(&mut self, address: usize) {
        if self.files.remove(&address).is_some() {
            self.sites.retain(|(raw, _), _| raw.file != address);
        }
    }
}
