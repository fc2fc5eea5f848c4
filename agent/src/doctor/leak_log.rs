//! Checks of the leak log: may workers write it, may we read it, what is in it.
//! Creates nothing.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use tracker_core::leak::analysis::Analysis;
use tracker_core::leak::log::files;
use tracker_core::leak::model::{LeakReport, Verdict};

use super::finding::Findings;
use crate::ask::count;

/// Checks the log at `path`. Where no worker can write it, what is in it is not judged: one
/// thing is wrong, and gets one remedy.
pub fn check(path: &Path, findings: &mut Findings) {
    if !folder(path, findings) {
        return;
    }
    let analysis = Analysis::of(path, "", None);
    let report = analysis.report();
    let is_foreign = analysis.is_empty() && report.log.skipped_records > 0;
    let is_usable = match path.symlink_metadata() {
        Ok(metadata) => file(path, &metadata, is_foreign, findings),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            findings.ok(format!(
                "leak log {}: not there yet, the first recorded loop creates it",
                path.display()
            ));
            true
        }
        Err(error) => {
            findings.fail(
                format!("leak log {}: {error}", path.display()),
                "mend the folder, or set apm.leak_log to another path",
            );
            false
        }
    };
    if is_usable {
        siblings(path, findings);
        records(&report, findings);
    }
}

/// Whether a log can be in it.
fn folder(path: &Path, findings: &mut Findings) -> bool {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
    let Some(folder) = parent.filter(|_| path.is_absolute()) else {
        findings.warn(
            format!("leak log {}: not an absolute path", path.display()),
            "name a whole path: each worker would write to the folder that it happens to be in",
        );
        return true;
    };
    match folder.metadata() {
        Ok(metadata) if !metadata.is_dir() => {
            findings.fail(
                format!("{} is no folder", folder.display()),
                "set apm.leak_log to a path in a folder",
            );
            return false;
        }
        Ok(metadata) => {
            let mode = metadata.mode();
            if mode & 0o002 != 0 && mode & 0o1000 == 0 {
                findings.warn(
                    format!(
                        "{} may be written by everybody and has no sticky bit: anybody can replace the log",
                        folder.display()
                    ),
                    format!("chmod +t {}", folder.display()),
                );
            } else if mode & 0o002 == 0 && metadata.uid() != files::euid() {
                findings.warn(
                    format!(
                        "{} belongs to uid {} and not everybody may write to it",
                        folder.display(),
                        metadata.uid()
                    ),
                    "see that the user whom the workers run as may",
                );
            }
        }
        Err(error) => {
            let remedy = match error.kind() {
                ErrorKind::NotFound => format!("mkdir -p {}", folder.display()),
                _ => "run this as the user whom the workers run as".into(),
            };
            findings.fail(
                format!("folder of the leak log {}: {error}", folder.display()),
                remedy,
            );
            return false;
        }
    }
    true
}

/// Whether it is a log that workers take. `is_foreign`: there are bytes in it, but no record.
fn file(path: &Path, metadata: &Metadata, is_foreign: bool, findings: &mut Findings) -> bool {
    let name = path.display();
    let kind = metadata.file_type();
    if kind.is_symlink() {
        findings.fail(
            format!("leak log {name} is a symbolic link: workers do not follow it"),
            format!("rm {name}, or set apm.leak_log to where it points"),
        );
        return false;
    }
    if kind.is_dir() {
        findings.fail(
            format!("leak log {name} is a folder: workers cannot write their records"),
            format!(
                "set apm.leak_log to a file in it: {}",
                path.join("trackerleak").display()
            ),
        );
        return false;
    }
    if !kind.is_file() {
        findings.fail(
            format!("leak log {name} is not a regular file"),
            "remove it, or set apm.leak_log to another path",
        );
        return false;
    }
    if metadata.nlink() != 1 {
        findings.fail(
            format!(
                "leak log {name} has {} names (hard links): workers refuse it",
                metadata.nlink()
            ),
            "remove the other names, or this one",
        );
        return false;
    }
    let mode = metadata.permissions().mode() & 0o777;
    let owner = metadata.uid();
    findings.ok(format!(
        "leak log {name}: {}, owner uid {owner}, mode {mode:04o}",
        count(metadata.len(), "byte")
    ));
    if is_foreign {
        findings.fail(
            format!("leak log {name} holds something else: no record is in it"),
            "set apm.leak_log to a path of its own",
        );
        return false;
    }
    if mode & 0o077 != 0 {
        findings.warn(
            format!("leak log {name}: mode {mode:04o} lets other users in"),
            format!("chmod 600 {name}"),
        );
    }
    if mode & 0o200 == 0 {
        findings.fail(
            format!("leak log {name}: its owner may not write it"),
            format!("chmod 600 {name}"),
        );
    }
    if owner != files::euid() {
        findings.warn(
            format!("leak log {name} is uid {owner}'s: workers of other users write {name}.<uid>"),
            "nothing, if that is the user whom the workers run as; else remove it",
        );
    }
    true
}

/// Rotated logs and those of other users.
fn siblings(path: &Path, findings: &mut Findings) {
    for sibling in files::family(path) {
        let name = sibling.display();
        match files::open_read(&sibling) {
            Err(refusal) => findings.warn(
                format!("{name} cannot be read: {refusal}"),
                "run the analysis as its owner or as root",
            ),
            Ok(open) if sibling != path => {
                let metadata = open.metadata();
                let (size, owner) = metadata.map_or((0, 0), |m| (m.len(), m.uid()));
                findings.ok(format!(
                    "{name}: {}, owner uid {owner}, is read too",
                    count(size, "byte")
                ));
            }
            Ok(_) => {}
        }
    }
}

