//! Checks the set-up, and says for each thing that is wrong what to do about it.
//!
//! It only looks: it starts the PHP with options that run no script, opens the leak log
//! for reading, and greets the agent. `php` asks the PHP, `ini` reads its ini files,
//! `engine`, `fpm`, `settings`, `leak_log` and `agent` judge.

mod agent;
mod engine;
mod finding;
mod fpm;
mod ini;
mod leak_log;
mod php;
mod settings;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::args::DoctorOptions;
use crate::config::Config;
use agent::Extension;
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
    let mut extension = Extension::default();
    match Php::ask(&options.php, &options.php_settings) {
        Ok(php) => {
            let ini = ini::Ini::read(&php.ini_files());
            engine::check(&php, &ini, &mut findings);
            fpm::check(&php, &mut findings);
            settings::check(&php, &ini, &mut findings);
            log = log.or_else(|| php.setting("leak_log").map(Into::into));
            extension.socket = php.setting("agent_socket").map(str::to_owned);
            extension.is_enabled = php.setting("enable").map(ini::is_on);
        }
        Err(trouble) => findings.fail(trouble, "install PHP, or name it: --php PATH"),
    }
    leak_log::check(
        &log.unwrap_or_else(|| PathBuf::from(DEFAULT_LOG)),
        &mut findings,
    );
    // The settings that an agent would find here, with the same flags.
    let environment = |name: &str| std::env::var_os(name);
    let config = Config::load(&options.given, environment).unwrap_or_else(|trouble| {
        findings.fail(
            format!("agent: it would not start: {trouble}"),
            "correct what it names",
        );
        Config::default()
    });
    if let Some(file) = Config::file_of(&options.given, environment) {
        findings.ok(format!(
            "agent: its settings are those of {}",
            file.display()
        ));
    }
    agent::check(&extension, &config, &mut findings);
    findings
}
