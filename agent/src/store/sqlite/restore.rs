//! Files that somebody removed while they were in use.

use super::file::File;
use super::{SqliteStore, leaks, meta, other, partition, roll};
use crate::store::Result;

impl SqliteStore {
    /// Makes files anew that somebody removed.
    pub(super) fn restore(&mut self) -> Result<()> {
        let seg = self.seg();
        self.open.retain(|(_, file)| file.is_there());
        for hour in self.shared.hours() {
            if !partition::path(&seg, hour).exists() {
                self.shared.remove(hour);
            }
        }
        for (name, schema, file) in [
            ("meta.db", meta::SCHEMA, &mut self.meta),
            ("roll.db", roll::SCHEMA, &mut self.roll),
            ("leak.db", leaks::SCHEMA, &mut self.leak),
        ] {
            if file.is_there() {
                continue;
            }
            let path = self.folder.join(name);
            crate::data_dir::make(&seg).map_err(|e| other(&seg, &e))?;
            *file = File::open(&path, schema)?;
            self.shared.renew();
            tracing::error!(path = %path.display(), "the file was removed: it is made anew");
        }
        Ok(())
    }
}
