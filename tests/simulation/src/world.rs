//! Everything under one virtual clock: the calendar, what happens next, and the checks after each step.
//!
//! The world's parts are in files of their own: `device` (a terminal and the people at it), `acquirer` (its payment app),
//! `network` (between terminals and service), `store` (the service, its crashes, its webhooks), `pdv` (the PDV and the
//! manager), `ending` (faults off, and what must hold then).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pos_connect::flow::{CallFailure, CallId, HubCall, Reply};
use protocol::{PrintId, UnixMillis};

use crate::dice::Dice;
use crate::model::{Broken, Model};
use crate::network::Waiting;
use crate::pdv::Pdv;
use crate::plan::Plan;
use crate::rows;
use crate::service::Service;
use crate::shop;
use crate::store::Post;
use crate::story::{BEGIN_MS, Story};
use crate::terminal::Terminal;

/// Most steps of a run: a hundred times what any needs. A run that goes on is a loop that nobody would see.
const STEPS_MAX: u64 = 300_000;

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// The agent wanted to be woken.
    Deadline { at: usize, life: u32 },
    /// A person looks at a terminal.
    Operator { at: usize },
    /// A request arrives at the service.
    Request(Box<Message>),
    /// An answer arrives at a terminal.
    Answer { at: usize, life: u32, call: CallId, result: Box<Result<Reply, CallFailure>> },
    /// A long-poll has waited long enough.
    PollEnds(u64),
    /// A receipt arrives at a terminal; `None`: it does not.
    Receipt { at: usize, life: u32, print_id: PrintId, content: Option<String> },
    /// A person works the acquirer's app.
    App { at: usize, boot: u32, number: u64 },
    /// A late answer of the acquirer's app.
    Late { at: usize, boot: u32, number: u64 },
    /// A return reaches the terminal.
    Return { at: usize, boot: u32, uri: String },
    /// A deep link could not be opened.
    OpenFailed { at: usize, life: u32 },
    /// Another app sends a return.
    Stray { at: usize },
    /// The power goes soon, in the middle of a write if there is one.
    PowerCut { at: usize },
    /// The power is gone, whatever the terminal does.
    PowerOff { at: usize, boot: u32 },
    /// The process is killed.
    Kill { at: usize },
    /// The process begins.
    Begin { at: usize, boot: u32 },
    /// The wall clock jumps.
    ClockJump { at: usize },
    /// The network goes or comes.
    Network { at: usize, connected: bool },
    /// The service dies with the next request, or without one.
    Crash,
    /// It dies now, unless it has already.
    CrashNow(u32),
    /// The service's clock jumps.
    ServiceClock,
    /// A printer runs out of paper, or gets it again.
    Printer { at: usize },
    /// It starts.
    Start,
    /// It is backed up.
    BackUp,
    /// Yesterday's backup is put back.
    Restore,
    /// Time alone changes orders.
    Sweep,
    /// New events become deliveries, and those that are due leave.
    Deliver,
    /// A webhook reaches the PDV, or does not.
    Post(Box<Post>),
    /// What came of it is written down.
    Posted(Box<Post>, bool),
    /// The PDV does something.
    Pdv,
    /// The PDV sends an order, perhaps not for the first time.
    Create(u64),
    /// A manager looks at what is in doubt.
    Manager,
    /// The manager imports the acquirer's file of the day.
    Import,
    /// Faults are off from now on.
    Calm,
    /// Operators take no new payment, the PDV closes what is left.
    Leave,
    /// Perhaps all has come to rest.
    End,
}

/// A request on its way.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) from: usize,
    pub(crate) life: u32,
    pub(crate) call: CallId,
    pub(crate) token: Option<String>,
    pub(crate) request: HubCall,
}

/// The world of one run.
pub struct World {
    pub(crate) now_ms: u64,
    pub(crate) dice: Dice,
    pub(crate) plan: Plan,
    pub(crate) calm: bool,
    pub(crate) leaving: bool,
    /// By then everything must have come to rest.
    pub(crate) rests_until_ms: u64,
    pub(crate) story: Story,
    pub(crate) model: Model,
    pub(crate) terminals: Vec<Terminal>,
    pub(crate) service: Service,
    pub(crate) pdv: Pdv,
    /// Long-polls at the service.
    pub(crate) waiting: BTreeMap<u64, Waiting>,
    /// How far the service's clock is off, in milliseconds.
    pub(crate) service_clock_off_ms: i64,
    /// Counts the service's processes.
    pub(crate) service_life: u32,
    /// The service dies with the next request: before its commit, or after it.
    pub(crate) crash_next: Option<bool>,
    pub(crate) backed_up: bool,
    pub(crate) lanes_busy: BTreeSet<String>,
    calendar: BTreeMap<(u64, u64), Happening>,
    next_number: u64,
    rows_seen: u64,
    ended: bool,
}

