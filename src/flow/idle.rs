//! Between payments: start, activation, the list, the way back, diagnostics, pages that nobody looks at.

use protocol::activation::ActivateRequest;
use protocol::attempt::{Outcome, OutcomeReason};
use protocol::order::OrderStatus;

use super::live::{Failed, InFlight, Notice, Operation, Page};
use super::{Agent, CallFailure, Effect, HubCall, Input, Record, Reply, Tap};

/// How long an answer may still come after a restart, in milliseconds: the return may be what starts the process.
const RESTART_GRACE_MS: u64 = 45_000;
/// How long a call that a person waits for may take, in milliseconds.
pub(super) const PATIENCE_MS: u64 = 10_000;
/// A page that holds a claim and that nobody touches goes back to the list after this many milliseconds.
const ORDER_IDLE_MS: u64 = 180_000;
/// The same for a result that needs nothing.
const RESULT_IDLE_MS: u64 = 30_000;
/// The same for a result whose receipt may still come.
const RECEIPT_IDLE_MS: u64 = 90_000;
/// The same for something to read.
const NOTICE_IDLE_MS: u64 = 120_000;
/// The same for all other pages.
const PAGE_IDLE_MS: u64 = 300_000;
/// Ages on the screen ("sem contato há 2 min") are drawn again this often, in milliseconds.
const REDRAW_MS: u64 = 15_000;

impl Agent {
    /// The journal is replayed. What was launched may still be answered; what was only started certainly was not.
    pub(super) fn boot(&mut self) {
        if let Some(identity) = &self.durable.identity {
            let token = identity.token.clone();
            self.effect(Effect::Authenticate(token));
        }
        self.show_home();
        let open: Vec<_> = self.durable.attempts.values().filter(|a| a.ended.is_none()).cloned().collect();
        for attempt in open {
            let id = attempt.start.attempt.attempt_id;
            if attempt.launched_at.is_none() {
                self.end_attempt(id, Outcome::Cancelled, Some(OutcomeReason::NotLaunched), None, None);
            } else if self.live.in_flight.is_none() {
                self.wait_again(Operation::Pay(id));
                self.show(Page::Paying { attempt_id: id });
            } else {
                self.end_attempt(id, Outcome::InDoubt, Some(OutcomeReason::Restarted), None, None);
            }
        }
        let open: Vec<_> = self
            .durable
            .reversals
            .values()
            .filter(|r| r.ended.is_none())
            .map(|r| r.start.reversal_id)
            .collect();
        for id in open {
            if self.live.in_flight.is_none() {
                self.wait_again(Operation::Reverse(id));
                self.show(Page::Reversing { reversal_id: id });
            } else {
                self.end_reversal(id, Outcome::InDoubt, Some(OutcomeReason::Restarted), None);
            }
        }
    }

    fn wait_again(&mut self, what: Operation) {
        let until_ms = self.now.mono_ms + RESTART_GRACE_MS;
        self.live.in_flight = Some(InFlight { what, until_ms, before_restart: true });
    }

    pub(super) fn input(&mut self, input: Input) {
        self.live.touched_ms = self.now.mono_ms;
        match input {
            Input::Tap(id) => {
                if let Some(tap) = Tap::parse(&id) {
                    self.tap(tap);
                }
            }
            Input::Text { id, value } => self.text(&id, &value),
        }
    }

    fn tap(&mut self, tap: Tap) {
        match tap {
            Tap::Back => self.back(),
            Tap::Home => self.home(),
            Tap::Activate => self.activate(),
            Tap::Reactivate if self.durable.blocked && matches!(self.live.page, Page::Diagnostics) => {
                self.show(Page::Activation { code: String::new(), call: None, problem: None });
            }
            Tap::Reactivate => {}
            Tap::Order(id) => self.pick_order(id),
            Tap::More => self.more_rows(),
            Tap::Menu => self.open_menu(),
            Tap::Turn => self.turn(),
            Tap::TakeOrders => self.begin_taking(),
            Tap::TakeAll => self.select_all(),
            Tap::TakeSelected => self.take_selected(),
            Tap::GiveBack => self.give_back(),
            Tap::OtherAmount => self.other_amount(),
            Tap::Split => self.split(),
            Tap::SplitInto(parts) => self.split_into(parts),
            Tap::Digit(digit) => self.type_amount(|typed| typed * 10 + u64::from(digit)),
            Tap::DoubleZero => self.type_amount(|typed| typed * 100),
            Tap::Erase => self.type_amount(|typed| typed / 10),
            Tap::Confirm if self.live.page.stated_of().is_some() => self.confirm_statement(),
            Tap::Confirm => self.confirm_amount(),
            Tap::Method(method) => self.choose_method(method),
            Tap::Installments(kind, count) => self.choose_installments(kind, count),
            Tap::MoreOptions => self.more_options(),
            Tap::Copies => self.offer_copies(),
            Tap::Charge => self.charge_fixed(),
            Tap::TryAgain => self.try_again(),
            Tap::ChargeRest => self.charge_rest(),
            Tap::StopWaiting => self.stop_waiting(),
            Tap::State => self.state(),
            Tap::SaidCharged => self.state_charged(),
            Tap::SaidNotCharged => self.state_not_charged(),
            Tap::Payments => self.go_from_menu(Page::payments()),
            Tap::Payment(attempt_id) => self.open_payment(attempt_id),
            Tap::Reverse => self.reverse_whole(),
            Tap::ReversePart => self.reverse_part(),
            Tap::ReverseConfirmed => self.reverse_confirmed(),
            Tap::Reprint(copy) => self.reprint(copy),
            Tap::Receipts => self.go_from_menu(Page::receipts()),
            Tap::Receipt(print_id) => self.open_receipt(&print_id),
            Tap::Print => self.print(),
            Tap::SkipPrint => self.skip_print(),
            Tap::SawStrays => self.saw_strays(),
            Tap::Diagnostics if self.lacks_setup() => self.show(Page::Diagnostics),
            Tap::Diagnostics => self.go_from_menu(Page::Diagnostics),
            Tap::SyncNow => self.sync_now(),
            Tap::StartAgain => {}
        }
    }

