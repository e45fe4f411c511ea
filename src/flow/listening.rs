//! The feed: one long-poll after another, and what its pages change.

use protocol::AttemptId;
use protocol::attempt::Outcome;
use protocol::feed::FeedPage;
use protocol::order::{OrderKind, OrderStatus, OrderView};

use super::live::{Failed, Page};
use super::{Agent, Alert, CallFailure, Effect, HubCall, Record, Reply};

/// What a long-poll may take on top of its wait, in milliseconds: a slow network must not look like a dead one.
const GRACE_MS: u64 = 10_000;
/// So long after its end a long-poll was overslept, in milliseconds: awake, it would have ended by itself.
const OVERSLEPT_MS: u64 = 5_000;
/// How often a refused terminal asks whether it is welcome again, in milliseconds.
const BLOCKED_RETRY_MS: u64 = 60_000;
/// When the network returns, terminals come back spread over this many milliseconds.
const RETURN_SPREAD_MS: u64 = 500;

impl Agent {
    pub(super) fn feed_wanted(&self) -> bool {
        self.durable.identity.is_some()
    }

    pub(super) fn pump_feed(&mut self) {
        if !self.feed_wanted() || self.live.feed.call.is_some() || self.live.feed.at_ms > self.now.mono_ms {
            return;
        }
        let settings_wait = self.durable.settings().map_or(FeedPage::WAIT_S_DEFAULT, |s| s.feed_wait_s);
        let fresh = self.durable.cursor.is_none()
            || self.durable.snapshot_arriving
            || self.durable.reads_again
            || self.live.failure.is_some();
        let wait_s = if fresh { 0 } else { settings_wait.min(FeedPage::WAIT_S_MAX) };
        let request = HubCall::Feed { since: self.durable.cursor, wait_s };
        let timeout_ms = u64::from(wait_s) * 1_000 + GRACE_MS;
        let call = self.call(request, timeout_ms);
        self.live.feed.call = Some(call);
        self.live.feed.until_ms = self.now.mono_ms + timeout_ms;
    }

    /// A device that slept through a long-poll's end wakes with a connection that nobody answers any more, and the timer
    /// that would end it slept as well.
    pub(super) fn drop_overslept_feed(&mut self) {
        if self.now.mono_ms >= self.live.feed.until_ms + OVERSLEPT_MS
            && let Some(call) = self.live.feed.call.take()
        {
            self.effect(Effect::Drop(call));
            self.live.feed.at_ms = self.now.mono_ms;
        }
    }

    pub(super) fn feed_answered(&mut self, result: Result<Reply, CallFailure>) {
        self.live.feed.call = None;
        match result {
            Ok(Reply::Feed(page)) => {
                self.live.feed.failures = 0;
                self.live.feed.at_ms = self.now.mono_ms;
                self.take_page(page);
                if self.live.outbox.failures > 0 {
                    self.live.outbox.failures = 0;
                    self.live.outbox.at_ms = self.now.mono_ms;
                }
            }
            Ok(_) => self.live.feed.at_ms = self.now.mono_ms,
            Err(failure) => {
                self.live.feed.failures = self.live.feed.failures.saturating_add(1);
                let failures = self.live.feed.failures;
                let wait_ms =
                    if self.durable.blocked { BLOCKED_RETRY_MS } else { self.back_off_ms(failures) };
                self.live.feed.at_ms = self.now.mono_ms + wait_ms;
                if matches!(failure, CallFailure::Unreachable(_)) {
                    self.live.contact = None;
                }
                self.log_error(Failed::Call("feed", failure));
            }
        }
    }

    /// A page without news moves only the cursor; it is not worth a record unless it moved.
    fn take_page(&mut self, page: Box<FeedPage>) {
        let news = page.snapshot
            || self.durable.reads_again
            || self.durable.cursor != Some(page.cursor)
            || !page.orders.is_empty()
            || !page.receipts.is_empty()
            || !page.receipts_gone.is_empty()
            || !page.reversals_wanted.is_empty()
            || page.settings.is_some();
        if !news {
            return;
        }
        let gone: Vec<_> = page
            .receipts_gone
            .iter()
            .filter(|id| self.durable.receipts.get(*id).is_some_and(|receipt| receipt.done.is_none()))
            .cloned()
            .collect();
        for order in &page.orders {
            self.hear_decisions(order);
        }
        let snapshot = page.snapshot && !page.more;
        self.record(Record::Feed { page, at: self.now.wall });
        if snapshot {
            self.ask_about_doubts();
        }
        for print_id in gone {
            self.effect(Effect::ForgetReceipt(print_id));
        }
        self.live.left.retain(|id| self.durable.orders.contains_key(id));
        let outbox = self.outbox();
        self.live.refused_until_ms.retain(|item, _| outbox.contains(item));
    }

    /// A manager's decision about an attempt in doubt comes with the order, perhaps as the last thing heard of it. One
    /// from before our last report did not know of that report: the answer to the report tells.
    pub(super) fn hear_decisions(&mut self, order: &OrderView) {
        for known in order.attempts.iter().filter(|known| known.resolved_by_store) {
            if let Some(outcome) = known.outcome {
                self.settle_by_store(known.id, outcome);
            }
        }
        for settled in order.attempts.iter().flat_map(|known| &known.settled_reversals) {
            self.settle_reversal_by_store(*settled);
        }
    }

