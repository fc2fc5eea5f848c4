//! The rules of the original's report and of the verdicts, one test each; and
//! random programs against a model (`random.rs`).

mod model;
mod random;

use super::sites::Site;
use super::*;

struct Bench {
    ledger: Ledger,
    sites: Vec<SiteId>,
}

impl Bench {
    fn new() -> Self {
        let mut ledger = Ledger::default();
        let file = ledger.sites.intern_text("t.php");
        let sites = (0..9)
            .map(|line| {
                ledger.sites.intern(Site {
                    file,
                    line,
                    ..Site::default()
                })
            })
            .collect();
        Self { ledger, sites }
    }

    fn alloc(&mut self, line: usize, number: u32, size: u64) -> GenId {
        let id = self.ledger.gen_for(self.sites[line], number);
        self.ledger.alloc(id, size);
        id
    }

    /// One loop that does what `body` says.
    fn run<R>(&mut self, body: impl FnOnce(&mut Self, u32) -> R) -> (Closed, R) {
        let number = self.ledger.begin_loop();
        let result = body(self, number);
        (self.close(number), result)
    }

    /// Loops in which nothing happens.
    fn idle(&mut self, count: u32) {
        for _ in 0..count {
            self.run(|_, _| ());
        }
    }

    fn free(&mut self, id: GenId, size: u64, line: usize, at: Option<u32>) {
        self.ledger.free(id, size, self.sites[line], at);
    }

    fn realloc(&mut self, id: GenId, old: u64, new: u64, line: usize, at: Option<u32>) -> GenId {
        self.ledger.realloc(id, old, new, self.sites[line], at)
    }

    /// A late free of a block that was born at that loop and line.
    fn pre(&self, origin_loop: u32, line: usize, bytes: u64) -> Pre {
        Pre {
            origin_loop,
            origin_site: self.sites[line],
            bytes,
        }
    }

    fn close(&mut self, number: u32) -> Closed {
        self.ledger.end_loop(number);
        self.ledger.record(number).unwrap()
    }

    /// Bytes on the verdicts' account of a line.
    fn bytes(&self, line: usize) -> i64 {
        self.ledger
            .account(self.sites[line])
            .map_or(0, |account| account.bytes)
    }

    fn line(&self, closed: &Closed, line: usize) -> Option<Line> {
        closed
            .lines
            .iter()
            .find(|l| l.site == self.sites[line])
            .cloned()
    }
}

#[test]
fn what_stays_is_the_line_of_its_loop() {
    let mut b = Bench::new();
    let (closed, ()) = b.run(|b, n| {
        b.alloc(1, n, 12_288);
        let gone = b.alloc(2, n, 64);
        assert!(b.ledger.free_fast(gone, 64));
    });
    assert_eq!(b.line(&closed, 1).unwrap().net, 12_288);
    assert_eq!(b.line(&closed, 2), None);
    assert_eq!(closed.samples[0].bytes, 12_288);
}

#[test]
fn freed_in_the_next_loop_cancels_silently() {
    let mut b = Bench::new();
    let (_, block) = b.run(|b, n| b.alloc(1, n, 320));
    assert!(!b.ledger.free_needs_site(block));
    let (closed, ()) = b.run(|b, n| b.free(block, 320, 2, Some(n)));
    assert!(closed.lines.is_empty());
    assert_eq!(closed.cancels, vec![(0, b.sites[1], 320)]);
    assert_eq!(b.ledger.gens.in_use(), 0);
}

#[test]
fn freed_two_loops_later_prints_free_pre_at_the_freeing_line() {
    let mut b = Bench::new();
    let (_, block) = b.run(|b, n| b.alloc(1, n, 320));
    b.idle(1);
    assert!(b.ledger.free_needs_site(block));
    let (closed, ()) = b.run(|b, n| b.free(block, 320, 2, Some(n)));
    assert_eq!(b.line(&closed, 2).unwrap().pre, vec![b.pre(0, 1, 320)]);
    assert_eq!(b.bytes(1), 0);
}

