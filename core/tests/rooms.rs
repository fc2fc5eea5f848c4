//! The house stands as `docs/ARCHITECTURE.md` says: no room imports from one
//! above it, and `unsafe` stands in `src/zend/` only.

mod tree;

use std::path::Path;

use tree::{read, root};

/// The extension's rooms, lowest first, and whether they may use `core/`.
const ROOMS: [(&str, bool); 7] = [
    ("zend", false),
    ("settings", false),
    ("context", true),
    ("instrument", true),
    ("leak", true),
    ("ship", true),
    ("api", true),
];
/// What belongs to the whole crate: constants that `build.rs` wrote, and the
/// module's entry, which `zend_extension=` has to register itself.
const OF_THE_CRATE: [&str; 2] = ["build_info", "get_module"];

/// Every Rust file below a folder, by its path from the top.
fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = folder
            .read_dir()
            .unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(root()).unwrap_or(&path);
                found.push((name.display().to_string(), code(&read(&path))));
            }
        }
    }
    found.sort();
    found
}

/// Without comments and string literals: words in them are no code.
fn code(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let mut rest = line;
        loop {
            let quote = rest.find('"').unwrap_or(rest.len());
            let comment = rest.find("//").unwrap_or(rest.len());
            kept.push_str(&rest[..quote.min(comment)]);
            if comment <= quote {
                break;
            }
            let string = &rest[quote + 1..];
            let end = string.replace("\\\\", "__").replace("\\\"", "__").find('"');
            let Some(end) = end else { break };
            rest = &string[end + 1..];
        }
        kept.push('\n');
    }
    kept
}

/// The words that follow `prefix`, wherever it begins a path.
fn followers<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.match_indices(prefix)
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| is_word(c) || c == ':'))
        .map(|(at, _)| {
            let rest = &code[at + prefix.len()..];
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            &rest[..end]
        })
        .collect()
}

/// Room of a file of the extension: its folder or its name.
fn room(path: &str) -> Option<usize> {
    let below = path.strip_prefix("src/")?;
    let name = below.split('/').next()?.trim_end_matches(".rs");
    ROOMS.iter().position(|(room, _)| *room == name)
}

/// What a file must not import.
fn faults(path: &str, code: &str) -> Vec<String> {
    let Some(rank) = room(path) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    for name in followers(code, "crate::") {
        let below = ROOMS[..=rank].iter().any(|(room, _)| *room == name);
        if !below && !OF_THE_CRATE.contains(&name) {
            faults.push(format!("{path} imports from crate::{name}"));
        }
    }
    // Out of the room by the back door.
    let depth = path.trim_end_matches("/mod.rs").matches('/').count();
    if code.contains(&"super::".repeat(depth)) {
        faults.push(format!("{path} leaves its room by super::"));
    }
    if !ROOMS[rank].1 && !followers(code, "tracker_core").is_empty() {
        faults.push(format!("{path} imports from core/"));
    }
    faults
}

fn has_unsafe(code: &str) -> bool {
    code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .any(|word| word == "unsafe")
}

#[test]
fn no_room_imports_from_a_later_one() {
    let files = rust_files("src");
    let checked = files.iter().filter(|(path, _)| room(path).is_some());
    assert_eq!(checked.count() + 1, files.len(), "a room without a rank?");
    let found: Vec<_> = files
        .iter()
        .flat_map(|(path, code)| faults(path, code))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn unsafe_stands_in_one_room() {
    let mut places = Vec::new();
    for folder in [
        "src",
        "core/src",
        "core/examples",
        "core/tests",
        "agent",
        "protocol",
    ] {
        let files = rust_files(folder);
        assert!(!files.is_empty(), "{folder}");
        places.extend(files.into_iter().filter(|(_, code)| has_unsafe(code)));
    }
    let (inside, outside): (Vec<_>, Vec<_>) = places
        .into_iter()
        .map(|(path, _)| path)
        .partition(|path| path.starts_with("src/zend/"));
    assert!(outside.is_empty(), "{}", outside.join("\n"));
    assert!(inside.len() > 10, "only {inside:?}: is this test blind?");
    let first_lines = |path: &str| read(&root().join(path));
    assert!(first_lines("src/lib.rs").contains("#![deny(unsafe_code)]"));
    for path in [
        "core/src/lib.rs",
        "protocol/src/lib.rs",
        "agent/src/main.rs",
    ] {
        assert!(
            first_lines(path).contains("#![forbid(unsafe_code)]"),
            "{path}"
        );
    }
    let allowed: Vec<_> = rust_files("src")
        .into_iter()
        .filter(|(_, code)| code.contains("allow(unsafe_code)"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(allowed, ["src/lib.rs"]);
}

#[test]
fn the_eye_is_sharp() {
    let zend = "src/zend/heap/mod.rs";
    assert_eq!(
        faults(zend, "use crate::zend::cell;\nuse super::cell;").len(),
        0
    );
    assert_eq!(faults(zend, "use super::super::leak::session;").len(), 1);
    assert_eq!(
        faults(zend, "use tracker_core::leak::model::Holder;").len(),
        1
    );
    assert_eq!(
        faults(zend, "fn f() { crate::leak::session::settle() }").len(),
        1
    );
    assert_eq!(faults(zend, "use crate::{leak, zend};").len(), 1);
    assert_eq!(
        faults("src/leak/a.rs", "use crate::api; use crate::settings;").len(),
        1
    );
    assert_eq!(faults("src/settings.rs", "use tracker_core::x;").len(), 1);
    assert_eq!(
        code("a // unsafe\nlet b = \"unsafe \\\" //\"; c"),
        "a \nlet b = ; c\n"
    );
    assert!(has_unsafe("x = unsafe { y }"));
    assert!(!has_unsafe("#![deny(unsafe_code)]"));
    assert!(Path::new(&root()).join("src/lib.rs").exists());
}
