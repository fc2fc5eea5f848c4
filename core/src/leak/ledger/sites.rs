//! Sites: the lines of PHP that allocate.

use rustc_hash::FxHashMap as HashMap;

use serde::{Deserialize, Serialize};

/// Number of a site; 0 is "no site".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct SiteId(pub u32);

impl SiteId {
    /// No site.
    pub const NONE: Self = Self(0);

    /// Position in tables that have one row per site.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Number of an interned text; 0 is "none".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TextId(pub u32);

impl TextId {
    /// No text.
    pub const NONE: Self = Self(0);
}

/// What the engine was doing when it allocated.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize, Deserialize,
)]
#[repr(u8)]
pub enum SiteKind {
    /// Running code.
    #[default]
    Code = 0,
    /// Compiling a file or a string.
    Compile = 1,
    /// Growing the stack of the virtual machine.
    VmStack = 2,
}

impl SiteKind {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Compile => "compile",
            Self::VmStack => "vm_stack",
        }
    }
}

/// A line of PHP, the internal function that it called, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Site {
    /// File as PHP knows it.
    pub file: TextId,
    /// Line; 0 where no PHP code was running.
    pub line: u32,
    /// Internal function, such as `str_repeat` or `PDO::query`.
    pub function: TextId,
    /// What the engine was doing.
    pub kind: SiteKind,
}

/// Interns sites and the texts that they are made of.
#[derive(Debug, Default)]
pub struct SiteTable {
    texts: Vec<Box<str>>,
    text_ids: HashMap<Box<str>, TextId>,
    sites: Vec<Site>,
    ids: HashMap<Site, SiteId>,
}

impl SiteTable {
    /// The number of a text; known texts keep theirs.
    pub fn intern_text(&mut self, text: &str) -> TextId {
        if let Some(id) = self.text_ids.get(text) {
            return *id;
        }
        self.texts.push(text.into());
        let id = TextId(self.texts.len() as u32);
        self.text_ids.insert(text.into(), id);
        id
    }

    /// The text of that number; empty for [`TextId::NONE`].
    #[must_use]
    pub fn text(&self, id: TextId) -> &str {
        let index = (id.0 as usize).checked_sub(1);
        index
            .and_then(|i| self.texts.get(i))
            .map_or("", |text| text)
    }

    /// The number of a site; known sites keep theirs.
    pub fn intern(&mut self, site: Site) -> SiteId {
        if let Some(id) = self.ids.get(&site) {
            return *id;
        }
        self.sites.push(site);
        let id = SiteId(self.sites.len() as u32);
        self.ids.insert(site, id);
        id
    }

    /// The site of that number; a nameless one for [`SiteId::NONE`].
    #[must_use]
    pub fn get(&self, id: SiteId) -> Site {
        let index = id.index().checked_sub(1);
        index
            .and_then(|i| self.sites.get(i))
            .copied()
            .unwrap_or_default()
    }

    /// How many sites are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sites.len()
    }

    /// Whether no site is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_internal_function_makes_another_site() {
        let mut table = SiteTable::default();
        let file = table.intern_text("a.php");
        let plain = Site {
            file,
            line: 3,
            ..Site::default()
        };
        let function = table.intern_text("str_repeat");
        let a = table.intern(plain);
        assert_ne!(a, table.intern(Site { function, ..plain }));
        assert_eq!(a, table.intern(plain));
        assert_eq!(table.text(table.get(a).file), "a.php");
        assert_eq!(table.get(SiteId::NONE), Site::default());
        assert_eq!(table.text(TextId::NONE), "");
    }
}
