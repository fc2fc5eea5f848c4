//! Finds the declarations in a syntax tree: at the top, in namespaces and
//! classes, in conditional blocks, in the bodies of other functions.
//!
//! No recursion, so a deep tree needs no stack; no PHP memory; nothing is
//! owned by a frame. The lists are kept for the next file.

use ext_php_rs::ffi::{
    _zend_ast_kind_ZEND_AST_ARROW_FUNC as ARROW_FUNC, _zend_ast_kind_ZEND_AST_CALL as CALL,
    _zend_ast_kind_ZEND_AST_CLASS as CLASS, _zend_ast_kind_ZEND_AST_CLOSURE as CLOSURE,
    _zend_ast_kind_ZEND_AST_CONST_ELEM as CONST_ELEM, _zend_ast_kind_ZEND_AST_DECLARE as DECLARE,
    _zend_ast_kind_ZEND_AST_FUNC_DECL as FUNC_DECL, _zend_ast_kind_ZEND_AST_METHOD as METHOD,
    _zend_ast_kind_ZEND_AST_NAMESPACE as NAMESPACE, _zend_ast_kind_ZEND_AST_STMT_LIST as STMT_LIST,
    _zend_ast_kind_ZEND_AST_ZVAL as ZVAL, IS_STRING, zend_ast, zend_ast_decl, zend_ast_list,
    zend_ast_zval, zend_string,
};

use super::Kind;
use crate::zend::cell::Global;
use crate::zend::strings;

/// `ZEND_AST_SPECIAL_SHIFT`: a leaf or a declaration.
const IS_SPECIAL: u32 = 1 << 6;
/// `ZEND_AST_IS_LIST_SHIFT`.
const IS_LIST: u32 = 1 << 7;
/// `ZEND_AST_NUM_CHILDREN_SHIFT`.
const CHILDREN_SHIFT: u32 = 8;
/// Place of the body (functions) or the members (classes) in a declaration.
pub(super) const BODY: usize = 2;
/// What the engine calls a class without a name.
const ANONYMOUS: &[u8] = b"class@anonymous";

/// The class that a node is in.
#[derive(Clone, Copy)]
enum Scope {
    None,
    Anonymous,
    Named(*const zend_string),
}

/// A node still to be looked at.
#[derive(Clone, Copy)]
struct Item {
    node: *mut zend_ast,
    scope: Scope,
}

/// A declaration that is to be instrumented.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// The declaration.
    pub(super) declaration: *mut zend_ast_decl,
    /// Number for `enter` and `leave`.
    pub(super) id: u32,
}

struct Walk {
    open: Vec<Item>,
    found: Vec<Found>,
    name: Vec<u8>,
    /// The file counts its statements.
    ticks: bool,
}

static WALK: Global<Walk> = Global::new(Walk {
    open: Vec::new(),
    found: Vec::new(),
    name: Vec::new(),
    ticks: false,
});

type Choose = fn(&[u8], Kind) -> Option<u32>;

/// Collects what `choose` chooses; [`found`] hands it out.
///
/// # Safety
/// `root` is a tree of the engine, or null.
pub(super) unsafe fn collect(root: *mut zend_ast, choose: Choose) {
    WALK.with(|walk| {
        walk.open.clear();
        walk.found.clear();
        walk.ticks = false;
        // SAFETY: by the contract above.
        unsafe { walk.file(root, choose) };
        if walk.ticks {
            walk.found.clear();
        }
    });
}

/// The declaration of that number.
pub(super) fn found(number: usize) -> Option<Found> {
    WALK.with(|walk| walk.found.get(number).copied())
}

/// # Safety
/// `node` is a node of the engine.
unsafe fn kind(node: *const zend_ast) -> u32 {
    // SAFETY: all nodes begin with their kind.
    unsafe { u32::from((*node).kind) }
}

/// The nodes right below a list or an ordinary node.
///
/// # Safety
/// `node` is a node of the engine that is not special.
unsafe fn children<'a>(node: *mut zend_ast) -> &'a [*mut zend_ast] {
    // SAFETY: a list says how many it has, of any other node its kind does.
    unsafe {
        let kind = kind(node);
        if kind & IS_LIST != 0 {
            let list = node.cast::<zend_ast_list>();
            let first = (&raw const (*list).child).cast();
            std::slice::from_raw_parts(first, (*list).children as usize)
        } else {
            let first = (&raw const (*node).child).cast();
            std::slice::from_raw_parts(first, (kind >> CHILDREN_SHIFT) as usize)
        }
    }
}

/// The text of a constant node.
///
/// # Safety
/// `node` is a node of the engine, or null.
unsafe fn text(node: *const zend_ast) -> Option<*const zend_string> {
    // SAFETY: by the contract above; the kind says what the node is.
    unsafe {
        if node.is_null() || kind(node) != ZVAL {
            return None;
        }
        let value = &(*node.cast::<zend_ast_zval>()).val;
        (u32::from(value.u1.v.type_) == IS_STRING).then(|| value.value.str_.cast_const())
    }
}

