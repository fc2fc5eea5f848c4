//! Process-wide state of an NTS extension.

use std::cell::UnsafeCell;

/// A global that only PHP's thread touches.
///
/// Unlike a `RefCell`, nothing stays borrowed when a bailout jumps past the
/// borrower. In exchange the closure must not call back into [`Global::with`]
/// of the same global.
pub struct Global<T>(UnsafeCell<T>);

// SAFETY: NTS build; the module's text says who guarantees it.
unsafe impl<T> Sync for Global<T> {}

impl<T> Global<T> {
    /// A global of that value.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Gives access to the value.
    ///
    /// The closure must neither run PHP code nor allocate PHP memory: both can
    /// come back here while the borrow lives.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: one thread, and by the contract above no second borrow.
        f(unsafe { &mut *self.0.get() })
    }

    /// The address of the value, for the heap hook.
    pub fn as_ptr(&self) -> *mut T {
        self.0.get()
    }
}
