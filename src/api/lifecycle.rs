//! Start and end of module and request.

use super::tracing;
use crate::leak::session;
use crate::settings::{self, LineSource, Settings};
use crate::ship;
use crate::zend::{callback, engine, errors, guard, handlers, vm};

/// MINIT: settings, and what only works before the first script is compiled.
pub extern "C" fn module_started(_kind: i32, module_number: i32) -> i32 {
    settings::register(module_number);
    handlers::reserve();
    callback::register();
    let on = |name| engine::configured(name).is_some_and(|value| engine::is_true(&value));
    let hook = on(c"tracker.enable_malloc_hook") || on(c"apm.enable_malloc_hook");
    let source = engine::configured(c"tracker.leak_line_source")
        .or_else(|| engine::configured(c"apm.leak_line_source"));
    let handlers = match source.as_deref() {
        Some("handlers") => true,
        Some("register" | "saved") => false,
        _ => !vm::may_have_register(),
    };
    let jit = engine::configured(c"opcache.jit_buffer_size")
        .is_some_and(|size| !matches!(size.trim(), "" | "0"));
    if jit {
        // The engine switches the JIT off where opcode handlers are set: lines
        // are not worth that.
    } else if hook && handlers {
        vm::save_always();
    } else if hook && source.as_deref() != Some("saved") {
        vm::save_before_callables();
    }
    0
}

/// RINIT: the first one of a process reads the settings.
pub extern "C" fn request_started(_kind: i32, _module_number: i32) -> i32 {
    guard(first_request);
    guard(tracing::request_begins);
    0
}

fn first_request() {
    if session::settings().is_some() {
        return;
    }
    let (settings, complaints) = Settings::read();
    for complaint in complaints {
        errors::raise_owned(complaint);
    }
    let by_register = settings.enable_malloc_hook
        && match settings.leak_line_source {
            // Nothing may be hooked next to Swoole's own detector.
            LineSource::Auto => !session::has_rival() && vm::register_is_proven(),
            LineSource::Register => vm::may_have_register(),
            LineSource::Handlers | LineSource::Saved => false,
        };
    tracing::start(&settings);
    session::start(settings, by_register);
}

/// RSHUTDOWN: loops that are open end here, and the hook goes away.
pub extern "C" fn request_ended(_kind: i32, _module_number: i32) -> i32 {
    guard(tracing::request_ends);
    guard(session::end_request);
    0
}

/// MSHUTDOWN: the last records go out.
pub extern "C" fn module_ended(_kind: i32, _module_number: i32) -> i32 {
    guard(ship::stop);
    0
}
