//! A call of a user function, seen from within: who, with what, and how it
//! ends.

use ext_php_rs::ffi::{
    IS_OBJECT, ZEND_USER_FUNCTION, zend_execute_data, zend_object, zend_op, zend_op_array, zval,
};

use crate::zend::strings;
use crate::zend::value::{Object, Value};

/// `ZEND_CALL_FRAME_SLOT` of zend_compile.h: the values of a frame come after
/// its head.
pub(super) const SLOT_OF_FIRST_ARGUMENT: usize =
    size_of::<zend_execute_data>().div_ceil(size_of::<zval>());

/// ZEND_RETURN, ZEND_RETURN_BY_REF and ZEND_GENERATOR_RETURN of
/// Zend/zend_vm_opcodes.h.
const RETURNS: [u8; 3] = [62, 111, 161];
const CONSTANT: u8 = 1;
const UNUSED: u8 = 0;
/// What a parked call says when there is no place to go back to.
const NOWHERE: u32 = u32::MAX;

/// A running call of a user function.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    frame: &'a zend_execute_data,
    code: &'a zend_op_array,
}

/// How a call ends.
#[derive(Clone, Copy)]
pub enum Outcome<'a> {
    /// It returns that.
    Returned(Value<'a>),
    /// It returns nothing.
    ReturnedNothing,
    /// That exception leaves it.
    Threw(Object<'a>),
    /// A generator or a fiber is destroyed before its end.
    Abandoned,
}

unsafe extern "C" {
    /// Of Zend/zend_exceptions.h: no exception of the program, but how the
    /// engine leaves the frames of a fiber that is destroyed.
    fn zend_is_graceful_exit(exception: *const zend_object) -> bool;
}

impl<'a> Call<'a> {
    /// The call of that frame, if it is one of a user function.
    ///
    /// # Safety
    /// `frame` is null or a frame of the running call chain, alive for `'a`.
    #[inline(always)]
    pub(super) unsafe fn of(frame: *const zend_execute_data) -> Option<Self> {
        // SAFETY: by the contract above; the first byte of a function is its
        // kind.
        unsafe {
            let frame = frame.as_ref()?;
            let function = frame.func.as_ref()?;
            if u32::from(function.type_) != ZEND_USER_FUNCTION {
                return None;
            }
            Some(Self {
                frame,
                code: &function.op_array,
            })
        }
    }

    /// Tells this call from all others that are running, also in other
    /// coroutines and in generators at rest.
    pub fn identity(&self) -> usize {
        std::ptr::from_ref(self.frame) as usize
    }

    /// Name of the function.
    pub fn function(&self) -> &'a [u8] {
        // SAFETY: the name lives as long as the function.
        unsafe { strings::bytes(self.code.function_name) }
    }

    /// Name of the class that declares it.
    pub fn class(&self) -> Option<&'a [u8]> {
        // SAFETY: a class lives as long as its methods.
        unsafe { Some(strings::bytes(self.code.scope.as_ref()?.name)) }
    }

    /// `$this`.
    pub fn this(&self) -> Option<Object<'a>> {
        let this = &self.frame.This;
        // SAFETY: the kind tells what the union holds; the frame keeps it.
        unsafe {
            if u32::from(this.u1.v.type_) != IS_OBJECT {
                return None;
            }
            Object::new(this.value.obj)
        }
    }

    /// Number of arguments given.
    pub fn argument_count(&self) -> usize {
        // SAFETY: in a frame this part of the value is the count.
        unsafe { self.frame.This.u2.num_args as usize }
    }

    /// An argument by its position from 0: the parameter's value of this
    /// moment, or its default. `None` where nothing was given.
    pub fn argument(&self, position: usize) -> Option<Value<'a>> {
        let declared = self.code.num_args as usize;
        let slot = if position < declared {
            position
        } else {
            if position >= self.argument_count() {
                return None;
            }
            // Further ones lie after variables and temporaries.
            self.code.last_var as usize + self.code.T as usize + (position - declared)
        };
        // SAFETY: within the frame: a frame has room for all parameters, and
        // for all further arguments that were given.
        unsafe {
            let values = std::ptr::from_ref(self.frame).cast::<zval>();
            Value::new(values.add(SLOT_OF_FIRST_ARGUMENT + slot))
        }
    }

    /// The value at a byte offset of the frame, as instructions name it.
    ///
    /// # Safety
    /// `offset` comes from an instruction of this function.
    unsafe fn variable(&self, offset: u32) -> &'a zval {
        // SAFETY: by the contract above.
        unsafe {
            &*std::ptr::from_ref(self.frame)
                .byte_add(offset as usize)
                .cast::<zval>()
        }
    }

    fn instruction(&self, number: u32) -> Option<&'a zend_op> {
        // SAFETY: checked against the function's length.
        (number < self.code.last).then(|| unsafe { &*self.code.opcodes.add(number as usize) })
    }

    /// How the call ends; only in `leave`, while its outermost `finally` runs.
    ///
    /// There the engine keeps either the exception or the number of the
    /// instruction that called `finally`; the one after that returns.
    pub fn outcome(&self) -> Outcome<'a> {
        self.parked().unwrap_or(Outcome::ReturnedNothing)
    }

    fn parked(&self) -> Option<Outcome<'a>> {
        if self.code.last_try_catch == 0 {
            return None;
        }
        // SAFETY: the outermost `try` is the first that is compiled. The last
        // instruction of its `finally` names the variable that says how it was
        // reached, which is set for as long as `finally` runs.
        unsafe {
            let guarded = &*self.code.try_catch_array;
            let at = self.frame.opline.offset_from_unsigned(self.code.opcodes);
            let range = guarded.finally_op as usize..guarded.finally_end as usize;
            if guarded.finally_op == 0 || !range.contains(&at) {
                return None;
            }
            let end = self.instruction(guarded.finally_end)?;
            let parked = self.variable(end.op1.var);
            let from = parked.u2.opline_num;
            if from == NOWHERE {
                let exception = parked.value.obj;
                if exception.is_null() || zend_is_graceful_exit(exception) {
                    return Some(Outcome::Abandoned);
                }
                return Object::new(exception).map(Outcome::Threw);
            }
            let back = self.instruction(from.checked_add(1)?)?;
            if !RETURNS.contains(&back.opcode) {
                return None;
            }
            let value = match back.op1_type {
                UNUSED => return None,
                CONSTANT => &*std::ptr::from_ref(back)
                    .byte_offset(back.op1.constant.cast_signed() as isize)
                    .cast::<zval>(),
                _ => self.variable(back.op1.var),
            };
            Value::new(value).map(Outcome::Returned)
        }
    }
}
