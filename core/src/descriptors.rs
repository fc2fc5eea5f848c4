//! Descriptors of ours in a process that is not: a program may close its standard
//! streams, whose numbers the system gives to whoever opens a file next, and it may
//! close numbers that it does not know to be ours.

use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// The first number that is not a standard stream.
const FIRST: i32 = 3;

/// What a descriptor names: device and inode.
pub type Identity = (u64, u64);

/// What `descriptor` names now; `None` if it is closed.
pub fn identity(descriptor: impl AsFd) -> Option<Identity> {
    let stat = rustix::fs::fstat(descriptor).ok()?;
    Some((stat.st_dev, stat.st_ino))
}

/// A descriptor that is no standard stream, and that is closed only while it still
/// names what it named when it was opened.
#[derive(Debug)]
pub struct Own<F: AsFd> {
    inner: Arc<F>,
    identity: Identity,
}

impl<F: AsFd + From<OwnedFd>> Own<F> {
    /// Takes a descriptor that was just opened, under a number of at least 3.
    ///
    /// # Errors
    /// When the process has no descriptor to spare.
    pub fn new(opened: F) -> io::Result<Self> {
        let inner = if opened.as_fd().as_raw_fd() < FIRST {
            F::from(rustix::io::fcntl_dupfd_cloexec(&opened, FIRST)?)
        } else {
            opened
        };
        let identity = identity(&inner).ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))?;
        Ok(Self {
            inner: Arc::new(inner),
            identity,
        })
    }
}

impl<F: AsFd> Own<F> {
    /// Whether nobody has closed it behind our back. All eventfds are one inode: of
    /// two of them it cannot tell which it is.
    pub fn is_ours(&self) -> bool {
        identity(&*self.inner) == Some(self.identity)
    }

    /// What it named when it was opened.
    pub fn identity(&self) -> Identity {
        self.identity
    }
}

impl<F: AsFd> Deref for Own<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.inner
    }
}

impl<F: AsFd> AsFd for Own<F> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl<F: AsFd> Drop for Own<F> {
    fn drop(&mut self) {
        if !self.is_ours() {
            // The number is another's: a share that is never given back keeps it open.
            std::mem::forget(Arc::clone(&self.inner));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_anothers_by_now_stays_open() {
        let theirs = tempfile::tempfile().unwrap();
        let mut own = Own::new(tempfile::tempfile().unwrap()).unwrap();
        assert!(own.is_ours());
        own.identity = identity(&theirs).unwrap();
        assert!(!own.is_ours());
        let kept = Arc::downgrade(&own.inner);
        drop(own);
        assert!(kept.upgrade().is_some());
    }

    #[test]
    fn what_is_ours_is_closed() {
        let own = Own::new(tempfile::tempfile().unwrap()).unwrap();
        let kept = Arc::downgrade(&own.inner);
        assert!(own.as_fd().as_raw_fd() >= FIRST);
        drop(own);
        assert!(kept.upgrade().is_none());
    }
}
