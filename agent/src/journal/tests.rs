use super::*;
use crate::pipeline::Accepted;
use crate::scratch::Scratch;
use tracker_protocol::message::Batch;
use tracker_protocol::record::{Segment, Stats, StatsRow};

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    min_free: 0,
};

fn open(dir: &Path, limits: Limits, newest: u64) -> (Journal, Replay, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let (journal, replay) = Journal::open(dir, limits, newest, Arc::clone(&counters)).unwrap();
    (journal, replay, counters)
}

fn origin(start_id: u64) -> Arc<Origin> {
    Arc::new(Origin {
        uid: 33,
        start_id,
        app: format!("app{start_id}"),
        ..Origin::default()
    })
}

/// A batch with a segment that is `fat` bytes long, and statistics.
fn body(number: u64, fat: usize) -> Vec<u8> {
    let endpoint = "e".repeat(fat);
    let mut records = Vec::new();
    let mut segment = Segment::default();
    segment.endpoint = &endpoint;
    segment.write(&mut records, 0, &[]);
    Stats::write(&mut records, 10, [StatsRow::default()].into_iter());
    let mut out = Vec::new();
    Batch::write(&mut out, number, 2, &records);
    out
}

fn all(replay: Replay, from: u64) -> Vec<Accepted> {
    let mut batches = Vec::new();
    let each = |batch| {
        batches.push(batch);
        true
    };
    replay.each(from, each).unwrap();
    batches
}

#[test]
fn what_was_appended_comes_again_until_it_is_cut() {
    let dir = Scratch::new();
    let (mut journal, replay, _) = open(dir.path(), LIMITS, 0);
    assert!(all(replay, 0).is_empty());
    let origins = [origin(1), origin(2)];
    let fat = 20_000;
    for number in 1..=10 {
        for (at, origin) in origins.iter().enumerate() {
            let position = (number - 1) * 2 + at as u64 + 1;
            let kept = journal.append(origin, number, &body(number, fat));
            assert_eq!(kept, Append::Kept(position));
        }
    }
    assert!(journal.closed.len() > 2, "several files");
    // As after kill -9: nothing is closed or flushed.
    let (mut journal, replay, counters) = open(dir.path(), LIMITS, 0);
    let batches = all(replay, 4);
    let positions: Vec<_> = batches.iter().map(|b| b.position).collect();
    assert_eq!(positions, (5..=20).collect::<Vec<_>>());
    assert_eq!(batches[0].origin, origins[0]);
    assert_eq!(batches[1].origin, origins[1]);
    assert_eq!(batches[15].body, body(10, fat));
    assert_eq!(counters.lost(Loss::Damaged), 0);
    assert_eq!(journal.newest(&origins[0]), 10);
    journal.cut(20);
    assert!(journal.closed.is_empty());
    // What was cut is still known to have been there.
    let (journal, replay, _) = open(dir.path(), LIMITS, 0);
    assert!(all(replay, 0).is_empty());
    assert_eq!(journal.newest(&origins[1]), 10);
    assert_eq!(journal.next, 21);
}

#[test]
fn positions_go_on_behind_the_sink_when_the_journal_was_lost() {
    let dir = Scratch::new();
    let (mut journal, ..) = open(dir.path(), LIMITS, 41);
    assert_eq!(journal.append(&origin(1), 1, &body(1, 0)), Append::Kept(42));
}

