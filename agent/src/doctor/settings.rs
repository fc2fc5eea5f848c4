//! Checks of the settings: where they are set, what is in force, what the hook
//! says of itself.

use super::finding::Findings;
use super::ini::{Ini, is_on};
use super::php::{Php, without_prefix};

/// Checks everything about the settings.
pub fn check(php: &Php, ini: &Ini, findings: &mut Findings) {
    places(php, ini, findings);
    if !php.has_extension() {
        return;
    }
    hook(php, findings);
    if let Some(value) = php.setting("agent_host")
        && !value.is_empty()
    {
        findings.ok(format!(
            "agent_host = {value}: of the original, accepted and ignored"
        ));
    }
}

/// Names each line that sets something.
fn places(php: &Php, ini: &Ini, findings: &mut Findings) {
    let known = php.known_settings();
    let complaints = php.complaints();
    for entry in &ini.entries {
        let Some(name) = without_prefix(&entry.name) else {
            continue;
        };
        let text = format!("{} = {} in {}", entry.name, entry.value, entry.place());
        let later = ini.of(&entry.name).next_back();
        let wins = format!("tracker.{name}");
        if !known.is_empty() && !known.contains(&name) {
            findings.warn(
                format!("{text}: there is no such setting"),
                "correct the name; `php --ri swoole_tracker` lists them",
            );
        } else if later != Some(entry) {
            findings.warn(
                format!("{text}: set again later, without effect here"),
                "leave one of them",
            );
        } else if entry.name != wins && ini.of(&wins).next().is_some() {
            findings.warn(
                format!("{text}: without effect, {wins} is set too and wins"),
                "leave one of them",
            );
        } else if complaints
            .iter()
            .any(|line| line.contains("; using") && line.contains(&format!("{} = ", entry.name)))
        {
            findings.warn(
                format!("{text}: not understood, the default is used"),
                "correct the value, see PHP's complaint above",
            );
        } else {
            findings.ok(text);
        }
    }
}

fn hook(php: &Php, findings: &mut Findings) {
    match php.setting("enable_malloc_hook") {
        Some(value) if is_on(value) => findings.ok("enable_malloc_hook is on"),
        Some(_) => findings.warn(
            "enable_malloc_hook is off: trackerHookMalloc() does nothing",
            "apm.enable_malloc_hook=1 in php.ini, or by -d, where a leak is looked for",
        ),
        None => findings.warn(
            "the extension does not tell whether enable_malloc_hook is on",
            "install agent and extension from one release",
        ),
    }
    if let Some(state) = php.report("Heap hook") {
        let text = format!("heap hook: {state}");
        if state.starts_with("refused") || state.starts_with("lost") {
            findings.fail(text, "mend what it names");
        } else {
            findings.ok(text);
        }
    }
    if let Some(source) = php.report("Lines of allocations") {
        let text = format!("lines of allocations: {source}");
        if source.contains("off") {
            findings.warn(
                text,
                "set enable_malloc_hook=1 in php.ini or by -d, not later, and leave leak_line_source at auto and leak_jit at 0",
            );
        } else {
            findings.ok(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::super::ini::tests::ini;
    use super::super::php::tests::php;
    use super::*;

    fn found(extension: &str, ini_text: &str) -> Vec<(Level, String)> {
        let mut findings = Findings::default();
        check(
            &php("PHP Version => 8.2.36\n", extension),
            &ini(ini_text),
            &mut findings,
        );
        findings.0.into_iter().map(|f| (f.level, f.text)).collect()
    }

    fn level(found: &[(Level, String)], word: &str) -> Option<Level> {
        found.iter().find(|f| f.1.contains(word)).map(|f| f.0)
    }

    const ON: &str = "Version => 0.1.0\nHeap hook => not installed: waits\n\
         apm.enable_malloc_hook, tracker.enable_malloc_hook => 1\n\
         apm.agent_host, tracker.agent_host => 10.0.0.1\n\
         apm.leak_log, tracker.leak_log => /tmp/x\n";

    #[test]
    fn what_is_in_force_is_named() {
        let found = found(ON, "tracker.enable_malloc_hook=1\napm.agent_host=10.0.0.1");
        assert!(found.iter().all(|f| f.0 == Level::Ok), "{found:?}");
        assert!(level(&found, "accepted and ignored").is_some());
        assert!(level(&found, "/etc/php.ini:1").is_some());
    }

    #[test]
    fn off_and_inexact_lines_are_a_warning_and_a_refusal_fails() {
        let found = found(
            "Version => 0.1.0\nHeap hook => refused: why\n\
             Lines of allocations => the place that the VM saved last: up to one statement off\n\
             apm.enable_malloc_hook, tracker.enable_malloc_hook => 0\n",
            "",
        );
        assert_eq!(level(&found, "is off"), Some(Level::Warn));
        assert_eq!(level(&found, "heap hook"), Some(Level::Fail));
        assert_eq!(level(&found, "lines of"), Some(Level::Warn));
    }

    #[test]
    fn a_value_that_is_not_understood_is_not_called_ok() {
        let mut php = php("PHP Version => 8.2.36\n", ON);
        php.extension.err =
            "PHP Warning:  Unknown: apm.enable_malloc_hook = \"banana\" is not 0 or 1; \
             using \"0\" in Unknown on line 0"
                .into();
        let mut findings = Findings::default();
        check(
            &php,
            &ini("apm.enable_malloc_hook = banana\napm.leak_log = /tmp/x"),
            &mut findings,
        );
        let found: Vec<_> = findings.0.into_iter().map(|f| (f.level, f.text)).collect();
        assert_eq!(level(&found, "= banana"), Some(Level::Warn));
        assert_eq!(level(&found, "= /tmp/x"), Some(Level::Ok));
    }

    #[test]
    fn lines_without_effect_are_a_warning() {
        let found = found(
            ON,
            "apm.leak_lgo=/x\napm.leak_log=/a\napm.leak_log=/b\n\
             apm.enable_malloc_hook=0\ntracker.enable_malloc_hook=1",
        );
        assert_eq!(level(&found, "no such setting"), Some(Level::Warn));
        assert_eq!(level(&found, "= /a"), Some(Level::Warn));
        assert_eq!(level(&found, "= /b"), Some(Level::Ok));
        assert_eq!(level(&found, "set too and wins"), Some(Level::Warn));
    }
}
