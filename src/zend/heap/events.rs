//! The handlers that the engine calls for every allocation.
//!
//! Order of things, so that a bailout or a reader never sees a lie:
//! allocate and reallocate: forward (which may bail out), then book; free:
//! book, then forward. While the real allocator runs the heap is not flagged
//! (see `forward`); if it bails out it stays so, and the hook is gone.
//!
//! What most events are is booked "at once": nothing is changed before it is
//! certain that no more is needed, and nothing in it calls. The rest lies in
//! functions of its own, which begin anew.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ext_php_rs::ffi::zend_op;
use libc::c_void;

use super::forward::{Handlers, Heap};
use super::shadow::{Peek, Shadow};
use super::sizes::{LARGE, PAGE, Sizes};
use crate::zend::frame::Moment;

/// Hears of heap events. No method may run PHP code or allocate PHP memory, nor
/// panic: C is above them. What may fail goes through [`cold`].
pub trait HeapEvents: Sized + 'static {
    /// Where the hook of this listener lives while it is installed.
    fn slot() -> &'static super::Slot<Self>;
    /// The account of a small block that was just allocated, if that is known at
    /// once; else [`Self::allocated`] is needed. Never 0.
    #[inline(always)]
    fn account_at_once(&self, _moment: Moment, _size: u64) -> Option<u32> {
        None
    }
    /// Where that gives nothing: one more look, a little longer.
    #[inline(always)]
    fn account_at_second_look(&self, _moment: Moment, _size: u64) -> Option<u32> {
        None
    }
    /// Books that block: whether that could be done at once; if not, nothing has
    /// changed, and [`Self::allocated`] is needed.
    #[inline(always)]
    fn allocated_at_once(&mut self, _account: u32, _size: u64) -> bool {
        false
    }
    /// A tracked block is about to be freed: whether that was booked at once;
    /// if not, nothing has changed, and [`Self::freed`] is needed.
    #[inline(always)]
    fn freed_at_once(&mut self, _account: u32, _size: u64) -> bool {
        false
    }
    /// A block was allocated; returns its account, or 0 not to track it.
    fn allocated(&mut self, moment: Moment, size: u64, watch: &mut Watch<'_>) -> u32;
    /// A tracked block is about to be freed.
    fn freed(&mut self, moment: Moment, account: u32, size: u64, watch: &mut Watch<'_>);
    /// A block was reallocated; `account` is 0 if it was not tracked. Returns
    /// its account from now on.
    fn resized(
        &mut self,
        moment: Moment,
        account: u32,
        sizes: Resize,
        watch: &mut Watch<'_>,
    ) -> u32;
    /// A block that was watched is about to be freed.
    fn unwatched(&mut self, address: usize);
}

/// Runs the part of a listener that is not needed often and may fail; `None` if
/// it panicked. Kept out of line, so that the hot part stays small.
#[cold]
#[inline(never)]
pub fn cold<R>(part: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(part)).ok()
}

/// Bytes that a block took and takes.
#[derive(Debug, Clone, Copy)]
pub struct Resize {
    /// Before.
    pub old: u64,
    /// Now.
    pub new: u64,
}

/// Takes wishes to hear of the free of a block, from within an event.
pub struct Watch<'a>(&'a mut Shadow);

impl Watch<'_> {
    /// Asks for [`HeapEvents::unwatched`] when the block at `address` is
    /// freed. An address that is no block's is never heard of.
    pub fn block(&mut self, address: usize) {
        self.0.watch(address);
    }
}

/// State of the installed hook.
pub struct Hook<L> {
    pub(super) heap: Heap,
    /// The handlers that we set.
    pub(super) ours: Handlers,
    /// Handlers of a neighbour that was there before us.
    pub(super) neighbour: Handlers,
    pub(super) shadow: Shadow,
    pub(super) sizes: Sizes,
    pub(super) listener: L,
    /// Blocks that the table had no memory for.
    pub(super) untracked: u64,
}

