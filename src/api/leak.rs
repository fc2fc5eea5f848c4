//! The leak tool's functions.

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use ext_php_rs::args::Arg;
use ext_php_rs::builders::FunctionBuilder;
use ext_php_rs::exception::PhpException;
use ext_php_rs::flags::DataType;
use ext_php_rs::prelude::*;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::{ExecuteData, ce};
use tracker_core::leak::analysis::{Analysis, Progress};
use tracker_core::leak::log::{files, writer};
use tracker_core::leak::report::{self, Format, Style};

use crate::leak::{session, settling};
use crate::settings::Settings;
use crate::zend::cell::Global;
use crate::zend::{arguments, catch, engine, errors, exceptions, output};

/// Marks the calling function as the main function of a loop. Does nothing
/// unless `enable_malloc_hook` is on. Registered without argument parsing:
/// programs call it in every request whether or not it is on.
pub extern "C" fn tracker_hook_malloc(_frame: &mut ExecuteData, _result: &mut Zval) {
    catch(session::hook_malloc);
}

/// The analysis that is being printed. Printing runs output handlers, which
/// may bail out: what the text is made from must be owned by no frame.
static PRINTING: Global<Option<Analysis>> = Global::new(None);

/// Bytes handed to PHP's output at a time.
const CHUNK: usize = 256 << 10;

fn in_force() -> Settings {
    session::settings().unwrap_or_else(|| Settings::read().0)
}

fn analysis(settings: &Settings, file: Option<&Path>) -> Analysis {
    let path = file.map_or_else(|| PathBuf::from(&settings.leak_log), Path::to_path_buf);
    let mut progress = progress_bar();
    let mut analysis = Analysis::of(&path, &settings.leak_ignore, progress.as_deref_mut());
    if let Some(file) = file {
        analysis.expect(file);
    }
    analysis
}

/// Why a log that was asked for by name cannot be read, if nothing of it can.
fn unreadable(file: &Path) -> Option<String> {
    let why = files::refusal(file)?;
    Some(format!("Failed to read {}: {why}", file.display()))
}

/// A bar on a terminal's stderr; nothing otherwise.
fn progress_bar() -> Option<Box<dyn FnMut(Progress)>> {
    if !output::has_stderr() || !std::io::stderr().is_terminal() {
        return None;
    }
    Some(Box::new(|progress: Progress| {
        if progress.is_worth_a_bar() {
            output::show(progress.bar());
        }
    }))
}

/// Prints all that `PRINTING` still has to say; the last step of a function.
fn print_all() {
    loop {
        let mut chunk = [0_u8; 8192];
        let length = PRINTING.with(|slot| {
            slot.as_mut()
                .map_or(0, |analysis| analysis.read_text(&mut chunk, CHUNK))
        });
        if length == 0 {
            break;
        }
        output::write(&chunk[..length]);
    }
    PRINTING.with(|slot| *slot = None);
    exceptions::throw_kept();
}

/// Prints the report of the leak log: the original's text, then the verdicts.
fn tracker_analyze_leak() {
    settling::settle();
    let settings = in_force();
    let mut analysis = analysis(&settings, None);
    if analysis.is_empty() {
        output::complain(analysis.hint());
        drop((settings, analysis));
        exceptions::throw_kept();
        return;
    }
    analysis.queue_original();
    if settings.leak_verdicts {
        let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let text = report::verdicts(&analysis.report(), Style { color });
        analysis.queue_text(text.into_bytes());
    }
    PRINTING.with(|slot| *slot = Some(analysis));
    drop(settings);
    print_all();
}

/// Prints the `n` largest single allocations of every loop.
fn tracker_analyze_malloc(n: i64) -> PhpResult<()> {
    let Ok(count) = usize::try_from(n) else {
        return Err(value_error(
            "trackerAnalyzeMalloc(): Argument #1 ($n) must be greater than or equal to 0",
        ));
    };
    settling::settle();
    let settings = in_force();
    let mut analysis = analysis(&settings, None);
    if analysis.is_empty() {
        output::complain(analysis.hint());
        drop((settings, analysis));
        exceptions::throw_kept();
        return Ok(());
    }
    analysis.queue_largest(count);
    PRINTING.with(|slot| *slot = Some(analysis));
    drop(settings);
    print_all();
    Ok(())
}