#[test]
fn a_torn_end_is_no_damage_and_a_damaged_entry_costs_itself() {
    let dir = Scratch::new();
    let (mut journal, ..) = open(dir.path(), LIMITS, 0);
    for number in 1..=3 {
        journal.append(&origin(1), number, &body(number, 50));
    }
    let path = journal.writer.as_ref().unwrap().path.clone();
    let mut bytes = std::fs::read(&path).unwrap();
    let second = bytes.len() - 2 * (entry::HEAD + entry::BATCH_HEAD + body(1, 50).len());
    bytes[second + 40] ^= 1;
    bytes.truncate(bytes.len() - 1);
    std::fs::write(&path, &bytes).unwrap();
    let (_, replay, counters) = open(dir.path(), LIMITS, 0);
    let numbers: Vec<_> = all(replay, 0).iter().map(|b| b.number).collect();
    assert_eq!(numbers, [1]);
    // The third is torn; only what has something good behind it is damaged.
    assert_eq!(counters.lost(Loss::Damaged), 0);
    bytes[second + 40] ^= 1;
    bytes[second - 40] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let (_, replay, counters) = open(dir.path(), LIMITS, 0);
    let numbers: Vec<_> = all(replay, 0).iter().map(|b| b.number).collect();
    assert_eq!(numbers, [2]);
    assert_eq!(counters.lost(Loss::Damaged), 1);
}

#[test]
fn a_foreign_file_is_put_aside() {
    let dir = Scratch::new();
    let path = file::path(dir.path(), 1);
    std::fs::write(&path, "x".repeat(100)).unwrap();
    std::fs::write(file::path(dir.path(), 2), "SWT").unwrap();
    let (mut journal, replay, counters) = open(dir.path(), LIMITS, 0);
    assert!(all(replay, 0).is_empty());
    assert_eq!(counters.lost(Loss::Damaged), 1);
    assert!(path.with_extension("damaged").exists());
    assert_eq!(journal.append(&origin(1), 1, &body(1, 0)), Append::Kept(1));
}

#[test]
fn a_full_journal_sheds_bodies_then_stops_and_goes_on_when_it_is_cut() {
    let dir = Scratch::new();
    let (mut journal, _, counters) = open(dir.path(), LIMITS, 0);
    let one = origin(1);
    let mut number = 0;
    let mut append = |journal: &mut Journal| {
        number += 1;
        journal.append(&one, number, &body(number, 20_000))
    };
    while let Append::Kept(_) = append(&mut journal) {}
    assert_eq!(journal.state(), State::Shed);
    assert!(journal.bytes() > LIMITS.bytes / 4 * 3 - 25_000);
    let Append::Reduced(_, less) = append(&mut journal) else {
        panic!("not reduced");
    };
    assert!(less.len() < 100);
    assert_eq!(counters.lost(Loss::Shed), 2);
    let mut taken = 0;
    while let Append::Reduced(..) = append(&mut journal) {
        taken += 1;
    }
    assert_eq!(journal.state(), State::Full);
    assert!(taken > 1_000, "{taken} batches of statistics");
    assert!(journal.bytes() <= LIMITS.bytes + 1_000);
    journal.recover();
    assert_eq!(append(&mut journal), Append::Full);
    let last = journal.next - 1;
    journal.cut(last);
    journal.recover();
    assert_eq!(journal.state(), State::All);
    assert_eq!(append(&mut journal), Append::Kept(last + 1));
}

#[test]
fn a_journal_that_was_removed_takes_nothing_until_it_is_made_anew() {
    let scratch = Scratch::new();
    let data = scratch.path().join("data");
    let dir = data.join("journal");
    let (mut journal, _, _) = open(&dir, LIMITS, 0);
    let origin = origin(1);
    assert_eq!(journal.append(&origin, 1, &body(1, 10)), Append::Kept(1));
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::write(&data, "in the way").unwrap();
    for _ in 0..2 {
        assert_eq!(journal.append(&origin, 2, &body(2, 10)), Append::Full);
        journal.recover();
        assert_eq!(journal.state(), State::Full);
    }
    std::fs::remove_file(&data).unwrap();
    journal.recover();
    assert_eq!(journal.state(), State::All);
    assert_eq!(journal.append(&origin, 2, &body(2, 10)), Append::Kept(2));
    drop(journal);
    let (journal, replay, _) = open(&dir, LIMITS, 0);
    assert_eq!(journal.newest(&origin), 2);
    let batches = all(replay, 0);
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].origin, origin);
}
