//! `tracker-agent`: receives what the PHP extension sends (`run`), asks the running
//! agent (`status`, `trace`, `endpoints`), checks a set-up (`doctor`).
//!
//! Exit status: 0 nothing failed, 1 something failed, 2 the command line or a setting
//! was not understood.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use tracker_agent::args::{self, Command};
use tracker_agent::config::{Config, Given};
use tracker_agent::{api, ask, doctor, logs, run, service, status};

fn main() -> ExitCode {
    let command = match args::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(trouble) => {
            eprintln!("tracker-agent: {trouble} (see tracker-agent --help)");
            return ExitCode::from(2);
        }
    };
    match command {
        Command::Help => {
            doctor::print(&args::usage());
            ExitCode::SUCCESS
        }
        Command::Version => {
            doctor::print(concat!("tracker-agent ", env!("CARGO_PKG_VERSION"), "\n"));
            ExitCode::SUCCESS
        }
        Command::Token(file, name) => match api::token::create(&file, &name) {
            Ok(token) => {
                doctor::print(&format!("{token}\n"));
                ExitCode::SUCCESS
            }
            Err(trouble) => {
                eprintln!("tracker-agent: {trouble}");
                ExitCode::FAILURE
            }
        },
        Command::Doctor(options) => doctor::run(&options),
        Command::Status(given) => with_settings(&given, |config| status::run(&config)),
        Command::Ask(question, given) => {
            with_settings(&given, |config| ask::run(&question, &config))
        }
        Command::Run(given) => with_settings(&given, |config| receive(&given, config)),
    }
}

fn with_settings(given: &Given, work: impl FnOnce(Config) -> ExitCode) -> ExitCode {
    match load(given) {
        Ok(config) => work(config),
        Err(trouble) => {
            eprintln!("tracker-agent: {trouble}");
            ExitCode::from(2)
        }
    }
}

fn load(given: &Given) -> Result<Config, String> {
    Config::load(given, |name| std::env::var_os(name))
}

fn receive(given: &Given, config: Config) -> ExitCode {
    let level = logs::begin(config.log, config.log_json);
    match run::run(config, &level, || load(given), service::open) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("tracker-agent: {trouble}");
            ExitCode::FAILURE
        }
    }
}