impl<L: HeapEvents> Hook<L> {
    /// Calls the listener.
    #[inline(always)]
    fn tell<R>(&mut self, event: impl FnOnce(&mut L, &mut Watch<'_>) -> R) -> R {
        event(&mut self.listener, &mut Watch(&mut self.shadow))
    }

    /// Books what most allocations are, without a call; false, and nothing has
    /// changed, if [`Self::book`] is needed.
    #[inline(always)]
    fn book_at_once(
        &mut self,
        block: *mut c_void,
        request: usize,
        account: impl FnOnce(&L, u64) -> Option<u32>,
    ) -> bool {
        let Some(small) = self.sizes.small(request) else {
            return false;
        };
        let Some(account) = account(&self.listener, small.bytes()) else {
            return false;
        };
        let Some(entry) = self.shadow.vacant(block as usize) else {
            return false;
        };
        if !self.listener.allocated_at_once(account, small.bytes()) {
            return false;
        }
        entry.set(account, small);
        true
    }

    /// As [`Self::book_at_once`], for [`Self::unbook`].
    #[inline(always)]
    fn unbook_at_once(&mut self, block: *mut c_void) -> bool {
        match self.shadow.peek(block as usize, &self.sizes) {
            Peek::Nothing => true,
            Peek::Small(known) if self.listener.freed_at_once(known.account, known.size) => {
                known.take();
                true
            }
            Peek::Small(_) | Peek::More => false,
        }
    }

    fn book(&mut self, moment: Moment, block: *mut c_void, request: usize) {
        let code = self.sizes.code(request);
        let size = if code == LARGE {
            u64::from(Sizes::pages(request)) * PAGE as u64
        } else {
            self.sizes.bytes(code)
        };
        let account = self.tell(|l, w| l.allocated(moment, size, w));
        if account != 0 && !self.shadow.set(block as usize, account, code, request) {
            self.tell(|l, w| l.freed(moment, account, size, w));
            self.untracked += 1;
        }
    }

    fn unbook(&mut self, moment: Moment, block: *mut c_void) {
        if let Some(entry) = self.shadow.take(block as usize, &self.sizes) {
            if entry.account != 0 {
                self.tell(|l, w| l.freed(moment, entry.account, entry.size, w));
            }
            if entry.watched {
                self.tell(|l, _| l.unwatched(block as usize));
            }
        }
    }

    /// `actual`: bytes that the block now takes, if the heap can tell.
    #[inline(always)]
    fn rebook(
        &mut self,
        moment: Moment,
        old: *mut c_void,
        new: *mut c_void,
        before: usize,
        actual: usize,
    ) {
        let entry = self.shadow.take(old as usize, &self.sizes);
        let (account, tracked) = entry.map_or((0, 0), |entry| (entry.account, entry.size));
        if entry.is_some_and(|entry| entry.watched) {
            self.tell(|l, _| l.unwatched(old as usize));
        }
        let before = if account == 0 { before as u64 } else { tracked };
        let code = self.sizes.code(actual);
        let size = if code == LARGE {
            (actual.div_ceil(PAGE) * PAGE) as u64
        } else {
            self.sizes.bytes(code)
        };
        let account = self.tell(|l, w| {
            l.resized(
                moment,
                account,
                Resize {
                    old: before,
                    new: size,
                },
                w,
            )
        });
        if account != 0 && !self.shadow.set(new as usize, account, code, actual) {
            self.tell(|l, w| l.freed(moment, account, size, w));
            self.untracked += 1;
        }
    }
}

/// What the engine calls; `N` tells whether a neighbour's handlers are below.
/// `register` is the VM's instruction register, or null.
///
/// # Safety
/// Called by the engine, or by a neighbour whose handlers lie on top of ours.
pub(super) unsafe extern "C" fn malloc<L: HeapEvents, const N: bool>(
    size: usize,
    register: *const zend_op,
) -> *mut c_void {
    // SAFETY: an installed hook stays in its slot until it is uninstalled; the
    // borrow begins after the call that may bail out.
    unsafe {
        let Some(hook) = L::slot().installed() else {
            return passed::malloc::<L>(size);
        };
        let block = if N {
            (*hook)
                .neighbour
                .malloc
                .map_or(std::ptr::null_mut(), |malloc| malloc(size))
        } else {
            let heap = (*hook).heap;
            heap.flag(false);
            let block = heap.alloc(size);
            // Asked again, which is cheaper than keeping it over the call.
            (*hook).heap.flag(true);
            block
        };
        if block.is_null() {
            return block;
        }
        book(hook, block, size, register)
    }
}

/// The second half of [`malloc`]. This one and the two below are called last in
/// the one above them and never inlined, so that what is seldom needed costs no
/// register, and none need be saved, where it is not.
///
/// # Safety
/// As [`malloc`].
#[inline(never)]
unsafe extern "C" fn book<L: HeapEvents>(
    hook: *mut Hook<L>,
    block: *mut c_void,
    size: usize,
    register: *const zend_op,
) -> *mut c_void {
    // SAFETY: the hook is the installed one.
    unsafe {
        let moment = Moment::new(register);
        if (*hook).book_at_once(block, size, |l, size| l.account_at_once(moment, size)) {
            block
        } else {
            book_at_second_look(hook, block, size, register)
        }
    }
}

/// # Safety
/// As [`malloc`].
#[cold]
#[inline(never)]
unsafe extern "C" fn book_at_second_look<L: HeapEvents>(
    hook: *mut Hook<L>,
    block: *mut c_void,
    size: usize,
    register: *const zend_op,
) -> *mut c_void {
    // SAFETY: the hook is the installed one.
    unsafe {
        let moment = Moment::new(register);
        if (*hook).book_at_once(block, size, |l, size| {
            l.account_at_second_look(moment, size)
        }) {
            std::hint::black_box(block)
        } else {
            book_fully(hook, block, size, register)
        }
    }
}

/// # Safety
/// As [`malloc`].
#[cold]
#[inline(never)]
unsafe extern "C" fn book_fully<L: HeapEvents>(
    hook: *mut Hook<L>,
    block: *mut c_void,
    size: usize,
    register: *const zend_op,
) -> *mut c_void {
    // SAFETY: the hook is the installed one.
    unsafe { (*hook).book(Moment::new(register), block, size) };
    // A compiler that knew the answer would keep the block in a register of the
    // caller's instead.
    std::hint::black_box(block)
}

/// See [`malloc`].
///
/// # Safety
/// As [`malloc`].
pub(super) unsafe extern "C" fn free<L: HeapEvents, const N: bool>(
    block: *mut c_void,
    register: *const zend_op,
) {
    // SAFETY: as in `malloc`.
    unsafe {
        let Some(hook) = L::slot().installed() else {
            return passed::free::<L>(block);
        };
        if (*hook).unbook_at_once(block) {
            forward_free::<L, N>(hook, block);
        } else {
            unbook_and_free::<L, N>(hook, block, register);
        }
    }
}

/// # Safety
/// As [`free`].
#[inline(always)]
unsafe fn forward_free<L: HeapEvents, const N: bool>(hook: *mut Hook<L>, block: *mut c_void) {
    // SAFETY: the hook is the installed one.
    unsafe {
        if !N {
            (*hook).heap.free(block);
        } else if let Some(free) = (*hook).neighbour.free {
            free(block);
        }
    }
}

/// As [`book_fully`], for [`free`].
///
/// # Safety
/// As [`free`].
#[cold]
#[inline(never)]
unsafe extern "C" fn unbook_and_free<L: HeapEvents, const N: bool>(
    hook: *mut Hook<L>,
    block: *mut c_void,
    register: *const zend_op,
) {
    // SAFETY: the hook is the installed one.
    unsafe {
        (*hook).unbook(Moment::new(register), block);
        forward_free::<L, N>(hook, block);
    }
}

/// See [`malloc`].
///
/// # Safety
/// As [`malloc`].
pub(super) unsafe extern "C" fn realloc<L: HeapEvents, const N: bool>(
    block: *mut c_void,
    size: usize,
    register: *const zend_op,
) -> *mut c_void {
    if block.is_null() {
        // SAFETY: the contract is the same.
        return unsafe { malloc::<L, N>(size, register) };
    }
    // SAFETY: as in `malloc`; sizes are asked while the heap is not flagged.
    unsafe {
        let Some(hook) = L::slot().installed() else {
            return passed::realloc::<L>(block, size);
        };
        let (moved, before, actual) = if N {
            let moved = (*hook)
                .neighbour
                .realloc
                .map_or(std::ptr::null_mut(), |f| f(block, size));
            // How large an untracked block was, a neighbour cannot say: no
            // growth is the only true statement.
            (moved, size, size)
        } else {
            let heap = (*hook).heap;
            heap.flag(false);
            let before = heap.block_size(block);
            let moved = heap.realloc(block, size);
            // Newer 8.2 have allocations that may fail: then the old block
            // stays as it was.
            let actual = if moved.is_null() {
                0
            } else {
                heap.block_size(moved)
            };
            heap.flag(true);
            (moved, before, actual)
        };
        if !moved.is_null() && (N || moved != block || before != actual) {
            (*hook).rebook(Moment::new(register), block, moved, before, actual);
        }
        moved
    }
}

/// The same three for a hook that is gone, and whose handlers a neighbour still calls, or has
/// put back: then they go.
mod passed {
    use super::{Heap, HeapEvents, c_void};

