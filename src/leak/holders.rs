//! Asks who holds the memory of the lines that just began to grow.

use std::time::{Duration, Instant};

use tracker_core::leak::ledger::Closed;
use tracker_core::leak::ledger::gens::GenId;
use tracker_core::leak::ledger::sites::SiteId;
use tracker_core::leak::model::Holder;

use super::recorder::SLOT;
use crate::zend::engine;
use crate::zend::holders::{HeldBy, Limits, Target, search};

/// Sites per loop end.
const SITES: usize = 5;
/// Blocks looked for per site.
const BLOCKS: usize = 64;
/// Blocks looked at between two looks at the clock: some 10 µs.
const BLOCKS_PER_CLOCK: usize = 4096;
/// Arrays and objects walked per search, for its memory: some 75 bytes each. The
/// default budget ends long before.
const NODES: usize = 4_000_000;

/// Holders of the sites that are due at this loop end.
pub fn find(closed: &Closed, budget_ms: u64) -> Vec<(SiteId, Vec<Holder>)> {
    if budget_ms == 0 {
        return Vec::new();
    }
    let due = SLOT
        .with(|r| r.ledger.holders_due(closed, SITES))
        .unwrap_or_default();
    // A destructor may be the main function itself, or call it, from however deep.
    if due.is_empty() || !engine::is_at_rest(usize::MAX) {
        return Vec::new();
    }
    let deadline = Instant::now() + Duration::from_millis(budget_ms);
    let mut blocks: Vec<Vec<usize>> = vec![Vec::new(); due.len()];
    let mut seen = 0_usize;
    let mut in_time = true;
    SLOT.blocks(|recorder, address, account| {
        let site = recorder.ledger.gens.get(GenId(account)).site;
        if let Some(index) = due.iter().position(|wanted| *wanted == site)
            && blocks[index].len() < BLOCKS
        {
            blocks[index].push(address);
        }
        seen += 1;
        if seen.is_multiple_of(BLOCKS_PER_CLOCK) {
            in_time = Instant::now() < deadline;
        }
        in_time && blocks.iter().any(|list| list.len() < BLOCKS)
    });
    let targets: Vec<Target<'_>> = blocks.iter().map(|list| Target { blocks: list }).collect();
    let limits = Limits {
        budget: deadline.saturating_duration_since(Instant::now()),
        max_nodes: NODES,
    };
    let found = search(&targets, &limits)
        .into_iter()
        .map(|list| list.into_iter().map(holder).collect());
    due.into_iter().zip(found).collect()
}

fn holder(found: HeldBy) -> Holder {
    Holder {
        path: found.path,
        kind: found.kind.to_owned(),
        complete: found.complete,
    }
}
