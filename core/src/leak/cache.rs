//! From where the program is to the account of its line, without a look at
//! the line itself.
//!
//! Keyed by addresses of the engine; whoever puts something in watches the
//! blocks that they lie in and clears the cache when one is freed.

use std::collections::HashSet;

/// Places kept: a request allocates at a few hundred.
const LINES: usize = 1024;

/// Bits of an address of the engine; what is above tells loops apart.
const ADDRESS: u32 = 48;

/// An empty one has no function.
#[derive(Clone, Copy, Default)]
#[repr(C, align(32))]
struct Line {
    /// Instruction, marked.
    instruction: u64,
    /// Function, marked.
    function: u64,
    account: u32,
}

/// Where a program is, by addresses; for what uses the cache to say what they
/// are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Address of the instruction.
    pub instruction: u64,
    /// Address of the function that runs.
    pub function: u64,
}

/// What a loop's lines are marked with: its number in the 16 bits above either
/// address, so that a look at a line is two comparisons.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    instruction: u64,
    function: u64,
}

impl Mark {
    /// The mark of a loop.
    #[must_use]
    pub fn of(number: u32) -> Self {
        let number = u64::from(number);
        // Loops that run in turn shall not drive out each other's lines: the
        // number also shifts the place in the table.
        let shift = (number % LINES as u64) << 5;
        Self {
            instruction: (number & 0xffff) << ADDRESS | shift,
            function: number >> 16 << ADDRESS,
        }
    }

    #[inline(always)]
    fn line(self, place: Place) -> Line {
        Line {
            instruction: place.instruction ^ self.instruction,
            function: place.function ^ self.function,
            account: 0,
        }
    }
}

/// A direct-mapped cache of (place, loop) to account. Knows running code only,
/// not what the compiler does on the way.
pub struct Cache {
    lines: Box<[Line; LINES]>,
    /// Blocks that places lie in.
    blocks: HashSet<usize>,
}

/// Instructions are 32 bytes long and lie one behind the other: their address
/// is a good hash of itself.
#[inline(always)]
fn index(line: &Line) -> usize {
    (line.instruction >> 5) as usize % LINES
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

impl Cache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self {
            lines: Box::new([Line::default(); LINES]),
            blocks: HashSet::new(),
        }
    }

    /// The account of a place in a loop.
    #[must_use]
    #[inline(always)]
    pub fn get(&self, place: Place, mark: Mark) -> Option<u32> {
        let wanted = mark.line(place);
        let line = &self.lines[index(&wanted)];
        let hit = line.instruction == wanted.instruction && line.function == wanted.function;
        hit.then_some(line.account)
    }

    /// Notes the account of a place that lies in `block`; true if that block
    /// is new and is to be watched.
    pub fn put(&mut self, place: Place, mark: Mark, account: u32, block: usize) -> bool {
        if (place.instruction | place.function) >> ADDRESS != 0 {
            return false;
        }
        let line = mark.line(place);
        self.lines[index(&line)] = Line { account, ..line };
        self.blocks.insert(block)
    }

    /// A block was freed: if places lie in it, forgets everything.
    pub fn freed(&mut self, block: usize) {
        if self.blocks.remove(&block) {
            self.lines.fill(Line::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place {
        instruction: 0x7f12_3456_7820,
        function: 0x7f12_3456_0010,
    };

    #[test]
    fn a_place_is_known_in_its_own_loop_only() {
        // What could be mistaken for another loop is one that differs in the low
        // bits, in those above the first mark, or in those of the table only.
        let numbers = [
            0,
            1,
            5,
            1024,
            65_535,
            65_536,
            65_541,
            1 << 31,
            u32::MAX - 1,
            u32::MAX,
        ];
        for number in numbers {
            let mut cache = Cache::new();
            assert!(cache.put(PLACE, Mark::of(number), 7, 1));
            for other in numbers {
                let found = cache.get(PLACE, Mark::of(other));
                assert_eq!(found, (other == number).then_some(7), "{number} {other}");
            }
        }
    }

    #[test]
    fn an_empty_cache_knows_nothing() {
        let cache = Cache::new();
        for number in [0, 1, 65_536] {
            assert_eq!(cache.get(PLACE, Mark::of(number)), None);
        }
    }

    #[test]
    fn another_function_or_instruction_is_another_place() {
        let mut cache = Cache::new();
        cache.put(PLACE, Mark::of(3), 7, 1);
        let next = Place {
            instruction: PLACE.instruction + 32,
            ..PLACE
        };
        // The same line of the table.
        let far = Place {
            instruction: PLACE.instruction + 32 * LINES as u64,
            ..PLACE
        };
        let function = Place {
            function: PLACE.function + 8,
            ..PLACE
        };
        for place in [next, far, function] {
            assert_eq!(cache.get(place, Mark::of(3)), None);
        }
    }

    #[test]
    fn loops_that_run_in_turn_keep_their_lines() {
        let mut cache = Cache::new();
        for number in 0..200 {
            cache.put(PLACE, Mark::of(number), number + 1, 1);
        }
        for number in 0..200 {
            assert_eq!(cache.get(PLACE, Mark::of(number)), Some(number + 1));
        }
    }

    #[test]
    fn freed_code_is_forgotten() {
        let mut cache = Cache::new();
        assert!(cache.put(PLACE, Mark::of(3), 7, 1));
        assert!(!cache.put(PLACE, Mark::of(4), 8, 1));
        cache.freed(2);
        assert_eq!(cache.get(PLACE, Mark::of(3)), Some(7));
        cache.freed(1);
        assert_eq!(cache.get(PLACE, Mark::of(3)), None);
        assert!(cache.put(PLACE, Mark::of(3), 7, 1));
    }

    #[test]
    fn an_address_that_is_too_long_is_left_alone() {
        let mut cache = Cache::new();
        let place = Place {
            function: 1 << ADDRESS | PLACE.function,
            ..PLACE
        };
        assert!(!cache.put(place, Mark::of(0), 7, 1));
        assert_eq!(cache.get(place, Mark::of(0)), None);
    }
}
