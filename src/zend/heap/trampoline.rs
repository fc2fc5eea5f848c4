//! Hands the virtual machine's instruction register to the handlers.
//!
//! PHP built by GCC with the hybrid VM keeps the current instruction in a
//! global register variable (Zend/zend_execute.c, `ZEND_VM_IP_GLOBAL_REG`).
//! It is callee-saved, so on entry of an allocation handler it still holds
//! the instruction, unless a function in between put something else there:
//! `frame::instruction` checks. Costs one `mov`.

use core::arch::naked_asm;

use libc::c_void;

use super::events::{self, HeapEvents};

/// Jumps to a handler with the register as its second argument.
#[cfg(target_arch = "x86_64")]
macro_rules! second {
    ($target:path) => {
        naked_asm!("mov rsi, r15", "jmp {target}", target = sym $target)
    };
}

/// Jumps to a handler with the register as its third argument.
#[cfg(target_arch = "x86_64")]
macro_rules! third {
    ($target:path) => {
        naked_asm!("mov rdx, r15", "jmp {target}", target = sym $target)
    };
}

/// Jumps to a handler with the register as its second argument.
#[cfg(target_arch = "aarch64")]
macro_rules! second {
    ($target:path) => {
        naked_asm!("mov x1, x28", "b {target}", target = sym $target)
    };
}

/// Jumps to a handler with the register as its third argument.
#[cfg(target_arch = "aarch64")]
macro_rules! third {
    ($target:path) => {
        naked_asm!("mov x2, x28", "b {target}", target = sym $target)
    };
}

#[unsafe(naked)]
pub(super) unsafe extern "C" fn malloc<L: HeapEvents, const N: bool>(_size: usize) -> *mut c_void {
    second!(events::malloc::<L, N>)
}

#[unsafe(naked)]
pub(super) unsafe extern "C" fn free<L: HeapEvents, const N: bool>(_block: *mut c_void) {
    second!(events::free::<L, N>)
}

#[unsafe(naked)]
pub(super) unsafe extern "C" fn realloc<L: HeapEvents, const N: bool>(
    _block: *mut c_void,
    _size: usize,
) -> *mut c_void {
    third!(events::realloc::<L, N>)
}
