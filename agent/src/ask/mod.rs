//! Commands that ask the running agent's API and print the answer for people:
//! `tracker-agent trace`, `tracker-agent endpoints`.

mod endpoints;
pub mod http;
mod text;
mod trace;
mod tree;

use std::process::ExitCode;

pub use text::count;
pub use trace::Which;

use crate::config::Config;
use crate::doctor::print;

/// What is to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// One trace as a tree; with all attributes of each span, or those that matter most.
    Trace(Which, bool),
    /// What this application, or each, was asked.
    Endpoints(Option<String>),
}

/// Asks and prints.
#[must_use]
pub fn run(question: &Question, config: &Config) -> ExitCode {
    let answer = match question {
        Question::Trace(which, all) => trace::tree(config.http, which, *all),
        Question::Endpoints(app) => endpoints::tables(config.http, app.as_deref()),
    };
    match answer {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            eprintln!("tracker-agent: http://{}: {trouble}", config.http);
            ExitCode::FAILURE
        }
    }
}

/// An API that gives these answers in turn, and the paths that it was asked for.
#[cfg(test)]
fn canned(
    answers: Vec<(&'static str, String)>,
) -> (std::net::SocketAddr, std::thread::JoinHandle<Vec<String>>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let answer = |(status, body): (&str, String)| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let n = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..n]).into_owned();
            let answer = format!("HTTP/1.0 {status}\r\nA: b\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).unwrap();
            request.split(' ').nth(1).unwrap().to_owned()
        };
        answers.into_iter().map(answer).collect()
    });
    (address, server)
}
