//! Amount, method, and the deep link: record, tell the service, then launch.

use protocol::attempt::{AttemptStarted, Outcome, OutcomeReason};
use protocol::claim::ClaimKind;
use protocol::method::{ContractedMethod, InstallmentType, Installments, Method};
use protocol::order::{OrderKind, OrderView};
use protocol::refusal::RefusalCode;
use protocol::{AttemptId, Centavos, OrderId, PaymentChoice, rules};

use super::claiming::notice_of;
use super::live::{InFlight, Notice, Operation, Page};
use super::record::StartedAttempt;
use super::{Agent, CallFailure, CallId, Effect, HubCall, Purpose, Record, Reply};
use crate::acquirer::PayRequest;

/// How long the service may take to hear of an attempt before it leaves, in milliseconds. Without its word nothing is
/// charged, so the operator learns soon.
const ANNOUNCE_MS: u64 = 8_000;
/// Open and doubtful attempts of a terminal: above this somebody must look before more is charged.
pub(crate) const UNCLEAR_MAX: usize = 50;
/// Most parts of a division.
pub(crate) const SPLIT_MAX: u32 = 10;
/// Options shown at once: a keypad has the keys 1 to 9 for them.
pub(crate) const OPTIONS_SHOWN: usize = 9;
/// "Sem resposta" can be chosen only after this many milliseconds: a customer needs time for card and PIN.
pub(crate) const STOP_WAITING_AFTER_MS: u64 = 20_000;
/// How long the acquirer's app may stay silent when the store says nothing, in seconds.
const ANSWER_TIMEOUT_S: u32 = 180;

impl Agent {
    pub(super) fn other_amount(&mut self) {
        if let Some(order_id) = self.divisible_order() {
            self.show(Page::Amount { order_id, typed: 0, refused: None });
        }
    }

    pub(super) fn split(&mut self) {
        if let Some(order_id) = self.divisible_order() {
            self.show(Page::Split { order_id });
        }
    }

    fn divisible_order(&self) -> Option<OrderId> {
        let Page::Order { order_id, .. } = &self.live.page else {
            return None;
        };
        let order = self.durable.orders.get(order_id)?;
        (order.kind == OrderKind::Listed).then(|| order_id.clone())
    }

    pub(super) fn split_into(&mut self, parts: u32) {
        let Page::Split { order_id } = self.live.page.clone() else {
            return;
        };
        let Some(order) = self.durable.order(&order_id) else {
            return;
        };
        let fits = (2..=SPLIT_MAX).contains(&parts) && order.chargeable().get() >= u64::from(parts);
        if fits {
            self.live.split = Some((order_id.clone(), parts));
            self.show(Page::Order { order_id, amount: first_part(&order, parts) });
        }
    }

    pub(super) fn type_amount(&mut self, change: impl Fn(u64) -> u64) {
        let typed = if let Page::Amount { typed, refused, .. } = &mut self.live.page {
            *refused = None;
            typed
        } else if let Page::ReversalAmount { typed, refused, .. } = &mut self.live.page {
            *refused = false;
            typed
        } else {
            return;
        };
        *typed = Some(change(*typed)).filter(|new| *new <= Centavos::CHARGE_MAX.get()).unwrap_or(*typed);
    }

    pub(super) fn confirm_amount(&mut self) {
        if let Page::Amount { order_id, typed, .. } = self.live.page.clone() {
            self.confirm_charge(order_id, typed);
        } else if let Page::ReversalAmount { attempt_id, typed, .. } = self.live.page {
            self.confirm_reversal_amount(attempt_id, typed);
        }
    }

    fn confirm_charge(&mut self, order_id: OrderId, typed: u64) {
        let Some(order) = self.durable.order(&order_id) else {
            return;
        };
        let problem = match Centavos::new(typed) {
            Some(amount) if !amount.is_zero() && amount <= order.chargeable() => {
                self.live.split = None;
                self.show(Page::Order { order_id, amount: Some(amount) });
                return;
            }
            Some(amount) if !amount.is_zero() => RefusalCode::AmountAboveBalance,
            Some(_) | None => RefusalCode::AmountInvalid,
        };
        self.show(Page::Amount { order_id, typed, refused: Some(problem) });
    }

    /// What the order page would charge now.
    #[must_use]
    pub fn amount_to_charge(&self, order: &OrderView, chosen: Option<Centavos>) -> Centavos {
        chosen.unwrap_or_else(|| order.chargeable())
    }

    pub(super) fn choose_method(&mut self, method: Method) {
        let Page::Order { order_id, amount } = self.live.page.clone() else {
            return;
        };
        let Some(order) = self.durable.order(&order_id) else {
            return;
        };
        let amount = self.amount_to_charge(&order, amount);
        if order.fixed.is_some() {
            self.show(Page::Notice(Notice::CannotStart(RefusalCode::MethodFixed)));
        } else if method == Method::Credit && self.contract_line(method).is_some_and(has_installments) {
            self.show(Page::Installments { order_id, amount, first: 0 });
        } else {
            self.start(&order_id, amount, PaymentChoice::at_once(method));
        }
    }

