//! The service in the world: its commits, its deaths, its backup, its webhooks.

use mobilepayment::db::query::Delivery;
use mobilepayment::db::{deliveries, events};
use mobilepayment::webhooks;

use crate::model::Broken;
use crate::service::Service;
use crate::shop;
use crate::world::{Happening, World};

/// How often the service looks for what time has changed; the real one looks more often, which shows no more.
const SWEEP_MS: u64 = 20_000;
/// Events that are looked at, and deliveries that are sent, at a time.
const BATCH: u32 = 50;

/// A webhook on its way.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// Of which process of the service.
    pub(crate) life: u32,
    pub(crate) delivery: Delivery,
}

impl World {
    /// The service does something, unless it is down or dies over it; then there is no answer.
    pub(crate) fn commit<T>(&mut self, act: impl FnOnce(&mut Service) -> T) -> Result<Option<T>, Broken> {
        if !self.service.is_up() {
            return Ok(None);
        }
        self.service.set_clock(self.service_wall());
        match self.crash_next.take() {
            Some(true) => {
                act(&mut self.service);
                self.look_at_rows()?;
                self.die("after a commit");
                Ok(None)
            }
            Some(false) => {
                self.die("before a commit");
                Ok(None)
            }
            None => {
                let events = self.service.last_event();
                let done = act(&mut self.service);
                self.look_at_rows()?;
                self.wake_polls();
                if self.service.last_event() != events {
                    self.after(5, Happening::Deliver);
                }
                Ok(Some(done))
            }
        }
    }

    pub(crate) fn crash_soon(&mut self) {
        if self.calm || !self.service.is_up() {
            return;
        }
        self.crash_next = Some(self.dice.chance(500));
        let life = self.service_life;
        self.after(10_000, Happening::CrashNow(life));
    }

    pub(crate) fn crash_now(&mut self, life: u32) {
        if self.service_life == life && self.service.is_up() {
            self.die("between requests");
        }
    }

    fn die(&mut self, when: &str) {
        self.crash_next = None;
        self.service.stop();
        self.service_life += 1;
        self.lanes_busy.clear();
        self.reset_polls();
        self.tell(format!("the service dies {when}"));
        self.story.count(&format!("service: died {when}"));
        let ms = self.dice.between(500, 60_000);
        self.after(ms, Happening::Start);
    }

    pub(crate) fn start_service(&mut self) -> Result<(), Broken> {
        if self.service.is_up() {
            return Ok(());
        }
        self.service.set_clock(self.service_wall());
        self.service.start();
        self.tell("the service starts");
        self.look_at_rows()?;
        self.after(5, Happening::Deliver);
        Ok(())
    }

    /// Somebody sets it, or it is set right.
    pub(crate) fn service_clock_jumps(&mut self) {
        if self.calm {
            return;
        }
        let most = 3 * 3_600_000;
        self.service_clock_off_ms = i64::try_from(self.dice.below(2 * most)).expect("hours") - 3 * 3_600_000;
        self.story.count("service: clock jumped");
        self.tell(format!("the service's clock jumps to {} ms off", self.service_clock_off_ms));
        self.after(1, Happening::Deliver);
    }

    pub(crate) fn back_up(&mut self) {
        if self.service.is_up() {
            self.service.back_up();
            self.backed_up = true;
            self.tell("the service is backed up");
        }
    }

    pub(crate) fn restore(&mut self) -> Result<(), Broken> {
        if self.calm || !self.backed_up {
            return Ok(());
        }
        if self.service.is_up() {
            self.die("to be restored");
        }
        self.service.restore();
        self.tell("yesterday's backup is restored");
        self.story.count("service: restored");
        self.service.set_clock(self.service_wall());
        self.service.start();
        self.look_at_all_rows_again();
        self.pdv.service_restored();
        self.look_at_rows()?;
        self.after(5, Happening::Deliver);
        Ok(())
    }

    pub(crate) fn sweep(&mut self) -> Result<(), Broken> {
        self.after(SWEEP_MS, Happening::Sweep);
        self.commit(Service::sweep)?;
        Ok(())
    }

    /// What the webhooks' tasks do: events become deliveries, those that are due leave, one of an order at a time.
    pub(crate) fn deliver(&mut self) -> Result<(), Broken> {
        let Some(db) = self.service.rows() else { return Ok(()) };
        let looked = deliveries::progress(db).map_err(|error| error.to_string())?;
        let heads = events::heads_after(db, looked, BATCH).map_err(|error| error.to_string())?;
        if let Some(last) = heads.last() {
            let upto = last.sequence;
            let registers = self.service.registers().clone();
            let queued: Vec<_> =
                heads.iter().flat_map(|event| webhooks::for_event(&registers, event)).collect();
            self.commit(|service| service.command(|unit| unit.queue_deliveries(&queued, upto)))?;
            self.after(1, Happening::Deliver);
            return Ok(());
        }
        let heads = deliveries::heads(db, shop::ENDPOINT, BATCH).map_err(|error| error.to_string())?;
        let now = self.service_wall();
        for delivery in heads {
            let wait_ms = webhooks::backoff::wait_ms(delivery.next_try_at, now);
            if wait_ms > 0 {
                self.after(wait_ms, Happening::Deliver);
            } else if self.lanes_busy.insert(delivery.lane.clone()) {
                let post = Box::new(Post { life: self.service_life, delivery });
                let ms = self.dice.between(10, 400);
                self.after(ms, Happening::Post(post));
            }
        }
        Ok(())
    }

    pub(crate) fn post_arrives(&mut self, post: Post) -> Result<(), Broken> {
        let mut accepted = false;
        if !self.wrong(self.plan.lose) {
            let Delivery { event_id, event_sequence, lane, event_type, .. } = &post.delivery;
            if self.wrong(30) {
                self.story.count("PDV: refused a webhook");
            } else {
                if self.model.has_received(event_id) {
                    self.story.count("PDV: got an event again");
                }
                self.model.received(event_id, *event_sequence, lane)?;
                self.story.count(&format!("event: {}", event_type.as_str()));
                let (lane, kind) = (lane.clone(), event_type.as_str());
                self.pdv.hears(&lane, kind);
                accepted = !self.wrong(self.plan.lose);
            }
        }
        let ms = self.dice.between(10, 400);
        self.after(ms, Happening::Posted(Box::new(post), accepted));
        Ok(())
    }

    pub(crate) fn posted(&mut self, post: Post, accepted: bool) -> Result<(), Broken> {
        if post.life != self.service_life {
            return Ok(());
        }
        let delivery = post.delivery;
        self.lanes_busy.remove(&delivery.lane);
        self.commit(|service| {
            if accepted {
                service.command(|unit| unit.delivery_accepted(shop::ENDPOINT, &delivery))
            } else {
                let environment = service.environment().clone();
                let failed = webhooks::next_try(&delivery, None, "sem resposta".to_owned(), &environment);
                service.command(|unit| unit.delivery_failed(shop::ENDPOINT, &delivery, &failed))
            }
        })?;
        self.after(1, Happening::Deliver);
        Ok(())
    }
}
