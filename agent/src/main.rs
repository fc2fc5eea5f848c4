//! `tracker-agent`: so far it answers `--version`, `--help` and `doctor`,
//! which checks the set-up of the leak finder.
//!
//! Exit status: 0 nothing failed, 1 a check failed, 2 the command line was not
//! understood.
#![forbid(unsafe_code)]

mod args;
mod doctor;

use std::process::ExitCode;

use args::Command;

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            doctor::print(args::USAGE);
            ExitCode::SUCCESS
        }
        Ok(Command::Version) => {
            doctor::print(concat!("tracker-agent ", env!("CARGO_PKG_VERSION"), "\n"));
            ExitCode::SUCCESS
        }
        Ok(Command::Doctor(options)) => doctor::run(&options),
        Err(trouble) => {
            eprint!("tracker-agent: {trouble}\n\n{}", args::USAGE);
            ExitCode::from(2)
        }
    }
}
