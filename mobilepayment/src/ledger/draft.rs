//! A decision in the making: a copy of the order that a step changes, and the events that it causes.

use protocol::UnixMillis;
use protocol::claim::ClaimKind;
use protocol::order::OrderStatus;
use protocol::{AttemptId, ReversalId, Serial};

use super::claiming::LEASE_S;
use super::event::{EventType, NewEvent};
use super::order::{Attempt, Close, CloseReason, Order};

/// What a step decided: the order's new rows, what the PDV is told, and the answer to who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<T> {
    /// The order as it is from now on.
    pub order: Order,
    /// What happened, in order.
    pub events: Vec<NewEvent>,
    /// The answer.
    pub answer: T,
}

/// An order being changed.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) order: Order,
    pub(super) now: UnixMillis,
    events: Vec<NewEvent>,
}

impl Draft {
    /// Begins with what time alone has changed: a lease that ran out, an expiry that passed.
    pub(super) fn begin(order: &Order, now: UnixMillis) -> Self {
        let mut draft = Self { order: order.clone(), now, events: Vec::new() };
        draft.lapse();
        draft
    }

    pub(super) fn tell(&mut self, kind: EventType, terminal: Option<&Serial>) {
        self.events.push(NewEvent {
            kind,
            attempt: None,
            reversal: None,
            terminal: terminal.cloned(),
            reason: None,
        });
    }

    pub(super) fn tell_attempt(&mut self, kind: EventType, attempt: AttemptId, terminal: &Serial) {
        self.events.push(NewEvent {
            kind,
            attempt: Some(attempt),
            reversal: None,
            terminal: Some(terminal.clone()),
            reason: None,
        });
    }

    pub(super) fn tell_reversal(
        &mut self,
        kind: EventType,
        attempt: AttemptId,
        reversal: ReversalId,
        terminal: &Serial,
    ) {
        self.events.push(NewEvent {
            kind,
            attempt: Some(attempt),
            reversal: Some(reversal),
            terminal: Some(terminal.clone()),
            reason: None,
        });
    }

    /// The attempt at a place that the step has just looked up or filled.
    pub(super) fn attempt_mut(&mut self, place: usize) -> &mut Attempt {
        self.order.attempts.get_mut(place).expect("attempts are only ever added to a draft")
    }

    /// Says why the last thing told happened, in a person's words.
    pub(super) fn because(&mut self, reason: &str) {
        if let Some(event) = self.events.last_mut() {
            event.reason = Some(reason.to_owned());
        }
    }

    /// Ends the claim, if there is one.
    pub(super) fn end_claim(&mut self) {
        if let Some(claim) = self.order.claim.take() {
            self.tell(EventType::ClaimReleased, Some(&claim.terminal));
        }
    }

    /// Asks for the order's end: at once when nothing can be in flight, else when that has ended.
    pub(super) fn ask_close(&mut self, reason: CloseReason) {
        self.order.close = Some(Close { reason, at: self.now });
        let courier_is_out = self.order.claim.as_ref().is_some_and(|claim| claim.kind == ClaimKind::Delivery);
        if self.order.has_unsettled() || courier_is_out {
            self.order.status = OrderStatus::Closing;
            self.tell(EventType::OrderClosing, None);
        } else {
            self.close_now(reason);
        }
    }

    /// What follows from a change of attempts or claim: fully paid, or at last closed.
    ///
    /// `courier_reported`: the holder of a delivery claim has just spoken, so a close waits for it no longer.
    pub(super) fn conclude(&mut self, courier_reported: bool) {
        let fully_paid = self.order.balance().is_zero();
        match self.order.status {
            OrderStatus::Open if fully_paid => self.become_paid(),
            OrderStatus::Closing | OrderStatus::Closed if fully_paid => {
                let was_closing = self.order.status == OrderStatus::Closing;
                self.become_paid();
                if was_closing {
                    self.tell(EventType::OrderClosed, None);
                }
            }
            OrderStatus::Closing => {
                let waits_for_courier = !courier_reported
                    && self.order.claim.as_ref().is_some_and(|claim| claim.kind == ClaimKind::Delivery);
                if !self.order.has_unsettled() && !waits_for_courier {
                    let reason = self.order.close.map_or(CloseReason::Canceled, |close| close.reason);
                    self.close_now(reason);
                }
            }
            OrderStatus::Open | OrderStatus::Paid | OrderStatus::Closed => {}
        }
    }

    pub(super) fn decide<T>(self, answer: T) -> Decision<T> {
        Decision { order: self.order, events: self.events, answer }
    }

    fn become_paid(&mut self) {
        self.order.status = OrderStatus::Paid;
        self.order.paid_at = Some(self.now);
        self.tell(EventType::OrderPaid, None);
        self.end_claim();
    }

    fn close_now(&mut self, reason: CloseReason) {
        self.order.status = OrderStatus::Closed;
        self.end_claim();
        match reason {
            CloseReason::Canceled | CloseReason::Failed | CloseReason::Expired => {
                self.tell(EventType::OrderCanceled, None);
            }
            CloseReason::Paid => {}
        }
        self.tell(EventType::OrderClosed, None);
    }

    fn lapse(&mut self) {
        if self.lease_is_over() {
            self.end_claim();
        }
        let expired = self.order.expires_at.is_some_and(|at| at <= self.now);
        if self.order.status == OrderStatus::Open && expired {
            self.ask_close(CloseReason::Expired);
        }
    }

    fn lease_is_over(&self) -> bool {
        self.order.claim.as_ref().is_some_and(|claim| {
            // One that would last longer than any lease was granted before the clock was set back.
            let longest_ms = u64::from(LEASE_S) * 1_000;
            let over = claim
                .lease_until
                .is_some_and(|until| until <= self.now || until.since_ms(self.now) > longest_ms);
            let charging = self
                .order
                .attempts
                .iter()
                .any(|attempt| attempt.terminal == claim.terminal && attempt.is_unsettled());
            over && !charging
        })
    }
}

/// What time alone changes in an order; `None`: nothing.
#[must_use]
pub fn lapse(order: &Order, now: UnixMillis) -> Option<Decision<()>> {
    let draft = Draft::begin(order, now);
    (draft.order != *order).then(|| draft.decide(()))
}

/// When time alone changes an order next: what the sweeper waits for.
#[must_use]
pub fn next_lapse(order: &Order) -> Option<UnixMillis> {
    let expiry = order.expires_at.filter(|_| order.status == OrderStatus::Open);
    let lease = order
        .claim
        .as_ref()
        .and_then(|claim| claim.lease_until.map(|until| (until, &claim.terminal)))
        .filter(|(_, holder)| {
            !order.attempts.iter().any(|attempt| attempt.terminal == **holder && attempt.is_unsettled())
        })
        .map(|(until, _)| until);
    match (expiry, lease) {
        (Some(expiry), Some(lease)) => Some(expiry.min(lease)),
        (one, other) => one.or(other),
    }
}
