//! Loops of a process: one line that grows, one that is flat.

use serde_json::{Value, json};
use tracker_core::leak::ledger::sites::SiteKind;
use tracker_core::leak::log::record::{Memory, Record, SiteEntry};
use tracker_core::leak::model::{Frame, Holder};
use tracker_protocol::record::LeakLoop;

use crate::Records;

/// Loops that are written.
const LOOPS: u32 = 60;
const FILE: &str = "/srv/stock/src/Listener.php";
/// What the growing line keeps in each loop, bytes.
const STEP: i64 = 4_096;

/// Writes them and says what was sent.
pub fn write(records: &mut Records, now_us: u64) -> Value {
    let site = |line, function| SiteEntry {
        file: 0,
        line,
        function,
        kind: SiteKind::Code,
    };
    for number in 1..=LOOPS {
        let kept = i64::from(number) * STEP;
        let mut record = Record {
            pid: 815,
            start_id: now_us / 10_000,
            number,
            sapi: "cli",
            texts: vec![FILE, "str_repeat"],
            sites: vec![site(42, Some(1)), site(57, None)],
            judged: Some(u64::from(number)),
            samples: vec![(0, kept, i64::from(number)), (1, 65_536, 1)],
            final_below: number,
            memory: Memory {
                heap: 2_400_000 + kept as u64,
                real: 4_194_304,
                uss: 9_500_000 + kept as u64,
            },
            allocations: 120,
            ..Record::default()
        };
        if number == LOOPS {
            record.stacks = vec![(
                0,
                vec![
                    frame(42, "Listener->remember"),
                    frame(18, "Listener->onRequest"),
                ],
            )];
            record.holders = vec![(
                0,
                vec![Holder {
                    path: "Listener::$seen[*] (array, 60 elements)".into(),
                    kind: "static".into(),
                    complete: true,
                }],
            )];
        }
        // A record holds only texts and numbers, so it can be written.
        if let Ok(bytes) = rmp_serde::to_vec(&record) {
            let looped = LeakLoop {
                app: "stock",
                record: &bytes,
            };
            looped.write(&mut records.bytes);
            records.count += 1;
        }
    }
    json!({"file": FILE, "line": 42, "loops": LOOPS})
}

fn frame(line: u32, function: &str) -> Frame {
    Frame {
        file: FILE.into(),
        line,
        function: function.into(),
    }
}