/// Empties the leak log and those of its siblings that this user may write;
/// names the others.
fn tracker_clean_leak() {
    let (_, refused) = writer::clean(Path::new(&in_force().leak_log));
    for (path, why) in refused {
        output::complain(format_args!(
            "swoole_tracker: {} was not emptied: {why}",
            path.display()
        ));
    }
}

/// The report in another format: text, json, html, folded, speedscope or
/// pprof. `file`: the log to read instead of `leak_log` and its siblings.
fn tracker_leak_report(format: &str, file: Option<&Path>) -> PhpResult<Vec<u8>> {
    // Destructors may run, and bail out: the arguments are borrowed, and nothing
    // else is there yet.
    settling::settle();
    if let Some(why) = file.and_then(unreadable) {
        errors::raise_owned(why);
        // A handler of the program's may have thrown.
        if engine::has_exception() {
            return Ok(Vec::new());
        }
    }
    let format: Format = format.parse().map_err(|error: report::UnknownFormat| {
        value_error(&format!(
            "trackerLeakReport(): Argument #1 ($format): {error}"
        ))
    })?;
    let bytes = rendered(format, file);
    exceptions::throw_kept();
    Ok(bytes)
}

fn rendered(format: Format, file: Option<&Path>) -> Vec<u8> {
    let settings = in_force();
    let mut analysis = analysis(&settings, file);
    let mut bytes = Vec::new();
    if format == Format::Text {
        if analysis.is_empty() && analysis.is_whole() {
            return bytes;
        }
        analysis.queue_original();
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = analysis.read_text(&mut chunk, CHUNK);
            if length == 0 {
                break;
            }
            bytes.extend_from_slice(&chunk[..length]);
        }
        if !settings.leak_verdicts {
            return bytes;
        }
    }
    bytes.extend(report::render(&analysis.report(), format));
    bytes
}

fn value_error(text: &str) -> PhpException {
    PhpException::new(text.to_owned(), 0, ce::value_error())
}

extern "C" fn analyze_leak(frame: &mut ExecuteData, _result: &mut Zval) {
    catch(|| {
        if arguments::none(frame).is_some() {
            tracker_analyze_leak();
        }
    });
}

extern "C" fn clean_leak(frame: &mut ExecuteData, _result: &mut Zval) {
    catch(|| {
        if arguments::none(frame).is_some() {
            tracker_clean_leak();
        }
    });
}

extern "C" fn analyze_malloc(frame: &mut ExecuteData, _result: &mut Zval) {
    catch(|| {
        let Some(n) = arguments::number(frame, 5) else {
            return;
        };
        if let Err(exception) = tracker_analyze_malloc(n) {
            exception.throw();
        }
    });
}

extern "C" fn leak_report(frame: &mut ExecuteData, result: &mut Zval) {
    catch(|| {
        let Some((format, file)) = arguments::text_and_path(frame, b"text") else {
            return;
        };
        // What the program may not open by other means it may not read by this one.
        if file.is_some_and(|file| !engine::may_open(file)) {
            result.set_binary(Vec::<u8>::new());
            return;
        }
        let name = String::from_utf8_lossy(format);
        let report = tracker_leak_report(
            &name,
            file.map(|file| Path::new(OsStr::from_bytes(file.to_bytes()))),
        );
        match report {
            Ok(bytes) => result.set_binary(bytes),
            Err(exception) => exception.throw(),
        }
    });
}

/// Adds this file's functions to the module.
pub fn functions(module: ModuleBuilder<'_>) -> ModuleBuilder<'_> {
    let void = |builder: FunctionBuilder<'static>| builder.returns(DataType::Void, false, false);
    module
        .function(void(FunctionBuilder::new(
            "trackerAnalyzeLeak",
            analyze_leak,
        )))
        .function(void(FunctionBuilder::new("trackerCleanLeak", clean_leak)))
        .function(void(
            FunctionBuilder::new("trackerAnalyzeMalloc", analyze_malloc)
                .not_required()
                .arg(Arg::new("n", DataType::Long).default("5")),
        ))
        .function(
            FunctionBuilder::new("trackerLeakReport", leak_report)
                .not_required()
                .arg(Arg::new("format", DataType::String).default("'text'"))
                .arg(
                    Arg::new("file", DataType::String)
                        .allow_null()
                        .default("null"),
                )
                .returns(DataType::String, false, false),
        )
}
