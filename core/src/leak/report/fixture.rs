//! A report with every verdict, every section and names that try to break the
//! outputs.

use crate::leak::model::{
    Cycles, Frame, Holder, Kinds, LeakReport, LogInfo, MemoryCurve, ProcessReport, SCHEMA_VERSION,
    SiteReport, Suppressed, Verdict,
};

/// A file name with markup, an escape sequence, a separator and a line feed.
pub const HOSTILE: &str = "/srv/app/<script>alert('x')</script>/\x1b[31m;evil\n\"&\u{202e}.php";

/// Two processes: a CLI worker that leaks and an FPM worker that cannot.
pub fn report() -> LeakReport {
    LeakReport {
        version: SCHEMA_VERSION,
        log: LogInfo {
            files: vec!["/tmp/trackerleak.1".into(), "/tmp/trackerleak".into()],
            skipped_records: 3,
            not_counted: 2,
            unreadable: vec!["/tmp/trackerleak.33 (permission denied)".into()],
        },
        processes: vec![worker(), fpm()],
        ignore_unmatched: vec!["worker.php:7-9".into(), HOSTILE.into()],
    }
}

fn worker() -> ProcessReport {
    ProcessReport {
        pid: 4711,
        start_id: 88_123,
        sapi: "cli".into(),
        loops: LOOPS,
        unjudged_loops: 0,
        memory: MemoryCurve {
            loops: (0..LOOPS).collect(),
            heap_bytes: (0..LOOPS).map(|n| 4_194_304 + n * 14_200).collect(),
            real_bytes: (0..LOOPS)
                .map(|n| 6_291_456 + (n / 20) * 2_097_152)
                .collect(),
            rss_bytes: (0..LOOPS)
                .map(|n| 18_874_368 + n * 15_000 + (n % 7) * 9_000)
                .collect(),
        },
        sites: sites(),
        cycles: Cycles {
            objects: 1_204,
            bytes: 98_304,
        },
        kinds: Kinds {
            compile: 1_258_291,
            vm_stack: 262_144,
            native: 4_194_304,
            fragmentation: 1_572_864,
        },
        suppressed: vec![
            Suppressed {
                file: "/srv/app/vendor/monolog/monolog/src/Monolog/Handler/BufferHandler.php"
                    .into(),
                line: 87,
                bytes: 51_200,
            },
            Suppressed {
                file: HOSTILE.into(),
                line: 9,
                bytes: 512,
            },
        ],
        allocations: 1_204_556,
        dropped: 12,
        notes: vec![
            "PHP heap grows 13.9 KB per loop; the process outside the PHP heap grew 4.0 MB.".into(),
            "The process was ended by a signal in loop 42; that loop is not counted.".into(),
        ],
    }
}

fn fpm() -> ProcessReport {
    ProcessReport {
        pid: 33_990,
        start_id: 90_001,
        sapi: "fpm-fcgi".into(),
        notes: vec![
            "FPM frees all memory of a request at its end: there is no loop that could leak."
                .into(),
        ],
        ..ProcessReport::default()
    }
}

const LOOPS: u64 = 42;