    fn contract_line(&self, method: Method) -> Option<&ContractedMethod> {
        self.durable.settings()?.methods.iter().find(|line| line.method == method)
    }

    /// What credit can be divided into, à vista first: who finances, and how often.
    #[must_use]
    pub fn installment_options(&self) -> Vec<(InstallmentType, u8)> {
        let line = self.contract_line(Method::Credit);
        let kinds = [
            (InstallmentType::Merchant, line.map_or(1, |line| line.merchant_installments_max)),
            (InstallmentType::Issuer, line.map_or(1, |line| line.issuer_installments_max)),
        ];
        let divided = kinds.into_iter().flat_map(|(kind, most)| (2..=most).map(move |count| (kind, count)));
        core::iter::once((InstallmentType::Merchant, 1)).chain(divided).collect()
    }

    /// The options after those shown; after the last ones the first again.
    pub(super) fn more_options(&mut self) {
        let count = self.installment_options().len();
        if let Page::Installments { first, .. } = &mut self.live.page {
            *first = Some(*first + OPTIONS_SHOWN).filter(|next| *next < count).unwrap_or(0);
        }
    }

    pub(super) fn choose_installments(&mut self, kind: InstallmentType, count: u8) {
        let Page::Installments { order_id, amount, .. } = self.live.page.clone() else {
            return;
        };
        let installments = (count > 1).then_some(Installments { count, kind });
        self.start(&order_id, amount, PaymentChoice { method: Method::Credit, installments });
    }

    pub(super) fn charge_fixed(&mut self) {
        let Page::Order { order_id, amount } = self.live.page.clone() else {
            return;
        };
        let Some(order) = self.durable.order(&order_id) else {
            return;
        };
        if let Some(choice) = order.fixed {
            let amount = self.amount_to_charge(&order, amount);
            self.start(&order_id, amount, choice);
        }
    }

    /// After a refusal: the same once more, as a new attempt. Asks for the order again when it was given back.
    pub(super) fn try_again(&mut self) {
        let Page::Result { attempt_id } = self.live.page else {
            return;
        };
        let Some(attempt) = self.durable.attempts.get(&attempt_id) else {
            return;
        };
        if !matches!(attempt.outcome(), Some(Outcome::Declined | Outcome::Cancelled)) {
            return;
        }
        let order_id = attempt.start.attempt.order_id.clone();
        let amount = attempt.start.attempt.amount;
        self.reopen(order_id, Some(amount));
    }

    pub(super) fn charge_rest(&mut self) {
        let Page::Result { attempt_id } = self.live.page else {
            return;
        };
        let Some(attempt) = self.durable.attempts.get(&attempt_id) else {
            return;
        };
        let order_id = attempt.start.attempt.order_id.clone();
        self.reopen(order_id, None);
    }

    fn reopen(&mut self, order_id: OrderId, amount: Option<Centavos>) {
        let Some(order) = self.durable.order(&order_id) else {
            self.show(Page::List);
            return;
        };
        let amount =
            amount.filter(|amount| *amount <= order.chargeable()).or_else(|| self.part_to_come(&order));
        if self.durable.claims.contains_key(&order_id) {
            self.live.left.remove(&order_id);
            self.show(Page::Order { order_id, amount });
        } else {
            self.show(Page::List);
            self.pick_order(order_id);
        }
    }

    /// The next part of a division under way.
    fn part_to_come(&self, order: &OrderView) -> Option<Centavos> {
        match &self.live.split {
            Some((order_id, parts)) if *order_id == order.id && *parts > 1 => first_part(order, *parts),
            Some(_) | None => None,
        }
    }

    fn start(&mut self, order_id: &OrderId, amount: Centavos, choice: PaymentChoice) {
        if let Err(notice) = self.may_start(order_id, amount, &choice) {
            self.show(Page::Notice(notice));
            return;
        }
        let (Some(order), Some(held)) =
            (self.durable.orders.get(order_id), self.durable.claims.get(order_id))
        else {
            return;
        };
        let order = order.clone();
        let delivery = held.kind == ClaimKind::Delivery;
        let (claim_id, fence) = (held.claim_id, held.fence);
        let attempt = AttemptStarted {
            attempt_id: AttemptId::from_random(self.random()),
            order_id: order_id.clone(),
            claim_id,
            fence,
            amount,
            choice,
            started_at: self.now.wall,
        };
        let attempt_id = attempt.attempt_id;
        let start = StartedAttempt {
            attempt: attempt.clone(),
            order_number: order.number,
            order_name: order.display_name,
            order_total: order.total,
            receipt_expected: order.receipt_expected,
            delivery,
        };
        self.record(Record::AttemptStarted(Box::new(start)));
        let call = self.call(HubCall::Start(attempt), ANNOUNCE_MS);
        if delivery {
            // The delivery claim already keeps everybody else out; the courier may be out of reach, so nobody waits.
            self.launch(attempt_id);
        } else {
            self.show(Page::Announcing { attempt_id, call });
        }
    }

