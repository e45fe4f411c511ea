//! What the agent remembers over a restart. Only `apply` changes it.
use std::collections::{BTreeMap, VecDeque};

use protocol::attempt::{AttemptEnded, Flag, Outcome};
use protocol::claim::ClaimKind;
use protocol::feed::{Cursor, Settings};
use protocol::order::{AttemptView, OrderView};
use protocol::receipt::{ReceiptNotice, ReceiptResult};
use protocol::reversal::{ReversalEnded, ReversalWanted};
use protocol::statement::{AttemptStatement, Said};
use protocol::{AttemptId, Centavos, ClaimId, Fence, OrderId, PrintId, ReversalId, Serial, UnixMillis};
use serde::{Deserialize, Serialize};

use super::effect::DeviceToken;
use super::event::PreparedReceipt;
use super::record::{ReversalStart, StartedAttempt, Stray};

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
    /// The next page replaces what is known, as a snapshot does: the feed is read from its beginning.
    #[serde(default)]
    pub reads_again: bool,
    /// How many whole pages the feed has brought.
    #[serde(default)]
    pub pages: u64,
    /// How many there were when an answer to a call of our own last showed an order.
    #[serde(default)]
    pub seen_at: u64,
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
    /// The serial number that the store knows this terminal by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
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
    /// How many whole pages the feed had brought then.
    #[serde(default)]
    pub told_at: u64,
    /// What the service holds to be true.
    pub held: Option<Outcome>,
    /// What the service found wrong.
    pub flags: Vec<Flag>,
    /// What a manager decided.
    pub settled: Option<Outcome>,
    /// What the operator said of its card slip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<Stated>,
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
        Some(self.settled.unwrap_or(if doubted { Outcome::InDoubt } else { ended }))
    }

    /// The service has not yet taken down what happened here.
    #[must_use]
    pub const fn needs_report(&self) -> bool {
        self.ends > self.reported_end
    }

    /// What the operator said is not yet taken down.
    #[must_use]
    pub fn tells_statement(&self) -> bool {
        self.stated.as_ref().is_some_and(|stated| !stated.told)
    }

    /// Nothing more is to be heard or told of it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !self.is_unclear() && !self.needs_report() && !self.tells_statement()
    }

    /// The acquirer's key of the payment: from the acquirer's answer, else off the slip once the store has confirmed it.
    #[must_use]
    pub fn atk(&self) -> Option<&str> {
        let answered = self.ended.as_ref()?.evidence.atk.as_deref();
        let confirmed = self.settled == Some(Outcome::Approved);
        answered.or_else(|| match &self.stated.as_ref().filter(|_| confirmed)?.statement.said {
            Said::Charged { atk, .. } => Some(atk.as_str()),
            Said::NotCharged => None,
        })
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

/// What the operator said of an attempt in doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// As it is reported.
    pub statement: AttemptStatement,
    /// The service has taken it down.
    pub told: bool,
    /// How many whole pages the feed had brought then.
    pub told_at: u64,
}

/// A reversal and all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// As it was started.
    pub start: ReversalStart,
    /// What came of it.
    pub ended: Option<ReversalEnded>,
    /// What the store decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Outcome>,
    /// How often it was tried once more.
    #[serde(default)]
    pub retries: u32,
    /// When that was last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retried_at: Option<UnixMillis>,
    /// How often an end was recorded.
    pub ends: u32,
    /// The last of these that the service has taken down.
    pub reported_end: u32,
    /// How many whole pages the feed had brought then.
    #[serde(default)]
    pub told_at: u64,
    /// Larger is newer.
    pub counter: u64,
}

impl Reversal {
    /// The service has not yet taken down what happened here.
    #[must_use]
    pub const fn needs_report(&self) -> bool {
        self.ends > self.reported_end
    }

    /// What is to be believed: the store's decision, else what happened here.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let ended = self.ended.as_ref()?.outcome;
        Some(self.settled.unwrap_or(ended))
    }

    /// Its amount may still turn out to be given back.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        matches!(self.outcome(), None | Some(Outcome::InDoubt))
    }

    /// It was tried, and nobody knows what came of it.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.outcome() == Some(Outcome::InDoubt)
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
    /// How many whole pages the feed had brought then.
    #[serde(default)]
    pub told_at: u64,
}

impl Durable {
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
            settled_reversals: vec![],
        });
    }
}