fn sites() -> Vec<SiteReport> {
    vec![
        SiteReport {
            function: Some("str_repeat".into()),
            verdict: Verdict::Grows,
            bytes_per_loop: 12_288.0,
            fit_r: 0.999,
            blocks: 38,
            stack: vec![
                frame("", 0, "str_repeat"),
                frame(
                    "/srv/app/src/Service/Cache.php",
                    42,
                    "App\\Service\\Cache::put",
                ),
                frame(
                    "/srv/app/src/Http/OrderController.php",
                    118,
                    "App\\Http\\OrderController::index",
                ),
                frame("/srv/app/src/Kernel.php", 61, "App\\Kernel::handle"),
                frame("/srv/app/worker.php", 19, "{closure}"),
                frame("/srv/app/worker.php", 24, "{main}"),
            ],
            holder: vec![
                holder(
                    "App\\Service\\Cache::$items[*]->handlers (array, 4 102 elements)",
                    "static",
                    true,
                ),
                holder(
                    "$GLOBALS['registry']->listeners[*] (object Closure)",
                    "global",
                    false,
                ),
            ],
            ..site("/srv/app/src/Service/Cache.php", 42, 4, |n| {
                n.saturating_sub(3) * 12_288
            })
        },
        SiteReport {
            verdict: Verdict::Grows,
            bytes_per_loop: 1_024.5,
            fit_r: 0.93,
            blocks: 4,
            stack: vec![
                frame("/srv/app/src/日志/缓冲区.php", 7, "应用\\日志::写入"),
                frame(
                    "/srv/app/src/Http/OrderController.php",
                    131,
                    "App\\Http\\OrderController::index",
                ),
                frame("/srv/app/src/Kernel.php", 61, "App\\Kernel::handle"),
                frame("/srv/app/worker.php", 19, "{closure}"),
                frame("/srv/app/worker.php", 24, "{main}"),
            ],
            holder: vec![holder("", "unknown", false)],
            ..site("/srv/app/src/日志/缓冲区.php", 7, 1, |n| {
                (n / 8) * 8_192
            })
        },
        SiteReport {
            kind: "compile".into(),
            function: Some("<b>eval</b>".into()),
            verdict: Verdict::Grows,
            bytes_per_loop: 240.0,
            fit_r: 0.99,
            blocks: 42,
            ..site(HOSTILE, 3, 0, |n| (n + 1) * 240)
        },
        SiteReport {
            verdict: Verdict::Undecided,
            bytes_per_loop: 3_072.0,
            fit_r: 0.7,
            blocks: 2,
            stack: vec![
                frame(HOSTILE, 12, "evil;frame\n\x1b[31m"),
                frame("/srv/app/src/Kernel.php", 61, "App\\Kernel::handle"),
            ],
            ..site("/srv/app/src/Metrics.php", 203, 39, |n| {
                n.saturating_sub(38) * 3_072
            })
        },
        SiteReport {
            verdict: Verdict::Flat,
            blocks: 100,
            last_loop: 20,
            ..site("/srv/app/src/ConnectionPool.php", 77, 1, |n| {
                n.min(20) * 3_276
            })
        },
        SiteReport {
            verdict: Verdict::Flat,
            blocks: 12,
            last_loop: 9,
            function: Some("json_decode".into()),
            ..site(LONG, 1_024, 2, |n| n.min(9) * 800)
        },
        SiteReport {
            kind: "vm_stack".into(),
            verdict: Verdict::Once,
            blocks: 1,
            last_loop: 1,
            ..site("/srv/app/worker.php", 19, 1, |n| n.min(1) * 262_144)
        },
        SiteReport {
            verdict: Verdict::Once,
            blocks: 3,
            last_loop: 0,
            ..site("", 0, 0, |_| 1_280)
        },
    ]
}

const LONG: &str = "/srv/app/releases/20240229093011/vendor/symfony/dependency-injection/Loader/Configurator/Traits/AVeryLongDirectoryNameThatDoesNotBreak/AnotherVeryLongDirectoryName/ContainerBuilderDebugDumpPass.php";

fn site(file: &str, line: u32, first_loop: u64, live: impl Fn(u64) -> u64) -> SiteReport {
    let live_ring: Vec<i64> = (0..LOOPS).map(|n| live(n).cast_signed()).collect();
    SiteReport {
        file: file.into(),
        line,
        kind: "code".into(),
        live_bytes: live_ring.last().copied().unwrap_or_default(),
        first_loop,
        last_loop: LOOPS - 1,
        live_ring,
        live_ring_loops: (0..LOOPS).collect(),
        ..SiteReport::default()
    }
}

fn frame(file: &str, line: u32, function: &str) -> Frame {
    Frame {
        file: file.into(),
        line,
        function: function.into(),
    }
}

fn holder(path: &str, kind: &str, complete: bool) -> Holder {
    Holder {
        path: path.into(),
        kind: kind.into(),
        complete,
    }
}
