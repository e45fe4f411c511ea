//! What the agent remembers over a restart, and how each record changes it.
//!
//! [`Durable::apply`] is the only way to change it, in life as in replay.

use std::collections::{BTreeMap, VecDeque};

use protocol::attempt::{AttemptEnded, Flag, Outcome};
use protocol::claim::ClaimKind;
use protocol::feed::{Cursor, FeedPage, Settings};
use protocol::order::{AttemptView, OrderView};
use protocol::receipt::{ReceiptNotice, ReceiptResult};
use protocol::reversal::{ReversalEnded, ReversalWanted};
use protocol::{AttemptId, Centavos, ClaimId, Fence, OrderId, PrintId, ReversalId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::effect::DeviceToken;
use super::event::PreparedReceipt;
use super::record::{Record, ReversalStart, StartedAttempt, Stray};

/// Ended, reported and clear attempts that are kept for reversal and reprint.
pub const HISTORY_MAX: usize = 300;
/// Receipts that are kept for another print after they were printed or skipped.
pub const RECEIPTS_KEPT_MAX: usize = 20;
/// Stray returns that are kept; all are counted.
pub const STRAYS_KEPT_MAX: usize = 200;

/// State that follows from the records alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Durable {
    /// The store this terminal belongs to.
    pub identity: Option<Identity>,
    /// The service refuses this terminal.
    pub blocked: bool,
    /// Where the feed goes on.
    pub cursor: Option<Cursor>,
    /// A snapshot of several pages is still arriving.
    pub snapshot_arriving: bool,
    /// When the feed last brought something.
    pub feed_at: Option<UnixMillis>,
    /// Orders that are not ended.
    pub orders: BTreeMap<OrderId, OrderView>,
    /// Orders that are ours to charge.
    pub claims: BTreeMap<OrderId, Held>,
    /// Claims that ended here; the service must still be told.
    pub releases: BTreeMap<ClaimId, OrderId>,
    /// Attempts: open, in doubt, not yet reported, and the newest of the rest.
    pub attempts: BTreeMap<AttemptId, Attempt>,
    /// Reversals, likewise.
    pub reversals: BTreeMap<ReversalId, Reversal>,
    /// Receipts: waiting, and the newest of the rest.
    pub receipts: BTreeMap<PrintId, Receipt>,
    /// Reversals that the PDV wants from this terminal.
    pub reversals_wanted: Vec<ReversalWanted>,
    /// The newest stray returns.
    pub strays: VecDeque<Stray>,
    /// How many stray returns there ever were.
    pub strays_total: u64,
    /// How many of them the operator has seen.
    pub strays_seen: u64,
    /// Counts attempts and reversals, to know which is newer.
    pub counter: u64,
}

/// The store this terminal belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The secret.
    pub token: DeviceToken,
    /// What the store decided.
    pub settings: Settings,
}

/// An order that is ours to charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The claim.
    pub claim_id: ClaimId,
    /// Its fence.
    pub fence: Fence,
    /// What for.
    pub kind: ClaimKind,
    /// Since when.
    pub at: UnixMillis,
}

/// An attempt and all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// As it was started.
    pub start: StartedAttempt,
    /// When its deep link left.
    pub launched_at: Option<UnixMillis>,
    /// What came of it.
    pub ended: Option<AttemptEnded>,
    /// The return that said so, made safe to keep.
    pub answer: Option<String>,
    /// How often an end was recorded: a doubt may be followed by an answer.
    pub ends: u32,
    /// The last of these that the service has taken down.
    pub reported_end: u32,
    /// What the service holds to be true.
    pub held: Option<Outcome>,
    /// What the service found wrong.
    pub flags: Vec<Flag>,
    /// What a manager decided.
    pub settled: Option<Outcome>,
    /// What was given back of it.
    pub reversed: Centavos,
    /// Larger is newer.
    pub counter: u64,
}

