//! Contexts of streams: a call gets one of its own in place of the program's.
//!
//! What the program holds is not changed. A context is lent by replacing the
//! argument, in the frame of the call, or the default context while the call
//! runs; the function takes it before it does anything else.

use ext_php_rs::ffi::{self, php_stream_context, zend_resource, zval};

use super::cell::Global;
use super::handlers::Call;
use super::http_wrapper;
use super::value::Value;

unsafe extern "C" {
    fn php_stream_context_alloc() -> *mut php_stream_context;
    fn php_stream_context_get_option(
        context: *mut php_stream_context,
        wrapper: *const libc::c_char,
        option: *const libc::c_char,
    ) -> *mut zval;
    fn php_stream_context_set_option(
        context: *mut php_stream_context,
        wrapper: *const libc::c_char,
        option: *const libc::c_char,
        value: *mut zval,
    );
    fn php_le_stream_context() -> libc::c_int;
    fn zend_list_delete(resource: *mut zend_resource) -> libc::c_int;
    fn zend_array_dup(array: *mut ffi::HashTable) -> *mut ffi::HashTable;
}

/// Contexts of ours that stood in for the default one, and that one.
struct Defaults {
    lent: Vec<(u64, *mut php_stream_context)>,
    original: *mut php_stream_context,
}

static DEFAULTS: Global<Defaults> = Global::new(Defaults {
    lent: Vec::new(),
    original: std::ptr::null_mut(),
});

fn is_lent(context: *mut php_stream_context) -> bool {
    DEFAULTS.with(|d| d.lent.iter().any(|(_, lent)| std::ptr::eq(*lent, context)))
}

/// The default context of the program; null if it has none yet.
fn default() -> *mut php_stream_context {
    // SAFETY: NTS global.
    let now = unsafe { ffi::file_globals.default_context };
    if is_lent(now) {
        DEFAULTS.with(|d| d.original)
    } else {
        now
    }
}

/// Lends the call a context like the one that it would use, with the headers of
/// http that `headers` makes of its own ones. `index`: the argument that is the
/// context; `id`: any number for [`take_back`]. A context that tells the program of
/// the progress is left alone.
pub fn lend(
    call: &Call<'_>,
    index: usize,
    id: u64,
    headers: impl FnOnce(Option<Value<'_>>) -> Vec<u8>,
) {
    // SAFETY: the argument lives in the frame of the call, which owns it; a
    // resource of this type holds a context. The resource of the new context goes
    // to the frame, or is deleted by `take_back`.
    unsafe {
        let slot = call.slot(index);
        let kind = slot.map(|slot| u32::from((*slot).u1.v.type_));
        let base = match (slot, kind) {
            (Some(slot), Some(ffi::IS_RESOURCE)) => {
                let resource = (*slot).value.res;
                if (*resource).type_ != php_le_stream_context() {
                    return;
                }
                (*resource).ptr.cast::<php_stream_context>()
            }
            (None, _) | (_, Some(ffi::IS_NULL)) => default(),
            _ => return,
        };
        let Some(lent) = derive(base, headers) else {
            return;
        };
        if let Some(slot) = slot {
            ffi::zval_ptr_dtor(slot);
            (*slot).value.res = (*lent).res;
            (*slot).u1.type_info = ffi::IS_RESOURCE_EX;
            return;
        }
        DEFAULTS.with(|d| {
            d.original = base;
            d.lent.push((id, lent));
        });
        ffi::file_globals.default_context = lent;
    }
}

/// # Safety
/// `base` is null or a context.
unsafe fn derive(
    base: *mut php_stream_context,
    headers: impl FnOnce(Option<Value<'_>>) -> Vec<u8>,
) -> Option<*mut php_stream_context> {
    // SAFETY: by the contract above; a context's options are an array. The text
    // goes to the options, which count it.
    unsafe {
        let mut own = None;
        if !base.is_null() {
            if !(*base).notifier.is_null() || u32::from((*base).options.u1.v.type_) != ffi::IS_ARRAY
            {
                return None;
            }
            own = Value::new(php_stream_context_get_option(
                base,
                c"http".as_ptr(),
                c"header".as_ptr(),
            ));
        }
        let text = headers(own);
        let context = php_stream_context_alloc();
        if !base.is_null() {
            ffi::zval_ptr_dtor(&raw mut (*context).options);
            (*context).options.value.arr = zend_array_dup((*base).options.value.arr);
            (*context).options.u1.type_info = ffi::IS_ARRAY_EX;
        }
        let mut value: zval = std::mem::zeroed();
        value.value.str_ =
            ffi::ext_php_rs_zend_string_init(text.as_ptr().cast(), text.len(), false);
        value.u1.type_info = ffi::IS_STRING_EX;
        php_stream_context_set_option(
            context,
            c"http".as_ptr(),
            c"header".as_ptr(),
            &raw mut value,
        );
        ffi::zval_ptr_dtor(&raw mut value);
        std::mem::forget(value);
        Some(context)
    }
}

/// The context that the call uses: what was lent to it, or what it was given.
fn context(call: &Call<'_>, index: usize, id: u64) -> *mut php_stream_context {
    // SAFETY: as in `lend`.
    unsafe {
        match call.slot(index) {
            Some(slot) if u32::from((*slot).u1.v.type_) == ffi::IS_RESOURCE => {
                let resource = (*slot).value.res;
                if (*resource).type_ == php_le_stream_context() {
                    return (*resource).ptr.cast();
                }
                std::ptr::null_mut()
            }
            _ => DEFAULTS.with(|d| {
                let lent = d.lent.iter().find(|(lent, _)| *lent == id);
                lent.map_or(d.original, |(_, context)| *context)
            }),
        }
    }
}

/// Gives the HTTP method and the status of the answer, as far as they are known, to
/// `look`; after the call and before [`take_back`].
pub fn exchange<R>(
    call: &Call<'_>,
    index: usize,
    id: u64,
    look: impl FnOnce(&str, Option<u16>) -> R,
) -> R {
    let context = context(call, index, id);
    if context.is_null() {
        return look("GET", None);
    }
    // SAFETY: a context that lives as long as the call; so do its options.
    let method = unsafe {
        let option = php_stream_context_get_option(context, c"http".as_ptr(), c"method".as_ptr());
        Value::new(option)
    };
    let method = method.and_then(Value::text).filter(|m| !m.is_empty());
    look(method.unwrap_or("GET"), http_wrapper::take(context))
}

/// The call is over: the program's default context is back.
pub fn take_back(id: u64) {
    let lent = DEFAULTS.with(|d| {
        let place = d.lent.iter().position(|(lent, _)| *lent == id)?;
        Some(d.lent[place].1)
    });
    let Some(lent) = lent else {
        return;
    };
    restore();
    DEFAULTS.with(|d| d.lent.retain(|(lent, _)| *lent != id));
    // SAFETY: made by `derive`; a stream that still uses it counts itself.
    unsafe { zend_list_delete((*lent).res) };
}

/// The request ends, which frees all contexts.
pub fn request_ends() {
    restore();
    http_wrapper::request_ends();
    DEFAULTS.with(|d| {
        d.lent.clear();
        d.original = std::ptr::null_mut();
    });
}

fn restore() {
    // SAFETY: NTS global; the original lives to the end of the request.
    unsafe {
        if is_lent(ffi::file_globals.default_context) {
            ffi::file_globals.default_context = DEFAULTS.with(|d| d.original);
        }
    }
}
