//! The interrupt functions of others, and who is next.
//!
//! An extension that is started later finds ours, puts its own in place, and
//! calls ours from there. When ours is then put on top again, calling that one
//! leads back to us, once or several times, and it must not replace the one
//! that ours has to call in the end. So every function is kept in the order in
//! which they came, and ours, entered again for the same interrupt, goes on
//! with the next older one.
//!
//! *The same interrupt* is one of the same PHP frame. That a boolean would not
//! do: a function may run PHP code (`pcntl` runs signal handlers), which has
//! interrupts of its own, may yield to another coroutine that has some, or may
//! end in a bailout and never return. PHP code has frames of its own. A yield
//! in the midst may make us call a newer one twice, which any must bear: the
//! flag is everybody's. What a bailout leaves behind counts for interrupts of
//! the very frame that was left, and to the next request at most.

/// Functions kept. With more, ours is not put on top any more.
const LIMIT: usize = 16;

/// Functions by their addresses.
pub(super) struct Chain {
    /// The oldest first; 0 stands for none.
    functions: [usize; LIMIT],
    count: usize,
    way: Way,
}

/// How far an interrupt has come.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// PHP frame that was interrupted; 0 for no interrupt.
    frame: usize,
    /// Number of older functions that are still to be called.
    left: usize,
}

impl Chain {
    pub(super) const fn new() -> Self {
        Self {
            functions: [0; LIMIT],
            count: 0,
            way: Way { frame: 0, left: 0 },
        }
    }

    fn position(&self, function: usize) -> Option<usize> {
        let known = &self.functions[..self.count];
        known.iter().position(|known| *known == function)
    }

    /// Notes the engine's present function, which is not ours. Those that came
    /// after it have been taken away, if it is known. False if there is no
    /// place.
    pub(super) fn note(&mut self, function: usize) -> bool {
        if let Some(position) = self.position(function) {
            self.count = position + 1;
        } else if self.count < LIMIT {
            self.functions[self.count] = function;
            self.count += 1;
        } else {
            return false;
        }
        true
    }

    /// The newest; 0 for none.
    pub(super) fn top(&self) -> usize {
        self.count.checked_sub(1).map_or(0, |i| self.functions[i])
    }

    /// The function to call next for an interrupt of `frame`, and what is to be
    /// given to [`Chain::restore`] after it. `from`: the engine's function, if
    /// that is not ours (0); it has been called already.
    pub(super) fn enter(&mut self, frame: usize, from: usize) -> Option<(usize, Way)> {
        let all = self.count;
        let left = if self.way.frame == frame {
            self.way.left.min(all)
        } else if from == 0 {
            all
        } else {
            self.position(from).unwrap_or(all)
        };
        let next = left.checked_sub(1)?;
        let before = std::mem::replace(&mut self.way, Way { frame, left: next });
        Some((self.functions[next], before))
    }

    /// The function that [`Chain::enter`] named has returned.
    pub(super) fn restore(&mut self, before: Way) {
        self.way = before;
    }

    /// No interrupt is being served.
    pub(super) fn leave(&mut self) {
        self.way = Way { frame: 0, left: 0 };
    }
}