impl Attempt {
    /// What is to be believed: a manager's decision, else the service's doubt, else what happened here.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let ended = self.ended.as_ref()?.outcome;
        let doubted = self.held == Some(Outcome::InDoubt) && !self.needs_report();
        Some(
            self.settled
                .unwrap_or(if doubted { Outcome::InDoubt } else { ended }),
        )
    }

    /// The service has not yet taken down what happened here.
    #[must_use]
    pub const fn needs_report(&self) -> bool {
        self.ends > self.reported_end
    }

    /// Its amount may still turn out to be charged.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        matches!(self.outcome(), None | Some(Outcome::InDoubt))
    }

    /// What can still be given back.
    #[must_use]
    pub fn reversible(&self) -> Centavos {
        match self.outcome() {
            Some(Outcome::Approved) => self.start.attempt.amount.saturating_sub(self.reversed),
            Some(Outcome::Declined | Outcome::Cancelled | Outcome::InDoubt) | None => Centavos::ZERO,
        }
    }
}

/// A reversal and all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// As it was started.
    pub start: ReversalStart,
    /// What came of it.
    pub ended: Option<ReversalEnded>,
    /// How often an end was recorded.
    pub ends: u32,
    /// The last of these that the service has taken down.
    pub reported_end: u32,
    /// Larger is newer.
    pub counter: u64,
}

impl Reversal {
    /// The service has not yet taken down what happened here.
    #[must_use]
    pub const fn needs_report(&self) -> bool {
        self.ends > self.reported_end
    }

    /// Its amount may still turn out to be given back.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        self.ended
            .as_ref()
            .is_none_or(|ended| ended.outcome == Outcome::InDoubt)
    }
}

/// A receipt and all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// As the service announced it.
    pub notice: ReceiptNotice,
    /// Ready to print.
    pub prepared: Option<PreparedReceipt>,
    /// Cannot be printed: stable code and pt-BR sentence.
    pub bad: Option<(String, String)>,
    /// What became of it.
    pub done: Option<ReceiptResult>,
    /// The service has taken that down.
    pub reported: bool,
}

