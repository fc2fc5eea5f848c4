//! The heap hook: a listener hears of every allocation of a request, from the
//! moment it is installed until it is uninstalled.
//!
//! Installed on the program's own heap, so `memory_get_usage()`, its peak and
//! `memory_limit` stay what they are. Off means not installed: no cost at all.

mod events;
mod forward;
mod shadow;
mod sizes;
mod trampoline;

use super::cell::Global;
pub use events::{HeapEvents, Resize, Watch, cold};
use events::{Hook, plain};
use forward::{Handlers, Heap};
use shadow::Shadow;
use sizes::Sizes;

/// Where a hook lives while it is installed.
pub struct Slot<L> {
    hook: Global<Option<Box<Hook<L>>>>,
    /// What was below a hook that is gone while another extension's handlers lay on top of
    /// ours: they go on to call ours, which then only pass on.
    covered: Global<Option<Handlers>>,
}

/// Why a hook could not be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookError {
    /// The engine's heap is not built as we know it.
    SelfTest,
    /// Someone installed handlers that cannot be chained.
    Neighbour,
    /// A hook is installed already.
    Installed,
}

impl std::fmt::Display for HookError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SelfTest => "the heap of this PHP is not built as expected",
            Self::Neighbour => "another extension's allocation handlers cannot be chained",
            Self::Installed => "the hook is installed already",
        })
    }
}

/// What became of an installed hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It heard everything.
    Intact,
    /// A bailout switched it off on the way.
    Lost,
}

impl<L: HeapEvents> Slot<L> {
    /// An empty slot.
    pub const fn new() -> Self {
        Self {
            hook: Global::new(None),
            covered: Global::new(None),
        }
    }

    /// The installed hook; `None` where our handlers are called although it is gone.
    #[inline(always)]
    fn installed(&self) -> Option<*mut Hook<L>> {
        // SAFETY: NTS; nobody else uses the slot while a handler looks.
        unsafe { (*self.hook.as_ptr()).as_mut().map(|hook| &raw mut **hook) }
    }

    /// The handlers below ours, for those who are called although the hook is gone; ours are
    /// taken off if nobody lies on top of them any more.
    fn below(&self) -> Handlers {
        let below = self.covered.with(|below| below.unwrap_or(Handlers::NONE));
        let _ = self.uncover(Heap::current());
        below
    }

    /// Takes our handlers off a heap on which they were left behind, once nobody lies on top
    /// of them any more.
    fn uncover(&self, heap: Heap) -> Result<(), HookError> {
        let Some(below) = self.covered.with(|below| *below) else {
            return Ok(());
        };
        if heap.is_flagged() {
            let ours = |register| handlers::<L>(below.is_complete(), register);
            if ![true, false]
                .into_iter()
                .any(|r| heap.handlers().are(ours(r)))
            {
                return Err(HookError::Neighbour);
            }
            // SAFETY: back to what was there before us.
            unsafe { heap.set_handlers(below) };
        }
        self.covered.with(|below| *below = None);
        Ok(())
    }

    /// Gives access to the listener of an installed hook. The closure must
    /// neither run PHP code nor allocate PHP memory.
    pub fn with<R>(&self, f: impl FnOnce(&mut L) -> R) -> Option<R> {
        self.hook
            .with(|slot| slot.as_mut().map(|hook| f(&mut hook.listener)))
    }

    /// Whether a hook is installed.
    pub fn is_installed(&self) -> bool {
        self.hook.with(|slot| slot.is_some())
    }

    /// Installs a hook. `with_register`: the VM's register has been proven to
    /// hold the instruction.
    ///
    /// # Errors
    /// See [`HookError`]; nothing is changed then.
    pub fn install(&'static self, listener: L, with_register: bool) -> Result<(), HookError> {
        if self.is_installed() {
            return Err(HookError::Installed);
        }
        let mut sizes = Sizes::empty();
        if !sizes.probe() || !self_test() {
            return Err(HookError::SelfTest);
        }
        let heap = Heap::current();
        self.uncover(heap)?;
        let neighbour = if heap.is_flagged() {
            heap.handlers()
        } else {
            Handlers::NONE
        };
        let chained = heap.is_flagged();
        if chained && !neighbour.is_complete() {
            return Err(HookError::Neighbour);
        }
        let ours = handlers::<L>(chained, with_register);
        let hook = Hook {
            heap,
            ours,
            neighbour,
            shadow: Shadow::new(),
            sizes,
            listener,
            untracked: 0,
        };
        self.hook.with(|slot| *slot = Some(Box::new(hook)));
        super::module::pin();
        // SAFETY: the hook is in its slot; the handlers forward to what was
        // there before.
        unsafe { heap.set_handlers(ours) };
        Ok(())
    }

