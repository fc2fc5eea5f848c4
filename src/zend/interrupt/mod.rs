//! Asks the virtual machine to call us at its next check point: the end of a
//! loop's turn, the begin of a user function, the return of an internal one.
//!
//! The engine has one flag and one function for that, shared by everybody, so
//! we keep a note of what we asked for ourselves, and pass on what is not ours.
//!
//! Swoole puts its own function on top as soon as the first coroutine is made
//! and takes *any* interrupt for an order to let another coroutine run, even
//! with its preemptive scheduler off. So ours is put on top again whenever one
//! is raised, and our interrupts go past Swoole's function; all others reach
//! it, as they would without us.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use ext_php_rs::ffi::{self, zend_execute_data};

use super::catch;
use super::cell::Global;
use super::{jit, swoole};

mod chain;

use chain::Chain;

/// What an interrupt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Reason {
    /// A loop of the leak finder is over.
    LoopOver = 1,
}

/// The engine's type of the function.
type Function = unsafe extern "C" fn(*mut zend_execute_data);

/// Reasons asked for and not served yet, as bits.
static WANTED: AtomicU32 = AtomicU32::new(0);
/// Who serves them; `None`: nothing is raised.
static HANDLER: Global<Option<fn()>> = Global::new(None);
/// The functions of others, Swoole's left out.
static OTHERS: Global<Chain> = Global::new(Chain::new());
/// Swoole's function, while ours lies on top of it.
static SWOOLES: Global<Option<Function>> = Global::new(None);

/// Puts ours in place at the start of the module. Needed with the JIT only: up
/// to PHP 8.3 its code calls the function that was there when it started.
pub fn arm() {
    super::module::pin();
    put_on_top();
}

/// Notes the function that is there when a request starts: Swoole may later
/// hide it. A bailout of the last request may have left the way through the
/// chain open.
pub fn note_start() {
    // SAFETY: NTS global.
    let found = unsafe { ffi::zend_interrupt_function };
    OTHERS.with(|chain| {
        chain.leave();
        if !is_ours(found) && !is_swooles(found) {
            chain.note(address(found));
        }
    });
}

/// Serves interrupts from now on. False if this PHP must not be interrupted.
pub fn listen(handler: fn()) -> bool {
    if !is_possible() {
        return false;
    }
    HANDLER.with(|slot| *slot = Some(handler));
    true
}

/// Whether interrupts are served, for `php --ri`.
pub fn state() -> &'static str {
    if !is_possible() {
        "never raised: the JIT of this PHP version may crash"
    } else if HANDLER.with(|slot| slot.is_some()) {
        "served"
    } else {
        "none"
    }
}

/// Whether interrupts do no harm in this PHP: the tracing JIT of 8.4 before
/// 8.4.23 (and 8.5, of which no good version is known) may crash on any.
fn is_possible() -> bool {
    let is_broken = matches!(
        crate::build_info::PHP_VERSION_ID,
        80_400..80_423 | 80_500..80_600
    );
    !(is_broken && jit::is_running())
}

/// Asks for the handler to be called at the next check point. A few loads and
/// stores; may be called within a heap event.
pub fn raise(reason: Reason) {
    if HANDLER.with(|slot| slot.is_none()) {
        return;
    }
    put_on_top();
    WANTED.fetch_or(reason as u32, Ordering::Relaxed);
    // SAFETY: a `zend_atomic_bool`, which holds a bool and no more; up to 8.1
    // a plain bool.
    unsafe {
        let flag = &raw mut ffi::executor_globals.vm_interrupt;
        (*flag.cast::<AtomicBool>()).store(true, Ordering::SeqCst);
    }
}

/// Serves no more, and gives the engine's function back if it is still ours.
pub fn ignore() {
    HANDLER.with(|slot| *slot = None);
    WANTED.store(0, Ordering::Relaxed);
    // SAFETY: NTS global; what is put back was there before.
    unsafe {
        if is(ffi::zend_interrupt_function, on_top_of_swoole) {
            ffi::zend_interrupt_function = SWOOLES.with(|slot| *slot);
        } else if is(ffi::zend_interrupt_function, serve) {
            ffi::zend_interrupt_function = OTHERS.with(|chain| function(chain.top()));
        }
    }
}

/// 0 for none.
fn address(function: Option<Function>) -> usize {
    function.map_or(0, |function| function as usize)
}

fn function(address: usize) -> Option<Function> {
    // SAFETY: what `address` made of a function, or 0.
    unsafe { std::mem::transmute::<usize, Option<Function>>(address) }
}

fn is(found: Option<Function>, ours: Function) -> bool {
    address(found) == ours as usize
}

fn is_swooles(found: Option<Function>) -> bool {
    found.is_some_and(|found| swoole::owns(found as usize))
}

fn is_ours(found: Option<Function>) -> bool {
    is(found, serve) || is(found, on_top_of_swoole)
}

/// Makes ours the engine's function, on top of what is there.
fn put_on_top() {
    // SAFETY: NTS global; ours passes on to what it replaces, and this shared
    // object stays loaded (the heap hook pins it).
    unsafe {
        let found = ffi::zend_interrupt_function;
        if is_ours(found) {
            return;
        }
        if is_swooles(found) {
            SWOOLES.with(|slot| *slot = found);
            ffi::zend_interrupt_function = Some(on_top_of_swoole);
        } else {
            if OTHERS.with(|chain| chain.note(address(found))) {
                ffi::zend_interrupt_function = Some(serve);
            }
        }
    }
}

/// The function while no function of Swoole's lies below; also the one that
/// Swoole's calls, if it was put on top of ours.
unsafe extern "C" fn serve(frame: *mut zend_execute_data) {
    serve_ours();
    // SAFETY: passes the engine's argument on.
    unsafe { pass_on(frame) };
}

/// The function while Swoole's lies below.
unsafe extern "C" fn on_top_of_swoole(frame: *mut zend_execute_data) {
    if serve_ours() {
        // SAFETY: passes the engine's argument on. Somebody else's interrupt
        // may have come at the same time.
        unsafe { pass_on(frame) };
    } else if let Some(swooles) = SWOOLES.with(|slot| *slot) {
        // SAFETY: as above; Swoole calls what it found in its turn.
        unsafe { swooles(frame) };
    }
}

/// Serves what we asked for; whether that was anything.
fn serve_ours() -> bool {
    let wanted = WANTED.swap(0, Ordering::Relaxed);
    if wanted != 0
        && let Some(handler) = HANDLER.with(|slot| *slot)
    {
        catch(handler);
    }
    wanted != 0
}

/// Calls the next of the others.
///
/// # Safety
/// `frame` is the engine's own argument.
unsafe fn pass_on(frame: *mut zend_execute_data) {
    // SAFETY: NTS global.
    let found = unsafe { ffi::zend_interrupt_function };
    let from = if is_ours(found) { 0 } else { address(found) };
    let Some((next, before)) = OTHERS.with(|chain| chain.enter(frame as usize, from)) else {
        return;
    };
    if let Some(next) = function(next) {
        // SAFETY: by the contract above.
        unsafe { next(frame) };
    }
    OTHERS.with(|chain| chain.restore(before));
}
