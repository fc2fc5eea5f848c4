//! Callbacks that a server calls: each is replaced by an object of ours that
//! calls it, with something before and after, in one C frame on the stack of
//! the coroutine that it runs in.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ext_php_rs::builders::{ClassBuilder, FunctionBuilder};
use ext_php_rs::ffi::{self, zend_class_entry, zend_execute_data, zval};
use ext_php_rs::flags::{ClassFlags, MethodFlags};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::catch;
use super::cell::Global;
use super::handlers::{Call, Token};
use super::value::Value;

/// What happens around a callback. `kind` is the number that [`wrap`] was given.
#[derive(Clone, Copy)]
pub struct Around {
    /// Before.
    pub begin: fn(kind: i64, arguments: &Arguments<'_>) -> Token,
    /// After, unless it bailed out; not called for a token of 0.
    pub end: fn(kind: i64, token: Token, arguments: &Arguments<'_>),
}

static AROUND: Global<Option<Around>> = Global::new(None);
static CLASS: Global<*mut zend_class_entry> = Global::new(std::ptr::null_mut());

/// Name of the class.
const NAME: &str = "SwooleTracker\\Callback";
/// Property that holds the program's callable.
const CALLABLE: usize = 0;
/// Property that holds the kind.
const KIND: usize = 1;

unsafe extern "C" {
    fn zend_declare_property_null(
        class: *mut zend_class_entry,
        name: *const libc::c_char,
        length: usize,
        flags: i32,
    ) -> i32;
    fn object_init_ex(object: *mut zval, class: *mut zend_class_entry) -> i32;
    fn zend_is_callable_at_frame(
        callable: *mut zval,
        object: *mut ffi::zend_object,
        frame: *mut zend_execute_data,
        flags: u32,
        cache: *mut Target,
        error: *mut *mut libc::c_char,
    ) -> bool;
    fn zend_is_callable_ex(
        callable: *mut zval,
        object: *mut ffi::zend_object,
        flags: u32,
        name: *mut *mut ffi::zend_string,
        cache: *mut Target,
        error: *mut *mut libc::c_char,
    ) -> bool;
    fn zend_create_fake_closure(
        result: *mut zval,
        function: *mut ffi::zend_function,
        scope: *mut zend_class_entry,
        called_scope: *mut zend_class_entry,
        this: *mut zval,
    );
    fn zend_release_fcall_info_cache(cache: *mut Target);
    fn _call_user_function_impl(
        object: *mut zval,
        function: *mut zval,
        result: *mut zval,
        count: u32,
        arguments: *mut zval,
        named: *mut ffi::HashTable,
    ) -> i32;
}

/// `zend_fcall_info_cache` of Zend/zend_API.h: what a callable leads to.
#[repr(C)]
struct Target {
    function: *mut ffi::zend_function,
    calling_scope: *mut zend_class_entry,
    called_scope: *mut zend_class_entry,
    object: *mut ffi::zend_object,
    /// Since PHP 8.3.
    closure: *mut ffi::zend_object,
}

/// `IS_CALLABLE_SUPPRESS_DEPRECATIONS` of Zend/zend_API.h.
const QUIETLY: u32 = 2;
/// `ZEND_ACC_CALL_VIA_TRAMPOLINE` of Zend/zend_compile.h.
const TRAMPOLINE: u32 = 1 << 18;

/// From where a callback is looked up by whoever takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// From nowhere: what is not public cannot be called.
    Nowhere,
    /// From the function that hands it over, which may hand over what only it
    /// can call.
    Caller,
}

/// Registers the class; at the start of the module.
pub fn register() {
    let built = ClassBuilder::new(NAME)
        .flags(ClassFlags::Final)
        .method(
            FunctionBuilder::new("__invoke", invoke),
            MethodFlags::Public,
        )
        .registration(|class, _| {
            let class = std::ptr::from_mut(class);
            // SAFETY: declares two properties of a class that is being
            // registered; they get the first two places of every object.
            unsafe {
                let private = ffi::ZEND_ACC_PRIVATE.cast_signed();
                zend_declare_property_null(class, c"callable".as_ptr(), 8, private);
                zend_declare_property_null(class, c"kind".as_ptr(), 4, private);
            }
            CLASS.with(|slot| *slot = class);
        })
        .register();
    if built.is_err() {
        CLASS.with(|slot| *slot = std::ptr::null_mut());
    }
}

/// What happens around callbacks from now on.
pub fn set_around(around: Around) {
    AROUND.with(|slot| *slot = Some(around));
}

/// Names that mean another class in every function; callables with them are
/// deprecated, and left to the engine.
const RELATIVE: [&[u8]; 3] = [b"self", b"parent", b"static"];

fn is_relative(text: &[u8]) -> bool {
    let class = text.split(|byte| *byte == b':').next().unwrap_or(text);
    RELATIVE.iter().any(|name| class.eq_ignore_ascii_case(name))
}

fn names_relative_class(callable: Value<'_>) -> bool {
    let parts = [callable.at(0), callable.at(1)];
    [Some(callable), parts[0], parts[1]]
        .into_iter()
        .flatten()
        .filter_map(Value::bytes)
        .any(is_relative)
}

/// Whether the call's taker will be able to call its argument; one that it may
/// only find now is replaced by a closure.
///
/// # Safety
/// `argument` lies in the frame of a call that is about to run.
unsafe fn is_callable(argument: *mut zval, scope: Scope) -> bool {
    use std::ptr::null_mut as null;
    // SAFETY: by the contract above. It may load a class, as the taker would;
    // nothing is held meanwhile.
    unsafe {
        let is_relative = Value::new(argument).is_some_and(names_relative_class);
        match u32::from((*argument).u1.v.type_) {
            ffi::IS_OBJECT => {
                zend_is_callable_at_frame(argument, null(), null(), QUIETLY, null(), null())
            }
            ffi::IS_ARRAY | ffi::IS_STRING if is_relative => false,
            ffi::IS_ARRAY | ffi::IS_STRING if scope == Scope::Nowhere => {
                zend_is_callable_at_frame(argument, null(), null(), QUIETLY, null(), null())
            }
            ffi::IS_ARRAY | ffi::IS_STRING => {
                let mut target: Target = std::mem::zeroed();
                if !zend_is_callable_ex(argument, null(), QUIETLY, null(), &raw mut target, null())
                {
                    return false;
                }
                if (*target.function).common.fn_flags & TRAMPOLINE != 0 {
                    // `__call()` is found from anywhere.
                    zend_release_fcall_info_cache(&raw mut target);
                    return true;
                }
                // It borrows the object: nothing is released.
                let mut this = ManuallyDrop::new(std::mem::zeroed::<zval>());
                this.value.obj = target.object;
                this.u1.type_info = ffi::IS_OBJECT_EX;
                let this = if target.object.is_null() {
                    null()
                } else {
                    &raw mut *this
                };
                let mut closure: zval = std::mem::zeroed();
                let declared = (*target.function).common.scope;
                zend_create_fake_closure(
                    &raw mut closure,
                    target.function,
                    declared,
                    target.called_scope,
                    this,
                );
                ffi::zval_ptr_dtor(argument);
                std::ptr::copy_nonoverlapping(&raw const closure, argument, 1);
                std::mem::forget(closure);
                true
            }
            _ => false,
        }
    }
}

/// Replaces an argument of a call that is about to run by an object that calls
/// it. Nothing happens to what is no callable, or is one of ours.
pub fn wrap(call: &Call<'_>, index: usize, kind: i64, scope: Scope) {
    let class = CLASS.with(|slot| *slot);
    let Some(argument) = call.slot(index) else {
        return;
    };
    // SAFETY: the argument lives in the frame of the call. The new object takes
    // over the frame's reference to it; the frame releases the object.
    unsafe {
        let is_object = u32::from((*argument).u1.v.type_) == ffi::IS_OBJECT;
        let is_ours = is_object && (*(*argument).value.obj).ce == class;
        if class.is_null() || is_ours || !is_callable(argument, scope) {
            return;
        }
        let mut object: zval = std::mem::zeroed();
        if object_init_ex(&raw mut object, class) != 0 {
            return;
        }
        let properties = (&raw mut (*object.value.obj).properties_table).cast::<zval>();
        std::ptr::copy_nonoverlapping(argument, properties.add(CALLABLE), 1);
        let number = properties.add(KIND);
        (*number).value.lval = kind;
        (*number).u1.type_info = ffi::IS_LONG;
        std::ptr::copy_nonoverlapping(&raw const object, argument, 1);
        std::mem::forget(object);
    }
}

/// Replaces an object of ours that a call returned by the program's callable.
pub fn unwrap_result(call: &Call<'_>) {
    let class = CLASS.with(|slot| *slot);
    let result = call.result_slot();
    // SAFETY: the result is a value that the caller will own.
    unsafe {
        if result.is_null()
            || u32::from((*result).u1.v.type_) != ffi::IS_OBJECT
            || (*(*result).value.obj).ce != class
        {
            return;
        }
        let properties = (&raw mut (*(*result).value.obj).properties_table).cast::<zval>();
        let inner = properties.add(CALLABLE);
        let mut old: zval = std::mem::zeroed();
        std::ptr::copy_nonoverlapping(result, &raw mut old, 1);
        std::ptr::copy_nonoverlapping(inner, result, 1);
        if (*result).u1.v.type_flags != 0 {
            (*(*result).value.counted).gc.refcount += 1;
        }
        ffi::zval_ptr_dtor(&raw mut old);
        std::mem::forget(old);
    }
}

/// Arguments of a callback.
pub struct Arguments<'a> {
    first: *mut zval,
    count: usize,
    alive: PhantomData<&'a ()>,
}