    pub(super) fn settle_by_store(&mut self, attempt_id: AttemptId, outcome: Outcome) {
        let doubtful = self.durable.attempts.get(&attempt_id).is_some_and(|attempt| {
            attempt.outcome() == Some(Outcome::InDoubt)
                && attempt.settled.is_none()
                && !attempt.needs_report()
        });
        if doubtful && outcome != Outcome::InDoubt {
            self.record(Record::AttemptSettledByStore { attempt_id, outcome });
        }
    }

    /// What was decided while nobody listened is not in a snapshot when its order has ended: ask for it by telling the
    /// doubt once more.
    pub(super) fn ask_about_doubts(&mut self) {
        let doubts = self.durable.attempts.values().filter(|attempt| {
            attempt.outcome() == Some(Outcome::InDoubt)
                && !self.durable.orders.contains_key(&attempt.start.attempt.order_id)
        });
        self.live.ask_again = doubts.map(|attempt| attempt.start.attempt.attempt_id).collect();
        let doubts = self.durable.reversals.values().filter(|reversal| {
            reversal.is_in_doubt() && !self.durable.orders.contains_key(&reversal.start.order_id)
        });
        self.live.ask_again_reversals = doubts.map(|reversal| reversal.start.reversal_id).collect();
        self.live.asked_ms = self.now.mono_ms;
    }

    pub(super) fn network_changed(&mut self, connected: bool) {
        let was = core::mem::replace(&mut self.live.connected, connected);
        if connected && !was {
            let spread_ms = self.random() % RETURN_SPREAD_MS;
            self.live.feed.at_ms = self.now.mono_ms + spread_ms;
            self.live.outbox.at_ms = self.now.mono_ms + spread_ms;
            self.live.fetch_at_ms = self.now.mono_ms + spread_ms;
        }
        if !connected && let Some(call) = self.live.feed.call.take() {
            self.effect(Effect::Drop(call));
            self.live.failure = Some(super::Unreachable::NoConnection);
            self.live.contact = None;
            let failures = self.live.feed.failures.saturating_add(1);
            self.live.feed.failures = failures;
            self.live.feed.at_ms = self.now.mono_ms + self.back_off_ms(failures);
        }
    }

    /// The oldest direct order that waits, when the page shown may give way to it.
    fn waiting_direct(&self) -> Option<&protocol::OrderId> {
        let free = self.live.in_flight.is_none() && self.durable.identity.is_some() && !self.durable.blocked;
        if !free || !self.page_gives_way() {
            return None;
        }
        self.durable
            .orders
            .values()
            .filter(|order| {
                order.kind == OrderKind::Direct
                    && order.status == OrderStatus::Open
                    && order.paid.is_zero()
                    && order.reserved.is_zero()
                    && !self.live.left.contains(&order.id)
                    && !self.durable.has_unfinished(&order.id)
            })
            .min_by_key(|order| (order.created_at, order.revision))
            .map(|order| &order.id)
    }

    /// Pages that may give way to a direct order. A good result stays long enough to be read.
    fn page_gives_way(&self) -> bool {
        match &self.live.page {
            Page::List
            | Page::Menu
            | Page::Notice(_)
            | Page::Diagnostics
            | Page::Payments { .. }
            | Page::Payment { .. }
            | Page::Copies { .. }
            | Page::Receipts { .. }
            | Page::ReversalResult { .. } => true,
            Page::Result { attempt_id } => {
                self.now.mono_ms >= self.live.page_since_ms + super::printing::RESULT_SHOWN_MS
                    && self.durable.attempts.get(attempt_id).and_then(super::state::Attempt::outcome)
                        == Some(Outcome::Approved)
            }
            Page::Activation { .. }
            | Page::Taking { .. }
            | Page::TakingNow(_)
            | Page::Claiming { .. }
            | Page::Order { .. }
            | Page::Amount { .. }
            | Page::Split { .. }
            | Page::Installments { .. }
            | Page::Announcing { .. }
            | Page::Paying { .. }
            | Page::Statement { .. }
            | Page::StatementCode { .. }
            | Page::StatementAtk { .. }
            | Page::StatementConfirm { .. }
            | Page::ReversalAmount { .. }
            | Page::ReversalConfirm { .. }
            | Page::Reversing { .. }
            | Page::Reprinting { .. }
            | Page::Receipt { .. }
            | Page::Printing { .. }
            | Page::Strays => false,
        }
    }

    pub(super) fn direct_due_at(&self) -> Option<u64> {
        let reading = matches!(self.live.page, Page::Result { .. });
        let shown_ms = self.live.page_since_ms + super::printing::RESULT_SHOWN_MS;
        let at = self.live.direct_at_ms.max(if reading { shown_ms } else { 0 });
        let waits = self.durable.orders.values().any(|order| {
            order.kind == OrderKind::Direct
                && order.status == OrderStatus::Open
                && !self.live.left.contains(&order.id)
        });
        (waits && at > self.now.mono_ms).then_some(at)
    }

    pub(super) fn open_direct_order(&mut self) {
        if self.live.direct_at_ms > self.now.mono_ms {
            return;
        }
        if let Some(order_id) = self.waiting_direct().cloned() {
            self.alert(Alert::DirectOrder);
            self.claim_one(order_id, true);
        }
    }
}
