//! Giving a payment back, on the terminal that took it.

use protocol::attempt::{Outcome, OutcomeReason};
use protocol::reversal::ReversalEnded;
use protocol::{AttemptId, Centavos, ReversalId};

use super::live::{Notice, Operation, Page};
use super::record::{ReversalStart, StrayReason};
use super::state::Reversal;
use super::{Agent, Alert, Record};
use crate::acquirer::{Claimed, ReversalRequest, ReversalReturn};

/// How long the acquirer's app may take for a reversal, in milliseconds.
pub(super) const ANSWER_MS: u64 = 120_000;

impl Agent {
    pub(super) fn open_payment(&mut self, attempt_id: AttemptId) {
        let from_here = matches!(self.live.page, Page::Payments { .. } | Page::Result { .. });
        if from_here && self.durable.attempts.contains_key(&attempt_id) {
            self.show(Page::Payment { attempt_id });
        }
    }

    /// How much of a payment is asked back without anybody knowing whether it went.
    #[must_use]
    pub fn in_doubt_back(&self, attempt_id: AttemptId) -> Centavos {
        let of_it = self.durable.reversals.values().filter(|r| r.start.attempt_id == attempt_id);
        of_it.filter(|r| r.is_unclear()).map(|r| r.start.amount).sum()
    }

    /// What can still be given back of a payment: not what a reversal under way may give back.
    #[must_use]
    pub fn reversible(&self, attempt_id: AttemptId) -> Centavos {
        let Some(attempt) = self.durable.attempts.get(&attempt_id) else {
            return Centavos::ZERO;
        };
        attempt.reversible().saturating_sub(self.in_doubt_back(attempt_id))
    }

    /// The acquirer's key of a payment, without which it cannot be given back from here.
    #[must_use]
    pub fn atk(&self, attempt_id: AttemptId) -> Option<&str> {
        self.durable.attempts.get(&attempt_id)?.atk()
    }

    /// What the store asked to give back of a payment.
    #[must_use]
    pub fn wanted_back(&self, attempt_id: AttemptId) -> Option<Centavos> {
        self.durable
            .reversals_wanted
            .iter()
            .find(|wanted| wanted.attempt_id == attempt_id)
            .map(|wanted| wanted.amount)
    }

    pub(super) fn reverse_whole(&mut self) {
        if let Page::Payment { attempt_id } = self.live.page {
            let all = self.reversible(attempt_id);
            let amount = self.wanted_back(attempt_id).filter(|wanted| *wanted <= all).unwrap_or(all);
            if !amount.is_zero() && self.atk(attempt_id).is_some() {
                self.show(Page::ReversalConfirm { attempt_id, amount });
            }
        }
    }

    pub(super) fn reverse_part(&mut self) {
        if let Page::ReversalConfirm { attempt_id, .. } = self.live.page
            && self.acquirer.capabilities().can_reverse_part
            && !self.reversible(attempt_id).is_zero()
            && self.atk(attempt_id).is_some()
        {
            self.show(Page::ReversalAmount { attempt_id, typed: 0, refused: false });
        }
    }

    pub(super) fn confirm_reversal_amount(&mut self, attempt_id: AttemptId, typed: u64) {
        let amount = Centavos::new(typed).filter(|a| !a.is_zero() && *a <= self.reversible(attempt_id));
        match amount {
            Some(amount) => self.show(Page::ReversalConfirm { attempt_id, amount }),
            None => self.show(Page::ReversalAmount { attempt_id, typed, refused: true }),
        }
    }

    pub(super) fn reverse_confirmed(&mut self) {
        let Page::ReversalConfirm { attempt_id, amount } = self.live.page else {
            return;
        };
        if self.live.in_flight.is_some() {
            self.show(Page::Notice(Notice::Busy));
            return;
        }
        let Some(atk) = self.atk(attempt_id).map(str::to_owned) else {
            return;
        };
        let Some(attempt) = self.durable.attempts.get(&attempt_id) else {
            return;
        };
        if amount > self.reversible(attempt_id) {
            return;
        }
        let order_id = attempt.start.attempt.order_id.clone();
        let reversal_id = ReversalId::from_random(self.random());
        let start = ReversalStart {
            reversal_id,
            attempt_id,
            order_id,
            atk: atk.clone(),
            amount,
            started_at: self.now.wall,
        };
        self.record(Record::ReversalStarted(start));
        self.launch_reversal(reversal_id, &ReversalRequest { atk, amount });
    }

