//! What came back from the acquirer's app, and what to believe of it.
//!
//! An answer counts only when it names an attempt that is waiting for one. Silence, a restart, an unknown code, another
//! amount or method: in doubt, never "declined", never "paid". Everything else is kept as a stray return and shown.

use protocol::attempt::{AttemptEnded, AttemptStarted, Evidence, Outcome, OutcomeReason};
use protocol::{AttemptId, ReversalId};

use super::live::{Failed, Notice, Operation, Page, PrintProblem};
use super::record::{Stray, StrayReason};
use super::{Agent, Alert, Record};
use crate::acquirer::{Claimed, PaymentReturn, Return};

impl Agent {
    pub(super) fn returned(&mut self, uri: &str) {
        let kept = self.acquirer.redact(uri);
        match self.acquirer.parse_return(uri) {
            Return::Payment(answer) => self.payment_returned(answer, kept),
            Return::Reversal(answer) => self.reversal_returned(answer, kept),
            Return::Print(answer) | Return::Reprint(answer) => self.print_returned(answer, kept),
            Return::Unreadable => self.stray(kept, None, StrayReason::Unreadable),
        }
    }

    fn payment_returned(&mut self, answer: PaymentReturn, kept: String) {
        let launched = match self.live.in_flight.as_ref().map(|flight| &flight.what) {
            Some(Operation::Pay(id)) => Some(*id),
            Some(Operation::Reverse(_) | Operation::Print(..) | Operation::Reprint(_)) | None => None,
        };
        let Some(id) = answer.attempt_id.or(launched) else {
            self.stray(kept, None, StrayReason::Unknown);
            return;
        };
        let Some(attempt) = self.durable.attempts.get(&id) else {
            self.stray(kept, Some(id), StrayReason::Unknown);
            return;
        };
        let (mut outcome, mut reason) = judge(&attempt.start.attempt, &answer);
        if answer.attempt_id.is_none() && outcome == Outcome::Approved {
            (outcome, reason) = (Outcome::InDoubt, Some(OutcomeReason::NoReference));
        }
        match (attempt.launched_at.is_some(), attempt.outcome()) {
            (false, _) => self.stray(kept, Some(id), StrayReason::Unknown),
            (true, None) => self.answer_taken(id, outcome, reason, answer.evidence, kept),
            // A doubt ends with a clear answer; an unclear one at least tells the store more than silence did.
            (true, Some(Outcome::InDoubt)) if outcome != Outcome::InDoubt || attempt.answer.is_none() => {
                self.answer_taken(id, outcome, reason, answer.evidence, kept);
            }
            (true, Some(before)) if before == outcome => self.stray(kept, Some(id), StrayReason::Repeated),
            (true, Some(Outcome::Declined | Outcome::Cancelled)) if outcome == Outcome::Approved => {
                // Nothing was charged, said one answer; it was, says the next. Somebody must look.
                let reason = Some(OutcomeReason::Contradicted);
                self.answer_taken(id, Outcome::InDoubt, reason, answer.evidence, kept.clone());
                self.stray(kept, Some(id), StrayReason::Contradicts);
            }
            (true, Some(_)) => self.stray(kept, Some(id), StrayReason::Contradicts),
        }
    }

    fn answer_taken(
        &mut self,
        id: AttemptId,
        outcome: Outcome,
        reason: Option<OutcomeReason>,
        evidence: Evidence,
        kept: String,
    ) {
        let was_open = matches!(self.live.in_flight.as_ref().map(|f| &f.what), Some(Operation::Pay(open)) if *open == id);
        self.end_attempt(id, outcome, reason, Some(evidence), Some(kept));
        if was_open {
            self.live.in_flight = None;
        }
        self.alert(match outcome {
            Outcome::Approved => Alert::Approved,
            Outcome::Declined | Outcome::Cancelled => Alert::Refused,
            Outcome::InDoubt => Alert::Attention,
        });
        // A late answer does not take the operator away from another payment.
        if was_open || matches!(self.live.page, Page::List | Page::Notice(_) | Page::Result { .. }) {
            self.show(Page::Result { attempt_id: id });
        }
    }

    /// Records what came of an attempt; the outbox reports it.
    pub(super) fn end_attempt(
        &mut self,
        id: AttemptId,
        outcome: Outcome,
        reason: Option<OutcomeReason>,
        evidence: Option<Evidence>,
        answer: Option<String>,
    ) {
        let Some(attempt) = self.durable.attempts.get(&id) else {
            return;
        };
        let started = attempt.start.attempt.clone();
        let order_id = started.order_id.clone();
        let ended = AttemptEnded {
            attempt: started,
            outcome,
            reason,
            evidence: evidence.unwrap_or_default(),
            ended_at: self.now.wall,
        };
        self.record(Record::AttemptEnded { ended: Box::new(ended), answer });
        if outcome == Outcome::Approved {
            self.part_was_paid(&order_id);
        }
    }