#[test]
fn a_free_between_loops_goes_to_the_next_record() {
    let mut b = Bench::new();
    let (_, block) = b.run(|b, n| b.alloc(1, n, 64));
    b.idle(1);
    b.free(block, 64, 3, None);
    let (closed, ()) = b.run(|_, _| ());
    assert_eq!(b.line(&closed, 3).unwrap().pre[0].bytes, 64);
}

#[test]
fn realloc_charges_the_difference_and_a_late_free_the_full_size() {
    let mut b = Bench::new();
    let (_, block) = b.run(|b, n| b.alloc(1, n, 320));
    b.idle(1);
    let (closed, moved) = b.run(|b, n| b.realloc(block, 320, 640, 2, Some(n)));
    assert_eq!(b.line(&closed, 2).unwrap().net, 320);
    assert!(b.line(&closed, 2).unwrap().pre.is_empty());
    assert_eq!(b.bytes(1), 0, "moved as a whole");
    assert_eq!(b.bytes(2), 640);
    b.idle(2);
    let (closed, ()) = b.run(|b, n| b.free(moved, 640, 3, Some(n)));
    assert_eq!(b.line(&closed, 3).unwrap().pre, vec![b.pre(0, 1, 640)]);
    b.idle(2);
    assert_eq!(b.ledger.gens.in_use(), 0, "everything is recycled");
}

#[test]
fn a_string_built_by_appending_and_dropped_leaves_nothing() {
    let mut b = Bench::new();
    let (closed, ()) = b.run(|b, n| {
        let mut id = b.alloc(1, n, 32);
        for step in 1..50_u64 {
            let line = 2 + (step % 3) as usize;
            id = b.realloc(id, step * 32, step * 32 + 32, line, Some(n));
        }
        b.free(id, 50 * 32, 5, Some(n));
    });
    assert!(
        closed.lines.iter().all(|l| l.net == 0 && l.pre.is_empty()),
        "{:?}",
        closed.lines
    );
    assert!(closed.samples.is_empty());
}

#[test]
fn shrinking_gives_the_newest_part_back_first() {
    let mut b = Bench::new();
    let (closed, shrunk) = b.run(|b, n| {
        let block = b.alloc(1, n, 100);
        let grown = b.realloc(block, 100, 300, 2, Some(n));
        b.realloc(grown, 300, 50, 3, Some(n))
    });
    assert_eq!(b.line(&closed, 1).unwrap().net, 50);
    assert_eq!(b.line(&closed, 2), None);
    assert_eq!(b.bytes(1), 0, "moved as a whole");
    assert_eq!(b.bytes(3), 50);
    let (closed, ()) = b.run(|b, n| b.free(shrunk, 50, 4, Some(n)));
    assert_eq!(closed.cancels, vec![(0, b.sites[1], 50)]);
    assert_eq!(b.bytes(3), 0);
}

#[test]
fn growing_and_shrinking_at_two_lines_keeps_the_table_small() {
    let mut b = Bench::new();
    let (_, mut id) = b.run(|b, n| b.alloc(1, n, 64));
    for step in 0..100 {
        let size = 64 + step * 8;
        (_, id) = b.run(|b, n| {
            let grown = b.realloc(id, size, 4_096, 2, Some(n));
            b.realloc(grown, 4_096, size + 8, 3, Some(n))
        });
    }
    assert_eq!(b.bytes(3), 64 + 100 * 8);
    assert!(b.ledger.gens.in_use() < 16, "{}", b.ledger.gens.in_use());
}

#[test]
fn a_block_that_grows_between_loops_keeps_the_table_small() {
    let mut b = Bench::new();
    let (_, mut id) = b.run(|b, n| b.alloc(1, n, 64));
    for size in 64..10_000 {
        id = b.realloc(id, size, size + 1, 2, None);
    }
    assert_eq!(b.bytes(2), 10_000);
    assert!(b.ledger.gens.in_use() < 4, "{}", b.ledger.gens.in_use());
}

#[test]
fn a_string_built_at_many_lines_is_taken_apart_without_recursion() {
    let mut b = Bench::new();
    let (_, id) = b.run(|b, n| {
        let first = b.alloc(1, n, 64);
        (64..300_000).fold(first, |id, size| {
            b.realloc(id, size, size + 1, 2 + (size % 3) as usize, Some(n))
        })
    });
    b.idle(1);
    b.free(id, 300_000, 5, None);
    b.idle(2);
    assert_eq!(b.ledger.gens.in_use(), 0);
}

