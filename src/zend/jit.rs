//! opcache's JIT, and the switch that pauses it.
//!
//! Code of the tracing JIT keeps neither the VM's register nor the saved place
//! up to date, and skips the release that a guard waits for: lines would be a
//! statement off, and the end of a main function would be guessed. A leak
//! finder is for debugging and names exact lines, so it pauses the JIT before
//! the first script of the process is compiled. Then nothing is ever compiled
//! to machine code: opcache puts its counters into a script only while the
//! JIT is on.

use std::ffi::c_int;

use ext_php_rs::ffi::{zend_ini_entry, zend_string};

use super::cell::Global;
use super::{engine, opcache, strings, tables};

/// What the JIT does in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is none: no opcache, switched off, no buffer.
    Absent,
    /// It was there and compiles nothing.
    Paused,
    /// It compiles, or a script may switch it on.
    Runs,
}

static STATE: Global<State> = Global::new(State::Absent);
/// Address of the text that [`switch_off`] sets; 0 before its first use.
static OFF: Global<usize> = Global::new(0);

/// `opcache.jit` and the size of its buffer where php.ini is silent.
const DEFAULTS: (&str, &str) = if crate::build_info::PHP_VERSION_ID >= 80_400 {
    ("disable", "64M")
} else {
    ("tracing", "0")
};

/// `ZEND_INI_SYSTEM` of Zend/zend_ini.h: no script may change the setting.
const SYSTEM_ONLY: u8 = 1 << 2;

/// `ZEND_INI_STAGE_ACTIVATE` of Zend/zend_ini.h.
const STAGE_ACTIVATE: c_int = 1 << 2;

/// Whether a JIT can run with these values of `opcache.jit` and
/// `opcache.jit_buffer_size`.
fn allows(jit: &str, buffer_size: &str) -> bool {
    !matches!(buffer_size.trim(), "" | "0") && !jit.trim().eq_ignore_ascii_case("disable")
}

/// Whether php.ini and the command line ask for a JIT; for start-up, before
/// opcache has registered its settings. Says nothing about opcache being there.
pub fn is_configured() -> bool {
    let configured = |name, default: &str| engine::configured(name).unwrap_or(default.to_owned());
    allows(
        &configured(c"opcache.jit", DEFAULTS.0),
        &configured(c"opcache.jit_buffer_size", DEFAULTS.1),
    )
}

/// Whether opcache is there, works in this SAPI, and has a JIT.
fn is_there() -> bool {
    opcache::shares_code()
        && allows(
            &engine::setting(c"opcache.jit").unwrap_or_default(),
            &engine::setting(c"opcache.jit_buffer_size").unwrap_or_default(),
        )
}

/// Notes that the JIT keeps running, if there is one.
pub fn keep() {
    let state = if is_there() {
        State::Runs
    } else {
        State::Absent
    };
    STATE.with(|s| *s = state);
}

/// Pauses the JIT until the end of the process, if there is one. For the start
/// of every request: if the SAPI had changed `opcache.jit` for the last one, its
/// end has put the old value back.
pub fn pause() {
    if is_switched_off() {
        return;
    }
    keep();
    if is_running() {
        // opcache refuses only where it has given the JIT up at its start, as
        // for a neighbour that replaces `zend_execute_ex`.
        let state = if switch_off() {
            State::Paused
        } else {
            State::Absent
        };
        STATE.with(|s| *s = state);
    }
}

/// Whether there may be code of the JIT in this process.
pub fn is_running() -> bool {
    STATE.with(|s| *s) == State::Runs
}

/// Why the hook must stay off with the JIT of this PHP, if it must.
pub fn refusal() -> Option<String> {
    // php-src fixed JIT'ed code that assumes the engine's own allocator in
    // these versions.
    let is_broken = matches!(
        crate::build_info::PHP_VERSION_ID,
        80_100..80_121 | 80_200..80_208 | 80_400..80_407
    );
    (is_broken && is_running()).then(|| {
        "the JIT of this PHP version cannot be hooked; update PHP, or set leak_jit=0".into()
    })
}

/// The state, for `php --ri`.
pub fn describe() -> &'static str {
    match STATE.with(|s| *s) {
        State::Absent => "none",
        State::Paused => "paused for exact lines (leak_jit=1 keeps it)",
        State::Runs => "not paused; lines in what it compiles are up to one statement off",
    }
}

/// `opcache.jit`, if opcache is loaded.
fn setting() -> Option<*mut zend_ini_entry> {
    tables::ini_entry(c"opcache.jit")
}

/// Whether [`switch_off`] is in force.
fn is_switched_off() -> bool {
    let off = OFF.with(|text| *text);
    // SAFETY: see `setting`.
    off != 0 && setting().is_some_and(|s| unsafe { (*s).value as usize } == off)
}

/// Sets `opcache.jit` to `off` by opcache's own handler, for good, and closed
/// to `ini_set()` as a `php_admin_value` is.
///
/// Not by `zend_alter_ini_entry()`: that notes the change in a table on the
/// program's heap, which would move `memory_get_usage()`, and takes it back
/// at the end of the request.
fn switch_off() -> bool {
    let Some(setting) = setting() else {
        return false;
    };
    let off = OFF.with(|text| {
        if *text == 0 {
            *text = strings::outlasting(b"off") as usize;
        }
        *text as *mut zend_string
    });
    // SAFETY: the handler gets what the engine gives it, and a text that lives
    // as long as the process; it neither runs PHP code nor allocates. The text
    // that was there is not released: it may be php.ini's.
    unsafe {
        let s = setting;
        let Some(change) = (*s).on_modify else {
            return false;
        };
        if change(
            s,
            off,
            (*s).mh_arg1,
            (*s).mh_arg2,
            (*s).mh_arg3,
            STAGE_ACTIVATE,
        ) != 0
        {
            return false;
        }
        (*s).value = off;
        (*s).modifiable = SYSTEM_ONLY;
    }
    true
}
