//! Names of what edges, classes, functions and frames are.

use super::calls::{Class, Func};
use super::edges::FrameRef;
use super::graph::{Edge, Tag};
use super::layout::Str;
use super::path::{clean, identifier};

/// A string at an address that an edge carries.
fn name_at(payload: u64) -> Option<Str> {
    Str::from_addr(payload as usize)
}

/// The name that an edge carries, as an identifier.
pub(super) fn name_of(edge: Edge) -> String {
    match edge.tag {
        Tag::Prop | Tag::Local | Tag::NamedArg | Tag::Use | Tag::ClassConst | Tag::Key => {
            name_at(edge.payload).map_or("?".into(), |s| identifier(s.bytes()))
        }
        _ => String::new(),
    }
}

/// The name that an edge carries, as an array key.
pub(super) fn key_of(edge: Edge) -> String {
    match edge.tag {
        Tag::Key | Tag::KeyName => name_at(edge.payload).map_or("?".into(), |s| clean(s.bytes())),
        _ => String::new(),
    }
}

pub(super) fn class_name(class: Class) -> String {
    class.name().map_or("?".into(), |n| identifier(n.bytes()))
}

pub(super) fn file_and_line(file: Option<Str>, line: u32) -> String {
    let file = file.map_or("?".into(), |f| {
        String::from_utf8_lossy(f.bytes()).into_owned()
    });
    format!("{file}:{line}")
}

/// `App\foo()`, `Worker::run()`, `{closure}(/path:12)`, `{main}`.
pub(super) fn func_name(func: Func) -> String {
    match func.name() {
        (_, None) => "{main}".into(),
        (_, Some(name)) if name.bytes().ends_with(b"{closure}") => closure_name(func),
        (Some(class), Some(name)) => {
            format!("{}::{}()", class_name(class), identifier(name.bytes()))
        }
        (None, Some(name)) => format!("{}()", identifier(name.bytes())),
    }
}

/// A closure by where it was written, or, made from a named function, by that.
pub(super) fn closure_name(func: Func) -> String {
    match (func.name(), func.user()) {
        ((_, Some(name)), Some(op_array)) if name.bytes().ends_with(b"{closure}") => {
            let file = Str::from_addr(op_array.filename as usize);
            format!("{{closure}}({})", file_and_line(file, op_array.line_start))
        }
        _ => format!("{{closure}}({})", func_name(func)),
    }
}

/// Where a frame stands: `/path:12`.
pub(super) fn frame_place(frame: FrameRef) -> String {
    match frame.func.user() {
        Some(op_array) => file_and_line(Str::from_addr(op_array.filename as usize), frame.line),
        None => func_name(frame.func),
    }
}

/// `Worker::run() at /path/w.php:12`.
pub(super) fn frame_name(frame: FrameRef) -> String {
    match frame.func.user() {
        Some(_) => format!("{} at {}", func_name(frame.func), frame_place(frame)),
        None => func_name(frame.func),
    }
}

/// What of a frame an edge is.
pub(super) fn variable(edge: Edge) -> String {
    match edge.tag {
        Tag::Local => format!("local ${}", name_of(edge)),
        Tag::FrameThis => "$this".into(),
        Tag::FrameClosure => "the closure".into(),
        Tag::Arg => format!("argument #{}", edge.payload),
        Tag::NamedArg => format!("argument ${}", name_of(edge)),
        _ => "a temporary value".into(),
    }
}
