//! Listens to the heap and keeps the ledger.
//!
//! The hot path is [`HeapEvents::account_at_once`] for a unit whose loop is open
//! (is it still the same unit, is its main function still there, which account
//! has the line) and [`HeapEvents::allocated_at_once`] (three additions).
//! Everything else is cold.

use tracker_core::leak::cache::{self, Cache, Mark};
use tracker_core::leak::ledger::gens::GenId;
use tracker_core::leak::ledger::sites::{SiteId, SiteKind};
use tracker_core::leak::ledger::{Closed, Ledger};

use super::names::Names;
use super::units::Units;
use crate::zend::frame::{MainFrame, Moment, Place, StackFrame};
use crate::zend::heap::{HeapEvents, Resize, Slot, Watch, cold};
use crate::zend::interrupt::{self, Reason};
use crate::zend::shutdown;
use crate::zend::unit::Unit;

/// Where the recorder lives while the hook is installed.
pub static SLOT: Slot<Recorder> = Slot::new();

/// Frames captured per stack.
const STACK_DEPTH: usize = 128;
/// Size of a page of the VM's stack (`ZEND_VM_STACK_PAGE_SIZE`).
const VM_PAGE: u64 = 256 << 10;

/// What the running unit's allocations are to be booked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing.
    Idle,
    /// Its loop.
    Loop,
    /// Its loop, but only while the generator that is its main function runs.
    Generator,
}

/// See the module's text.
pub struct Recorder {
    /// The two books.
    pub ledger: Ledger,
    /// Who is in which loop.
    pub units: Units,
    /// Loops that are over but not recorded yet.
    pub pending: Vec<u32>,
    /// Stacks captured since the last record.
    pub stacks: Vec<(SiteId, Vec<StackFrame>)>,
    /// Loops recorded when the engine began to tear the request down.
    pub last: Vec<Closed>,
    /// Process that the hook was installed in.
    pub pid: u32,
    vm_stack: usize,
    /// `vm_stack` while its unit is in a loop whose main function is guarded; an
    /// impossible address otherwise.
    hot_stack: usize,
    mode: Mode,
    number: u32,
    /// Of `number`.
    mark: Mark,
    main: MainFrame,
    unit: Unit,
    /// A unit whose allocations are not booked for a while.
    excluded: Option<Unit>,
    top_floor: u64,
    cache: Cache,
    names: Names,
    whole_request: bool,
    shutting_down: bool,
    /// A cold part panicked: nothing is booked any more.
    pub failed: bool,
}

impl Recorder {
    /// A recorder of the process `pid`; `whole_request`: one loop, whatever
    /// unit allocates. `ledger`: its books so far.
    pub fn new(pid: u32, whole_request: bool, ledger: Ledger) -> Self {
        Self {
            ledger,
            units: Units::default(),
            pending: Vec::new(),
            stacks: Vec::new(),
            last: Vec::new(),
            pid,
            vm_stack: 0,
            hot_stack: usize::MAX,
            mode: Mode::Idle,
            number: 0,
            mark: Mark::of(0),
            main: MainFrame::never(),
            unit: Unit::default(),
            excluded: None,
            top_floor: 0,
            cache: Cache::new(),
            names: Names::default(),
            whole_request,
            shutting_down: false,
            failed: false,
        }
    }

    /// Begins a loop of `root`.
    pub fn begin(&mut self, root: Unit, main: MainFrame) {
        let number = self.ledger.begin_loop();
        self.units.begin(root, number, main);
        self.look_again();
    }

    /// Ends a loop: nothing is booked on it from now on.
    pub fn end(&mut self, number: u32) {
        self.ledger.end_loop(number);
        self.pending.push(number);
        self.look_again();
    }

    /// Ends a loop where nothing of ours was called, so that its record is to be
    /// asked for.
    pub fn end_unasked(&mut self, number: u32) {
        self.end(number);
        if !self.shutting_down {
            interrupt::raise(Reason::LoopOver);
        }
    }

    /// Books nothing on `unit` from now on; the one that was excluded before.
    pub fn exclude(&mut self, unit: Option<Unit>) -> Option<Unit> {
        self.look_again();
        std::mem::replace(&mut self.excluded, unit)
    }

    /// Something about the units has changed: the next event finds out which
    /// one runs.
    pub fn look_again(&mut self) {
        self.vm_stack = 0;
        self.hot_stack = usize::MAX;
        self.mode = Mode::Idle;
    }

    /// The request is torn down: loops end here, before everything is freed.
    pub fn shut_down(&mut self) {
        if std::mem::replace(&mut self.shutting_down, true) {
            return;
        }
        for number in self.units.close_all() {
            self.end(number);
        }
        for number in std::mem::take(&mut self.pending) {
            self.last.extend(self.ledger.record(number));
        }
        self.look_again();
    }

    /// Runs a part that is not needed often; if it fails, recording ends.
    fn rarely<R: Default>(&mut self, part: impl FnOnce(&mut Self) -> R) -> R {
        match cold(|| part(self)) {
            Some(result) => result,
            None => {
                self.failed = true;
                self.look_again();
                R::default()
            }
        }
    }

