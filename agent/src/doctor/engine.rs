//! Checks of the PHP itself: version and build, loading, neighbours.

use super::finding::Findings;
use super::ini::{Ini, is_on};
use super::php::{Php, value};

/// Checks everything about the engine.
pub fn check(php: &Php, ini: &Ini, findings: &mut Findings) {
    build(php, findings);
    loading(php, ini, findings);
    complaints(php, findings);
    jit(php, findings);
    swoole(php, ini, findings);
}

fn build(php: &Php, findings: &mut Findings) {
    let version = php.version().unwrap_or("unknown");
    let what = format!("PHP {version}: {}", php.path.display());
    match php.version_number() {
        (8, 2, _) => findings.ok(what),
        (8, 1 | 3, _) => findings.warn(
            format!("{what}: unproven, the tests run on 8.2"),
            "run `make test` with PHP_CONFIG set to this PHP's php-config",
        ),
        (major, minor, _) if (major, minor) > (8, 3) => findings.warn(
            format!("{what}: newer than the versions that are known to work"),
            "use PHP 8.2",
        ),
        _ => findings.fail(format!("{what}: too old"), "use PHP 8.2"),
    }
    let build = |name, wanted: &str| php.info(name).is_none_or(|given| given == wanted);
    if !build("Thread Safety", "disabled") {
        findings.fail(
            "PHP is a thread-safe build (ZTS), which the extension does not support",
            "use an NTS build of PHP",
        );
    }
    if !build("Debug Build", "no") {
        findings.fail(
            "PHP is a debug build, which the extension does not support",
            "use a release build of PHP",
        );
    }
    if build("Thread Safety", "disabled") && build("Debug Build", "no") {
        findings.ok("build: not thread-safe (NTS), no debug build");
    }
}

fn loading(php: &Php, ini: &Ini, findings: &mut Findings) {
    let lines: Vec<_> = ini.entries.iter().filter(|e| e.loads_us()).collect();
    for file in &ini.unreadable {
        findings.warn(
            format!("an ini file cannot be read: {file}"),
            "run this as the user whom the workers run as",
        );
    }
    if php.crashes || php.extension.status.is_none() {
        findings.fail(
            "PHP is ended by a signal when it starts with its ini files",
            "see the checks below; else take out the extensions one after the other to find the one",
        );
    } else if php.has_extension() {
        let version = php.report("Version").unwrap_or("");
        findings.ok(format!("extension: swoole_tracker {version} is loaded"));
        if version != env!("CARGO_PKG_VERSION") {
            findings.warn(
                format!(
                    "the agent is of version {}, the extension of {version}",
                    env!("CARGO_PKG_VERSION")
                ),
                "install both from one release: make install",
            );
        }
    } else if lines.is_empty() {
        let folder = php.scan_folder().unwrap_or("the folder of php.ini");
        if php.complaints().iter().any(|line| is_of_loader(line)) {
            findings.fail(
                "extension: swoole_tracker is not loaded, and no ini file names it",
                "see PHP's complaint below, which may be about it",
            );
        } else {
            findings.fail(
                "extension: no ini file loads swoole_tracker",
                format!(
                    "make install; or write `extension=swoole_tracker.so` to a .ini file in {folder}"
                ),
            );
        }
    } else {
        findings.fail(
            "extension: swoole_tracker is not loaded, though an ini file names it",
            "see PHP's complaint below; `make install` builds it for this PHP and installs it",
        );
    }
    for entry in &lines {
        findings.ok(format!(
            "named by {}={} in {}",
            entry.name,
            entry.value,
            entry.place()
        ));
    }
    for name in ["extension", "zend_extension"] {
        if lines.iter().filter(|e| e.name == name).count() > 1 {
            findings.warn(
                format!("more than one {name}= line loads swoole_tracker; the first counts"),
                "leave one of them",
            );
        }
    }
    let has = |name| lines.iter().any(|e| e.name == name);
    if has("extension") && has("zend_extension") {
        findings.ok("both extension= and zend_extension= are set: it is loaded once");
    }
    if php.has_extension() && lines.is_empty() {
        findings.ok("loaded by something else than an ini file (a wrapper or -d)");
    }
}

fn complaints(php: &Php, findings: &mut Findings) {
    for line in php.complaints() {
        let is_ours = ["swoole_tracker", "apm.", "tracker."]
            .iter()
            .any(|word| line.contains(word));
        let text = format!("PHP says: {line}");
        if !php.has_extension() && line.contains("swoole_tracker") {
            findings.fail(text, remedy_for(&line));
        } else if is_ours || !php.has_extension() && is_of_loader(&line) {
            // A library under another name may be ours.
            findings.warn(text, remedy_for(&line));
        }
    }
}

