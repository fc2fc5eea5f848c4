//! Registration of settings.

use std::ffi::CStr;

use ext_php_rs::flags::IniEntryPermission;
use ext_php_rs::zend::{IniEntryDef, IniEntryDefs};

/// A table of settings; the last entry is [`end`].
pub type Table<const N: usize> = IniEntryDefs<N>;

/// A setting that php.ini, the pool and `-d` may set, but no running script.
pub const fn entry(name: &'static CStr, value: &'static CStr) -> IniEntryDef {
    IniEntryDef::new(name, value, IniEntryPermission::PerDir)
}

/// Ends a table.
pub const fn end() -> IniEntryDef {
    IniEntryDef::end()
}

/// Registers a table for the module that is starting.
pub fn register<const N: usize>(table: &'static Table<N>, module_number: i32) {
    IniEntryDef::register(table.as_slice(), module_number);
}