    /// Runs the engine's allocator on the program's heap.
    fn on_the_heap<R>(run: impl FnOnce(Heap) -> R) -> R {
        let heap = Heap::current();
        let is_flagged = heap.is_flagged();
        heap.flag(false);
        let result = run(heap);
        heap.flag(is_flagged);
        result
    }

    #[cold]
    #[inline(never)]
    pub unsafe fn malloc<L: HeapEvents>(size: usize) -> *mut c_void {
        let below = L::slot().below();
        // SAFETY: what was there before us, called as the engine would; or a heap that is
        // alive, and not flagged while it works.
        unsafe {
            match below.malloc {
                Some(malloc) => malloc(size),
                None => on_the_heap(|heap| heap.alloc(size)),
            }
        }
    }

    #[cold]
    #[inline(never)]
    pub unsafe fn free<L: HeapEvents>(block: *mut c_void) {
        let below = L::slot().below();
        // SAFETY: as in `malloc`; a block of theirs.
        unsafe {
            match below.free {
                Some(free) => free(block),
                // A heap that is flagged at the end of the process asks to free itself.
                None if Heap::current().is_at(block) => {}
                None => Heap::current().free(block),
            }
        }
    }

    #[cold]
    #[inline(never)]
    pub unsafe fn realloc<L: HeapEvents>(block: *mut c_void, size: usize) -> *mut c_void {
        let below = L::slot().below();
        // SAFETY: as in `free`.
        unsafe {
            match below.realloc {
                Some(realloc) => realloc(block, size),
                None => on_the_heap(|heap| heap.realloc(block, size)),
            }
        }
    }
}

/// The same three, called without the register.
pub(super) mod plain {
    use super::{HeapEvents, c_void};

    pub unsafe extern "C" fn malloc<L: HeapEvents, const N: bool>(size: usize) -> *mut c_void {
        // SAFETY: the contract is the same.
        unsafe { super::malloc::<L, N>(size, std::ptr::null()) }
    }

    pub unsafe extern "C" fn free<L: HeapEvents, const N: bool>(block: *mut c_void) {
        // SAFETY: the contract is the same.
        unsafe { super::free::<L, N>(block, std::ptr::null()) }
    }

    pub unsafe extern "C" fn realloc<L: HeapEvents, const N: bool>(
        block: *mut c_void,
        size: usize,
    ) -> *mut c_void {
        // SAFETY: the contract is the same.
        unsafe { super::realloc::<L, N>(block, size, std::ptr::null()) }
    }
}