impl World {
    /// The world of a seed, in a folder of its own.
    #[must_use]
    pub fn new(seed: u64, folder: &Path, template: &Path) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::of(&mut dice);
        let registers = shop::registers(plan.terminals);
        let service = Service::new(folder, template, registers, dice.fork());
        let terminals = (0..plan.terminals).map(|place| Terminal::new(place, folder)).collect();
        let mut world = Self {
            now_ms: BEGIN_MS,
            pdv: Pdv::default(),
            dice,
            calm: true,
            leaving: false,
            rests_until_ms: 0,
            story: Story::default(),
            model: Model::default(),
            terminals,
            service,
            waiting: BTreeMap::new(),
            service_clock_off_ms: 0,
            service_life: 0,
            crash_next: None,
            backed_up: false,
            lanes_busy: BTreeSet::new(),
            calendar: BTreeMap::new(),
            next_number: 0,
            rows_seen: 0,
            ended: false,
            plan,
        };
        world.tell(format!("seed {seed}: {:?}", world.plan));
        world
    }

    /// Lives until the end, or until a promise is broken.
    pub fn run(&mut self) -> Result<(), Broken> {
        self.open_shop()?;
        self.plan_faults();
        for _ in 0..STEPS_MAX {
            let Some(((at_ms, _), happening)) = self.calendar.pop_first() else {
                return Err("nothing is going to happen any more".to_owned());
            };
            self.now_ms = self.now_ms.max(at_ms);
            self.happens(happening)?;
            if self.ended {
                return Ok(());
            }
        }
        Err(format!("the run does not end after {STEPS_MAX} steps"))
    }

    /// What happened.
    #[must_use]
    pub const fn story(&self) -> &Story {
        &self.story
    }

    fn happens(&mut self, happening: Happening) -> Result<(), Broken> {
        match happening {
            Happening::Deadline { at, life } => self.deadline(at, life)?,
            Happening::Operator { at } => self.operator(at)?,
            Happening::Request(message) => self.request_arrives(*message)?,
            Happening::Answer { at, life, call, result } => self.answer_arrives(at, life, call, *result)?,
            Happening::PollEnds(poll) => self.poll_ends(poll),
            Happening::Receipt { at, life, print_id, content } => {
                self.receipt_arrives(at, life, print_id, content)?;
            }
            Happening::App { at, boot, number } => self.app_acts(at, boot, number)?,
            Happening::Late { at, boot, number } => self.late_answer(at, boot, number),
            Happening::Return { at, boot, uri } => self.return_arrives(at, boot, uri)?,
            Happening::OpenFailed { at, life } => self.open_failed(at, life)?,
            Happening::Stray { at } => self.stray(at),
            Happening::PowerCut { at } => self.power_cut_soon(at),
            Happening::PowerOff { at, boot } => self.power_off(at, boot)?,
            Happening::Kill { at } => self.kill(at),
            Happening::Begin { at, boot } => self.begin(at, boot)?,
            Happening::ClockJump { at } => self.clock_jump(at),
            Happening::Network { at, connected } => self.network(at, connected)?,
            Happening::Crash => self.crash_soon(),
            Happening::CrashNow(life) => self.crash_now(life),
            Happening::ServiceClock => self.service_clock_jumps(),
            Happening::Printer { at } => self.printer_changes(at),
            Happening::Start => self.start_service()?,
            Happening::BackUp => self.back_up(),
            Happening::Restore => self.restore()?,
            Happening::Sweep => self.sweep()?,
            Happening::Deliver => self.deliver()?,
            Happening::Post(post) => self.post_arrives(*post)?,
            Happening::Posted(post, accepted) => self.posted(*post, accepted)?,
            Happening::Pdv => self.pdv_acts()?,
            Happening::Create(intent) => self.create(intent)?,
            Happening::Manager => self.manager()?,
            Happening::Import => self.import_day()?,
            Happening::Calm => self.calm_down()?,
            Happening::Leave => self.leave(),
            Happening::End => self.ended = self.at_rest()?,
        }
        Ok(())
    }

    /// Something will happen in so many milliseconds.
    pub(crate) fn after(&mut self, ms: u64, happening: Happening) {
        self.next_number += 1;
        self.calendar.insert((self.now_ms + ms, self.next_number), happening);
    }

    pub(crate) fn tell(&mut self, line: impl AsRef<str>) {
        self.story.tell(self.now_ms, line.as_ref());
    }

    /// A chance per mille, while things go wrong.
    pub(crate) fn wrong(&mut self, per_mille: u64) -> bool {
        !self.calm && self.dice.chance(per_mille)
    }

    pub(crate) fn wall(&self) -> UnixMillis {
        UnixMillis(i64::try_from(self.now_ms).expect("this century"))
    }

    /// What the service's clock says.
    pub(crate) fn service_wall(&self) -> UnixMillis {
        self.wall().plus_ms(self.service_clock_off_ms)
    }

    /// Shows the model every row that changed.
    pub(crate) fn look_at_rows(&mut self) -> Result<(), Broken> {
        let Some(db) = self.service.rows() else { return Ok(()) };
        let (rows, seen) = rows::changed(db, self.rows_seen);
        self.rows_seen = seen;
        for row in rows {
            self.pdv.knows(&row)?;
            self.story.tell(self.now_ms, &format!("  ledger: {}", brief(&row)));
            self.model.row(&row)?;
        }
        Ok(())
    }

    /// The rows are others now.
    pub(crate) fn look_at_all_rows_again(&mut self) {
        let Some(db) = self.service.rows() else { return };
        let (rows, _) = rows::changed(db, 0);
        self.rows_seen = 0;
        self.model.restored(&rows);
    }
}

fn brief(row: &crate::model::Row) -> String {
    let attempts: Vec<String> = row
        .attempts
        .iter()
        .map(|a| {
            let by = if a.resolved { " by the manager" } else { "" };
            let outcome = if a.outcome.is_empty() { "open" } else { &a.outcome };
            format!("{} {} {outcome}{by}, {} given back", a.id, a.amount, a.reversed)
        })
        .collect();
    let claim =
        row.claimed_by.as_ref().map_or_else(String::new, |by| format!(", claim {} of {by}", row.fence));
    format!("{} {} {} of {}{claim} [{}]", row.code, row.status, row.paid, row.total, attempts.join("; "))
}
