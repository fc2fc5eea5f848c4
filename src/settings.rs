//! Settings: `apm.X`, and `tracker.X` as a synonym that wins where it is given.

use crate::zend::engine;
use crate::zend::ini::{self, Table};

/// One setting: its two names and its default.
struct Setting {
    apm: &'static std::ffi::CStr,
    tracker: &'static std::ffi::CStr,
    default: &'static std::ffi::CStr,
}

/// Defines names and table from one list.
macro_rules! settings {
    ($($field:ident = $default:literal;)*) => {
        $(#[allow(non_upper_case_globals, reason = "named after the setting")]
        const $field: Setting = Setting {
            apm: match std::ffi::CStr::from_bytes_with_nul(
                concat!("apm.", stringify!($field), "\0").as_bytes()) {
                Ok(name) => name,
                Err(_) => panic!("a setting's name has no NUL"),
            },
            tracker: match std::ffi::CStr::from_bytes_with_nul(
                concat!("tracker.", stringify!($field), "\0").as_bytes()) {
                Ok(name) => name,
                Err(_) => panic!("a setting's name has no NUL"),
            },
            default: match std::ffi::CStr::from_bytes_with_nul(
                concat!($default, "\0").as_bytes()) {
                Ok(value) => value,
                Err(_) => panic!("a default has no NUL"),
            },
        };)*
        const ALL: &[Setting] = &[$($field),*];
        static TABLE: Table<{ 2 * ALL.len() + 1 }> = Table::new([
            $(ini::entry($field.apm, $field.default),
            ini::entry($field.tracker, $field.default),)*
            ini::end(),
        ]);
    };
}

settings! {
    enable = "1";
    sampling_rate = "100";
    enable_memcheck = "0";
    enable_malloc_hook = "0";
    agent_host = "";
    agent_socket = "/run/swoole-tracker/agent.sock";
    service_name = "";
    leak_log = "/tmp/trackerleak";
    leak_log_max_mb = "64";
    leak_ignore = "";
    leak_verdicts = "1";
    leak_scope = "loop";
    leak_line_source = "auto";
    leak_jit = "0";
    holder_budget_ms = "50";
    userland_hooks = "1";
    trace_functions = "";
    userland_log = "";
    slow_ms = "500";
    trace_sql = "0";
    trace_b3 = "0";
    trace_stack_depth = "0";
}

/// Where the original wrote its log.
const DEFAULT_LOG: &str = "/tmp/trackerleak";

/// What a loop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One run of the function that called `trackerHookMalloc()`.
    Loop,
    /// From the first call to the end of the request.
    Request,
}

/// Where the line of an allocation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineSource {
    /// The register where it is proven, else opcode handlers.
    Auto,
    /// The register, unproven.
    Register,
    /// Opcode handlers.
    Handlers,
    /// The place that the VM saved last.
    Saved,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Tracing and statistics are on.
    pub enable: bool,
    /// Share of ordinary traces to send, hundredths of a percent.
    pub sampling: u32,
    /// Path of the agent's socket.
    pub agent_socket: String,
    /// Name of the application; empty: as the original named it.
    pub service_name: String,
    /// A trace slower than this is always kept, ms.
    pub slow_ms: u64,
    /// SQL is sent with its literals.
    pub sql_literals: bool,
    /// B3 headers are read and written, too.
    pub b3: bool,
    /// Frames recorded per span.
    pub stack_depth: u32,
    /// The leak tool may be used.
    pub enable_malloc_hook: bool,
    /// Path of the leak log.
    pub leak_log: String,
    /// Size at which the log is rotated, bytes.
    pub leak_log_max_bytes: u64,
    /// Patterns that the verdicts leave out.
    pub leak_ignore: String,
    /// Print the verdicts after the original's report.
    pub leak_verdicts: bool,
    /// What a loop is.
    pub leak_scope: Scope,
    /// Where lines come from.
    pub leak_line_source: LineSource,
    /// Keep opcache's JIT running, at the price of exact lines.
    pub leak_jit: bool,
    /// Time for the search for holders at a loop end, ms; 0 is never.
    pub holder_budget_ms: u64,
    /// Instrument known user-land libraries.
    pub userland_hooks: bool,
    /// Patterns of user functions that become spans.
    pub trace_functions: String,
    /// File for what the user-land instrumentation sees, for tests.
    pub userland_log: String,
}

/// Value that php.ini or the command line gives to a setting, or its default:
/// for what is decided before the first request, without a pool's settings.
fn at_start(setting: &Setting) -> String {
    engine::configured(setting.tracker)
        .or_else(|| engine::configured(setting.apm))
        .unwrap_or_else(|| setting.default.to_string_lossy().into_owned())
}

/// What is installed while the module starts.
pub struct AtStart {
    /// Instrument known user-land libraries.
    pub userland_hooks: bool,
    /// Patterns of user functions that become spans.
    pub trace_functions: String,
}