    fn saw_strays(&mut self) {
        if matches!(self.live.page, Page::Strays | Page::Diagnostics) {
            self.record(Record::StraysSeen);
            self.show_home();
        }
    }

    /// The technician has not set what an activation needs.
    fn lacks_setup(&self) -> bool {
        matches!(self.live.page, Page::Activation { .. })
            && (self.config.service.is_empty() || self.serial_to_activate().is_none())
    }

    /// The page to come back to.
    fn show_home(&mut self) {
        if self.durable.identity.is_some() {
            self.show(Page::List);
        } else {
            self.show(Page::Activation { code: String::new(), call: None, problem: None });
        }
    }

    fn home(&mut self) {
        if self.can_leave() {
            self.show(Page::List);
        }
    }

    /// Whether the page can be left without an answer that is still to come.
    fn can_leave(&self) -> bool {
        self.durable.identity.is_some()
            && !matches!(
                self.live.page,
                Page::Activation { .. }
                    | Page::TakingNow(_)
                    | Page::Claiming { .. }
                    | Page::Announcing { .. }
                    | Page::Paying { .. }
                    | Page::Reversing { .. }
                    | Page::Printing { .. }
                    | Page::Reprinting { .. }
            )
    }

    fn back(&mut self) {
        match self.live.page.clone() {
            Page::Claiming { order_id, claim_id, call, .. } => self.abandon_claim(order_id, claim_id, call),
            Page::Announcing { attempt_id, call } => self.abandon_start(attempt_id, call),
            Page::Amount { order_id, .. } | Page::Split { order_id } => {
                self.show(Page::Order { order_id, amount: None });
            }
            Page::Installments { order_id, amount, .. } => {
                self.show(Page::Order { order_id, amount: Some(amount) });
            }
            Page::Order { order_id, .. } => {
                self.live.left.insert(order_id);
                self.live.split = None;
                self.show(Page::List);
            }
            Page::Result { attempt_id } => self.leave_result(attempt_id),
            Page::Statement { .. }
            | Page::StatementCode { .. }
            | Page::StatementAtk { .. }
            | Page::StatementConfirm { .. } => self.back_from_statement(),
            Page::Payment { .. } | Page::ReversalResult { .. } => {
                self.show(Page::payments());
            }
            Page::Copies { attempt_id }
            | Page::ReversalAmount { attempt_id, .. }
            | Page::ReversalConfirm { attempt_id, .. } => {
                self.show(Page::Payment { attempt_id });
            }
            Page::Activation { call: None, .. } if self.durable.identity.is_some() => self.show(Page::List),
            Page::Menu
            | Page::Taking { .. }
            | Page::Payments { .. }
            | Page::Receipts { .. }
            | Page::Receipt { .. }
            | Page::Strays
            | Page::Diagnostics
            | Page::Notice(_) => self.show_home(),
            Page::Activation { .. }
            | Page::List
            | Page::TakingNow(_)
            | Page::Paying { .. }
            | Page::Reversing { .. }
            | Page::Reprinting { .. }
            | Page::Printing { .. } => {}
        }
    }

    fn activate(&mut self) {
        let Page::Activation { code, call: None, .. } = &self.live.page else {
            return;
        };
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        if code.is_empty() {
            return;
        }
        let Some(serial) = self.serial_to_activate() else {
            return;
        };
        let request = ActivateRequest { code: code.to_ascii_uppercase(), serial: serial.clone() };
        let call = self.call(HubCall::Activate(request), PATIENCE_MS);
        if let Page::Activation { call: open, problem, .. } = &mut self.live.page {
            *open = Some((call, serial));
            *problem = None;
        }
    }

