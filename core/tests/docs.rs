//! The documents say only what is there: every path that
//! `docs/ARCHITECTURE.md` and the decisions name exists, and so does every
//! file that a relative link points to.

mod tree;

use std::path::{Path, PathBuf};

use tree::{read, root};

/// Endings that make a word in backticks a path.
const ENDINGS: [&str; 11] = [
    ".rs", ".md", ".php", ".phpt", ".sh", ".toml", ".ini", ".txt", ".inc", ".html", ".js",
];

/// Words in single backticks, outside of code blocks.
fn quoted(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            words.extend(line.split('`').skip(1).step_by(2));
        }
    }
    words
}

/// Whether a quoted word is a path inside the repository.
fn is_path(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    word.contains('/')
        && !word.starts_with('/')
        && word.chars().all(is_plain)
        && (word.ends_with('/') || ENDINGS.iter().any(|ending| word.ends_with(ending)))
}

/// Targets of `[text](target)` that are neither web addresses nor anchors.
fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|target| target.split('#').next().unwrap_or(""))
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .collect()
}

fn documents() -> Vec<PathBuf> {
    let docs = root().join("docs");
    let mut found = Vec::new();
    for folder in [docs.clone(), docs.join("decisions")] {
        let entries = folder
            .read_dir()
            .unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        found.extend(entries.flatten().map(|entry| entry.path()));
    }
    found.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    found.sort();
    found
}

/// The words that the picture sets as paths: no backticks inside a code block.
fn pictured(text: &str) -> Vec<&str> {
    let mut blocks = text.split("```").skip(1).step_by(2);
    blocks
        .next()
        .unwrap_or("")
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| "():,".contains(c)))
        .filter(|word| is_path(word))
        .collect()
}

#[test]
fn every_path_in_the_documents_exists() {
    let mut checked = 0;
    let mut missing = Vec::new();
    for document in documents() {
        let text = read(&document);
        let mut paths: Vec<&str> = quoted(&text).into_iter().filter(|w| is_path(w)).collect();
        if document.ends_with("ARCHITECTURE.md") {
            let in_picture = pictured(&text);
            assert!(in_picture.len() >= 8, "the picture names {in_picture:?}");
            paths.extend(in_picture);
        }
        for path in paths {
            checked += 1;
            if !root().join(path).exists() {
                missing.push(format!("{} names {path}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(
        checked > 40,
        "only {checked} paths found: is this test blind?"
    );
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut files = documents();
    files.extend(["README.md", "README.zh-CN.md"].map(|name| root().join(name)));
    let mut missing = Vec::new();
    for file in files {
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        for target in links(&read(&file)) {
            if !folder.join(target).exists() {
                missing.push(format!("{} links to {target}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_readmes_are_of_equal_content() {
    let blocks = |name: &str| {
        let text = read(&root().join(name));
        // The table of figures is filled in by hand.
        let text = match (text.find("<!-- bench:begin"), text.find("<!-- bench:end")) {
            (Some(from), Some(to)) if from < to => text[..from].to_owned() + &text[to..],
            _ => text,
        };
        let rows = text.lines().filter(|l| l.starts_with('|')).count();
        let heads = text.lines().filter(|l| l.starts_with("## ")).count();
        (rows, heads, text.matches("```").count())
    };
    assert_eq!(blocks("README.md"), blocks("README.zh-CN.md"));
    for name in ["README.md", "README.zh-CN.md"] {
        let text = read(&root().join(name));
        for marker in ["<!-- bench:begin -->", "<!-- bench:end -->"] {
            assert_eq!(
                text.lines().filter(|l| *l == marker).count(),
                1,
                "{name}: {marker}"
            );
        }
    }
}

#[test]
fn paths_and_words_are_told_apart() {
    for path in ["src/lib.rs", "docs/", "php-tests/lines/"] {
        assert!(is_path(path), "{path}");
    }
    for word in [
        "trackerleak",
        "/tmp/trackerleak.md",
        "malloc/realloc",
        "a b/c.rs",
    ] {
        assert!(!is_path(word), "{word}");
    }
}