/// Whether PHP did not take a library.
fn is_of_loader(line: &str) -> bool {
    [
        "Unable to load dynamic library",
        "Unable to initialize module",
        "Invalid library",
        "Failed loading",
        "valid Zend extension",
    ]
    .iter()
    .any(|words| line.contains(words))
}

/// What to do about a complaint of PHP's loader.
fn remedy_for(line: &str) -> &'static str {
    if line.contains("cannot open shared object file") {
        "the file is not there or may not be read: make install, or correct the path"
    } else if line.contains("undefined symbol")
        || line.contains("Module API")
        || line.contains("compiled with")
        || line.contains("build ID")
        || line.contains("requires Zend")
    {
        "it was built for another PHP: make build with PHP_CONFIG set to this one's php-config"
    } else if line.contains("Invalid library") || line.contains("valid Zend extension") {
        "that file is no extension of PHP: correct the path"
    } else if line.contains("already loaded") || line.contains("Cannot load") {
        "two ini lines load it: leave one"
    } else if line.contains("; using") {
        "correct the value in the ini file that sets it"
    } else {
        "correct what PHP names"
    }
}

fn jit(php: &Php, findings: &mut Findings) {
    let size = php.info("opcache.jit_buffer_size").unwrap_or("");
    let off = matches!(size, "" | "0") || size.starts_with("no value");
    let broken = match php.version_number() {
        (8, 1, release) => release < 21,
        (8, 2, release) => release < 8,
        (8, 4, release) => release < 7,
        _ => false,
    };
    // Paused, it compiles nothing that the hook could trip over.
    let kept = php.setting("leak_jit").is_some_and(is_on);
    if off {
        findings.ok("JIT: off");
    } else if broken && kept {
        findings.fail(
            format!(
                "JIT: on ({size}), and that of this PHP version cannot be hooked: the hook refuses"
            ),
            "update PHP, or set apm.leak_jit=0",
        );
    } else if let Some(state) = php.report("JIT of opcache") {
        findings.ok(format!("JIT: opcache.jit_buffer_size is {size}; {state}"));
    } else {
        findings.ok(format!(
            "JIT: opcache.jit_buffer_size is {size}, no conflict"
        ));
    }
}

