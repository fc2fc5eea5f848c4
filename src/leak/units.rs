//! Units of work: the program, a coroutine, a fiber; and which loop each of
//! them is in.
//!
//! A *root* is a unit that called `trackerHookMalloc()`; units that it starts
//! while its loop is open are its *children*, and what they allocate belongs
//! to that loop.

use std::collections::{HashMap, HashSet};

use tracker_core::leak::ledger::loops::patience;

use crate::zend::frame::MainFrame;
use crate::zend::unit::Unit;

/// The open loop of a root.
#[derive(Debug)]
pub struct Open {
    /// Its number.
    pub number: u32,
    /// The main function's frame; none once it has been left.
    pub main: Option<MainFrame>,
    /// Child coroutines that have not ended. Fibers are not waited for: a
    /// suspended one may never end.
    children: HashSet<Unit>,
    /// A coroutine is waited for to its end: its `defer`s run after the main
    /// function.
    waits_for_root: bool,
}

impl Open {
    fn is_over(&self) -> bool {
        self.main.is_none() && self.children.is_empty() && !self.waits_for_root
    }
}

/// All units that matter to a loop.
#[derive(Debug, Default)]
pub struct Units {
    open: HashMap<Unit, Open>,
    root_of: HashMap<Unit, Unit>,
    /// Roots by the block that their main function's frame lies on, until that
    /// is freed; some may have left it.
    on_block: HashMap<usize, Vec<Unit>>,
    /// Root whose main function was the last to get a guard.
    guarded: HashMap<usize, Unit>,
    /// See [`Units::is_sweep_due`].
    unswept: usize,
}

/// See [`Units::is_sweep_due`].
const PER_SWEEP: usize = 8;

impl Units {
    /// The root of a unit: itself unless it is a child.
    pub fn root(&self, unit: Unit) -> Unit {
        self.root_of.get(&unit).copied().unwrap_or(unit)
    }

    /// The open loop of a root.
    pub fn open(&self, root: Unit) -> Option<&Open> {
        self.open.get(&root)
    }

    /// Whether any loop is open.
    pub fn is_recording(&self) -> bool {
        !self.open.is_empty()
    }

    /// A call has got a guard; if that was the guard of another root's main
    /// function, that one has been left unnoticed: number of its loop if that was
    /// all that it waited for.
    pub fn guarded(&mut self, unit: Unit, main: &MainFrame) -> Option<u32> {
        let guard = main.guard_id()?;
        let before = self.guarded.insert(guard, unit)?;
        let theirs = self.open.get(&before).and_then(|open| open.main);
        (before != unit && theirs.is_some_and(|main| main.guard_id() == Some(guard)))
            .then(|| self.left(before))?
    }

    /// Opens a loop. A child whose root's loop is over becomes a root.
    pub fn begin(&mut self, root: Unit, number: u32, main: MainFrame) {
        self.root_of.remove(&root);
        let others = self.on_block.entry(main.block()).or_default();
        if !others.contains(&root) {
            others.push(root);
        }
        let waits_for_root = root.coroutine.is_some() && root.fiber.is_none();
        let open = Open {
            number,
            main: Some(main),
            children: HashSet::new(),
            waits_for_root,
        };
        self.open.insert(root, open);
    }

    /// Closes the loop of a root whatever it still waits for.
    pub fn close(&mut self, root: Unit) -> Option<u32> {
        self.open.remove(&root).map(|open| open.number)
    }

    /// Closes every loop, in order of their numbers.
    pub fn close_all(&mut self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.open.drain().map(|(_, open)| open.number).collect();
        numbers.sort_unstable();
        numbers
    }

    /// The main function of a root was left; its loop's number if that was all
    /// it waited for.
    pub fn left(&mut self, root: Unit) -> Option<u32> {
        self.open.get_mut(&root)?.main = None;
        self.close_if_over(root)
    }

    /// Whether to look now for main functions that were left unnoticed: always
    /// while few loops are open, else so seldom that each call pays for
    /// [`PER_SWEEP`] of them at most.
    pub fn is_sweep_due(&mut self) -> bool {
        self.unswept += 1;
        self.unswept * PER_SWEEP >= self.open.len()
    }

    /// Notes every main function that has been left unnoticed, and gives up waiting for
    /// coroutines that do not end: numbers of the loops that are over.
    pub fn sweep(&mut self) -> Vec<u32> {
        self.unswept = 0;
        let left: Vec<Unit> = self
            .open
            .iter()
            .filter(|(_, open)| open.main.is_some_and(|main| main.is_released()))
            .map(|(root, _)| *root)
            .collect();
        let mut over: Vec<u32> = left
            .into_iter()
            .filter_map(|root| self.left(root))
            .collect();
        over.extend(self.give_up());
        over
    }

    /// Closes the loops whose main function has been left while so many others began that
    /// what they wait for may never end: a coroutine that a request starts and leaves behind
    /// is a leak itself, and its request must be judged. Numbers of these loops.
    fn give_up(&mut self) -> Vec<u32> {
        let running = self.open.values().filter(|open| open.main.is_some());
        let patience = patience(running.count());
        let newest = self.open.values().map(|open| open.number).max();
        let limit = newest.unwrap_or(0).saturating_sub(patience);
        let roots: Vec<Unit> = self
            .open
            .iter()
            .filter(|(_, open)| open.main.is_none() && open.number < limit)
            .map(|(root, _)| *root)
            .collect();
        roots
            .into_iter()
            .filter_map(|root| self.close(root))
            .collect()
    }

    /// A block was freed that one or more main functions' frames lie on;
    /// numbers of the loops that are over.
    pub fn frame_freed(&mut self, block: usize) -> Vec<u32> {
        let roots = self.on_block.remove(&block).unwrap_or_default();
        roots
            .into_iter()
            .filter(|root| {
                let main = self.open.get(root).and_then(|open| open.main);
                main.is_some_and(|main| main.block() == block)
            })
            .collect::<Vec<_>>()
            .into_iter()
            .filter_map(|root| self.left(root))
            .collect()
    }

    /// A unit begins; it is a child if its parent's loop is open.
    pub fn started(&mut self, unit: Unit, parent: Unit) {
        let root = self.root(parent);
        if let Some(open) = self.open.get_mut(&root)
            && unit != root
            && !self.root_of.contains_key(&unit)
        {
            if unit.fiber.is_none() {
                open.children.insert(unit);
            }
            self.root_of.insert(unit, root);
        }
    }

    /// A unit ended; its loop's number if that was all it waited for.
    pub fn ended(&mut self, unit: Unit) -> Option<u32> {
        let root = self.root_of.remove(&unit).unwrap_or(unit);
        let open = self.open.get_mut(&root)?;
        if unit == root {
            open.main = None;
            open.waits_for_root = false;
        } else {
            open.children.remove(&unit);
        }
        self.close_if_over(root)
    }

    fn close_if_over(&mut self, root: Unit) -> Option<u32> {
        if self.open.get(&root)?.is_over() {
            self.close(root)
        } else {
            None
        }
    }
}