    fn switch(&mut self, moment: Moment, watch: &mut Watch<'_>) {
        self.vm_stack = moment.vm_stack();
        self.hot_stack = usize::MAX;
        self.mode = Mode::Idle;
        if self.vm_stack != 0 {
            // Another coroutine may get the same page later.
            watch.block(self.vm_stack);
        }
        if self.shutting_down || self.failed {
            return;
        }
        self.unit = Unit::current();
        if self.excluded == Some(self.unit) {
            return;
        }
        let root = if self.whole_request {
            Unit::default()
        } else {
            self.units.root(self.unit)
        };
        let Some(open) = self.units.open(root) else {
            return;
        };
        let main = if root == self.unit && !self.whole_request {
            open.main
        } else {
            Some(MainFrame::never())
        };
        let Some(main) = main else { return };
        self.mode = if main.is_generator() && main != MainFrame::never() {
            Mode::Generator
        } else {
            Mode::Loop
        };
        if self.mode == Mode::Loop && main.is_guarded() {
            self.hot_stack = self.vm_stack;
        }
        self.main = main;
        self.number = open.number;
        self.mark = Mark::of(open.number);
        self.top_floor = self
            .ledger
            .loops
            .get(self.number)
            .map_or(0, |l| l.top_floor());
    }

    fn leave(&mut self) {
        let over = self.units.left(self.unit);
        self.look_again();
        if let Some(number) = over {
            self.end_unasked(number);
        }
    }

    /// Whether the running unit's allocations are booked; finds out what has
    /// changed.
    #[inline(always)]
    fn is_recording(&mut self, moment: Moment, watch: &mut Watch<'_>) -> bool {
        if moment.vm_stack() == self.hot_stack {
            return !self.main.is_released() || self.has_left();
        }
        self.is_recording_elsewhere(moment, watch)
    }

    /// Whether a small block is booked, and nothing but that is to be done: one as
    /// large as a page of the VM's stack is not small.
    #[inline(always)]
    fn is_hot(&self, moment: Moment, size: u64) -> bool {
        moment.vm_stack() == self.hot_stack && !self.main.is_released() && size <= self.top_floor
    }

    /// Always false: nothing is booked on a main function that is gone.
    #[inline(never)]
    fn has_left(&mut self) -> bool {
        self.rarely(Self::leave);
        false
    }

    #[inline(never)]
    fn is_recording_elsewhere(&mut self, moment: Moment, watch: &mut Watch<'_>) -> bool {
        if moment.vm_stack() != self.vm_stack {
            self.rarely(|r| r.switch(moment, watch));
        }
        match self.mode {
            Mode::Idle => false,
            Mode::Loop => !self.main.is_left(moment) || self.has_left(),
            Mode::Generator => self.main.is_on_call_chain(),
        }
    }

    /// The account of a line in the present loop.
    #[inline(always)]
    fn account(&mut self, moment: Moment, size: u64, watch: &mut Watch<'_>) -> GenId {
        if let Some(place) = moment.place()
            && size != VM_PAGE
            && let Some(account) = self.cache.get(spot(place), self.mark)
        {
            return GenId(account);
        }
        self.look_up(moment, size, watch)
    }

    #[inline(never)]
    fn look_up(&mut self, moment: Moment, size: u64, watch: &mut Watch<'_>) -> GenId {
        if size != VM_PAGE
            && let Some(place) = moment.saved_place()
            && let Some(account) = self.cache.get(spot(place), self.mark)
        {
            return GenId(account);
        }
        self.rarely(|r| r.find_account(moment, size, watch))
    }

    fn find_account(&mut self, moment: Moment, size: u64, watch: &mut Watch<'_>) -> GenId {
        let raw = moment.site();
        if raw.file == 0 && self.main != MainFrame::never() {
            // No PHP code runs: so neither does the main function.
            self.leave();
            return GenId::NONE;
        }
        let kind = if raw.compiling {
            SiteKind::Compile
        } else if size == VM_PAGE && moment.is_calling() {
            SiteKind::VmStack
        } else {
            SiteKind::Code
        };
        let site = self.names.site(&mut self.ledger, moment, &raw, kind, watch);
        let account = self.ledger.gen_for(site, self.number);
        if self.ledger.take_stack_order(site) {
            self.stacks.push((site, moment.stack(STACK_DEPTH)));
        } else if kind == SiteKind::Code
            && account != GenId::NONE
            && let Some(place) = moment.saved_place().or_else(|| moment.place())
            && let Some(block) = moment.code_block()
            && self.cache.put(spot(place), self.mark, account.0, block)
        {
            watch.block(block);
        }
        account
    }

    /// The line that runs, whether or not it is being recorded.
    fn place(&mut self, moment: Moment, watch: &mut Watch<'_>) -> SiteId {
        let raw = moment.site();
        let kind = if raw.compiling {
            SiteKind::Compile
        } else {
            SiteKind::Code
        };
        self.names.site(&mut self.ledger, moment, &raw, kind, watch)
    }

