//! Receipts and slips. Printing never touches a payment: it is recorded and reported before anything is printed.

use protocol::PrintId;
use protocol::attempt::Outcome;
use protocol::receipt::{ReceiptResult, ReceiptState};

use super::live::{Failed, InFlight, Notice, Operation, Page, PrintProblem};
use super::record::StrayReason;
use super::{Agent, Alert, CallFailure, Effect, PreparedReceipt, Purpose, ReceiptFailure, Record};
use crate::acquirer::{PrintAnswer, ReprintRequest, SlipCopy};

/// How long one print request may take, in milliseconds.
const PART_MS: u64 = 60_000;
/// A receipt that could not be fetched is fetched again after this many milliseconds.
const FETCH_AGAIN_MS: u64 = 5_000;
/// A good result is shown at least this long, in milliseconds, before a receipt or the next order takes its place.
pub(super) const RESULT_SHOWN_MS: u64 = 3_000;

impl Agent {
    fn receipt_to_fetch(&self) -> Option<PrintId> {
        self.durable
            .receipts
            .values()
            .filter(|receipt| receipt.prepared.is_none() && receipt.bad.is_none() && receipt.done.is_none())
            .min_by_key(|receipt| receipt.notice.created_at)
            .map(|receipt| receipt.notice.print_id.clone())
    }

    pub(super) fn fetch_due_at(&self) -> Option<u64> {
        let idle = self.live.fetching.is_none() && self.durable.identity.is_some();
        (idle && self.receipt_to_fetch().is_some()).then_some(self.live.fetch_at_ms)
    }

    pub(super) fn pump_receipts(&mut self) {
        if self.fetch_due_at().is_some_and(|at| at <= self.now.mono_ms)
            && let Some(print_id) = self.receipt_to_fetch()
        {
            self.live.fetching = Some(print_id.clone());
            self.effect(Effect::FetchReceipt(print_id));
        }
    }

    pub(super) fn receipt_prepared(
        &mut self,
        print_id: &PrintId,
        result: Result<PreparedReceipt, ReceiptFailure>,
    ) {
        if self.live.fetching.as_ref() == Some(print_id) {
            self.live.fetching = None;
        }
        if !self.durable.receipts.contains_key(print_id) {
            self.effect(Effect::ForgetReceipt(print_id.clone()));
            return;
        }
        let print_id = print_id.clone();
        match result {
            Ok(prepared) => self.record(Record::ReceiptReady { print_id, prepared }),
            Err(ReceiptFailure::Fetch(CallFailure::Refused(refusal))) if !refusal.code.is_passing() => {
                let code = "unavailable".to_owned();
                self.log_error(Failed::Call("prints", CallFailure::Refused(refusal.clone())));
                self.record(Record::ReceiptBad { print_id, code, sentence: refusal.message });
            }
            Err(ReceiptFailure::Fetch(failure)) => {
                self.live.fetch_at_ms = self.now.mono_ms + FETCH_AGAIN_MS;
                self.log_error(Failed::Call("prints", failure));
            }
            Err(ReceiptFailure::Image { code, sentence }) => {
                self.log_error(Failed::Image(code.clone()));
                self.record(Record::ReceiptBad { print_id: print_id.clone(), code: code.clone(), sentence });
                self.receipt_done(print_id, ReceiptState::Failed, Some(code));
            }
            Err(ReceiptFailure::Storage) => {
                self.live.fetch_at_ms = self.now.mono_ms + FETCH_AGAIN_MS * 12;
                self.log_error(Failed::Image("storage".to_owned()));
            }
        }
    }

    /// Whether a receipt of this order is here, or is likely to come soon.
    pub(super) fn receipt_may_come(&self, attempt: &super::state::Attempt) -> bool {
        let order_id = &attempt.start.attempt.order_id;
        attempt.start.receipt_expected
            || self.receipts_waiting().any(|receipt| receipt.notice.order_id == *order_id)
    }

    /// Receipts that were neither printed nor skipped.
    pub fn receipts_waiting(&self) -> impl Iterator<Item = &super::state::Receipt> {
        self.durable.receipts.values().filter(|receipt| receipt.done.is_none())
    }

    fn receipt_to_offer(&self) -> Option<PrintId> {
        let Page::Result { attempt_id } = &self.live.page else {
            return None;
        };
        let attempt = self.durable.attempts.get(attempt_id)?;
        let approved = attempt.outcome() == Some(Outcome::Approved);
        let order_id = &attempt.start.attempt.order_id;
        self.receipts_waiting()
            .find(|receipt| approved && receipt.prepared.is_some() && receipt.notice.order_id == *order_id)
            .map(|receipt| receipt.notice.print_id.clone())
    }

    pub(super) fn offer_due_at(&self) -> Option<u64> {
        self.receipt_to_offer().map(|_| self.live.page_since_ms + RESULT_SHOWN_MS)
    }

    /// The receipt of the order just paid is offered after the result was read.
    pub(super) fn offer_receipt(&mut self) {
        if self.offer_due_at().is_some_and(|at| at <= self.now.mono_ms)
            && let Some(print_id) = self.receipt_to_offer()
        {
            self.show(Page::Receipt { print_id, part: 0, problem: None });
        }
    }

