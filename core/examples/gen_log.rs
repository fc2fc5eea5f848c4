//! Writes a leak log of `N` loops with three lines each, for the benchmark of
//! the analysis: `gen_log FILE N`.

use std::fs::File;
use std::io::{BufWriter, Write};

use tracker_core::leak::ledger::sites::SiteKind;
use tracker_core::leak::log::frame;
use tracker_core::leak::log::record::{LineEntry, Memory, Record, SiteEntry};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(count)) = (arguments.next(), arguments.next()) else {
        return Err("usage: gen_log FILE N".into());
    };
    let count: u32 = count.parse()?;
    let mut file = BufWriter::new(File::create(path)?);
    let site = |line| SiteEntry {
        file: 0,
        line,
        function: Some(1),
        kind: SiteKind::Code,
    };
    for number in 0..count {
        let line = |site, net| LineEntry {
            site,
            net,
            growth: 0,
            pre: Vec::new(),
        };
        let live = i64::from(number) + 1;
        let record = Record {
            pid: 4711,
            start_id: 1,
            sapi: "cli",
            number,
            texts: vec!["/srv/app/src/Service/Catalogue.php", "str_repeat"],
            sites: vec![site(17), site(42), site(99)],
            lines: vec![line(0, 12_288), line(1, 320), line(2, 56)],
            // The second line is a value that the next loop replaces.
            cancels: number
                .checked_sub(1)
                .map(|before| (before, 1, 320))
                .into_iter()
                .collect(),
            judged: Some(u64::from(number)),
            samples: vec![(0, live * 12_288, live), (1, 320, 1), (2, live * 56, live)],
            top: vec![(12_288, 0), (320, 1), (56, 2)],
            allocations: 3,
            final_below: number,
            memory: Memory {
                heap: 1 << 20,
                real: 2 << 20,
                uss: 9 << 20,
            },
            ..Record::default()
        };
        let payload = rmp_serde::to_vec(&record)?;
        let framed = frame::encode(&payload).ok_or("record too large")?;
        file.write_all(&framed)?;
    }
    file.flush()?;
    Ok(())
}
