//! Native fibers: which one runs, where it came from, when it ends.
//!
//! The observers are registered at the first use and stay; they cost a
//! comparison per fiber switch when nobody listens, and nothing without fibers.

use ext_php_rs::ffi;
use libc::c_void;

use super::catch;
use super::cell::Global;

/// A fiber, by the address of its context; valid until it is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fiber(usize);

/// Hears of fibers.
#[derive(Clone, Copy)]
pub struct FiberEvents {
    /// A fiber begins; the parent is the one that runs.
    pub started: fn(fiber: Fiber, parent: Option<Fiber>),
    /// Control goes from one fiber to another.
    pub switched: fn(),
    /// A fiber's context goes away.
    pub destroyed: fn(fiber: Fiber),
}

static EVENTS: Global<Option<FiberEvents>> = Global::new(None);
static REGISTERED: Global<bool> = Global::new(false);

// Zend/zend_observer.h, PHP 8.1 and up. ext-php-rs does not include it.
unsafe extern "C" {
    fn zend_observer_fiber_init_register(handler: unsafe extern "C" fn(*mut c_void));
    fn zend_observer_fiber_switch_register(handler: unsafe extern "C" fn(*mut c_void, *mut c_void));
    fn zend_observer_fiber_destroy_register(handler: unsafe extern "C" fn(*mut c_void));
}

/// The fiber that runs; `None` in the main program.
pub fn current() -> Option<Fiber> {
    // SAFETY: NTS global.
    unsafe {
        let globals = &raw const ffi::executor_globals;
        let context = (*globals).current_fiber_context;
        (!context.is_null() && context != (*globals).main_fiber_context)
            .then_some(Fiber(context as usize))
    }
}

/// Listens from now on.
pub fn listen(events: FiberEvents) {
    EVENTS.with(|slot| *slot = Some(events));
    if REGISTERED.with(|done| std::mem::replace(done, true)) {
        return;
    }
    // SAFETY: these may be called at any time and take plain functions.
    unsafe {
        zend_observer_fiber_init_register(on_init);
        zend_observer_fiber_switch_register(on_switch);
        zend_observer_fiber_destroy_register(on_destroy);
    }
}

/// Listens no more.
pub fn ignore() {
    EVENTS.with(|slot| *slot = None);
}

unsafe extern "C" fn on_init(context: *mut c_void) {
    if let Some(events) = EVENTS.with(|slot| *slot) {
        catch(|| (events.started)(Fiber(context as usize), current()));
    }
}

unsafe extern "C" fn on_switch(_from: *mut c_void, _to: *mut c_void) {
    if let Some(events) = EVENTS.with(|slot| *slot) {
        catch(events.switched);
    }
}

unsafe extern "C" fn on_destroy(context: *mut c_void) {
    if let Some(events) = EVENTS.with(|slot| *slot) {
        catch(|| (events.destroyed)(Fiber(context as usize)));
    }
}