    /// The answer names the payment's key, not the reversal. It counts for the reversal under way, else for the newest
    /// one of that payment that is in doubt. An approval that nobody expects any more, because the store decided that the
    /// money did not go back, says that it did.
    pub(super) fn reversal_returned(&mut self, answer: ReversalReturn, kept: String) {
        let waiting = match self.live.in_flight.as_ref().map(|flight| &flight.what) {
            Some(Operation::Reverse(id)) => Some(*id),
            Some(Operation::Pay(_) | Operation::Print(..) | Operation::Reprint(_)) | None => None,
        };
        let fits = |id: &ReversalId| {
            self.durable
                .reversals
                .get(id)
                .is_some_and(|r| answer.atk.as_ref().is_none_or(|atk| *atk == r.start.atk))
        };
        let newest = |wanted: &dyn Fn(&Reversal) -> bool| {
            let named = self.durable.reversals.values().filter(|r| answer.atk.as_ref() == Some(&r.start.atk));
            named.filter(|r| wanted(r)).max_by_key(|r| r.counter).map(|r| r.start.reversal_id)
        };
        let doubtful = newest(&|r| r.is_in_doubt());
        let approves = matches!(answer.claim, Claimed::Approved);
        let contradicted = newest(&|r| approves && r.settled == Some(Outcome::Declined));
        let Some(id) = waiting.filter(fits).or(doubtful).or(contradicted) else {
            self.stray(kept, None, StrayReason::Unknown);
            return;
        };
        let Some(reversal) = self.durable.reversals.get(&id) else {
            return;
        };
        let (mut outcome, reason) = judge(reversal.start.amount, &answer);
        if reversal.retries > 0 && outcome != Outcome::Approved {
            // A refusal may be the second try's, because the first one went through.
            outcome = Outcome::InDoubt;
        }
        self.end_reversal(id, outcome, reason, answer.response_code);
        if waiting == Some(id) {
            self.live.in_flight = None;
            self.show(Page::ReversalResult { reversal_id: id });
        }
        self.alert(match outcome {
            Outcome::Approved => Alert::Approved,
            Outcome::Declined | Outcome::Cancelled => Alert::Refused,
            Outcome::InDoubt => Alert::Attention,
        });
    }

    pub(super) fn end_reversal(
        &mut self,
        id: ReversalId,
        outcome: Outcome,
        reason: Option<OutcomeReason>,
        response_code: Option<String>,
    ) {
        let Some(reversal) = self.durable.reversals.get(&id) else {
            return;
        };
        let start = reversal.start.clone();
        self.record(Record::ReversalEnded(ReversalEnded {
            reversal_id: id,
            attempt_id: start.attempt_id,
            order_id: start.order_id,
            amount: start.amount,
            outcome,
            reason,
            response_code,
            started_at: start.started_at,
            ended_at: self.now.wall,
        }));
    }
}

/// What an answer is worth. An approval must name the payment's key and, if it names an amount, the right one.
fn judge(asked: Centavos, answer: &ReversalReturn) -> (Outcome, Option<OutcomeReason>) {
    match answer.claim {
        Claimed::Declined => (Outcome::Declined, Some(OutcomeReason::Refused)),
        Claimed::Cancelled => (Outcome::Cancelled, Some(OutcomeReason::GivenUp)),
        Claimed::Unclear(reason) => (Outcome::InDoubt, Some(reason)),
        Claimed::Approved if answer.atk.is_none() => (Outcome::InDoubt, Some(OutcomeReason::NoReference)),
        Claimed::Approved if answer.amount.is_some_and(|amount| amount != asked) => {
            (Outcome::InDoubt, Some(OutcomeReason::AmountDiffers))
        }
        Claimed::Approved => (Outcome::Approved, None),
    }
}
