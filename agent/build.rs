//! Embeds the dashboard, where it was built: `dashboard/dist/web/`. Without it the agent
//! serves a page that says how to build it, so that cargo alone builds the agent.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let dist = Path::new(&env("CARGO_MANIFEST_DIR")).join("../dashboard/dist");
    // The folder is in the repository: its absence would make cargo run this every time.
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    let web = dist.join("web");
    let mut files = Vec::new();
    if web.join("index.html").is_file() {
        collect(&web, &mut files);
        files.sort();
    }
    let mut code = String::from("static FILES: &[File] = &[\n");
    for file in files.iter().filter(|file| !is_gzip(file)) {
        let relative = file.strip_prefix(&web).expect("it was found in there");
        let path = format!("/{}", relative.display());
        let packed = PathBuf::from(format!("{}.gz", file.display()));
        let gzip = if packed.is_file() {
            format!("Some(include_bytes!({packed:?}))")
        } else {
            "None".to_owned()
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            code,
            "    File {{ path: {path:?}, body: include_bytes!({file:?}), gzip: {gzip} }},"
        );
    }
    code.push_str("];\n");
    let out = Path::new(&env("OUT_DIR")).join("dashboard.rs");
    std::fs::write(&out, code).unwrap_or_else(|e| panic!("{}: {e}", out.display()));
}

fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn is_gzip(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "gz")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
