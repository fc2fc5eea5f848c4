//! `tracker-agent` as a user calls it, with a PHP that is a shell script.

mod scratch;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use scratch::Scratch;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn agent(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tracker-agent"))
        .args(arguments)
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Writes a PHP that answers `-i`, `--ini` and `--ri` as given.
fn fake_php(dir: &Path, info: &str, ini: &str, extension: &str) -> PathBuf {
    let path = dir.join("php");
    let script = format!(
        "#!/bin/sh\nwhile [ \"$1\" = -d ]; do shift 2; done\ncase \"$1\" in\n-i) cat <<'EOT'\n{info}\nEOT\n;;\n--ini) cat <<'EOT'\n{ini}\nEOT\n;;\n\
         --ri) [ \"$2\" = swoole_tracker ] || exit 9\n{extension}\n;;\n*) exit 8 ;;\nesac\n"
    );
    install(dir, &script, &path);
    path
}

/// Writes a script under another name and copies it: a file that is open for
/// writing, also in a process that another test has just forked, cannot be
/// executed.
fn install(dir: &Path, script: &str, path: &Path) {
    let draft = dir.join("draft");
    std::fs::write(&draft, script).unwrap();
    let copied = Command::new("cp").arg(&draft).arg(path).status().unwrap();
    assert!(copied.success());
    let mut mode = path.metadata().unwrap().permissions();
    mode.set_mode(0o755);
    std::fs::set_permissions(path, mode).unwrap();
}

const INFO: &str =
    "phpinfo()\nPHP Version => 8.2.36\n\nDebug Build => no\nThread Safety => disabled";

fn doctor(php: &Path, log: &Path) -> Output {
    agent(&[
        "doctor",
        "--php",
        php.to_str().unwrap(),
        "--leak-log",
        log.to_str().unwrap(),
    ])
}

#[test]
fn version_and_help() {
    let version = agent(&["--version"]);
    assert_eq!(version.status.code(), Some(0));
    assert_eq!(out(&version), format!("tracker-agent {VERSION}\n"));
    let help = agent(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(out(&help).contains("--leak-log PATH"));
}

#[test]
fn what_is_not_understood_is_named_in_one_line() {
    for (arguments, wanted) in [
        (&["--wrong"][..], "unknown argument \"--wrong\""),
        (&["endpoint"], "\"endpoint\", did you mean endpoints?"),
        (&["doctor", "--pph", "x"], "\"--pph\", did you mean --php?"),
        (
            &["run", "--data_dir=/x"],
            "\"--data_dir\", did you mean --data-dir?",
        ),
        (
            &["trace", "--slow"],
            "unknown argument \"--slow\", did you mean --slowest?",
        ),
        (&["run", "--socket"], "--socket needs a value"),
    ] {
        let output = agent(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(wanted), "{told}");
        assert!(told.ends_with(" (see tracker-agent --help)\n"), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn a_good_set_up_passes() {
    let dir = Scratch::new();
    let ini = dir.path().join("30-tracker.ini");
    std::fs::write(
        &ini,
        "extension=swoole_tracker.so\napm.enable_malloc_hook=1\napm.agent_host=10.1.2.3\n",
    )
    .unwrap();
    let files = format!(
        "Loaded Configuration File:         (none)\nAdditional .ini files parsed:      {}",
        ini.display()
    );
    let extension = format!(
        "cat <<'EOT'\n\nswoole_tracker\n\nswoole_tracker => finds leaks\nVersion => {VERSION}\nHeap hook => not installed: waits\n\n\
         apm.enable_malloc_hook, tracker.enable_malloc_hook => 1\n\
         apm.agent_host, tracker.agent_host => 10.1.2.3\napm.leak_log, tracker.leak_log => /tmp/trackerleak\nEOT"
    );
    let php = fake_php(dir.path(), INFO, &files, &extension);
    let output = doctor(&php, &dir.path().join("log"));
    let text = out(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    for line in [
        "ok    PHP 8.2.36",
        &format!("ok    extension: swoole_tracker {VERSION} is loaded"),
        &format!("in {}:1", ini.display()),
        "ok    enable_malloc_hook is on",
        "agent_host = 10.1.2.3: of the original, accepted and ignored",
        "not there yet",
        " 0 fail\n",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn settings_go_to_php_and_the_agent_is_looked_for_where_it_was_told_to_be() {
    let dir = Scratch::new();
    let config = dir.path().join("agent.toml");
    std::fs::write(&config, "socket = '/nowhere/of-file.sock'\n").unwrap();
    let extension = format!(
        "cat <<'EOT'\nVersion => {VERSION}\napm.agent_socket, tracker.agent_socket => /nowhere/of-php.sock\nEOT"
    );
    let php = fake_php(dir.path(), INFO, "", &extension);
    // It tells what it was started with.
    let script = std::fs::read_to_string(&php).unwrap();
    let told = dir.path().join("told");
    let script = script.replacen(
        "while",
        &format!("echo \"$*\" >>{}\nwhile", told.display()),
        1,
    );
    let php = dir.path().join("telling");
    install(dir.path(), &script, &php);
    let output = agent(&[
        "doctor",
        "--php",
        php.to_str().unwrap(),
        "-d",
        "extension=a.so",
        "--config",
        config.to_str().unwrap(),
        "--data-dir",
        "/nowhere/data",
    ]);
    let text = out(&output);
    let given = std::fs::read_to_string(told).unwrap();
    assert!(given.lines().count() >= 3, "{given}");
    for line in given.lines() {
        assert!(
            line.starts_with("-d extension=a.so -d error_log= -"),
            "{line}"
        );
    }
    for line in [
        &*format!("its settings are those of {}", config.display()),
        "connects to /nowhere/of-php.sock, the agent is set to /nowhere/of-file.sock",
        "there is no socket /nowhere/of-php.sock",
        "data directory /nowhere/data: not there yet",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn a_missing_extension_fails_with_a_remedy() {
    let dir = Scratch::new();
    let php = fake_php(
        dir.path(),
        INFO,
        "Scan for additional .ini files in: /etc/php/conf.d",
        "echo \"Extension 'swoole_tracker' not present.\"\nexit 1",
    );
    let output = doctor(&php, &dir.path().join("log"));
    let text = out(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("fail  extension: no ini file loads swoole_tracker\n      -> make install")
    );
    assert!(text.contains("/etc/php/conf.d"));
}

#[test]
fn a_php_that_crashes_with_its_ini_files_is_named() {
    let dir = Scratch::new();
    let path = fake_php(dir.path(), INFO, "", "kill -SEGV $$");
    let script = std::fs::read_to_string(&path).unwrap();
    // With -n it answers, with its ini files it dies.
    let script = script
        .replace("-i) cat", "-n) cat")
        .replace("*) exit 8", "-i) kill -SEGV $$ ;;\n*) exit 8");
    let dead = dir.path().join("dead");
    install(dir.path(), &script, &dead);
    let output = doctor(&dead, &dir.path().join("log"));
    let text = out(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("fail  PHP is ended by a signal"), "{text}");
}

#[test]
fn no_php_fails_but_the_log_is_checked() {
    let dir = Scratch::new();
    let output = doctor(&dir.path().join("none"), &dir.path().join("log"));
    let text = out(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("cannot be started"), "{text}");
    assert!(text.contains("not there yet"), "{text}");
}

#[test]
fn something_that_is_no_php_is_told_so() {
    let dir = Scratch::new();
    let php = fake_php(dir.path(), "hello", "", "exit 1");
    let output = doctor(&php, &dir.path().join("log"));
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("does not answer `-i` like a PHP (hello)"));
}