impl<'a> Arguments<'a> {
    /// Those of a frame.
    ///
    /// # Safety
    /// It is a frame of `__invoke`, and runs for `'a`.
    unsafe fn of(frame: *mut zend_execute_data) -> Self {
        // SAFETY: by the contract above: an internal function has all of them behind
        // the frame.
        unsafe {
            Self {
                first: frame.cast::<zval>().add(super::handlers::FRAME_SLOTS),
                count: (*frame).This.u2.num_args as usize,
                alive: PhantomData,
            }
        }
    }

    /// Argument, counted from 0.
    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        if index >= self.count {
            return None;
        }
        // SAFETY: the frame of the call holds `count` arguments for 'a.
        unsafe { Value::new(self.first.add(index)) }
    }
}

/// Gives `look` the innermost callback of ours that is running in this coroutine: its
/// kind, and its arguments as they are now.
pub fn running(look: impl FnOnce(i64, &Arguments<'_>)) {
    let class = CLASS.with(|slot| *slot);
    // SAFETY: the frames of a chain live as long as what they called; the fields are
    // those that `invoke` reads, of the same frame.
    unsafe {
        let mut frame = ffi::executor_globals.current_execute_data;
        while let Some(running) = frame.as_ref() {
            let function = running.func.as_ref();
            if function.is_some_and(|f| {
                u32::from(f.type_) == ffi::ZEND_INTERNAL_FUNCTION && f.common.scope == class
            }) && !class.is_null()
            {
                return look(kind_of(running.This.value.obj), &Arguments::of(frame));
            }
            frame = running.prev_execute_data;
        }
    }
}

/// The kind that an object of ours was given.
///
/// # Safety
/// It is one, and alive.
unsafe fn kind_of(object: *mut ffi::zend_object) -> i64 {
    // SAFETY: by the contract above; the class has two properties.
    unsafe {
        let properties = (&raw mut (*object).properties_table).cast::<zval>();
        (*properties.add(KIND)).value.lval
    }
}

extern "C" fn invoke(frame: &mut ExecuteData, result: &mut Zval) {
    let frame = std::ptr::from_mut(frame).cast::<zend_execute_data>();
    // SAFETY: the engine calls this with the frame of `__invoke`; its object
    // lives as long as the call.
    unsafe {
        let object = (*frame).This.value.obj;
        let properties = (&raw mut (*object).properties_table).cast::<zval>();
        let kind = kind_of(object);
        let arguments = Arguments::of(frame);
        let around = AROUND.with(|slot| *slot);
        let token = around.map_or(0, |around| {
            catch_unwind(AssertUnwindSafe(|| (around.begin)(kind, &arguments))).unwrap_or(0)
        });
        // May bail out: nothing here is dropped.
        _call_user_function_impl(
            std::ptr::null_mut(),
            properties.add(CALLABLE),
            std::ptr::from_mut(result),
            (*frame).This.u2.num_args,
            arguments.first,
            std::ptr::null_mut(),
        );
        if token != 0
            && let Some(around) = around
        {
            catch(|| (around.end)(kind, token, &arguments));
        }
    }
}
