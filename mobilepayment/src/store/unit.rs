//! One command at work inside the writer's transaction: it loads, asks the ledger, writes, and notes what is to be
//! told after the commit.

use std::sync::Arc;

use protocol::{OrderId, UnixMillis};
use serde_json::Value;

use super::desk::joined;
use crate::db::devices::Device;
use crate::db::events::EventRow;
use crate::db::row::json;
use crate::db::{Connection, DbError, audit, events, orders, registers};
use crate::environment::Environment;
use crate::feed::change::Change;
use crate::ledger::audit::{Act, Author, Entry, standing};
use crate::ledger::draft::{self, Decision};
use crate::ledger::event::{EventBody, EventType, NewEvent};
use crate::ledger::order::{Order, Print};
use crate::registers::{AccountId, Registers};

/// Why a command did not happen; its writes are rolled back.
#[derive(Debug)]
pub enum Failure<R> {
    /// A rule says no.
    Refused(R),
    /// The database says no.
    Db(DbError),
}

impl<R> From<DbError> for Failure<R> {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// The numbers that grow with every change and event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) change: u64,
    pub(super) event: u64,
}

/// What is told once the transaction is committed.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) changes: Vec<Change>,
    pub(super) devices: Vec<Device>,
}

/// See the module's page. The commands themselves are in `pdv_side` and `terminal_side`.
pub struct Unit<'a> {
    pub(super) db: &'a Connection,
    pub(super) environment: &'a Environment,
    /// What the configuration file declares.
    pub(super) file: &'a Registers,
    /// Companies and terminals, as this transaction sees them.
    pub(super) registers: Arc<Registers>,
    pub(super) now: UnixMillis,
    pub(super) epoch: u64,
    pub(super) counters: Counters,
    pub(super) outbox: Outbox,
    pub(super) open_orders: usize,
    /// Who asks for the command at work.
    pub(super) author: Author,
}

impl Unit<'_> {
    /// Takes in what a command has just written into the registers; terminals are told by the number of the change.
    pub(super) fn registers_changed(&mut self) -> Result<(), DbError> {
        registers::note_change(self.db, self.next_change())?;
        self.registers = Arc::new(joined(self.file, registers::all(self.db)?)?);
        Ok(())
    }

    /// Writes a decision; gives the order as it was written.
    pub(super) fn save<T>(
        &mut self,
        before: Option<&Order>,
        decision: Decision<T>,
    ) -> Result<(Order, T), DbError> {
        let Decision { mut order, events, answer } = decision;
        if before == Some(&order) && events.is_empty() {
            return Ok((order, answer));
        }
        if before.is_none_or(|before| is_news(before, &order)) {
            order.revision = self.next_change();
            order.updated_at = self.now;
            self.outbox.changes.push(Change::order(&order));
            self.tell_of_wanted_reversals(before, &mut order);
        }
        orders::save(self.db, before, &order)?;
        for event in events {
            self.order_event(&order, event)?;
        }
        Ok((order, answer))
    }

    /// Writes a decision, and into the audit trail who took it, if it changed anything.
    pub(super) fn save_act<T>(
        &mut self,
        before: &Order,
        decision: Decision<T>,
        act: Act,
    ) -> Result<(Order, T), DbError> {
        // What time alone has changed since is nobody's act.
        let lapsed = draft::lapse(before, self.now).map(|decision| decision.order);
        let was = standing(lapsed.as_ref().unwrap_or(before), act.attempt);
        let (order, answer) = self.save(Some(before), decision)?;
        let is = standing(&order, act.attempt);
        if was != is {
            self.audit(&order.account, act, Some(&order.id), Some(was), Some(is))?;
        }
        Ok((order, answer))
    }

    /// Adds to the audit trail.
    pub(super) fn audit(
        &self,
        account: &AccountId,
        act: Act,
        order: Option<&OrderId>,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), DbError> {
        let entry = Entry {
            sequence: 0,
            account: account.clone(),
            at: self.now,
            act,
            order: order.cloned(),
            before,
            after,
        };
        audit::append(self.db, &entry)
    }

    /// Writes what time alone has changed of an order.
    pub fn lapse(&mut self, account: &AccountId, id: &OrderId) -> Result<(), Failure<()>> {
        let Some(before) = orders::load(self.db, account, id)? else {
            return Ok(());
        };
        if let Some(decision) = draft::lapse(&before, self.now) {
            self.save(Some(&before), decision)?;
        }
        Ok(())
    }

    pub(super) fn next_change(&mut self) -> u64 {
        self.counters.change += 1;
        self.counters.change
    }

    pub(super) fn print_event(
        &mut self,
        kind: EventType,
        order: &Order,
        print: &Print,
    ) -> Result<(), DbError> {
        let body = EventBody {
            order: Some(order.clone()),
            terminal: print.terminal.clone(),
            print: Some(print.clone()),
            print_id: Some(print.id.clone()),
            ..EventBody::default()
        };
        self.event(kind, &order.account, Some(&order.id), &body)
    }

    pub(super) fn event(
        &mut self,
        kind: EventType,
        account: &AccountId,
        order_id: Option<&OrderId>,
        body: &EventBody,
    ) -> Result<(), DbError> {
        self.counters.event += 1;
        let sequence = self.counters.event;
        events::insert(
            self.db,
            &EventRow {
                sequence,
                id: &events::id(self.epoch, sequence),
                account,
                kind,
                created_at: self.now,
                order_id: order_id.map(OrderId::as_str),
                body: &json(body),
            },
        )
    }

    fn order_event(&mut self, order: &Order, event: NewEvent) -> Result<(), DbError> {
        let body = EventBody {
            order: Some(order.clone()),
            attempt: event.attempt,
            reversal: event.reversal,
            terminal: event.terminal,
            reason: event.reason,
            ..EventBody::default()
        };
        self.event(event.kind, &order.account, Some(&order.id), &body)
    }

    fn tell_of_wanted_reversals(&mut self, before: Option<&Order>, order: &mut Order) {
        for place in 0..order.attempts.len() {
            let was_wanted = before
                .and_then(|before| before.attempts.get(place))
                .is_some_and(|attempt| attempt.reversal_wanted.is_some());
            let Some(attempt) = order.attempts.get_mut(place) else {
                continue;
            };
            match &mut attempt.reversal_wanted {
                Some(wanted) if wanted.sequence == 0 => {
                    wanted.sequence = self.next_change();
                    let attempt = attempt.clone();
                    self.outbox.changes.extend(Change::reversal_wanted(order, &attempt));
                }
                None if was_wanted => {
                    let gone = Change::reversal_gone(attempt, self.next_change());
                    self.outbox.changes.push(gone);
                }
                Some(_) | None => {}
            }
        }
    }
}

/// Whether anything changed besides a renewed lease, which concerns nobody but its holder.
fn is_news(before: &Order, after: &Order) -> bool {
    let mut renewed = before.clone();
    if let (Some(was), Some(is)) = (&mut renewed.claim, &after.claim)
        && was.id == is.id
    {
        was.lease_until = is.lease_until;
    }
    renewed != *after
}
