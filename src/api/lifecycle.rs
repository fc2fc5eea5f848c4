//! Start and end of module and request.

use super::{assert, tracing};
use crate::instrument::userland;
use crate::leak::session;
use crate::settings::{self, AtStart, Settings};
use crate::ship;
use crate::zend::cell::Global;
use crate::zend::{callback, catch, engine, errors, handlers, interrupt, jit, output, vm};

/// The opcode handlers that this process is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handlers {
    None,
    /// Where the register is read.
    BeforeCallables,
    /// Where there is no register.
    Always,
}

/// Handlers that wait for the first request.
static LATE: Global<Handlers> = Global::new(Handlers::None);

/// MINIT: settings, and what only works before the first script is compiled.
pub extern "C" fn module_started(_kind: i32, module_number: i32) -> i32 {
    let mut is_ready = false;
    catch(|| is_ready = start_module(module_number));
    if is_ready { 0 } else { -1 }
}

/// False if the engine did not take a class.
fn start_module(module_number: i32) -> bool {
    settings::register(module_number);
    if !assert::register_exception() {
        return false;
    }
    handlers::reserve();
    callback::register();
    let at_start = AtStart::read();
    userland::arm(at_start.userland_hooks, &at_start.trace_functions);
    arm();
    true
}

/// Installs what only works before the first script is compiled.
fn arm() {
    let configured = |tracker, apm| engine::configured(tracker).or_else(|| engine::configured(apm));
    let on = |tracker, apm| configured(tracker, apm).is_some_and(|v| engine::is_true(&v));
    let hook = on(c"tracker.enable_malloc_hook", c"apm.enable_malloc_hook");
    let source = configured(c"tracker.leak_line_source", c"apm.leak_line_source");
    let handlers = match source.as_deref() {
        _ if !hook => Handlers::None,
        Some("handlers") => Handlers::Always,
        Some("saved") => Handlers::None,
        Some("register") => Handlers::BeforeCallables,
        _ if vm::may_have_register() => Handlers::BeforeCallables,
        _ => Handlers::Always,
    };
    let keeps_jit = on(c"tracker.leak_jit", c"apm.leak_jit");
    if hook && keeps_jit && jit::is_configured() && !session::is_per_request() {
        interrupt::arm();
    }
    if handlers == Handlers::None {
        return;
    }
    if !jit::is_configured() {
        install(handlers);
    } else if !keeps_jit && !session::is_per_request() {
        // Where opcode handlers are set, the engine gives up the JIT with a
        // warning as soon as the modules have started. Once the JIT is paused they
        // do no harm.
        LATE.with(|late| *late = handlers);
        vm::announce_late_handlers();
    }
}

fn install(handlers: Handlers) {
    match handlers {
        Handlers::None => {}
        Handlers::BeforeCallables => vm::save_before_callables(),
        Handlers::Always => vm::save_always(),
    }
}

/// RINIT: the first one of a process reads the settings.
pub extern "C" fn request_started(_kind: i32, _module_number: i32) -> i32 {
    catch(first_request);
    catch(tracing::request_begins);
    0
}

fn first_request() {
    if let Some(settings) = session::settings() {
        decide_on_jit(&settings);
        return;
    }
    output::note_stderr();
    let (settings, complaints) = Settings::read();
    for complaint in complaints {
        errors::raise_owned(complaint);
    }
    decide_on_jit(&settings);
    tracing::start(&settings);
    if !settings.userland_log.is_empty() {
        userland::report_to_file(&settings.userland_log);
    } else if settings.enable {
        userland::report_to_context();
    } else {
        userland::report_to_nobody();
    }
    session::start(settings);
}

/// Exact lines come before the speed of a program that is being debugged: see
/// `jit`. Where a SAPI frees a request's memory at its end, no hook is
/// installed, so there is nothing to be exact about.
fn decide_on_jit(settings: &Settings) {
    if !settings.enable_malloc_hook {
        return;
    }
    if settings.leak_jit || session::is_per_request() {
        jit::keep();
        return;
    }
    jit::pause();
    if !jit::is_running() {
        install(LATE.with(|late| std::mem::replace(late, Handlers::None)));
    }
}

/// RSHUTDOWN: loops that are open end here, and the hook goes away.
pub extern "C" fn request_ended(_kind: i32, _module_number: i32) -> i32 {
    catch(tracing::request_ends);
    catch(userland::request_ended);
    catch(session::end_request);
    0
}

/// MSHUTDOWN: the last records go out.
pub extern "C" fn module_ended(_kind: i32, _module_number: i32) -> i32 {
    catch(ship::stop);
    0
}