fn swoole(php: &Php, ini: &Ini, findings: &mut Findings) {
    let told = php.info("swoole.leak_detection");
    let set = ini.of("swoole.leak_detection").next_back();
    let is_detecting = match (told, set) {
        (Some(told), _) => is_on(told),
        (None, Some(set)) => is_on(&set.value),
        (None, None) => false,
    };
    if is_detecting {
        let place = set.map_or(String::new(), |e| format!(" in {}", e.place()));
        findings.fail(
            format!("swoole.leak_detection is on{place}: it replaces PHP's allocator itself"),
            "swoole.leak_detection=0 while this leak finder is used",
        );
    }
    let Some(module) = php.module("swoole") else {
        if !php.crashes {
            findings.ok("Swoole: not loaded; fibers and plain loops are served");
        }
        return;
    };
    let version = value(module, "Version").unwrap_or("unknown");
    let mut parts = version.split('.').map(|p| p.parse::<u32>().unwrap_or(0));
    let number = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if number < (5, 1) {
        findings.warn(
            format!("Swoole {version}: does not tell of coroutines in a way that is known"),
            "update Swoole to 5.1 or newer",
        );
    } else {
        findings.ok(format!("Swoole {version}"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::super::ini::tests::ini;
    use super::super::php::tests::php;
    use super::*;

    const GOOD: &str = "PHP Version => 8.2.36\nThread Safety => disabled\nDebug Build => no\n";
    const LOADED: &str = concat!("Version => ", env!("CARGO_PKG_VERSION"), "\n");

    fn found(php: &Php, ini_text: &str) -> Findings {
        let mut findings = Findings::default();
        check(php, &ini(ini_text), &mut findings);
        findings
    }

    fn worst(findings: &Findings, word: &str) -> Option<Level> {
        let hits = findings.0.iter().filter(|f| f.text.contains(word));
        hits.map(|f| f.level).max_by_key(|level| *level as u8)
    }

    #[test]
    fn a_good_php_has_no_complaint() {
        let findings = found(&php(GOOD, LOADED), "extension=swoole_tracker.so");
        assert!(
            findings.0.iter().all(|f| f.level == Level::Ok),
            "{}",
            findings.text()
        );
    }

    #[test]
    fn builds_that_are_not_supported_fail() {
        for (line, word) in [
            (
                "PHP Version => 8.2.3\nThread Safety => enabled\n",
                "thread-safe build",
            ),
            (
                "PHP Version => 8.2.3\nDebug Build => yes\n",
                "debug build, which",
            ),
            ("PHP Version => 7.4.33\n", "too old"),
        ] {
            assert_eq!(
                worst(&found(&php(line, LOADED), ""), word),
                Some(Level::Fail),
                "{word}"
            );
        }
        let newer = found(&php("PHP Version => 8.4.1\n", LOADED), "");
        assert_eq!(worst(&newer, "newer"), Some(Level::Warn));
    }

    #[test]
    fn an_extension_that_is_not_there_fails_with_the_reason() {
        let mut absent = php(GOOD, "");
        absent.extension.status = Some(1);
        assert_eq!(
            worst(&found(&absent, ""), "no ini file loads"),
            Some(Level::Fail)
        );
        absent.extension.err =
            "PHP Warning:  PHP Startup: Unable to load dynamic library 'swoole_tracker.so' \
             (cannot open shared object file)"
                .into();
        let findings = found(&absent, "extension=swoole_tracker.so");
        assert_eq!(
            worst(&findings, "though an ini file names it"),
            Some(Level::Fail)
        );
        let said = findings.0.iter().find(|f| f.text.contains("PHP says"));
        assert!(said.is_some_and(|f| f.remedy.contains("make install")));
    }

    #[test]
    fn a_library_that_is_not_taken_is_shown_in_the_words_of_php() {
        let mut absent = php(GOOD, "");
        absent.extension.status = Some(1);
        for (said, level, remedy) in [
            (
                "PHP Warning:  PHP Startup: Unable to load dynamic library '/opt/tracker.so' (tried: \
              /opt/tracker.so (cannot open shared object file)) in Unknown on line 0",
                Level::Warn,
                "correct the path",
            ),
            (
                "PHP Warning:  PHP Startup: swoole_tracker: Unable to initialize module\nModule compiled \
              with module API=1\nPHP    compiled with module API=2\n in Unknown on line 0",
                Level::Fail,
                "built for another PHP",
            ),
            (
                "/opt/x.so doesn't appear to be a valid Zend extension",
                Level::Warn,
                "no extension of PHP",
            ),
        ] {
            absent.extension.err = said.into();
            let findings = found(&absent, "");
            let told = findings.0.iter().find(|f| f.text.starts_with("PHP says: "));
            let told = told.unwrap_or_else(|| panic!("{}", findings.text()));
            assert!(
                told.level == level && told.remedy.contains(remedy),
                "{told:?}"
            );
            assert_eq!(
                worst(&findings, "is not loaded, and no ini file"),
                Some(Level::Fail)
            );
        }
    }

    #[test]
    fn a_crash_at_start_fails_and_the_ini_files_are_still_judged() {
        let mut dead = php(GOOD, "");
        dead.crashes = true;
        dead.extension.status = None;
        let findings = found(&dead, "swoole.leak_detection = On");
        assert_eq!(worst(&findings, "ended by a signal"), Some(Level::Fail));
        assert_eq!(worst(&findings, "leak_detection is on"), Some(Level::Fail));
    }

    #[test]
    fn both_lines_are_fine_and_two_of_a_kind_are_not() {
        let both = "extension=swoole_tracker\nzend_extension=swoole_tracker";
        let findings = found(&php(GOOD, LOADED), both);
        assert_eq!(worst(&findings, "loaded once"), Some(Level::Ok));
        let twice = "extension=swoole_tracker\nextension=swoole_tracker";
        let findings = found(&php(GOOD, LOADED), twice);
        assert_eq!(worst(&findings, "more than one"), Some(Level::Warn));
    }

    #[test]
    fn conflicts_are_named() {
        let jit = |version: &str| {
            format!("PHP Version => {version}\nopcache.jit_buffer_size => 64M => 64M\n")
        };
        let kept = format!("{LOADED}apm.leak_jit, tracker.leak_jit => 1\n");
        for (version, extension, level) in [
            ("8.2.7", kept.as_str(), Level::Fail),
            ("8.2.7", LOADED, Level::Ok),
            ("8.2.8", kept.as_str(), Level::Ok),
        ] {
            let findings = found(&php(&jit(version), extension), "");
            assert_eq!(worst(&findings, "JIT"), Some(level), "{version}");
        }
        let swoole = format!(
            "{GOOD}\nswoole\n\nVersion => 5.0.3\n\nDirective => Local Value => Master Value\n\
             swoole.leak_detection => On => On\n"
        );
        let findings = found(&php(&swoole, LOADED), "");
        assert_eq!(worst(&findings, "leak_detection is on"), Some(Level::Fail));
        assert_eq!(worst(&findings, "Swoole 5.0.3"), Some(Level::Warn));
    }
}