impl AtStart {
    /// Nothing, where tracing is off.
    pub fn read() -> Self {
        let on = |setting| engine::is_true(&at_start(setting));
        let tracing = on(&enable);
        Self {
            userland_hooks: tracing && on(&userland_hooks),
            trace_functions: if tracing {
                at_start(&trace_functions)
            } else {
                String::new()
            },
        }
    }
}

/// Registers all settings.
pub fn register(module_number: i32) {
    ini::register(&TABLE, module_number);
}

/// Name and value in force of every setting, for `php --ri`.
pub fn in_force() -> Vec<(String, String)> {
    ALL.iter()
        .map(|setting| (bare(setting), value(setting)))
        .collect()
}

/// Name without prefix.
fn bare(setting: &Setting) -> String {
    setting
        .apm
        .to_string_lossy()
        .trim_start_matches("apm.")
        .to_owned()
}

fn name(setting: &Setting) -> String {
    let name = if engine::setting_is_explicit(setting.tracker) {
        setting.tracker
    } else {
        setting.apm
    };
    name.to_string_lossy().into_owned()
}

fn value(setting: &Setting) -> String {
    let name = if engine::setting_is_explicit(setting.tracker) {
        setting.tracker
    } else {
        setting.apm
    };
    engine::setting(name).unwrap_or_default().trim().to_owned()
}

/// Percent as hundredths of a percent.
fn hundredths(percent: u64) -> u32 {
    u32::try_from(percent * 100).unwrap_or(10_000)
}

/// Reads settings and notes what cannot be understood.
struct Reader {
    complaints: Vec<String>,
}

impl Reader {
    /// `parse` of the value, or of the default with a complaint.
    fn read<T>(
        &mut self,
        setting: &Setting,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let given = value(setting);
        parse(&given).or_else(|| {
            let default = setting.default.to_string_lossy();
            self.complaints.push(format!(
                "{} = \"{given}\" is not {expected}; using \"{default}\"",
                name(setting)
            ));
            parse(&default)
        })
    }

    fn switch(&mut self, setting: &Setting) -> bool {
        self.read(setting, "0 or 1", |text| {
            match text.to_ascii_lowercase().as_str() {
                "1" | "on" | "yes" | "true" => Some(true),
                "" | "0" | "off" | "no" | "false" | "none" => Some(false),
                _ => None,
            }
        })
        .unwrap_or(false)
    }

    fn number(&mut self, setting: &Setting, unit: &str, least: u64, most: u64) -> u64 {
        let expected = format!("a number of {unit} from {least} to {most}");
        self.read(setting, &expected, |text| {
            text.parse().ok().filter(|n| (least..=most).contains(n))
        })
        .unwrap_or(least)
    }
}

impl Settings {
    /// The settings in force, and complaints about values that are not
    /// understood.
    pub fn read() -> (Self, Vec<String>) {
        let mut reader = Reader {
            complaints: Vec::new(),
        };
        let tracing = reader.switch(&enable);
        let settings = Self {
            enable: tracing,
            sampling: hundredths(reader.number(&sampling_rate, "percent", 0, 100)),
            agent_socket: value(&agent_socket),
            service_name: value(&service_name),
            slow_ms: reader.number(&slow_ms, "milliseconds", 0, 3_600_000),
            sql_literals: reader.switch(&trace_sql),
            b3: reader.switch(&trace_b3),
            stack_depth: u32::try_from(reader.number(&trace_stack_depth, "frames", 0, 64))
                .unwrap_or(0),
            enable_malloc_hook: reader.switch(&enable_malloc_hook),
            leak_log: reader
                .read(&leak_log, "a path", |path| {
                    Some(if path.is_empty() { DEFAULT_LOG } else { path }.to_owned())
                })
                .unwrap_or_default(),
            leak_log_max_bytes: reader.number(&leak_log_max_mb, "megabytes", 1, 1 << 20) << 20,
            leak_ignore: value(&leak_ignore),
            leak_verdicts: reader.switch(&leak_verdicts),
            leak_scope: reader
                .read(&leak_scope, "loop or request", |text| match text {
                    "loop" => Some(Scope::Loop),
                    "request" => Some(Scope::Request),
                    _ => None,
                })
                .unwrap_or(Scope::Loop),
            leak_line_source: reader
                .read(
                    &leak_line_source,
                    "auto, register, handlers or saved",
                    |text| {
                        Some(match text {
                            "auto" => LineSource::Auto,
                            "register" => LineSource::Register,
                            "handlers" => LineSource::Handlers,
                            "saved" => LineSource::Saved,
                            _ => return None,
                        })
                    },
                )
                .unwrap_or(LineSource::Auto),
            leak_jit: reader.switch(&leak_jit),
            holder_budget_ms: reader.number(&holder_budget_ms, "milliseconds", 0, 10_000),
            userland_hooks: reader.switch(&userland_hooks) && tracing,
            trace_functions: if tracing {
                value(&trace_functions)
            } else {
                String::new()
            },
            userland_log: value(&userland_log),
        };
        reader.switch(&enable_memcheck);
        (settings, reader.complaints)
    }
}