#[test]
fn loops_that_drain_out_of_order_do_not_turn_time_back() {
    let mut b = Bench::new();
    // All end before the first is recorded: coroutines without a safe point.
    let ended = [0, 1, 2, 3, 5, 4];
    for _ in ended {
        b.ledger.begin_loop();
    }
    b.alloc(1, 4, 64);
    b.alloc(1, 5, 64);
    for number in ended {
        b.ledger.end_loop(number);
    }
    let judged = ended.map(|number| b.ledger.record(number).unwrap().judged);
    assert!(judged.is_sorted(), "{judged:?}");
    assert_eq!(b.bytes(1), 128);
}

#[test]
fn growth_counts_freed_bytes_and_only_increases() {
    let mut b = Bench::new();
    let grown = [100, 200, 150, 150, 400].map(|size| {
        let (closed, ()) = b.run(|b, n| {
            let id = b.alloc(1, n, size);
            b.free(id, size, 1, Some(n));
        });
        b.line(&closed, 1).map_or(0, |l| l.growth)
    });
    assert_eq!(grown, [0, 100, 0, 0, 250]);
}

#[test]
fn a_neighbour_in_flight_delays_the_account() {
    let mut b = Bench::new();
    let a = b.ledger.begin_loop();
    let other = b.ledger.begin_loop();
    b.alloc(1, a, 64);
    b.alloc(1, other, 640);
    let closed = b.close(a);
    assert_eq!((closed.judged, closed.samples.len()), (None, 0));
    let closed = b.close(other);
    assert_eq!(closed.judged, Some(u64::from(other)));
    assert_eq!(closed.samples[0].bytes, 704);
}

#[test]
fn a_full_table_is_counted_and_harms_nothing() {
    let mut b = Bench::new();
    b.ledger.gens = GenTable::new(1);
    b.run(|b, n| {
        let first = b.alloc(1, n, 64);
        assert_eq!(b.ledger.gen_for(b.sites[2], n), GenId::NONE);
        assert_eq!(b.realloc(first, 64, 96, 2, Some(n)), first);
        b.free(first, 96, 2, Some(n));
    });
    assert!(b.ledger.dropped > 0);
}

#[test]
fn an_adopted_block_counts_for_its_growth_only() {
    let mut b = Bench::new();
    let (closed, id) = b.run(|b, n| {
        let id = b.ledger.adopt(1_024, 4_096, b.sites[1], n);
        b.realloc(id, 4_096, 5_120, 2, Some(n))
    });
    assert_eq!(b.line(&closed, 1).unwrap().net, 3_072);
    assert_eq!(b.line(&closed, 2).unwrap().net, 1_024);
    assert_eq!(closed.samples.iter().map(|s| s.bytes).sum::<i64>(), 4_096);
    b.idle(2);
    let (closed, ()) = b.run(|b, n| b.free(id, 5_120, 3, Some(n)));
    assert_eq!(b.line(&closed, 3).unwrap().pre[0].bytes, 4_096);
    assert!(closed.samples.iter().all(|s| s.bytes == 0));
    assert_eq!(b.ledger.gens.in_use(), 0);
}

#[test]
fn an_adopted_block_that_shrinks_below_its_first_size_is_unknown_again() {
    let mut b = Bench::new();
    let (closed, ()) = b.run(|b, n| {
        let id = b.ledger.adopt(1_024, 4_096, b.sites[1], n);
        assert_eq!(b.realloc(id, 4_096, 512, 2, Some(n)), GenId::NONE);
        let again = b.ledger.adopt(512, 2_048, b.sites[1], n);
        b.free(again, 2_048, 2, Some(n));
    });
    assert!(closed.lines.is_empty(), "{:?}", closed.lines);
    assert!(closed.samples.is_empty(), "{:?}", closed.samples);
}

impl Ledger {
    /// Live bytes of all generations.
    fn live_bytes(&self) -> i64 {
        self.gens.all().map(|slot| slot.live_bytes).sum()
    }

    /// Derived generations that are known.
    fn derived_in_use(&self) -> usize {
        self.derived.len()
    }
}