fn records(report: &LeakReport, findings: &mut Findings) {
    if report.log.skipped_records > 0 {
        findings.warn(
            format!(
                "damaged records in the leak log that were skipped: {}",
                report.log.skipped_records
            ),
            "php -r 'trackerCleanLeak();' once the report has been read",
        );
    }
    if report.processes.is_empty() {
        findings.warn(
            "no record in the leak log",
            "call trackerHookMalloc() at the top of the function that runs once per loop, with \
             enable_malloc_hook=1; the first call is not recorded",
        );
        return;
    }
    findings.ok(summary(report));
    for process in &report.processes {
        if process.loops == 0 {
            findings.warn(
                format!(
                    "pid {} ({}): nothing was hooked, its memory is freed at each request's end",
                    process.pid, process.sapi
                ),
                "run the code in a loop of the CLI or under Swoole",
            );
        }
        if process.dropped > 0 {
            findings.warn(
                format!(
                    "pid {}: {} allocations were not booked, its verdicts may miss lines",
                    process.pid, process.dropped
                ),
                "restart the process and record fewer loops",
            );
        }
    }
}

fn summary(report: &LeakReport) -> String {
    let loops: u64 = report.processes.iter().map(|p| p.loops).sum();
    let growing = report
        .processes
        .iter()
        .flat_map(|p| &p.sites)
        .filter(|site| site.verdict == Verdict::Grows)
        .count();
    format!(
        "records: {} of {}; lines that grow: {growing}",
        count(loops, "loop"),
        count(report.processes.len() as u64, "process")
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use crate::scratch::Scratch;
    use tracker_core::leak::log::record::Record;
    use tracker_core::leak::log::writer::LogWriter;

    fn found(path: &Path) -> Vec<(Level, String)> {
        let mut findings = Findings::default();
        check(path, &mut findings);
        findings.0.into_iter().map(|f| (f.level, f.text)).collect()
    }

    fn level(found: &[(Level, String)], word: &str) -> Option<Level> {
        found.iter().find(|f| f.1.contains(word)).map(|f| f.0)
    }

    fn write_record(path: &Path) {
        let mut writer = LogWriter::new(path, 1 << 20);
        writer.append(&Record {
            pid: 7,
            sapi: "cli",
            ..Record::default()
        });
        assert_eq!(writer.lost, 0);
    }

    #[test]
    fn nothing_is_created() {
        let dir = Scratch::new();
        let path = dir.path().join("log");
        let found = found(&path);
        assert_eq!(level(&found, "not there yet"), Some(Level::Ok));
        assert_eq!(level(&found, "no record"), Some(Level::Warn));
        assert!(!path.exists());
    }

    #[test]
    fn records_and_damage_are_counted() {
        let dir = Scratch::new();
        let path = dir.path().join("log");
        write_record(&path);
        write_record(&files::rotated(&path));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(b"junk");
        std::fs::write(&path, bytes).unwrap();
        let found = found(&path);
        assert_eq!(
            level(&found, "records: 2 loops of 1 process;"),
            Some(Level::Ok)
        );
        assert_eq!(level(&found, "skipped: 1"), Some(Level::Warn));
        assert_eq!(level(&found, "is read too"), Some(Level::Ok));
        assert!(found.iter().all(|f| f.0 != Level::Fail), "{found:?}");
    }

    #[test]
    fn what_workers_refuse_fails() {
        let dir = Scratch::new();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(dir.path(), &link).unwrap();
        assert_eq!(
            level(&found(&link), "is a symbolic link"),
            Some(Level::Fail)
        );
        let socket = dir.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(
            level(&found(&socket), "not a regular file"),
            Some(Level::Fail)
        );
        let nowhere = dir.path().join("no/log");
        assert_eq!(
            level(&found(&nowhere), "folder of the leak log"),
            Some(Level::Fail)
        );
        assert_eq!(level(&found(&nowhere), "not there yet"), None);
        let hard = dir.path().join("hard");
        write_record(&hard);
        std::fs::hard_link(&hard, dir.path().join("other")).unwrap();
        assert_eq!(level(&found(&hard), "2 names"), Some(Level::Fail));
    }

    #[test]
    fn a_folder_gets_one_remedy() {
        let dir = Scratch::new();
        let mut findings = Findings::default();
        check(dir.path(), &mut findings);
        let bad: Vec<_> = findings.0.iter().filter(|f| f.level != Level::Ok).collect();
        assert_eq!(bad.len(), 1, "{bad:?}");
        assert!(bad[0].text.contains("is a folder"), "{bad:?}");
        let inside = dir.path().join("trackerleak");
        assert!(
            bad[0].remedy.ends_with(&*inside.to_string_lossy()),
            "{bad:?}"
        );
    }

    #[test]
    fn a_file_of_something_else_gets_no_advice_about_its_mode() {
        let dir = Scratch::new();
        let path = dir.path().join("passwd");
        std::fs::write(&path, "root:x:0:0\n").unwrap();
        let found = found(&path);
        assert_eq!(level(&found, "holds something else"), Some(Level::Fail));
        assert_eq!(level(&found, "lets other users in"), None);
        assert_eq!(level(&found, "damaged"), None);
    }

    #[test]
    fn open_modes_are_a_warning() {
        let dir = Scratch::new();
        let path = dir.path().join("log");
        write_record(&path);
        let mut mode = path.metadata().unwrap().permissions();
        mode.set_mode(0o644);
        std::fs::set_permissions(&path, mode).unwrap();
        assert_eq!(
            level(&found(&path), "lets other users in"),
            Some(Level::Warn)
        );
    }
}
