//! Instruments user functions where they are compiled, not where they are
//! called: the body of a chosen declaration becomes
//!
//! ```php
//! enter(id); try { body } finally { leave(id); }
//! ```
//!
//! The engine hands over the syntax tree of each file (and `eval`) before it is
//! compiled (`zend_ast_process`). What is not chosen is compiled as before, so
//! it costs nothing. The end cannot get lost in a coroutine or a generator,
//! because it is PHP's own `finally`; only `exit()` and a fatal error skip it.
//!
//! Never instrumented: arrow functions (no statements), property hooks, what
//! `assert()` would print, and files with `declare(ticks)`, where two more
//! statements would be two more ticks.

mod call;
mod functions;
mod rewrite;
mod walk;

use std::ffi::{c_char, c_void};

use ext_php_rs::ffi::{self, zend_ast, zend_ast_process_t};

use super::cell::Global;
pub use call::{Call, Outcome};

/// What a declaration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A named function or method.
    Named,
    /// A closure, whose name is `{closure}` within namespace and class.
    Closure,
}

/// What the instrumentation asks and tells.
///
/// `enter` and `leave` run inside of PHP's frames: they must neither run PHP
/// code nor allocate PHP memory.
#[derive(Clone, Copy)]
pub struct Hooks {
    /// Asked for each declaration that is compiled, by its full name in lower
    /// case (`app\user::load`); the answer goes to the other two. It must be
    /// the same in all processes that share compiled code.
    pub choose: fn(&[u8], Kind) -> Option<u32>,
    /// A chosen function begins; a generator at its first step.
    pub enter: fn(u32, &Call<'_>),
    /// It ends: [`Call::outcome`] tells how.
    pub leave: fn(u32, &Call<'_>),
}

static HOOKS: Global<Option<Hooks>> = Global::new(None);
static PREVIOUS: Global<zend_ast_process_t> = Global::new(None);

unsafe extern "C" {
    /// Of Zend/zend_system_id.h, which ext-php-rs does not include.
    fn zend_add_system_entropy(
        module: *const c_char,
        hook: *const c_char,
        data: *const c_void,
        size: usize,
    ) -> ffi::zend_result;
}

/// Instruments all code that is compiled from now on. Only while the module
/// starts. `identity` stands for what `choose` answers: opcache's file cache
/// keeps code compiled under another identity apart.
pub fn install(hooks: Hooks, identity: &[u8]) -> Result<(), &'static str> {
    let functions = functions::register()?;
    HOOKS.with(|slot| *slot = Some(hooks));
    rewrite::FUNCTIONS.with(|slot| *slot = Some(functions));
    super::module::pin();
    // SAFETY: NTS; MINIT. The entropy is hashed at once.
    unsafe {
        zend_add_system_entropy(
            c"swoole_tracker".as_ptr(),
            c"functions".as_ptr(),
            identity.as_ptr().cast(),
            identity.len(),
        );
        PREVIOUS.with(|slot| *slot = ffi::zend_ast_process);
        ffi::zend_ast_process = Some(process);
    }
    Ok(())
}

unsafe extern "C" fn process(tree: *mut zend_ast) {
    if let Some(previous) = PREVIOUS.with(|slot| *slot) {
        // SAFETY: another extension's hook, called as the engine would.
        unsafe { previous(tree) };
    }
    let Some(hooks) = HOOKS.with(|slot| *slot) else {
        return;
    };
    // SAFETY: the engine's own tree, complete and not yet compiled.
    super::catch(|| unsafe { walk::collect(tree, hooks.choose) });
    let mut next = 0;
    // Allocates in the tree's arena, which may bail out: nothing is borrowed.
    while let Some(found) = walk::found(next) {
        // SAFETY: found in this very tree.
        unsafe { rewrite::wrap(found) };
        next += 1;
    }
}
