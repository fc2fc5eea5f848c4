//! Checks of PHP-FPM, which reads ini files of its own where Debian installed it.

use std::path::{Path, PathBuf};

use super::finding::Findings;
use super::php::{Php, run, value};

/// Checks the FPM that was installed with `php`; says nothing where there is none.
pub fn check(php: &Php, findings: &mut Findings) {
    let Some(path) = beside(php) else { return };
    let at = path.display();
    let fpm = match run(&path, &["-i"], &[]) {
        Ok(info) => Php {
            path: path.clone(),
            info,
            ..Php::default()
        },
        Err(trouble) => {
            findings.warn(
                format!("FPM: {trouble}"),
                "see that it starts, or remove it",
            );
            return;
        }
    };
    let Some(folder) = fpm.info("Scan this dir for additional .ini files") else {
        findings.warn(
            format!("FPM: {at} does not answer `-i` like a PHP"),
            "see that it starts, or remove it",
        );
        return;
    };
    let is_own = php.scan_folder() != Some(folder);
    let place = format!(
        "its ini folder is {folder}{}",
        if is_own {
            ""
        } else {
            ", that of the command line"
        }
    );
    match fpm.module("swoole_tracker") {
        Some(module) => {
            let version = value(module, "Version").unwrap_or("");
            findings.ok(format!("FPM: {at} loads swoole_tracker {version}; {place}"));
            let socket = |module| value(module, "apm.agent_socket, tracker.agent_socket");
            if let (Some(theirs), Some(ours)) = (socket(module), socket(&php.extension.out))
                && theirs != ours
            {
                findings.warn(
                    format!("FPM: it connects to {theirs}, the command line's PHP to {ours}"),
                    "set apm.agent_socket to the same path for both",
                );
            }
        }
        None => findings.warn(
            format!("FPM: {at} does not load swoole_tracker; {place}"),
            format!(
                "if FPM is to be traced: make install; or write `extension=swoole_tracker.so` to a \
                 .ini file in {folder}; then restart FPM"
            ),
        ),
    }
    for line in fpm.complaints() {
        if line.contains("swoole_tracker") {
            findings.warn(
                format!("FPM says: {line}"),
                "correct what it names, in FPM's ini files",
            );
        }
    }
}

/// The FPM that lies where that of this PHP does: in `sbin` beside its `bin`, or beside it.
fn beside(php: &Php) -> Option<PathBuf> {
    let bin = php.path.parent()?;
    let (major, minor, _) = php.version_number();
    let names = [format!("php-fpm{major}.{minor}"), "php-fpm".into()];
    let folders = [bin.parent().map(|up| up.join("sbin")), Some(bin.to_owned())];
    let paths = folders.iter().flatten().flat_map(|folder| {
        let whole = |name: &String| folder.join(name);
        names.iter().map(whole)
    });
    let is_there = |path: &PathBuf| Path::is_file(path);
    paths.into_iter().find(is_there)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::super::php::tests::php;
    use super::*;
    use crate::scratch::Scratch;

    const CLI: &str = "PHP Version => 8.2.36\n";

    /// What is found of an FPM that answers so, below a folder of its own.
    fn found(answer: &str) -> Findings {
        let dir = Scratch::new();
        for folder in ["bin", "sbin"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        // Copied: a file that is open for writing, also in a process that another test
        // has just forked, cannot be executed.
        let draft = dir.path().join("draft");
        std::fs::write(&draft, format!("#!/bin/sh\ncat <<'EOT'\n{answer}\nEOT\n")).unwrap();
        let fpm = dir.path().join("sbin/php-fpm8.2");
        let mut install = std::process::Command::new("install");
        assert!(
            install
                .args(["-m755"])
                .arg(&draft)
                .arg(&fpm)
                .status()
                .unwrap()
                .success()
        );
        let mut cli = php(
            CLI,
            "apm.agent_socket, tracker.agent_socket => /run/a.sock\n",
        );
        cli.path = dir.path().join("bin/php");
        cli.ini.out = "Scan for additional .ini files in: /etc/php/8.2/cli/conf.d\n".into();
        let mut findings = Findings::default();
        check(&cli, &mut findings);
        findings
    }

    #[test]
    fn a_php_without_fpm_is_not_spoken_to_of_it() {
        let mut findings = Findings::default();
        check(&php(CLI, ""), &mut findings);
        assert!(findings.0.is_empty());
    }

    #[test]
    fn its_own_folder_is_named_where_it_does_not_load_the_extension() {
        let folder = "Scan this dir for additional .ini files => /etc/php/8.2/fpm/conf.d";
        let findings = found(folder);
        assert_eq!(findings.0.len(), 1, "{}", findings.text());
        assert_eq!(findings.0[0].level, Level::Warn);
        assert!(
            findings.0[0]
                .remedy
                .contains(" in /etc/php/8.2/fpm/conf.d;")
        );
        let loaded = found(&format!(
            "{folder}\n\nswoole_tracker\n\nVersion => 0.1.0\n\
             apm.agent_socket, tracker.agent_socket => /run/b.sock"
        ));
        let text = loaded.text();
        assert!(
            text.contains(
                "loads swoole_tracker 0.1.0; its ini folder is /etc/php/8.2/fpm/conf.d\n"
            ),
            "{text}"
        );
        assert!(
            text.contains("it connects to /run/b.sock, the command line's PHP to /run/a.sock"),
            "{text}"
        );
    }

    #[test]
    fn one_that_does_not_answer_is_a_warning() {
        let findings = found("hello");
        assert!(
            findings.text().contains("does not answer `-i`"),
            "{}",
            findings.text()
        );
    }
}
