//! opcache: code that several processes run and one of them compiled.

use super::engine;

/// Whether opcache is there and works in this SAPI. Then what this process compiles
/// may run in others, such as those of another FPM pool.
pub fn shares_code() -> bool {
    let is_on = |name| engine::setting(name).is_some_and(|value| engine::is_true(&value));
    let on_command_line = matches!(engine::sapi_name(), "cli" | "phpdbg");
    is_on(c"opcache.enable") && (!on_command_line || is_on(c"opcache.enable_cli"))
}
