//! Puts `enter`, `try`, `finally` and `leave` around a body.

use ext_php_rs::ffi::{
    self, _zend_ast_kind_ZEND_AST_ARG_LIST as ARG_LIST, _zend_ast_kind_ZEND_AST_CALL as CALL,
    _zend_ast_kind_ZEND_AST_CATCH_LIST as CATCH_LIST,
    _zend_ast_kind_ZEND_AST_STMT_LIST as STMT_LIST, _zend_ast_kind_ZEND_AST_TRY as TRY, IS_LONG,
    zend_ast, zend_ast_kind, zval,
};

use super::functions::Functions;
use super::walk::{BODY, Found};
use crate::zend::cell::Global;

/// `ZEND_NAME_FQ` of zend_compile.h: the name is taken as it is.
const FULLY_QUALIFIED: u16 = 0;

/// The functions that are called.
pub(super) static FUNCTIONS: Global<Option<Functions>> = Global::new(None);

/// The kinds are smaller than the type that bindgen gives the enumeration.
const fn short(kind: u32) -> zend_ast_kind {
    assert!(kind <= u16::MAX as u32);
    kind as zend_ast_kind
}

/// Wraps the body. May bail out: the tree is then thrown away by the engine.
///
/// # Safety
/// A declaration with a list of statements, of a tree that is about to be
/// compiled, and not wrapped before.
pub(super) unsafe fn wrap(found: Found) {
    let Some(functions) = FUNCTIONS.with(|slot| *slot) else {
        return;
    };
    // SAFETY: the engine's own constructors with nodes of its own tree. The
    // new nodes stand on the first and the last line of the declaration, as
    // do the engine's own instructions for parameters and the implicit return.
    unsafe {
        let declaration = found.declaration;
        let (first, last) = ((*declaration).start_lineno, (*declaration).end_lineno);
        let body = (*declaration).child[BODY];
        let enter = call(functions.enter, found.id, first);
        let leave = list(STMT_LIST, call(functions.leave, found.id, last), last);
        let catches = ffi::zend_ast_create_list_0(short(CATCH_LIST));
        (*catches).lineno = last;
        let guarded = ffi::zend_ast_create_3(short(TRY), body, catches, leave);
        (*guarded).lineno = first;
        let statements = list(STMT_LIST, enter, first);
        (*declaration).child[BODY] = ffi::zend_ast_list_add(statements, guarded);
    }
}

/// # Safety
/// As for [`wrap`].
unsafe fn list(kind: u32, only: *mut zend_ast, line: u32) -> *mut zend_ast {
    // SAFETY: see `wrap`.
    unsafe {
        let list = ffi::zend_ast_create_list_1(short(kind), only);
        (*list).lineno = line;
        list
    }
}

/// `name(id)` as a statement.
///
/// # Safety
/// As for [`wrap`]; `name` is a permanent string.
unsafe fn call(name: *mut ffi::zend_string, id: u32, line: u32) -> *mut zend_ast {
    // SAFETY: see `wrap`. An interned string is not counted.
    unsafe {
        let mut value: zval = std::mem::zeroed();
        value.value.str_ = name;
        value.u1.type_info = ffi::IS_STRING;
        let callee = ffi::zend_ast_create_zval_with_lineno(&raw mut value, line);
        (*callee).attr = FULLY_QUALIFIED;
        value.value.lval = i64::from(id);
        value.u1.type_info = IS_LONG;
        let id = ffi::zend_ast_create_zval_with_lineno(&raw mut value, line);
        let call = ffi::zend_ast_create_2(short(CALL), callee, list(ARG_LIST, id, line));
        (*call).lineno = line;
        call
    }
}
