//! The process: forks of it, and threads that PHP must not notice.

use std::sync::atomic::{AtomicU32, Ordering};

use super::cell::Global;

/// Number of forks between the first process and this one.
static FORKS: AtomicU32 = AtomicU32::new(0);
static WATCHED: Global<bool> = Global::new(false);

extern "C" fn in_child() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// Counts forks from now on. Once per process is enough; the children inherit it.
pub fn watch_forks() {
    if WATCHED.with(|done| std::mem::replace(done, true)) {
        return;
    }
    // SAFETY: the handler only adds to an atomic, which a forked child may do.
    // The code stays mapped: `module::pin` is called first.
    unsafe {
        super::module::pin();
        libc::pthread_atfork(None, None, Some(in_child));
    }
}

/// A number that differs between a process and the children that it forked:
/// what was noted under another one belongs to the parent. Costs a load, where
/// `getpid()` is a system call.
#[inline]
pub fn generation() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// Starts a thread on which no signal is delivered: PHP's own thread has to get
/// them. False if the system refuses a thread.
pub fn spawn_quietly(name: &str, run: impl FnOnce() + Send + 'static) -> bool {
    // SAFETY: plain sets of signals on this frame; the mask of this thread is
    // put back before anything else happens.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        let started = std::thread::Builder::new()
            .name(name.to_owned())
            .stack_size(256 << 10)
            .spawn(run);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        started.is_ok()
    }
}

/// Device and inode that a descriptor names; `None` if it is closed.
pub fn file_of(descriptor: i32) -> Option<(u64, u64)> {
    // SAFETY: `fstat` fails where the number is closed, and else fills the struct, for
    // which all zeroes is a value.
    unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        (libc::fstat(descriptor, &raw mut found) == 0).then_some((found.st_dev, found.st_ino))
    }
}

/// Closes a descriptor that a fork copied from the parent, whose thread owns
/// the original, if it still names that file.
pub fn close_inherited(descriptor: i32, file: (u64, u64)) {
    if file_of(descriptor) == Some(file) {
        // SAFETY: the owner of the number lives in the parent only, and its copy
        // here is forgotten, never dropped.
        unsafe { libc::close(descriptor) };
    }
}
