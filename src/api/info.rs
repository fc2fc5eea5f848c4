//! `php --ri swoole_tracker`.

use ext_php_rs::zend::ModuleEntry;
use ext_php_rs::{info_table_end, info_table_header, info_table_row, info_table_start};

use crate::leak::session;
use crate::settings;
use crate::zend::{catch, interrupt, vm, waits};

/// Prints version, hooks and settings.
pub extern "C" fn print(_module: *mut ModuleEntry) {
    catch(|| {
        info_table_start!();
        info_table_header!("swoole_tracker", "finds leaks in long-running programs");
        info_table_row!("Version", env!("CARGO_PKG_VERSION"));
        info_table_row!("Built for PHP", version(crate::build_info::PHP_VERSION_ID));
        info_table_row!("Heap hook", session::state());
        info_table_row!("Lines of allocations", session::line_source());
        info_table_row!("JIT of opcache", session::jit());
        info_table_row!("Opcode handlers", vm::handlers_state());
        info_table_row!("Interrupts of the VM", interrupt::state());
        info_table_row!("Functions that wait", waits::state());
        info_table_row!("Observers of calls", "none (never used)");
        info_table_end!();
        info_table_start!();
        info_table_header!("Setting", "Value in force");
        for (name, value) in settings::in_force() {
            let name = format!("apm.{name}, tracker.{name}");
            info_table_row!(name, value);
        }
        info_table_end!();
    });
}

fn version(id: u32) -> String {
    format!("{}.{}.{}, NTS", id / 10_000, id / 100 % 100, id % 100)
}
