//! A batch without its bodies: what is taken when there is little room.

use tracker_protocol::msgpack::{Reader, Write};
use tracker_protocol::record::Record;

/// The batch's body with statistics and losses alone, and how many records went. What
/// follows a record that cannot be read goes too.
#[must_use]
pub fn without_bodies(body: &[u8]) -> Option<(Vec<u8>, u64)> {
    let mut reader = Reader::new(body);
    reader.array().ok()?;
    let number = reader.uint().ok()?;
    let count = reader.array().ok()?;
    let mut kept = 0;
    let mut records = Vec::new();
    for _ in 0..count {
        let before = reader.rest();
        let Ok(record) = Record::read(&mut reader) else {
            break;
        };
        if matches!(record, Record::Stats(_) | Record::Drops(_)) {
            records.extend_from_slice(&before[..before.len() - reader.rest().len()]);
            kept += 1;
        }
    }
    let mut out = Vec::with_capacity(records.len() + 16);
    out.array(2);
    out.uint(number);
    out.array(kept as usize);
    out.extend_from_slice(&records);
    Some((out, u64::from(count - kept)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracker_protocol::message::Batch;
    use tracker_protocol::record::{Drops, LeakLoop, Segment, Stats, StatsRow};

    #[test]
    fn statistics_and_losses_stay() {
        let mut records = Vec::new();
        Segment::default().write(&mut records, 0, &[]);
        Stats::write(&mut records, 10, [StatsRow::default()].into_iter());
        LeakLoop::default().write(&mut records);
        Drops::write(&mut records, &[("queue_full", 3)]);
        let mut body = Vec::new();
        Batch::write(&mut body, 9, 4, &records);
        let (less, gone) = without_bodies(&body).unwrap();
        assert_eq!(gone, 2);
        let batch = Batch::read(&less).unwrap();
        assert_eq!(batch.number, 9);
        let kinds: Vec<_> = batch
            .records()
            .map(|record| match record.unwrap() {
                Record::Stats(stats) => stats.len(),
                Record::Drops(drops) => drops.iter().count() + 10,
                _ => 99,
            })
            .collect();
        assert_eq!(kinds, [1, 11]);
    }
}
