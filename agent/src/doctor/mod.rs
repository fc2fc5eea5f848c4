//! Checks the set-up of the leak finder, and says for each thing that is wrong
//! what to do about it.
//!
//! It only looks: it starts the PHP with options that run no script, and opens
//! the leak log for reading. `php` asks the PHP, `ini` reads its ini files,
//! `engine`, `settings` and `leak_log` judge.

mod engine;
mod finding;
mod ini;
mod leak_log;
mod php;
mod settings;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::args::DoctorOptions;
use finding::Findings;
use php::Php;

/// Where the extension writes when nothing else is set.
const DEFAULT_LOG: &str = "/tmp/trackerleak";

/// Prints to stdout; a reader that went away is no reason to panic.
pub fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Runs all checks and prints what they found.
pub fn run(options: &DoctorOptions) -> ExitCode {
    let findings = examine(options);
    print(&findings.text());
    ExitCode::from(u8::from(findings.failed()))
}

fn examine(options: &DoctorOptions) -> Findings {
    let mut findings = Findings::default();
    let mut log = options.leak_log.clone();
    match Php::ask(&options.php) {
        Ok(php) => {
            let ini = ini::Ini::read(&php.ini_files());
            engine::check(&php, &ini, &mut findings);
            settings::check(&php, &ini, &mut findings);
            log = log.or_else(|| php.setting("leak_log").map(Into::into));
        }
        Err(trouble) => findings.fail(trouble, "install PHP, or name it: --php PATH"),
    }
    leak_log::check(
        &log.unwrap_or_else(|| PathBuf::from(DEFAULT_LOG)),
        &mut findings,
    );
    findings
}