    fn offer_top(&mut self, account: GenId, size: u64) {
        let site = self.ledger.gens.get(account).site;
        if let Some(state) = self.ledger.loops.get_mut(self.number) {
            self.top_floor = state.offer_top(size, site);
        }
    }

    fn freed_late(&mut self, moment: Moment, account: GenId, size: u64, watch: &mut Watch<'_>) {
        let at = self.is_recording(moment, watch).then_some(self.number);
        let site = if self.ledger.free_needs_site(account) {
            self.place(moment, watch)
        } else {
            SiteId::NONE
        };
        self.ledger.free(account, size, site, at);
    }

    /// See [`HeapEvents::resized`].
    fn moved(&mut self, moment: Moment, account: u32, sizes: Resize, watch: &mut Watch<'_>) -> u32 {
        let Resize { old, new } = sizes;
        if shutdown::has_begun() && !self.shutting_down && shutdown::is_tearing_down() {
            self.shut_down();
        }
        let recording = self.is_recording(moment, watch);
        if account == 0 && (!recording || new <= old) {
            return 0;
        }
        if old == new {
            return account;
        }
        let (site, at) = if recording {
            let cell = self.account(moment, new, watch);
            if cell == GenId::NONE {
                (self.place(moment, watch), None)
            } else {
                (self.ledger.gens.get(cell).site, Some(self.number))
            }
        } else {
            (self.place(moment, watch), None)
        };
        match (account, at) {
            (0, Some(number)) => self.ledger.adopt(old, new, site, number).0,
            (0, None) => 0,
            (account, at) => self.ledger.realloc(GenId(account), old, new, site, at).0,
        }
    }

    /// A block is gone that something was known of by its address.
    fn forget(&mut self, address: usize) {
        if address == self.vm_stack {
            self.look_again();
        }
        for number in self.units.frame_freed(address) {
            self.end_unasked(number);
        }
        self.names.forget(address);
        self.cache.freed(address);
    }

    // The cold parts of the hot methods, out of line and with their arguments
    // by value: a closure in place would make the hot part spill them.

    #[cold]
    #[inline(never)]
    fn note_large(&mut self, account: GenId, size: u64) {
        self.rarely(move |r| r.offer_top(account, size));
    }

    #[cold]
    #[inline(never)]
    fn begin_shutdown(&mut self) {
        if shutdown::is_tearing_down() {
            self.rarely(Self::shut_down);
        }
    }

    #[cold]
    #[inline(never)]
    fn free_late(&mut self, moment: Moment, account: GenId, size: u64, watch: &mut Watch<'_>) {
        self.rarely(move |r| r.freed_late(moment, account, size, watch));
    }
}

/// As the cache calls it.
#[inline(always)]
fn spot(place: Place) -> cache::Place {
    cache::Place {
        instruction: place.instruction as u64,
        function: place.function as u64,
    }
}

impl HeapEvents for Recorder {
    fn slot() -> &'static Slot<Self> {
        &SLOT
    }

    #[inline(always)]
    fn account_at_once(&self, moment: Moment, size: u64) -> Option<u32> {
        if !self.is_hot(moment, size) {
            return None;
        }
        self.cache.get(spot(moment.place()?), self.mark)
    }

    #[inline(always)]
    fn account_at_second_look(&self, moment: Moment, size: u64) -> Option<u32> {
        if !self.is_hot(moment, size) {
            return None;
        }
        self.cache.get(spot(moment.saved_place()?), self.mark)
    }

    #[inline(always)]
    fn allocated_at_once(&mut self, account: u32, size: u64) -> bool {
        self.ledger.alloc(GenId(account), size)
    }

    #[inline(always)]
    fn freed_at_once(&mut self, account: u32, size: u64) -> bool {
        !shutdown::has_begun() && self.ledger.free_fast(GenId(account), size)
    }

    fn allocated(&mut self, moment: Moment, size: u64, watch: &mut Watch<'_>) -> u32 {
        if !self.is_recording(moment, watch) {
            return 0;
        }
        let account = self.account(moment, size, watch);
        if account == GenId::NONE {
            return 0;
        }
        self.ledger.alloc(account, size);
        if size > self.top_floor {
            self.note_large(account, size);
        }
        account.0
    }

    fn freed(&mut self, moment: Moment, account: u32, size: u64, watch: &mut Watch<'_>) {
        if shutdown::has_begun() && !self.shutting_down {
            self.begin_shutdown();
        }
        if !self.ledger.free_fast(GenId(account), size) {
            self.free_late(moment, GenId(account), size, watch);
        }
    }

    fn resized(
        &mut self,
        moment: Moment,
        account: u32,
        sizes: Resize,
        watch: &mut Watch<'_>,
    ) -> u32 {
        if sizes.new > sizes.old && account != 0 && self.is_recording(moment, watch) {
            let cell = self.account(moment, sizes.new, watch);
            if cell.0 == account && self.ledger.grow_fast(cell, sizes.new - sizes.old) {
                return account;
            }
        }
        self.rarely(|r| r.moved(moment, account, sizes, watch))
    }

    fn unwatched(&mut self, address: usize) {
        self.rarely(|r| r.forget(address));
    }
}
