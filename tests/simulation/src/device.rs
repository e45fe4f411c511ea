//! A terminal in the world: its process, its power, the person at it.

use pos_connect::flow::{Effect, Event, Input, Purpose};
use protocol::attempt::Outcome;
use virtual_terminal::printer::{Condition, PrinterChange};
use virtual_terminal::stone_app::{Answer, Details, Verdict};

use crate::model::{Broken, Launch};
use crate::operator;
use crate::world::{Happening, World};

/// Shortest time between two deadlines, as in the driver.
const DEADLINE_PAUSE_MS: u64 = 10;

/// A little more than an hour, in milliseconds.
const HOUR_MS: i64 = 3_700_000;

impl World {
    /// Gives a terminal an event and does what it wants.
    pub(crate) fn give(&mut self, at: usize, event: Event) -> Result<(), Broken> {
        let effects = self.terminals[at].handle(event, self.now_ms);
        let terminal = &self.terminals[at];
        let blocked = terminal.engine.as_ref().is_some_and(pos_connect::driver::Engine::is_blocked);
        if blocked {
            if !terminal.disk.is_off() {
                return Err(format!("{} is blocked with its storage in order", terminal.serial));
            }
            return self.power_off(at, terminal.boot);
        }
        for effect in effects {
            self.perform(at, effect)?;
        }
        self.beliefs_are_true(at)?;
        let terminal = &mut self.terminals[at];
        if let Some(due) = terminal.next_deadline() {
            let due = due.max(self.now_ms + DEADLINE_PAUSE_MS);
            if terminal.deadline_at_ms.is_none_or(|noted| due < noted || noted <= self.now_ms) {
                terminal.deadline_at_ms = Some(due);
                let life = terminal.life;
                self.after(due - self.now_ms, Happening::Deadline { at, life });
            }
        }
        Ok(())
    }

    fn perform(&mut self, at: usize, effect: Effect) -> Result<(), Broken> {
        match effect {
            Effect::Call { call, request, timeout_ms } => self.send(at, call, request, timeout_ms),
            Effect::Drop(call) => {
                self.terminals[at].calls.remove(&call);
            }
            Effect::Authenticate(token) => self.terminals[at].token = Some(token),
            Effect::Open { uri, purpose } => self.open(at, uri, purpose)?,
            Effect::FetchReceipt(print_id) => self.fetch(at, print_id),
            Effect::Print { print_id, part } => match self.terminals[at].print_uri(&print_id, part) {
                Some(uri) => self.open(at, uri, Purpose::Print)?,
                None => self.opens_nothing(at),
            },
            Effect::ForgetReceipt(print_id) => self.terminals[at].forget(&print_id),
            Effect::Alert(_) | Effect::KeepAwake(_) => {}
        }
        Ok(())
    }

    /// A deep link leaves for one of the acquirer's apps.
    fn open(&mut self, at: usize, uri: String, purpose: Purpose) -> Result<(), Broken> {
        if self.wrong(10) {
            self.tell(format!("{at}: no app opens the deep link"));
            self.opens_nothing(at);
            return Ok(());
        }
        // What was on the screen goes to the back, and nobody answers it any more.
        let before = self.terminals[at].payment_shown();
        let now_s = self.wall().0 / 1_000;
        let terminal = &mut self.terminals[at];
        let returns =
            terminal.apps.open(uri, &mut terminal.printer, now_s).map_err(|error| error.to_string())?;
        if let Some((attempt, ..)) = before {
            self.model.app_closed(attempt);
        }
        let boot = self.terminals[at].boot;
        let shown = self.terminals[at].apps.shown().map(|opened| opened.number);
        if purpose == Purpose::Pay {
            self.launched(at)?;
        }
        self.story.count(match purpose {
            Purpose::Pay => "launched: payment",
            Purpose::Reverse if self.terminals[at].tries_again() => "launched: reversal again",
            Purpose::Reverse => "launched: reversal",
            Purpose::Print => "launched: print",
            Purpose::Reprint => "launched: slip",
        });
        if let Some(number) = shown {
            let ms = self.dice.between(2_000, 40_000);
            self.after(ms, Happening::App { at, boot, number });
        }
        self.take_returns(at, returns);
        Ok(())
    }