    /// Uninstalls the hook and returns its listener.
    pub fn uninstall(&'static self) -> Option<(L, Fate)> {
        let (heap, neighbour) = self
            .hook
            .with(|slot| slot.as_ref().map(|h| (h.heap, h.neighbour)))?;
        let alive = self.is_alive();
        let is_covered = !alive && heap.is_flagged();
        if alive {
            // SAFETY: back to what was there before us.
            unsafe { heap.set_handlers(neighbour) };
        } else if is_covered {
            self.covered.with(|below| *below = Some(neighbour));
        }
        let hook = self.hook.with(Option::take)?;
        let fate = if alive || is_covered {
            Fate::Intact
        } else {
            Fate::Lost
        };
        Some((hook.listener, fate))
    }

    /// Whether the engine still calls us.
    pub fn is_alive(&self) -> bool {
        let Some(heap) = self.hook.with(|slot| slot.as_ref().map(|hook| hook.heap)) else {
            return false;
        };
        let ours = self.hook.with(|slot| slot.as_ref().map(|hook| hook.ours));
        heap.is_flagged() && ours.is_some_and(|ours| heap.handlers().are(ours))
    }

    /// Whether a neighbour's handlers are below ours.
    pub fn is_chained(&self) -> bool {
        self.hook
            .with(|slot| slot.as_ref().is_some_and(|h| h.neighbour.is_complete()))
    }

    /// Asks for [`HeapEvents::unwatched`] when the block at `address` is
    /// freed. From within an event use [`Watch`].
    pub fn watch(&self, address: usize) {
        self.hook.with(|slot| {
            if let Some(hook) = slot {
                hook.shadow.watch(address);
            }
        });
    }

    /// Addresses of tracked blocks whose account `wanted` accepts, at most
    /// `limit` per answer of `wanted`.
    pub fn blocks(&self, mut wanted: impl FnMut(&mut L, usize, u32) -> bool) {
        self.hook.with(|slot| {
            if let Some(hook) = slot {
                let Hook {
                    shadow, listener, ..
                } = &mut **hook;
                shadow.each(|address, account| wanted(listener, address, account));
            }
        });
    }

    /// Upper bound of the memory that the table takes, and the number of
    /// blocks that it had no memory for.
    pub fn footprint(&self) -> (usize, u64) {
        self.hook.with(|slot| {
            slot.as_ref()
                .map_or((0, 0), |h| (h.shadow.reserved(), h.untracked))
        })
    }

    /// Runs `f` with the engine's handlers untouched but the heap not flagged,
    /// for engine calls that do nothing on a flagged heap. If `f` bails out
    /// the hook is lost.
    pub fn unflagged<R>(&self, f: impl FnOnce() -> R) -> R {
        let heap = self.hook.with(|slot| {
            slot.as_ref()
                .filter(|h| !h.neighbour.is_complete())
                .map(|h| h.heap)
        });
        let heap = heap.filter(|heap| heap.is_flagged());
        if let Some(heap) = heap {
            heap.flag(false);
        }
        let result = f();
        if let Some(heap) = heap {
            heap.flag(true);
        }
        result
    }
}

fn handlers<L: HeapEvents>(chained: bool, with_register: bool) -> Handlers {
    let (malloc, free, realloc): (forward::Malloc, forward::Free, forward::Realloc) =
        match (chained, with_register) {
            (false, true) => (
                trampoline::malloc::<L, false>,
                trampoline::free::<L, false>,
                trampoline::realloc::<L, false>,
            ),
            (true, true) => (
                trampoline::malloc::<L, true>,
                trampoline::free::<L, true>,
                trampoline::realloc::<L, true>,
            ),
            (false, false) => (
                plain::malloc::<L, false>,
                plain::free::<L, false>,
                plain::realloc::<L, false>,
            ),
            (true, false) => (
                plain::malloc::<L, true>,
                plain::free::<L, true>,
                plain::realloc::<L, true>,
            ),
        };
    Handlers {
        malloc: Some(malloc),
        free: Some(free),
        realloc: Some(realloc),
    }
}

/// Shows on a heap of our own that the flag is where we think it is: set with
/// the handlers, cleared without, and obeyed in between.
fn self_test() -> bool {
    unsafe extern "C" fn refuse(_: usize) -> *mut libc::c_void {
        std::ptr::null_mut()
    }
    unsafe extern "C" fn ignore(_: *mut libc::c_void) {}
    unsafe extern "C" fn refuse_more(_: *mut libc::c_void, _: usize) -> *mut libc::c_void {
        std::ptr::null_mut()
    }
    let Some(heap) = Heap::private() else {
        return false;
    };
    let was_clear = !heap.is_flagged();
    let test = Handlers {
        malloc: Some(refuse),
        free: Some(ignore),
        realloc: Some(refuse_more),
    };
    // SAFETY: the heap is ours and has given out no block.
    unsafe { heap.set_handlers(test) };
    let was_set = heap.is_flagged() && heap.handlers().are(test);
    heap.flag(false);
    // SAFETY: a live heap that is not flagged.
    let works = unsafe {
        let block = heap.alloc(64);
        let size = heap.block_size(block);
        heap.free(block);
        size == 64
    };
    heap.flag(true);
    // SAFETY: as above.
    unsafe { heap.set_handlers(Handlers::NONE) };
    let is_clear = !heap.is_flagged();
    // SAFETY: ours, and not used again.
    unsafe { heap.end() };
    was_clear && was_set && works && is_clear
}