impl Durable {
    /// Applies one fact.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::Activated { token, settings } => {
                self.identity = Some(Identity {
                    token: token.clone(),
                    settings: settings.clone(),
                });
                self.blocked = false;
                self.cursor = None;
            }
            Record::Blocked(blocked) => self.blocked = *blocked,
            Record::Feed { page, at } => self.apply_page(page, *at),
            Record::OrderSeen(order) => self.see(order),
            Record::ClaimGranted { grant, kind, at } => {
                let held = Held {
                    claim_id: grant.claim_id,
                    fence: grant.fence,
                    kind: *kind,
                    at: *at,
                };
                self.claims.insert(grant.order.id.clone(), held);
                self.see(&grant.order);
            }
            Record::ClaimEnded {
                order_id,
                claim_id,
                tell,
            } => {
                if self
                    .claims
                    .get(order_id)
                    .is_some_and(|held| held.claim_id == *claim_id)
                {
                    self.claims.remove(order_id);
                }
                if *tell {
                    self.releases.insert(*claim_id, order_id.clone());
                }
            }
            Record::ReleaseReported { claim_id } => {
                self.releases.remove(claim_id);
            }
            Record::AttemptStarted(start) => self.start_attempt(start),
            Record::AttemptLaunched { attempt_id, at } => {
                if let Some(attempt) = self.attempts.get_mut(attempt_id) {
                    attempt.launched_at = Some(*at);
                }
            }
            Record::AttemptEnded { ended, answer } => {
                if let Some(attempt) = self.attempts.get_mut(&ended.attempt.attempt_id) {
                    attempt.ended = Some((**ended).clone());
                    attempt.settled = None;
                    attempt.ends += 1;
                    attempt.answer = answer.clone().or_else(|| attempt.answer.take());
                }
            }
            Record::AttemptReported {
                attempt_id,
                end,
                held,
                flags,
            } => {
                if let Some(attempt) = self.attempts.get_mut(attempt_id) {
                    attempt.reported_end = *end;
                    attempt.held = *held;
                    attempt.flags.clone_from(flags);
                }
                self.forget_old_attempts();
            }
            Record::AttemptSettledByStore { attempt_id, outcome } => {
                if let Some(attempt) = self.attempts.get_mut(attempt_id) {
                    attempt.settled = Some(*outcome);
                }
                self.forget_old_attempts();
            }
            Record::Stray(stray) => {
                self.strays_total += 1;
                self.strays.push_back(stray.clone());
                if self.strays.len() > STRAYS_KEPT_MAX {
                    self.strays.pop_front();
                }
            }
            Record::StraysSeen => self.strays_seen = self.strays_total,
            Record::ReversalStarted(start) => {
                self.counter += 1;
                let reversal = Reversal {
                    start: start.clone(),
                    ended: None,
                    ends: 0,
                    reported_end: 0,
                    counter: self.counter,
                };
                self.reversals.insert(start.reversal_id, reversal);
            }
            Record::ReversalEnded(ended) => self.end_reversal(ended),
            Record::ReversalReported { reversal_id, end } => {
                if let Some(reversal) = self.reversals.get_mut(reversal_id) {
                    reversal.reported_end = *end;
                }
                self.forget_old_reversals();
            }
            Record::ReceiptReady { print_id, prepared } => {
                if let Some(receipt) = self.receipts.get_mut(print_id) {
                    receipt.prepared = Some(*prepared);
                    receipt.bad = None;
                }
            }
            Record::ReceiptBad {
                print_id,
                code,
                sentence,
            } => {
                if let Some(receipt) = self.receipts.get_mut(print_id) {
                    receipt.bad = Some((code.clone(), sentence.clone()));
                }
            }
            Record::ReceiptDone(result) => {
                if let Some(receipt) = self.receipts.get_mut(&result.print_id) {
                    receipt.done = Some(result.clone());
                    receipt.reported = false;
                }
            }
            Record::ReceiptReported { print_id } => {
                if let Some(receipt) = self.receipts.get_mut(print_id) {
                    receipt.reported = true;
                }
                self.forget_old_receipts();
            }
        }
    }

    /// The order as far as it can be known here: the service's figures, with our own attempts that it has not yet
    /// taken down.
    #[must_use]
    pub fn order(&self, id: &OrderId) -> Option<OrderView> {
        let mut order = self.orders.get(id)?.clone();
        let ours = self.attempts.values().filter(|a| a.start.attempt.order_id == *id);
        for attempt in ours.filter(|a| a.ended.is_none() || a.needs_report()) {
            correct(&mut order, attempt);
        }
        Some(order)
    }

    /// Settings of the store; `None` before activation.
    #[must_use]
    pub fn settings(&self) -> Option<&Settings> {
        self.identity.as_ref().map(|identity| &identity.settings)
    }

    /// Whether an attempt of this order is open, in doubt or not yet reported.
    #[must_use]
    pub fn has_unfinished(&self, order_id: &OrderId) -> bool {
        self.attempts
            .values()
            .any(|a| a.start.attempt.order_id == *order_id && (a.is_unclear() || a.needs_report()))
    }

    fn apply_page(&mut self, page: &FeedPage, at: UnixMillis) {
        if page.snapshot && !self.snapshot_arriving {
            self.orders.clear();
            self.reversals_wanted.clear();
            self.receipts.retain(|_, receipt| receipt.done.is_some());
        }
        self.snapshot_arriving = page.more && (page.snapshot || self.snapshot_arriving);
        self.cursor = Some(page.cursor);
        self.feed_at = Some(at);
        if let (Some(settings), Some(identity)) = (&page.settings, &mut self.identity) {
            identity.settings = settings.clone();
        }
        for order in &page.orders {
            self.see(order);
        }
        for print_id in &page.receipts_gone {
            if self
                .receipts
                .get(print_id)
                .is_some_and(|receipt| receipt.done.is_none())
            {
                self.receipts.remove(print_id);
            }
        }
        for notice in &page.receipts {
            self.receipts
                .entry(notice.print_id.clone())
                .or_insert_with(|| Receipt {
                    notice: notice.clone(),
                    prepared: None,
                    bad: None,
                    done: None,
                    reported: false,
                });
        }
        for wanted in &page.reversals_wanted {
            self.reversals_wanted
                .retain(|known| known.attempt_id != wanted.attempt_id);
            self.reversals_wanted.push(wanted.clone());
        }
    }

    fn see(&mut self, order: &OrderView) {
        if self
            .orders
            .get(&order.id)
            .is_some_and(|known| known.revision > order.revision)
        {
            return;
        }
        if order.status.is_ended() {
            self.orders.remove(&order.id);
        } else {
            self.orders.insert(order.id.clone(), order.clone());
        }
    }

    fn start_attempt(&mut self, start: &StartedAttempt) {
        self.counter += 1;
        let attempt = Attempt {
            start: start.clone(),
            launched_at: None,
            ended: None,
            answer: None,
            ends: 0,
            reported_end: 0,
            held: None,
            flags: Vec::new(),
            settled: None,
            reversed: Centavos::ZERO,
            counter: self.counter,
        };
        self.attempts.insert(start.attempt.attempt_id, attempt);
    }

    fn end_reversal(&mut self, ended: &ReversalEnded) {
        let Some(reversal) = self.reversals.get_mut(&ended.reversal_id) else {
            return;
        };
        let counted = reversal
            .ended
            .as_ref()
            .is_some_and(|before| before.outcome == Outcome::Approved);
        reversal.ended = Some(ended.clone());
        reversal.ends += 1;
        if ended.outcome == Outcome::Approved && !counted {
            if let Some(attempt) = self.attempts.get_mut(&ended.attempt_id) {
                attempt.reversed = attempt
                    .reversed
                    .checked_add(ended.amount)
                    .unwrap_or(attempt.reversed);
            }
            self.reversals_wanted
                .retain(|wanted| wanted.attempt_id != ended.attempt_id);
        }
    }

    fn forget_old_attempts(&mut self) {
        let finished = self
            .attempts
            .values()
            .filter(|a| !a.is_unclear() && !a.needs_report());
        let mut counters: Vec<u64> = finished.map(|a| a.counter).collect();
        if let Some(limit) = oldest_kept(&mut counters, HISTORY_MAX) {
            self.attempts
                .retain(|_, a| a.is_unclear() || a.needs_report() || a.counter >= limit);
        }
    }

    fn forget_old_reversals(&mut self) {
        let finished = self
            .reversals
            .values()
            .filter(|r| !r.is_unclear() && !r.needs_report());
        let mut counters: Vec<u64> = finished.map(|r| r.counter).collect();
        if let Some(limit) = oldest_kept(&mut counters, HISTORY_MAX) {
            self.reversals
                .retain(|_, r| r.is_unclear() || r.needs_report() || r.counter >= limit);
        }
    }

    fn forget_old_receipts(&mut self) {
        let finished = |receipt: &Receipt| receipt.done.is_some() && receipt.reported;
        let mut times: Vec<(UnixMillis, PrintId)> = self
            .receipts
            .values()
            .filter(|receipt| finished(receipt))
            .map(|receipt| (receipt.notice.created_at, receipt.notice.print_id.clone()))
            .collect();
        if let Some(limit) = oldest_kept(&mut times, RECEIPTS_KEPT_MAX) {
            self.receipts.retain(|_, receipt| {
                !finished(receipt) || (receipt.notice.created_at, receipt.notice.print_id.clone()) >= limit
            });
        }
    }
}

