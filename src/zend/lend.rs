//! Arrays in arguments of a call that is about to run: it gets texts beside
//! those that the program passes, or in an argument that the program leaves out.
//!
//! What the program holds is not changed: the frame gets copies. Arguments that
//! were left out are taken away again after the call, since the code that made the
//! frame may know how many it has put there.

use ext_php_rs::ffi::{self, zval};

use super::cell::Global;
use super::handlers::{Call, FRAME_SLOTS, Token};
use super::properties;

/// What an argument is that the program leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// `null`.
    Null,
    /// A number.
    Long(i64),
}

/// Calls whose frames have more arguments than the program gave, and how many it
/// gave.
static LENT: Global<Vec<(Token, usize)>> = Global::new(Vec::new());

unsafe extern "C" {
    fn zend_hash_str_add_new(
        array: *mut ffi::HashTable,
        key: *const libc::c_char,
        len: usize,
        value: *mut zval,
    ) -> *mut zval;
}

/// Adds texts to the array in the argument of number `defaults.len()`, or, with
/// `inside`, to the array that it holds under that key. `defaults` are those of the
/// arguments before it. False if nothing was added: what stands there is no array.
///
/// Whoever calls it calls [`take_back`] with the same `token` after the call.
pub fn add_texts(
    call: &Call<'_>,
    defaults: &[Missing],
    inside: Option<&str>,
    texts: &[(&'static str, String)],
    token: Token,
) -> bool {
    let index = defaults.len();
    // SAFETY: the arguments belong to the frame of the call, which has not begun to
    // read them; no PHP code runs. Elements of an array that the slot alone holds
    // are nobody else's, unless they are references, which are left alone.
    unsafe {
        let slot = call
            .slot(index)
            .or_else(|| extend(call, index, defaults, token));
        let Some(slot) = slot else {
            return false;
        };
        let Some(key) = inside else {
            return properties::add_to(slot, texts).is_some();
        };
        if properties::add_to(slot, &[]).is_none() {
            return false;
        }
        properties::own(slot);
        let array = (*slot).value.arr;
        let mut found = ffi::zend_hash_str_find(array, key.as_ptr().cast(), key.len());
        if found.is_null() {
            let mut none: zval = std::mem::zeroed();
            none.u1.type_info = ffi::IS_NULL;
            found = zend_hash_str_add_new(array, key.as_ptr().cast(), key.len(), &raw mut none);
        }
        !found.is_null() && properties::add_to(found, texts).is_some()
    }
}

/// Gives the frame of a call the arguments up to `index`; where the last one lies.
/// `None` if there is no room right behind it.
///
/// # Safety
/// The function of the call has not begun to read its arguments.
unsafe fn extend(
    call: &Call<'_>,
    index: usize,
    defaults: &[Missing],
    token: Token,
) -> Option<*mut zval> {
    // SAFETY: the frame is the newest on its stack if the stack's top is right behind
    // its arguments, and what follows up to the stack's end is nobody's.
    unsafe {
        let globals = &raw mut ffi::executor_globals;
        let count = call.count();
        let first = call.frame().cast::<zval>().add(FRAME_SLOTS);
        let end = first.add(index + 1);
        if (*globals).vm_stack_top != first.add(count) || end >= (*globals).vm_stack_end {
            return None;
        }
        for place in count..=index {
            let slot = first.add(place);
            match defaults.get(place) {
                Some(Missing::Long(number)) => {
                    (*slot).value.lval = *number;
                    (*slot).u1.type_info = ffi::IS_LONG;
                }
                _ => (*slot).u1.type_info = ffi::IS_NULL,
            }
        }
        (*globals).vm_stack_top = end;
        (*call.frame()).This.u2.num_args = u32::try_from(index + 1).ok()?;
        LENT.with(|lent| lent.push((token, count)));
        Some(first.add(index))
    }
}

/// After the call: takes the arguments away that it was lent.
pub fn take_back(call: &Call<'_>, token: Token) {
    let count = LENT.with(|lent| {
        let place = lent.iter().rposition(|(of, _)| *of == token)?;
        Some(lent.swap_remove(place).1)
    });
    let Some(count) = count else {
        return;
    };
    // SAFETY: the frame still runs; the arguments from `count` on are ours.
    unsafe {
        let globals = &raw mut ffi::executor_globals;
        let first = call.frame().cast::<zval>().add(FRAME_SLOTS);
        let now = call.count();
        for place in count..now {
            ffi::zval_ptr_dtor(first.add(place));
        }
        (*call.frame()).This.u2.num_args = u32::try_from(count).unwrap_or(0);
        if (*globals).vm_stack_top == first.add(now) {
            (*globals).vm_stack_top = first.add(count);
        }
    }
}

/// The request is over: so are its calls.
pub fn request_ends() {
    LENT.with(Vec::clear);
}