impl Walk {
    /// The statements of a file. A `namespace X;` holds for those after it.
    ///
    /// # Safety
    /// As for [`collect`].
    unsafe fn file(&mut self, root: *mut zend_ast, choose: Choose) {
        // SAFETY: by the contract above.
        unsafe {
            if root.is_null() {
                return;
            }
            if kind(root) != STMT_LIST {
                self.statement(root, std::ptr::null(), choose);
                return;
            }
            let mut namespace = std::ptr::null();
            for &statement in children(root) {
                if statement.is_null() || kind(statement) != NAMESPACE {
                    self.statement(statement, namespace, choose);
                    continue;
                }
                let parts = children(statement);
                let name = text(parts[0]).unwrap_or(std::ptr::null());
                if parts[1].is_null() {
                    namespace = name;
                } else {
                    self.statement(parts[1], name, choose);
                }
            }
        }
    }

    /// All of one statement.
    ///
    /// # Safety
    /// As for [`collect`]; `namespace` is null or a live string.
    unsafe fn statement(
        &mut self,
        node: *mut zend_ast,
        namespace: *const zend_string,
        choose: Choose,
    ) {
        self.push(node, Scope::None);
        while let Some(Item { node, scope }) = self.open.pop() {
            // SAFETY: `push` takes no null; all nodes are of the engine.
            unsafe {
                let kind = kind(node);
                match kind {
                    FUNC_DECL | METHOD | CLOSURE | ARROW_FUNC => {
                        let inner = if kind == FUNC_DECL {
                            Scope::None
                        } else {
                            scope
                        };
                        let declaration = node.cast::<zend_ast_decl>();
                        self.declaration(kind, declaration, inner, namespace, choose);
                        self.push((*declaration).child[BODY], inner);
                    }
                    CLASS => {
                        let declaration = node.cast::<zend_ast_decl>();
                        let scope = match (*declaration).name {
                            name if name.is_null() => Scope::Anonymous,
                            name => Scope::Named(name),
                        };
                        self.push((*declaration).child[BODY], scope);
                    }
                    DECLARE => {
                        self.ticks |= declares_ticks(node);
                        self.push_all(node, scope);
                    }
                    // A failed assertion prints its code.
                    CALL if is_assert(node) => {}
                    _ if kind & IS_SPECIAL != 0 => {}
                    _ => self.push_all(node, scope),
                }
            }
        }
    }

    fn push(&mut self, node: *mut zend_ast, scope: Scope) {
        if !node.is_null() {
            self.open.push(Item { node, scope });
        }
    }

    /// # Safety
    /// As for [`children`].
    unsafe fn push_all(&mut self, node: *mut zend_ast, scope: Scope) {
        // SAFETY: by the contract above.
        for &child in unsafe { children(node) }.iter().rev() {
            self.push(child, scope);
        }
    }

    /// # Safety
    /// `declaration` is a function of the tree, in `scope` and `namespace`.
    unsafe fn declaration(
        &mut self,
        kind: u32,
        declaration: *mut zend_ast_decl,
        scope: Scope,
        namespace: *const zend_string,
        choose: Choose,
    ) {
        // SAFETY: by the contract above; names live as long as the tree.
        unsafe {
            let body = (*declaration).child[BODY];
            let has_statements = !body.is_null() && self::kind(body) == STMT_LIST;
            if kind == ARROW_FUNC || !has_statements {
                return;
            }
            self.name.clear();
            if !namespace.is_null() && !matches!(scope, Scope::Anonymous) {
                self.name.extend_from_slice(strings::bytes(namespace));
                self.name.push(b'\\');
            }
            match scope {
                Scope::None => {}
                Scope::Anonymous => self.name.extend_from_slice(ANONYMOUS),
                Scope::Named(class) => self.name.extend_from_slice(strings::bytes(class)),
            }
            if !matches!(scope, Scope::None) {
                self.name.extend_from_slice(b"::");
            }
            let kind = if kind == CLOSURE {
                self.name.extend_from_slice(b"{closure}");
                Kind::Closure
            } else {
                let name = strings::bytes((*declaration).name);
                self.name.extend_from_slice(name);
                Kind::Named
            };
            self.name.make_ascii_lowercase();
            if let Some(id) = choose(&self.name, kind) {
                self.found.push(Found { declaration, id });
            }
        }
    }
}

/// # Safety
/// `node` is a call.
unsafe fn is_assert(node: *mut zend_ast) -> bool {
    // SAFETY: by the contract above; the first part of a call is its name.
    unsafe {
        text(children(node)[0])
            .is_some_and(|name| strings::bytes(name).eq_ignore_ascii_case(b"assert"))
    }
}

/// # Safety
/// `node` is a `declare`.
unsafe fn declares_ticks(node: *mut zend_ast) -> bool {
    // SAFETY: by the contract above; its first part is a list of constants,
    // each of which begins with its name.
    unsafe {
        let list = children(node)[0];
        !list.is_null()
            && kind(list) & IS_LIST != 0
            && children(list).iter().any(|&element| {
                !element.is_null()
                    && kind(element) == CONST_ELEM
                    && text(children(element)[0])
                        .is_some_and(|name| strings::bytes(name).eq_ignore_ascii_case(b"ticks"))
            })
    }
}