    pub(super) fn open_receipt(&mut self, print_id: &PrintId) {
        let from_here = matches!(self.live.page, Page::Receipts { .. } | Page::Copies { .. });
        if from_here && self.durable.receipts.contains_key(print_id) {
            self.show(Page::Receipt { print_id: print_id.clone(), part: 0, problem: None });
        }
    }

    pub(super) fn print(&mut self) {
        let Page::Receipt { print_id, part, .. } = self.live.page.clone() else {
            return;
        };
        let ready = self.durable.receipts.get(&print_id).is_some_and(|receipt| receipt.prepared.is_some());
        if self.live.in_flight.is_some() {
            self.show(Page::Notice(Notice::Busy));
        } else if ready {
            self.print_part(print_id, part);
        }
    }

    fn print_part(&mut self, print_id: PrintId, part: u32) {
        self.effect(Effect::Print { print_id: print_id.clone(), part });
        let until_ms = self.now.mono_ms + PART_MS;
        self.live.in_flight = Some(InFlight {
            what: Operation::Print(print_id.clone(), part),
            until_ms,
            before_restart: false,
        });
        self.show(Page::Printing { print_id, part });
    }

    pub(super) fn print_returned(&mut self, answer: PrintAnswer, kept: String) {
        match self.live.in_flight.as_ref().map(|flight| flight.what.clone()) {
            Some(Operation::Print(print_id, part)) => {
                self.live.in_flight = None;
                if answer == PrintAnswer::Printed {
                    self.part_printed(print_id, part);
                } else {
                    self.print_failed(print_id, part, PrintProblem::Answer(answer));
                }
            }
            Some(Operation::Reprint(_)) => {
                self.live.in_flight = None;
                let result =
                    if answer == PrintAnswer::Printed { Ok(()) } else { Err(PrintProblem::Answer(answer)) };
                self.show(Page::Notice(Notice::Reprinted(result)));
            }
            Some(Operation::Pay(_) | Operation::Reverse(_)) | None => {
                self.stray(kept, None, StrayReason::NothingOpen);
            }
        }
    }

    fn part_printed(&mut self, print_id: PrintId, part: u32) {
        let parts = self.durable.receipts.get(&print_id).and_then(|r| r.prepared).map_or(0, |p| p.parts);
        if part + 1 < parts {
            self.print_part(print_id, part + 1);
        } else {
            self.receipt_done(print_id, ReceiptState::Printed, None);
            self.show(Page::Notice(Notice::ReceiptPrinted));
        }
    }

    /// The rest can be printed later from the part that failed; the service learns that it failed for now.
    pub(super) fn print_failed(&mut self, print_id: PrintId, part: u32, problem: PrintProblem) {
        if let PrintProblem::Answer(answer) = problem {
            self.log_error(Failed::Print(answer));
        }
        self.alert(Alert::Refused);
        self.show(Page::Receipt { print_id, part, problem: Some(problem) });
    }

    pub(super) fn print_unanswered(&mut self) {
        match self.live.in_flight.take().map(|flight| flight.what) {
            Some(Operation::Print(print_id, part)) => {
                self.print_failed(print_id, part, PrintProblem::NoAnswer)
            }
            Some(Operation::Reprint(_)) => {
                self.show(Page::Notice(Notice::Reprinted(Err(PrintProblem::NoAnswer))));
            }
            Some(Operation::Pay(_) | Operation::Reverse(_)) | None => {}
        }
    }

    pub(super) fn skip_print(&mut self) {
        let Page::Receipt { print_id, .. } = self.live.page.clone() else {
            return;
        };
        let done = self.durable.receipts.get(&print_id).is_some_and(|receipt| receipt.done.is_some());
        if !done {
            self.receipt_done(print_id, ReceiptState::Skipped, None);
        }
        self.show(Page::List);
    }

    fn receipt_done(&mut self, print_id: PrintId, state: ReceiptState, problem: Option<String>) {
        self.record(Record::ReceiptDone(ReceiptResult { print_id, state, problem, at: self.now.wall }));
    }

    pub(super) fn receipt_reported(&mut self, print_id: PrintId) {
        let before: Vec<PrintId> = self.durable.receipts.keys().cloned().collect();
        self.record(Record::ReceiptReported { print_id });
        for print_id in before {
            if !self.durable.receipts.contains_key(&print_id) {
                self.effect(Effect::ForgetReceipt(print_id));
            }
        }
    }

    pub(super) fn offer_copies(&mut self) {
        if let Page::Payment { attempt_id } = self.live.page {
            self.show(Page::Copies { attempt_id });
        }
    }

    pub(super) fn reprint(&mut self, copy: SlipCopy) {
        let Page::Copies { attempt_id } = self.live.page else {
            return;
        };
        let Some(atk) = self.atk(attempt_id).map(str::to_owned) else {
            return;
        };
        if !self.acquirer.capabilities().can_reprint_slip {
            return;
        }
        if self.live.in_flight.is_some() {
            self.show(Page::Notice(Notice::Busy));
            return;
        }
        let uri = self.acquirer.reprint_uri(&ReprintRequest { atk, copy });
        self.effect(Effect::Open { uri, purpose: Purpose::Reprint });
        let until_ms = self.now.mono_ms + PART_MS;
        self.live.in_flight =
            Some(InFlight { what: Operation::Reprint(attempt_id), until_ms, before_restart: false });
        self.show(Page::Reprinting { attempt_id, copy });
    }
}