/// The smallest of the `max` largest keys; `None` when all fit.
fn oldest_kept<K: Ord + Clone>(keys: &mut [K], max: usize) -> Option<K> {
    if keys.len() <= max {
        return None;
    }
    keys.sort_unstable();
    keys.get(keys.len() - max).cloned()
}

/// Replaces what the service knew of our attempt by what we know.
fn correct(order: &mut OrderView, attempt: &Attempt) {
    let id = attempt.start.attempt.attempt_id;
    let amount = attempt.start.attempt.amount;
    if let Some(place) = order.attempts.iter().position(|known| known.id == id) {
        let known = order.attempts.remove(place);
        let counted = known.amount.saturating_sub(known.reversed);
        match known.outcome {
            Some(Outcome::Approved) => order.paid = order.paid.saturating_sub(counted),
            Some(Outcome::InDoubt) | None => order.reserved = order.reserved.saturating_sub(known.amount),
            Some(Outcome::Declined | Outcome::Cancelled) => {}
        }
    }
    let outcome = attempt.outcome();
    match outcome {
        Some(Outcome::Approved) => order.paid = order.paid.checked_add(amount).unwrap_or(order.total),
        Some(Outcome::InDoubt) | None => {
            order.reserved = order.reserved.checked_add(amount).unwrap_or(order.total);
        }
        Some(Outcome::Declined | Outcome::Cancelled) => {}
    }
    let reporter = order.claim.as_ref().map(|claim| claim.terminal.clone());
    if let Some(terminal) = reporter {
        let choice = attempt.start.attempt.choice;
        let reversed = attempt.reversed;
        order.attempts.push(AttemptView {
            id,
            terminal,
            amount,
            choice,
            outcome,
            resolved_by_store: false,
            reversed,
        });
    }
}
