//! Units of work: the program, a coroutine, a fiber; and which loop each of
//! them is in.
//!
//! A *root* is a unit that called `trackerHookMalloc()`; units that it starts
//! while its loop is open are its *children*, and what they allocate belongs
//! to that loop.

use std::collections::{HashMap, HashSet};

use crate::zend::fiber::{self, Fiber};
use crate::zend::frame::MainFrame;
use crate::zend::swoole::{self, Cid};

/// What runs: both are none in the main program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Unit {
    /// Swoole's coroutine.
    pub coroutine: Option<Cid>,
    /// Native fiber.
    pub fiber: Option<Fiber>,
}

impl Unit {
    /// The unit that runs now.
    pub fn current() -> Self {
        Self {
            coroutine: swoole::current(),
            fiber: fiber::current(),
        }
    }
}

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
}

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

    /// Opens a loop. A child whose root's loop is over becomes a root.
    pub fn begin(&mut self, root: Unit, number: u32, main: MainFrame) {
        self.root_of.remove(&root);
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

    /// Notes every main function that has been left unnoticed; numbers of the
    /// loops that are over.
    pub fn sweep(&mut self) -> Vec<u32> {
        self.left_where(|main| main.is_released())
    }

    /// A block was freed that one or more main functions' frames lie on;
    /// numbers of the loops that are over.
    pub fn frame_freed(&mut self, block: usize) -> Vec<u32> {
        self.left_where(|main| main.block() == block)
    }

    fn left_where(&mut self, is_left: impl Fn(&MainFrame) -> bool) -> Vec<u32> {
        let roots: Vec<Unit> = self
            .open
            .iter()
            .filter(|(_, open)| open.main.as_ref().is_some_and(&is_left))
            .map(|(root, _)| *root)
            .collect();
        roots
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
