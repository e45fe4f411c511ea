//! The outbox: what happened here is told to the service until it has taken it down.
//!
//! One report at a time: outcomes in the order of their attempts, then what operators said of them, then reversals, then ended claims (the service refuses
//! to release under an attempt it has not heard the end of), then receipts. It is nowhere stored apart: what is still to
//! be told follows from the records.

use protocol::refusal::{Refusal, RefusalCode};

use super::live::{Failed, Item};
use super::state::{Attempt, Reversal};
use super::{Agent, CallFailure, HubCall, Record, Reply};

/// How long a report may take, in milliseconds.
const REPORT_MS: u64 = 15_000;
/// A report that the service refuses is kept and tried again after this many milliseconds; nothing is thrown away.
const REFUSED_AGAIN_MS: u64 = 300_000;

impl Agent {
    /// Everything that is still to be told, in order.
    #[must_use]
    pub fn outbox(&self) -> Vec<Item> {
        let asked = |a: &Attempt| self.live.ask_again.contains(&a.start.attempt.attempt_id);
        let mut attempts: Vec<_> = self
            .durable
            .attempts
            .values()
            .filter(|a| a.needs_report() || asked(a))
            .map(|a| (a.counter, a))
            .collect();
        attempts.sort_unstable_by_key(|(counter, _)| *counter);
        let statements = self.durable.attempts.values().filter_map(|attempt| {
            let stated = attempt.stated.as_ref().filter(|stated| !stated.told)?;
            Some(Item::Statement(stated.statement.attempt_id, stated.statement.statement_id))
        });
        let asked = |r: &Reversal| self.live.ask_again_reversals.contains(&r.start.reversal_id);
        let mut reversals: Vec<_> = self
            .durable
            .reversals
            .values()
            .filter(|r| r.needs_report() || asked(r))
            .map(|r| (r.counter, r))
            .collect();
        reversals.sort_unstable_by_key(|(counter, _)| *counter);
        let receipts = self.durable.receipts.values().filter(|r| r.done.is_some() && !r.reported);
        attempts
            .iter()
            .map(|(_, attempt)| Item::Outcome(attempt.start.attempt.attempt_id))
            .chain(statements)
            .chain(reversals.iter().map(|(_, reversal)| Item::Reversal(reversal.start.reversal_id)))
            .chain(self.durable.releases.keys().map(|claim_id| Item::Release(*claim_id)))
            .chain(receipts.map(|receipt| Item::Receipt(receipt.notice.print_id.clone())))
            .collect()
    }

    fn next_item(&self) -> Option<Item> {
        self.outbox()
            .into_iter()
            .find(|item| self.live.refused_until_ms.get(item).is_none_or(|until| *until <= self.now.mono_ms))
    }

    pub(super) fn outbox_due_at(&self) -> Option<u64> {
        if self.live.outbox.call.is_some() || self.durable.identity.is_none() {
            return None;
        }
        let outbox = self.outbox();
        let free = |item: &&Item| !self.live.refused_until_ms.contains_key(*item);
        if outbox.iter().any(|item| free(&item)) {
            return Some(self.live.outbox.at_ms);
        }
        outbox
            .iter()
            .filter_map(|item| self.live.refused_until_ms.get(item))
            .min()
            .map(|until| (*until).max(self.live.outbox.at_ms))
    }

    pub(super) fn pump_outbox(&mut self) {
        let waiting = self.live.outbox.at_ms > self.now.mono_ms || self.live.outbox.call.is_some();
        if waiting || self.durable.identity.is_none() {
            return;
        }
        let Some(item) = self.next_item() else { return };
        if let Some(request) = self.report(&item) {
            self.live.sent_end = self.present_end(&item);
            let call = self.call(request, REPORT_MS);
            self.live.outbox.call = Some(call);
            self.live.sending = Some(item);
        }
    }