    pub(super) fn activation_answered(&mut self, result: Result<Reply, CallFailure>) {
        match result {
            Ok(Reply::Activated(activated)) => {
                let token = super::DeviceToken::new(activated.device_token);
                let asked =
                    if let Page::Activation { call, .. } = &self.live.page { call.clone() } else { None };
                let serial = asked.map(|(_, serial)| serial);
                let settings = activated.settings;
                self.record(Record::Activated { token: token.clone(), settings, serial });
                self.effect(Effect::Authenticate(token));
                self.live.feed.at_ms = self.now.mono_ms;
                self.show(Page::List);
            }
            Ok(_) => {}
            Err(failure) => {
                if let Page::Activation { call, problem, .. } = &mut self.live.page {
                    *call = None;
                    *problem = Some(failure.clone());
                }
                self.log_error(Failed::Call("activate", failure));
            }
        }
    }

    fn sync_now(&mut self) {
        if matches!(self.live.page, Page::Menu) {
            self.show(Page::List);
        }
        if let Some(call) = self.live.feed.call.take() {
            self.effect(Effect::Drop(call));
        }
        self.live.feed.at_ms = self.now.mono_ms;
        self.live.outbox.at_ms = self.now.mono_ms;
        self.live.fetch_at_ms = self.now.mono_ms;
        self.live.refused_until_ms.clear();
    }

    /// When a page that nobody touches is left.
    pub(super) fn idle_due_at(&self) -> Option<u64> {
        let after_ms = match &self.live.page {
            Page::Order { .. }
            | Page::Amount { .. }
            | Page::Split { .. }
            | Page::Installments { .. }
            | Page::ReversalAmount { .. }
            | Page::ReversalConfirm { .. } => ORDER_IDLE_MS,
            Page::Result { attempt_id } => {
                let attempt = self.durable.attempts.get(attempt_id)?;
                match attempt.outcome() {
                    Some(Outcome::Approved) if self.receipt_may_come(attempt) => RECEIPT_IDLE_MS,
                    Some(Outcome::Approved) => RESULT_IDLE_MS,
                    Some(Outcome::Declined | Outcome::Cancelled) => ORDER_IDLE_MS,
                    Some(Outcome::InDoubt) | None => return None,
                }
            }
            Page::Notice(_) => NOTICE_IDLE_MS,
            Page::Menu
            | Page::Taking { .. }
            | Page::Statement { .. }
            | Page::StatementCode { .. }
            | Page::StatementAtk { .. }
            | Page::StatementConfirm { .. }
            | Page::Payments { .. }
            | Page::Payment { .. }
            | Page::Copies { .. }
            | Page::ReversalResult { .. }
            | Page::Receipts { .. }
            | Page::Receipt { .. }
            | Page::Diagnostics => PAGE_IDLE_MS,
            Page::Activation { .. }
            | Page::List
            | Page::TakingNow(_)
            | Page::Claiming { .. }
            | Page::Announcing { .. }
            | Page::Paying { .. }
            | Page::Reversing { .. }
            | Page::Reprinting { .. }
            | Page::Printing { .. }
            | Page::Strays => return None,
        };
        Some(self.live.touched_ms + after_ms)
    }

    pub(super) fn leave_idle_page(&mut self) {
        if self.idle_due_at().is_some_and(|at| at <= self.now.mono_ms) {
            if let Some(order_id) = self.live.page.order_id() {
                self.live.left.insert(order_id.clone());
            }
            self.live.split = None;
            self.show_home();
        }
    }

    /// The operator sees at once that the order on the page is gone, and why.
    pub(super) fn leave_page_of_gone_order(&mut self) {
        if matches!(self.live.page, Page::Claiming { .. }) {
            return;
        }
        if let Page::Taking { selected, .. } = &mut self.live.page {
            selected.retain(|id| self.durable.orders.contains_key(id));
        }
        let Some(order_id) = self.live.page.order_id() else {
            return;
        };
        match self.durable.orders.get(order_id) {
            Some(order)
                if order.status == OrderStatus::Open && self.durable.claims.contains_key(order_id) =>
            {
                self.live.shown_number.clone_from(&order.number);
            }
            Some(_) | None => {
                let number = core::mem::take(&mut self.live.shown_number);
                self.show(Page::Notice(Notice::OrderGone(number)));
            }
        }
    }

    /// Ages and countdowns on the screen move on although nothing happens.
    pub(super) fn redraw_due_at(&self) -> Option<u64> {
        let moving =
            matches!(self.live.page, Page::Paying { .. } | Page::Reversing { .. } | Page::Diagnostics);
        let silent = self.durable.identity.is_some() && self.live.failure.is_some();
        (moving || silent).then_some((self.now.mono_ms / REDRAW_MS + 1) * REDRAW_MS)
    }
}