    fn launched(&mut self, at: usize) -> Result<(), Broken> {
        let terminal = &self.terminals[at];
        let (attempt, amount, method) =
            terminal.payment_shown().ok_or("the payment app cannot read its request")?;
        let durable =
            terminal.engine.as_ref().ok_or("a process that does not run launches")?.agent().durable();
        let known = durable.attempts.values().find(|known| known.start.attempt.attempt_id.get() == attempt);
        let known = known.ok_or_else(|| format!("attempt {attempt} is launched and not known"))?;
        let order = known.start.attempt.order_id.to_string();
        let launch = Launch { terminal: terminal.serial.to_string(), attempt, order, amount, method };
        self.tell(format!(
            "{at}: charges {amount} by {} of {}, attempt {attempt}",
            launch.method, launch.order
        ));
        self.model.launched(&launch)
    }

    pub(crate) fn opens_nothing(&mut self, at: usize) {
        let life = self.terminals[at].life;
        self.after(1, Happening::OpenFailed { at, life });
    }

    pub(crate) fn open_failed(&mut self, at: usize, life: u32) -> Result<(), Broken> {
        if self.terminals[at].life != life {
            return Ok(());
        }
        self.give(at, Event::OpenFailed)
    }

    pub(crate) fn deadline(&mut self, at: usize, life: u32) -> Result<(), Broken> {
        let terminal = &mut self.terminals[at];
        if terminal.life != life || terminal.engine.is_none() {
            return Ok(());
        }
        if terminal.deadline_at_ms.is_some_and(|noted| noted > self.now_ms) {
            return Ok(());
        }
        terminal.deadline_at_ms = None;
        self.give(at, Event::Deadline)
    }

    /// The person looks, does something perhaps, and comes again.
    pub(crate) fn operator(&mut self, at: usize) -> Result<(), Broken> {
        let walks_away = self.wrong(self.plan.walks_away);
        let rests = !self.calm && self.terminals[at].waits_for_another_try() && self.dice.chance(300);
        if rests {
            // The terminal's clock alone goes on: the others would wait through a run's worth of things.
            self.story.count("operator: rests for an hour");
            self.terminals[at].clock_off_ms += HOUR_MS;
        }
        let pause_ms = match (self.leaving, walks_away || rests) {
            (_, true) => self.dice.between(120_000, 600_000),
            (true, false) => self.dice.between(10_000, 40_000),
            (false, false) => self.dice.between(500, 6_000),
        };
        self.after(pause_ms, Happening::Operator { at });
        let busy_elsewhere = self.terminals[at].apps.shown().is_some() && !self.dice.chance(100);
        let Some(screen) = self.terminals[at].screen(self.now_ms).filter(|_| !busy_elsewhere) else {
            return Ok(());
        };
        self.story.count(&format!("screen: {}", screen.page));
        if let Some(field) = operator::code_field(&screen).filter(|_| screen.page == "activation") {
            let field = field.to_owned();
            return self.activate(at, field);
        }
        let slip = self.terminals[at].slip_asked_for();
        let Some(input) = operator::act(&screen, &mut self.dice, self.leaving, slip.as_ref()) else {
            return Ok(());
        };
        self.tell(format!("{at}: on {} taps {input:?}", screen.page));
        self.give(at, Event::Input(input))
    }

    /// A technician types a new code.
    pub(crate) fn activate(&mut self, at: usize, field: String) -> Result<(), Broken> {
        let serial = self.terminals[at].serial.clone();
        let code =
            self.service.command(|unit| unit.create_activation_code(&crate::shop::account(), &serial, true));
        let Some(Ok(code)) = code else { return Ok(()) };
        self.tell(format!("{at}: a technician types an activation code"));
        self.give(at, Event::Input(Input::Text { id: field, value: code.code }))?;
        self.give(at, Event::Input(Input::Tap("activate".to_owned())))
    }

    pub(crate) fn power_cut_soon(&mut self, at: usize) {
        if self.calm || self.terminals[at].engine.is_none() {
            return;
        }
        let writes = self.dice.below(14);
        self.terminals[at].disk.cut_after(writes);
        let boot = self.terminals[at].boot;
        let ms = self.dice.between(0, 90_000);
        self.after(ms, Happening::PowerOff { at, boot });
    }