    fn report(&self, item: &Item) -> Option<HubCall> {
        match item {
            Item::Outcome(id) => {
                let ended = self.durable.attempts.get(id)?.ended.clone()?;
                Some(HubCall::Outcome(Box::new(ended)))
            }
            Item::Statement(id, _) => {
                Some(HubCall::Statement(self.durable.attempts.get(id)?.stated.as_ref()?.statement.clone()))
            }
            Item::Reversal(id) => Some(HubCall::Reversal(self.durable.reversals.get(id)?.ended.clone()?)),
            Item::Release(claim_id) => self.release_request(*claim_id).map(HubCall::Release),
            Item::Receipt(print_id) => {
                Some(HubCall::ReceiptResult(self.durable.receipts.get(print_id)?.done.clone()?))
            }
        }
    }

    fn present_end(&self, item: &Item) -> u32 {
        match item {
            Item::Outcome(id) => self.durable.attempts.get(id).map_or(0, |attempt| attempt.ends),
            Item::Reversal(id) => self.durable.reversals.get(id).map_or(0, |reversal| reversal.ends),
            Item::Statement(..) | Item::Release(_) | Item::Receipt(_) => 0,
        }
    }

    pub(super) fn outbox_answered(&mut self, result: Result<Reply, CallFailure>) {
        self.live.outbox.call = None;
        let Some(item) = self.live.sending.take() else {
            return;
        };
        match result {
            Ok(reply) => {
                self.live.outbox.failures = 0;
                self.live.outbox.at_ms = self.now.mono_ms;
                self.live.refused_until_ms.remove(&item);
                self.reported(item, reply);
            }
            // Restored from a backup, it knows nothing of that receipt, and will not learn of it from us.
            Err(CallFailure::Refused(Refusal { code: RefusalCode::ReceiptUnknown, .. }))
                if matches!(item, Item::Receipt(_)) =>
            {
                self.live.outbox.failures = 0;
                self.live.outbox.at_ms = self.now.mono_ms;
                self.reported(item, Reply::Noted);
            }
            Err(failure) => {
                let lasting = matches!(&failure, CallFailure::Refused(refusal) if !refusal.code.is_passing());
                if lasting {
                    self.live.refused_until_ms.insert(item, self.now.mono_ms + REFUSED_AGAIN_MS);
                    self.live.outbox.at_ms = self.now.mono_ms;
                } else {
                    self.live.outbox.failures = self.live.outbox.failures.saturating_add(1);
                    let failures = self.live.outbox.failures;
                    self.live.outbox.at_ms = self.now.mono_ms + self.back_off_ms(failures);
                }
                self.log_error(Failed::Call("outbox", failure));
            }
        }
    }

    /// What was sent is what was taken down, even when more has happened since: that is reported next.
    fn reported(&mut self, item: Item, reply: Reply) {
        match (item, reply) {
            (Item::Outcome(attempt_id), Reply::Attempt(ack)) => {
                let end = self.live.sent_end;
                let (held, flags) = (ack.outcome, ack.flags);
                self.live.ask_again.remove(&attempt_id);
                self.record(Record::AttemptReported { attempt_id, end, held, flags });
                if let Some(outcome) = held {
                    self.settle_by_store(attempt_id, outcome);
                }
                if let Some(order) = ack.order {
                    self.see_order(order);
                }
            }
            (Item::Statement(attempt_id, statement_id), Reply::Attempt(ack)) => {
                self.record(Record::StatementReported { attempt_id, statement_id });
                if let Some(outcome) = ack.outcome {
                    self.settle_by_store(attempt_id, outcome);
                }
                if let Some(order) = ack.order {
                    self.see_order(order);
                }
            }
            (Item::Reversal(reversal_id), reply) => {
                let end = self.live.sent_end;
                self.live.ask_again_reversals.remove(&reversal_id);
                self.record(Record::ReversalReported { reversal_id, end });
                if let Reply::Attempt(ack) = reply
                    && let Some(order) = ack.order
                {
                    self.see_order(order);
                }
            }
            (Item::Release(claim_id), reply) => {
                self.record(Record::ReleaseReported { claim_id });
                // What is known of the order may be from before.
                self.live.disowned.insert(claim_id);
                if let Reply::Released(released) = reply
                    && let Some(order) = released.order
                {
                    self.see_order(order);
                }
            }
            (Item::Receipt(print_id), _) => self.receipt_reported(print_id),
            (Item::Outcome(_) | Item::Statement(..), _) => {}
        }
    }
}
