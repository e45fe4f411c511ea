//! Before the faults and after them: the shop opens, things go wrong for a while, then everything must come to rest.

use pos_connect::driver::Engine;

use crate::model::Broken;
use crate::rows;
use crate::world::{Happening, World};

/// How long people work on without faults, in milliseconds.
const CALM_MS: u64 = 5 * 60_000;
/// How long everything has then to come to rest, in milliseconds: an attempt that was never heard of again stays its
/// terminal's for 15 minutes, a webhook pauses as long at most, a report that was refused five.
const REST_MS: u64 = 55 * 60_000;
/// How often one looks whether it has, in milliseconds.
const LOOK_MS: u64 = 4 * 60_000;
/// How long activation may take, in steps of a second.
const OPENING_STEPS: u64 = 60;

impl World {
    /// Service and terminals start, and a technician activates the terminals.
    pub(crate) fn open_shop(&mut self) -> Result<(), Broken> {
        self.start_service()?;
        for at in 0..self.terminals.len() {
            let boot = self.terminals[at].boot;
            self.begin(at, boot)?;
            self.after(0, Happening::Operator { at });
        }
        self.after(0, Happening::Sweep);
        self.after(OPENING_STEPS * 1_000, Happening::BackUp);
        Ok(())
    }

    /// Puts into the calendar what will go wrong, and what the PDV does.
    pub(crate) fn plan_faults(&mut self) {
        let opening = OPENING_STEPS * 1_000;
        let plan = self.plan.clone();
        let at_random = |world: &mut Self, count: u64, make: &dyn Fn(usize) -> Happening| {
            for _ in 0..count {
                let at = world.dice.place(plan.terminals);
                let ms = world.dice.between(opening, opening + plan.chaos_ms);
                world.after(ms, make(at));
            }
        };
        at_random(self, plan.power_cuts, &|at| Happening::PowerCut { at });
        at_random(self, plan.kills, &|at| Happening::Kill { at });
        at_random(self, plan.clock_jumps, &|at| Happening::ClockJump { at });
        at_random(self, plan.strays, &|at| Happening::Stray { at });
        at_random(self, plan.partitions, &|at| Happening::Network { at, connected: false });
        at_random(self, plan.partitions * 2, &|at| Happening::Network { at, connected: true });
        at_random(self, plan.crashes, &|_| Happening::Crash);
        at_random(self, plan.service_clock_jumps, &|_| Happening::ServiceClock);
        at_random(self, plan.printer_faults, &|at| Happening::Printer { at });
        if plan.restore {
            at_random(self, 1, &|_| Happening::BackUp);
            at_random(self, 1, &|_| Happening::Restore);
        }
        for intent in 1..=plan.orders {
            let ms = self.dice.between(opening, opening + plan.chaos_ms * 2 / 3);
            self.after(ms, Happening::Create(intent));
        }
        self.after(opening + 10_000, Happening::Pdv);
        self.after(opening + 60_000, Happening::Manager);
        self.after(opening + plan.chaos_ms / 2, Happening::Import);
        self.after(opening, Happening::Calm);
        self.after(opening + plan.chaos_ms, Happening::Calm);
    }

    /// The opening is without faults, and so is the end.
    pub(crate) fn calm_down(&mut self) -> Result<(), Broken> {
        if self.calm && !self.opened() {
            return Err("a terminal is not activated".to_owned());
        }
        if self.calm {
            self.tell("from here on things go wrong");
            self.calm = false;
            return Ok(());
        }
        self.tell("from here on nothing goes wrong any more");
        self.calm = true;
        self.crash_next = None;
        self.service_clock_off_ms = 0;
        self.after(0, Happening::Start);
        self.after(1, Happening::Deliver);
        self.after(100_000, Happening::Import);
        for at in 0..self.terminals.len() {
            let boot = self.terminals[at].boot;
            self.terminals[at].clock_off_ms = 0;
            self.after(0, Happening::Printer { at });
            self.after(0, Happening::Network { at, connected: true });
            self.after(1_000, Happening::Begin { at, boot });
        }
        self.after(CALM_MS, Happening::Leave);
        Ok(())
    }

    fn opened(&self) -> bool {
        self.terminals.iter().all(|terminal| {
            let durable = terminal.engine.as_ref().map(|engine| engine.agent().durable());
            durable.is_some_and(|durable| durable.identity.is_some())
        })
    }

    pub(crate) fn leave(&mut self) {
        self.tell("no new payment is taken any more");
        self.leaving = true;
        self.rests_until_ms = self.now_ms + REST_MS;
        self.after(LOOK_MS, Happening::End);
    }

    /// Whether all has come to rest; if not, looks again, as long as there is time.
    pub(crate) fn at_rest(&mut self) -> Result<bool, Broken> {
        match self.check_the_end() {
            Ok(()) => Ok(true),
            Err(_) if self.now_ms < self.rests_until_ms => {
                self.after(LOOK_MS, Happening::End);
                Ok(false)
            }
            Err(broken) => Err(broken),
        }
    }

    /// Nothing is lost, nothing waits, everybody knows.
    fn check_the_end(&self) -> Result<(), Broken> {
        let db = self.service.rows().ok_or("the service does not run at the end")?;
        self.model.nothing_is_lost(&rows::orphans(db))?;
        let events = rows::events(db);
        if let Some(event) = events.iter().find(|event| !self.model.has_received(&event.id)) {
            return Err(format!("the PDV never got {event:?}"));
        }
        for attempt in self.model.doubted() {
            let name = attempt.to_string();
            let told =
                ["posconnect.attempt.in_doubt", "posconnect.attempt.flagged", "posconnect.attempt.orphan"];
            let shown =
                |event: &rows::EventRow| told.contains(&event.kind.as_str()) && event.body.contains(&name);
            if !events.iter().any(shown) {
                return Err(format!("nobody was told of the doubt about attempt {attempt}"));
            }
        }
        for terminal in &self.terminals {
            let agent =
                terminal.engine.as_ref().map(Engine::agent).ok_or("a terminal does not run at the end")?;
            let outbox = agent.outbox();
            if !outbox.is_empty() {
                return Err(format!("{} still has to tell {outbox:?}", terminal.serial));
            }
            let open = agent.durable().attempts.values().find(|attempt| attempt.ended.is_none());
            if let Some(open) = open {
                return Err(format!("{} still waits for {open:?}", terminal.serial));
            }
            if let Some(order) = agent.durable().orders.values().next() {
                return Err(format!("{} still shows {order:?}", terminal.serial));
            }
            if terminal.keeps_card_data() {
                return Err(format!("the journal of {} holds the name on a card", terminal.serial));
            }
        }
        Ok(())
    }
}