    fn may_start(&self, order_id: &OrderId, amount: Centavos, choice: &PaymentChoice) -> Result<(), Notice> {
        if self.live.in_flight.is_some() {
            return Err(Notice::Busy);
        }
        if self.durable.blocked {
            return Err(Notice::CannotStart(RefusalCode::Revoked));
        }
        if self.durable.attempts.values().filter(|attempt| attempt.is_unclear()).count() >= UNCLEAR_MAX {
            return Err(Notice::TooManyInDoubt);
        }
        if !self.durable.claims.contains_key(order_id) {
            return Err(Notice::CannotStart(RefusalCode::ClaimLost));
        }
        let order = self.durable.order(order_id).ok_or(Notice::CannotStart(RefusalCode::OrderUnknown))?;
        let contract = self.durable.settings().map_or(&[][..], |settings| settings.methods.as_slice());
        rules::may_start(&order, contract, amount, choice).map_err(Notice::CannotStart)
    }

    pub(super) fn start_answered(&mut self, result: Result<Reply, CallFailure>) {
        let Page::Announcing { attempt_id, .. } = self.live.page else {
            return;
        };
        match result {
            Ok(Reply::Attempt(ack)) => {
                if let Some(order) = ack.order {
                    self.see_order(order);
                }
                self.launch(attempt_id);
            }
            Ok(_) => self.not_launched(attempt_id, Notice::CannotStart(RefusalCode::Unavailable)),
            Err(failure) => {
                self.log_error(super::live::Failed::Call("attempts", failure.clone()));
                self.not_launched(attempt_id, notice_of(failure));
            }
        }
    }

    fn not_launched(&mut self, attempt_id: AttemptId, notice: Notice) {
        self.end_attempt(attempt_id, Outcome::Cancelled, Some(OutcomeReason::StartRefused), None, None);
        self.show(Page::Notice(notice));
    }

    pub(super) fn abandon_start(&mut self, attempt_id: AttemptId, call: CallId) {
        self.effect(Effect::Drop(call));
        self.end_attempt(attempt_id, Outcome::Cancelled, Some(OutcomeReason::GivenUp), None, None);
        self.show(Page::Result { attempt_id });
    }

    fn launch(&mut self, attempt_id: AttemptId) {
        let Some(attempt) = self.durable.attempts.get(&attempt_id) else {
            return;
        };
        let request = PayRequest {
            attempt_id,
            amount: attempt.start.attempt.amount,
            choice: attempt.start.attempt.choice,
        };
        self.record(Record::AttemptLaunched { attempt_id, at: self.now.wall });
        let uri = self.acquirer.pay_uri(&request);
        self.effect(Effect::Open { uri, purpose: Purpose::Pay });
        let timeout_s =
            self.durable.settings().map_or(ANSWER_TIMEOUT_S, |settings| settings.answer_timeout_s);
        let until_ms = self.now.mono_ms + u64::from(timeout_s) * 1_000;
        self.live.in_flight =
            Some(InFlight { what: Operation::Pay(attempt_id), until_ms, before_restart: false });
        self.show(Page::Paying { attempt_id });
    }

    /// The operator says that no answer will come. The payment is in doubt; an answer that comes later still counts.
    pub(super) fn stop_waiting(&mut self) {
        if self.now.mono_ms < self.live.page_since_ms + STOP_WAITING_AFTER_MS {
            return;
        }
        match self.live.in_flight.as_ref().map(|flight| flight.what.clone()) {
            Some(Operation::Pay(id)) => self.pay_in_doubt(id, OutcomeReason::NoAnswer),
            Some(Operation::Reverse(id)) => self.reversal_in_doubt(id, OutcomeReason::NoAnswer),
            Some(Operation::Print(..) | Operation::Reprint(_)) => self.print_unanswered(),
            None => {}
        }
    }

    pub(super) fn part_was_paid(&mut self, order_id: &OrderId) {
        match &mut self.live.split {
            Some((divided, parts)) if divided == order_id && *parts > 1 => *parts -= 1,
            Some(_) | None => self.live.split = None,
        }
    }
}

const fn has_installments(line: &ContractedMethod) -> bool {
    line.merchant_installments_max > 1 || line.issuer_installments_max > 1
}

fn first_part(order: &OrderView, parts: u32) -> Option<Centavos> {
    order.chargeable().split(parts).first().copied()
}
