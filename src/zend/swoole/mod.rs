//! Swoole, if this process has it: found by name at run time, so the order of
//! loading does not matter and nothing links against it.

use std::ffi::CStr;

use ext_php_rs::ffi;
use libc::{c_int, c_long, c_void};

use super::catch;
use super::cell::Global;

pub mod event_loop;

/// Number of a coroutine.
pub type Cid = c_long;

/// Hears of coroutines.
#[derive(Clone, Copy)]
pub struct CoroutineEvents {
    /// A coroutine begins; called on its own stack, before its function.
    pub started: fn(cid: Cid, parent: Option<Cid>),
    /// A coroutine's function and `defer`s are done.
    pub stopped: fn(cid: Cid),
    /// The worker is about to stop; PHP code may run.
    pub worker_stops: fn(),
}

/// `SW_GLOBAL_HOOK_*` of include/swoole_api.h, equal in 5.1 and 6.2.
const ON_CORO_START: c_int = 3;
const ON_CORO_STOP: c_int = 4;
const BEFORE_WORKER_STOP: c_int = 8;
const ON_REACTOR_DESTROY: c_int = 9;
/// First version with these numbers.
const MIN_VERSION: c_int = 50_100;

type Hook = unsafe extern "C" fn(*mut c_void);

#[derive(Clone, Copy)]
struct Api {
    coroutine_id: unsafe extern "C" fn() -> c_long,
}

static API: Global<Option<Option<Api>>> = Global::new(None);
static EVENTS: Global<Option<CoroutineEvents>> = Global::new(None);
static HOOKED: Global<bool> = Global::new(false);

fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: looks a name up among all that is loaded.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}

fn api() -> Option<Api> {
    if let Some(known) = API.with(|slot| *slot) {
        return known;
    }
    let found = symbol(c"swoole_coroutine_get_id").map(|address| {
        // SAFETY: `long swoole_coroutine_get_id(void)` since 4.0
        // (include/swoole_coroutine_c_api.h).
        let coroutine_id = unsafe {
            std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> c_long>(address)
        };
        Api { coroutine_id }
    });
    API.with(|slot| *slot = Some(found));
    found
}

/// Whether Swoole is loaded.
pub fn is_loaded() -> bool {
    api().is_some()
}

/// The coroutine that runs; `None` outside of coroutines and without Swoole.
pub fn current() -> Option<Cid> {
    let api = api()?;
    // SAFETY: see `api`.
    let cid = unsafe { (api.coroutine_id)() };
    (cid >= 0).then_some(cid)
}

/// Listens from now on. False if this Swoole is too old for it.
pub fn listen(events: CoroutineEvents) -> bool {
    if !is_loaded() {
        return true;
    }
    EVENTS.with(|slot| *slot = Some(events));
    if HOOKED.with(|done| *done) {
        return true;
    }
    let (Some(version), Some(add)) = (symbol(c"swoole_version_id"), symbol(c"swoole_add_hook"))
    else {
        return false;
    };
    // SAFETY: `int swoole_version_id(void)` and `swoole_add_hook(int, void
    // (*)(void *), int)` (include/swoole_api.h); the latter returns an int in
    // 6.0 and nothing before and after, which the caller need not know.
    unsafe {
        let version = std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> c_int>(version);
        if version() < MIN_VERSION {
            return false;
        }
        let add = std::mem::transmute::<*mut c_void, unsafe extern "C" fn(c_int, Hook, c_int)>(add);
        add(ON_CORO_START, on_start, 1);
        add(ON_CORO_STOP, on_stop, 1);
        add(BEFORE_WORKER_STOP, on_worker_stop, 1);
        add(ON_REACTOR_DESTROY, event_loop::on_destroy, 1);
    }
    HOOKED.with(|done| *done = true);
    true
}

/// Listens no more.
pub fn ignore() {
    EVENTS.with(|slot| *slot = None);
}

/// Whether a function's code lies in Swoole's shared object.
pub fn owns(address: usize) -> bool {
    fn object(address: usize) -> Option<usize> {
        let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: asks which object holds an address; `info` is plain data.
        unsafe {
            let found = libc::dladdr(address as *const c_void, info.as_mut_ptr());
            (found != 0).then(|| info.assume_init().dli_fbase as usize)
        }
    }
    api().is_some_and(|api| {
        let base = object(api.coroutine_id as usize);
        base.is_some() && base == object(address)
    })
}

/// A static method of a class of Swoole; both names in lower case.
fn method(
    class: &CStr,
    name: &CStr,
) -> Option<(*mut ffi::zend_class_entry, *mut ffi::zend_function)> {
    // SAFETY: class and function tables live as long as the process.
    unsafe {
        let globals = &raw const ffi::executor_globals;
        let entry =
            ffi::zend_hash_str_find((*globals).class_table, class.as_ptr(), class.count_bytes());
        let class = entry.as_ref()?.value.ptr.cast::<ffi::zend_class_entry>();
        let methods = &raw mut (*class).function_table;
        let found = ffi::zend_hash_str_find(methods, name.as_ptr(), name.count_bytes());
        Some((class, found.as_ref()?.value.ptr.cast()))
    }
}

/// The coroutine that made `cid`. Calls `Swoole\Coroutine::getPcid()`: there
/// is no C name for it.
fn parent_of(cid: Cid) -> Option<Cid> {
    let (class, function) = method(c"swoole\\coroutine", c"getpcid")?;
    // SAFETY: getPcid takes one integer, returns false or an integer, and
    // neither throws nor allocates. The engine serves a pending interrupt after
    // the call, so PHP code may run: nothing is borrowed, and nothing here needs
    // to be dropped.
    unsafe {
        let mut result = ext_php_rs::types::Zval::new();
        let mut argument = ext_php_rs::types::Zval::new();
        argument.set_long(cid);
        ffi::zend_call_known_function(
            function,
            std::ptr::null_mut(),
            class,
            &raw mut result,
            1,
            &raw mut argument,
            std::ptr::null_mut(),
        );
        result.long().filter(|parent| *parent >= 0)
    }
}

unsafe extern "C" fn on_start(_context: *mut c_void) {
    if let Some(events) = EVENTS.with(|slot| *slot)
        && let Some(cid) = current()
    {
        let parent = parent_of(cid);
        catch(|| (events.started)(cid, parent));
    }
}

unsafe extern "C" fn on_stop(_context: *mut c_void) {
    if let Some(events) = EVENTS.with(|slot| *slot)
        && let Some(cid) = current()
    {
        catch(|| (events.stopped)(cid));
    }
}

unsafe extern "C" fn on_worker_stop(_server: *mut c_void) {
    if let Some(events) = EVENTS.with(|slot| *slot) {
        catch(|| (events.worker_stops)());
    }
}