    pub(super) fn pay_in_doubt(&mut self, id: AttemptId, reason: OutcomeReason) {
        self.live.in_flight = None;
        self.end_attempt(id, Outcome::InDoubt, Some(reason), None, None);
        self.alert(Alert::Attention);
        self.show(Page::Result { attempt_id: id });
    }

    pub(super) fn reversal_in_doubt(&mut self, id: ReversalId, reason: OutcomeReason) {
        self.live.in_flight = None;
        self.end_reversal(id, Outcome::InDoubt, Some(reason), None);
        self.alert(Alert::Attention);
        self.show(Page::ReversalResult { reversal_id: id });
    }

    pub(super) fn stray(&mut self, answer: String, attempt_id: Option<AttemptId>, why: StrayReason) {
        self.record(Record::Stray(Stray { answer, attempt_id, why, at: self.now.wall }));
        self.log_error(Failed::Stray);
        self.alert(Alert::Attention);
        if matches!(self.live.page, Page::List) {
            self.show(Page::Strays);
        }
    }

    /// The acquirer's app was silent too long.
    pub(super) fn expire_operation(&mut self) {
        let Some(flight) = &self.live.in_flight else {
            return;
        };
        if flight.until_ms > self.now.mono_ms {
            return;
        }
        match flight.what.clone() {
            Operation::Pay(id) => {
                let restarted = flight.before_restart;
                let reason = if restarted { OutcomeReason::Restarted } else { OutcomeReason::NoAnswer };
                self.pay_in_doubt(id, reason);
            }
            Operation::Reverse(id) => self.reversal_in_doubt(id, OutcomeReason::NoAnswer),
            Operation::Print(..) | Operation::Reprint(_) => self.print_unanswered(),
        }
    }

    /// The deep link could not be opened: certainly nothing was launched.
    pub(super) fn open_failed(&mut self) {
        let Some(flight) = self.live.in_flight.take() else {
            return;
        };
        match flight.what {
            Operation::Pay(id) => {
                self.end_attempt(id, Outcome::Cancelled, Some(OutcomeReason::NotLaunched), None, None);
                self.show(Page::Notice(Notice::AppMissing));
            }
            // Not this time, but an earlier try may have gone through.
            Operation::Reverse(id) if self.durable.reversals.get(&id).is_some_and(|r| r.retries > 0) => {
                self.show(Page::ReversalResult { reversal_id: id });
            }
            Operation::Reverse(id) => {
                self.end_reversal(id, Outcome::Cancelled, Some(OutcomeReason::NotLaunched), None);
                self.show(Page::Notice(Notice::AppMissing));
            }
            Operation::Print(print_id, part) => {
                self.print_failed(print_id, part, PrintProblem::NotOpened);
            }
            Operation::Reprint(_) => {
                self.show(Page::Notice(Notice::Reprinted(Err(PrintProblem::NotOpened))));
            }
        }
        self.alert(Alert::Refused);
    }

    pub(super) fn leave_result(&mut self, attempt_id: AttemptId) {
        if let Some(attempt) = self.durable.attempts.get(&attempt_id) {
            self.live.left.insert(attempt.start.attempt.order_id.clone());
        }
        self.show(Page::List);
    }
}

/// What an answer is worth, given what was asked for.
fn judge(asked: &AttemptStarted, answer: &PaymentReturn) -> (Outcome, Option<OutcomeReason>) {
    match answer.claim {
        Claimed::Declined => (Outcome::Declined, Some(OutcomeReason::Refused)),
        Claimed::Cancelled => (Outcome::Cancelled, Some(OutcomeReason::GivenUp)),
        Claimed::Unclear(reason) => (Outcome::InDoubt, Some(reason)),
        Claimed::Approved => {
            let said = &answer.evidence;
            let count = |installments: Option<u8>| installments.filter(|n| *n > 1);
            let asked_count = count(asked.choice.installments.map(|i| i.count));
            if said.amount != Some(asked.amount) {
                (Outcome::InDoubt, Some(OutcomeReason::AmountDiffers))
            } else if said.method.is_some_and(|method| method != asked.choice.method)
                || (said.installments.is_some() && count(said.installments) != asked_count)
            {
                (Outcome::InDoubt, Some(OutcomeReason::MethodDiffers))
            } else {
                (Outcome::Approved, None)
            }
        }
    }
}