    pub(crate) fn power_off(&mut self, at: usize, boot: u32) -> Result<(), Broken> {
        if self.terminals[at].boot != boot {
            return Ok(());
        }
        self.close_app_by_force(at)?;
        self.terminals[at].cut_power(&mut self.dice);
        self.tell(format!("{at}: power is cut"));
        self.story.count("terminal: power cut");
        let boot = self.terminals[at].boot;
        let ms = if self.calm { 5_000 } else { self.dice.between(5_000, 240_000) };
        self.after(ms, Happening::Begin { at, boot });
        Ok(())
    }

    /// The customer's card may just have been read.
    fn close_app_by_force(&mut self, at: usize) -> Result<(), Broken> {
        let Some((attempt, ..)) = self.terminals[at].payment_shown() else { return Ok(()) };
        if self.dice.chance(300) {
            let now_s = self.wall().0 / 1_000;
            let terminal = &mut self.terminals[at];
            let silent = Answer::Silent(Some(Verdict::approve()));
            let answered = terminal.apps.answer(&silent, &Details::default(), &mut terminal.printer, now_s);
            answered.map_err(|error| error.to_string())?;
            self.book_charges(at)?;
        }
        self.model.app_closed(attempt);
        Ok(())
    }

    pub(crate) fn kill(&mut self, at: usize) {
        if self.calm || self.terminals[at].engine.is_none() {
            return;
        }
        self.terminals[at].kill();
        self.tell(format!("{at}: the process is killed"));
        self.story.count("terminal: process killed");
        let boot = self.terminals[at].boot;
        let ms = self.dice.between(200, 30_000);
        self.after(ms, Happening::Begin { at, boot });
    }

    /// The process begins, and must know all that it launched.
    pub(crate) fn begin(&mut self, at: usize, boot: u32) -> Result<(), Broken> {
        let terminal = &mut self.terminals[at];
        if terminal.boot != boot || terminal.engine.is_some() {
            return Ok(());
        }
        let last = terminal.start(self.now_ms, &mut self.dice)?;
        let durable = terminal.engine.as_ref().map(|engine| engine.agent().durable());
        let known: Vec<u64> =
            durable.into_iter().flat_map(|durable| durable.attempts.keys().map(|id| id.get())).collect();
        if let Some(lost) = self.model.launched_by(terminal.serial.as_str()).find(|id| !known.contains(id)) {
            return Err(format!("{} launched attempt {lost} and does not know it any more", terminal.serial));
        }
        self.story.count(&format!("restart after: {last}"));
        self.tell(format!("{at}: begins, the last record is {last}"));
        self.give(at, Event::Booted)?;
        let connected = self.terminals[at].connected;
        self.give(at, Event::Network { connected })
    }

    pub(crate) fn printer_changes(&mut self, at: usize) {
        let conditions =
            [Condition::NoPaper, Condition::Overheating, Condition::PrintError, Condition::Ready];
        let condition = if self.calm { Condition::Ready } else { *self.dice.pick(&conditions) };
        let change = PrinterChange { condition: Some(condition), ..PrinterChange::default() };
        self.terminals[at].printer.change(&change);
        self.story.count(&format!("printer: {condition:?}"));
        self.tell(format!("{at}: the printer is {condition:?}"));
    }

    pub(crate) fn clock_jump(&mut self, at: usize) {
        if self.calm {
            return;
        }
        let most = 40 * 3_600_000;
        let off = self.dice.below(2 * most);
        self.terminals[at].clock_off_ms =
            i64::try_from(off).expect("hours") - i64::try_from(most).expect("hours");
        self.story.count("terminal: clock jumped");
        self.tell(format!("{at}: the wall clock jumps to {} ms off", self.terminals[at].clock_off_ms));
    }

    /// What the terminal believes of its attempts is what the acquirer did.
    fn beliefs_are_true(&mut self, at: usize) -> Result<(), Broken> {
        let Some(engine) = &self.terminals[at].engine else { return Ok(()) };
        for attempt in engine.agent().durable().attempts.values() {
            let Some(ended) = &attempt.ended else { continue };
            let outcome = match ended.outcome {
                Outcome::Approved => "approved",
                Outcome::Declined => "declined",
                Outcome::Cancelled => "cancelled",
                Outcome::InDoubt => continue,
            };
            self.model.believed(ended.attempt.attempt_id.get(), outcome)?;
        }
        Ok(())
    }
}
