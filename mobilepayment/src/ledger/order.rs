//! An order with everything that happened to it: what the ledger decides on, what `db` loads and writes.

use protocol::attempt::{AttemptStarted, Evidence, Flag, Outcome, OutcomeReason};
use protocol::claim::ClaimKind;
use protocol::order::{OrderKind, OrderStatus};
use protocol::statement::Said;
use protocol::{
    AttemptId, Centavos, ClaimId, Fence, OrderId, PaymentChoice, PrintId, ReversalId, Serial, StatementId,
    UnixMillis,
};
use serde::{Deserialize, Serialize};

use crate::registers::AccountId;

/// An order (ordem de pagamento).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// `or_…`, made by the service.
    pub id: OrderId,
    /// The company that created it.
    pub account: AccountId,
    /// The PDV's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What people call it: the code, else the end of the id.
    pub number: String,
    /// What the PDV wants shown.
    pub display_name: String,
    /// Direct or listed.
    pub kind: OrderKind,
    /// Where it is in its life.
    pub status: OrderStatus,
    /// How and when it was ended (or asked to end) other than by being paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close: Option<Close>,
    /// When it became fully paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<UnixMillis>,
    /// What is to be paid in all.
    pub total: Centavos,
    /// Method and instalments that the PDV fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<PaymentChoice>,
    /// The terminals it is for; empty: all of the company.
    pub terminals: Vec<Serial>,
    /// The PDV will send a fiscal receipt.
    pub receipt_expected: bool,
    /// When it was created.
    pub created_at: UnixMillis,
    /// When it last changed.
    pub updated_at: UnixMillis,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixMillis>,
    /// The store-wide sequence number of its last change; 0 until it is first written.
    pub revision: u64,
    /// The fence of its last claim.
    pub fence: Fence,
    /// Who holds the right to charge it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Every attempt, in the order in which the service learned of them.
    pub attempts: Vec<Attempt>,
    /// What the PDV sent and only the PDV reads (items, metadata, …): JSON text, without any customer's name. It
    /// never changes, so it is not part of an event's snapshot.
    #[serde(skip)]
    pub pdv: String,
}

/// How an order was ended, or is being ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// As what.
    pub reason: CloseReason,
    /// When it was asked for.
    pub at: UnixMillis,
}

/// As what an order was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The PDV closed a paid order.
    Paid,
    /// The PDV cancelled it.
    Canceled,
    /// The PDV declared it failed.
    Failed,
    /// Its time was over.
    Expired,
}

/// A terminal's exclusive right to charge an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Made by the terminal.
    pub id: ClaimId,
    /// The holder.
    pub terminal: Serial,
    /// What for.
    pub kind: ClaimKind,
    /// Its fence.
    pub fence: Fence,
    /// When it was granted.
    pub granted_at: UnixMillis,
    /// When a `now` claim ends by itself; `None` for `delivery`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<UnixMillis>,
}

/// One call to the acquirer's app; approved, it is a payment (and a charge at the PDV).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Made by the terminal.
    pub id: AttemptId,
    /// The terminal that made it.
    pub terminal: Serial,
    /// CNPJ of the terminal's acquirer when the attempt was recorded, digits only.
    pub acquirer_cnpj: String,
    /// The claim under which it was made.
    pub claim_id: ClaimId,
    /// The fence of that claim.
    pub fence: Fence,
    /// What was asked for.
    pub amount: Centavos,
    /// The method asked for.
    pub choice: PaymentChoice,
    /// The terminal's clock when it was started.
    pub started_at: UnixMillis,
    /// The service's clock when it was first heard of.
    pub recorded_at: UnixMillis,
    /// What the service holds to be true; `None`: started, not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The first definite outcome that its terminal reported; differs from `outcome` when an approval is held in
    /// doubt or the store decided otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Outcome>,
    /// Why it is not approved or not clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<OutcomeReason>,
    /// What the acquirer's app said.
    #[serde(default)]
    pub evidence: Evidence,
    /// The terminal's clock when it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UnixMillis>,
    /// The service's clock when it took its present outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<UnixMillis>,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// What the operator of its terminal last read off the card slip; decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
    /// What a manager decided about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// What was given back of it.
    #[serde(default)]
    pub reversed: Centavos,
    /// The reversal that the PDV asked for and that has not ended: `pending_cancellation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal_wanted: Option<WantedReversal>,
    /// Every reversal reported of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reversals: Vec<Reversal>,
}

/// What an operator read off the card slip of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Made by the terminal.
    pub id: StatementId,
    /// What the slip says.
    pub said: Said,
    /// The terminal's clock.
    pub stated_at: UnixMillis,
    /// The service's clock when it came.
    pub received_at: UnixMillis,
}

/// A manager's decision about an attempt in doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// Whether the customer was charged.
    pub approved: bool,
    /// What the decision rests on (a line of the acquirer's statement, a card slip).
    pub evidence: String,
    /// Why, in the manager's words.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: UnixMillis,
}

/// A reversal that the PDV asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedReversal {
    /// How much.
    pub amount: Centavos,
    /// When it was asked for.
    pub wanted_at: UnixMillis,
    /// Store-wide sequence number of the notice to the terminal; 0 until it is written.
    pub sequence: u64,
}

/// A reversal (estorno) as its terminal reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// Made by the terminal.
    pub id: ReversalId,
    /// The terminal that did it.
    pub terminal: Serial,
    /// How much was asked back.
    pub amount: Centavos,
    /// What came of it.
    pub outcome: Outcome,
    /// Why not, or why not clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<OutcomeReason>,
    /// The acquirer's response code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_code: Option<String>,
    /// What was booked of it: less than `amount` when more was reported back than had been paid.
    pub booked: Centavos,
    /// The terminal's clock when it was started.
    pub started_at: UnixMillis,
    /// The terminal's clock when it ended.
    pub ended_at: UnixMillis,
    /// The service's clock when it was recorded.
    pub recorded_at: UnixMillis,
    /// What the store decided about it while it was in doubt; `approved`: the money went back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
}

/// A receipt image's state, without the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    /// `pr_…`, made by the service.
    pub id: PrintId,
    /// Its order.
    pub order_id: OrderId,
    /// What it is.
    pub kind: protocol::receipt::ReceiptKind,
    /// The terminal it is for; `None`: every terminal of the order.
    pub terminal: Option<Serial>,
    /// Bytes of base64 text.
    pub size_bytes: u32,
    /// What became of it; `None`: waiting.
    pub state: Option<protocol::receipt::ReceiptState>,
    /// Why it failed.
    pub problem: Option<String>,
    /// When the PDV sent it.
    pub created_at: UnixMillis,
    /// Store-wide sequence number of its last change.
    pub sequence: u64,
}

impl Attempt {
    /// Whether it is open or in doubt: it blocks its part of the order.
    #[must_use]
    pub const fn is_unsettled(&self) -> bool {
        matches!(self.outcome, None | Some(Outcome::InDoubt))
    }

    /// Whether the customer was charged, as far as the service holds it to be true.
    #[must_use]
    pub const fn is_approved(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Approved))
    }

    /// What was paid and not given back.
    #[must_use]
    pub fn net(&self) -> Centavos {
        if self.is_approved() { self.amount.saturating_sub(self.reversed) } else { Centavos::ZERO }
    }

    /// Whether a message of this order speaks of this very attempt.
    #[must_use]
    pub fn is_same(&self, terminal: &Serial, started: &AttemptStarted) -> bool {
        self.terminal == *terminal
            && self.claim_id == started.claim_id
            && self.amount == started.amount
            && self.choice == started.choice
    }

    /// Brand code of the fiscal document (`tBand`); `None` when there is no brand, "99" when it is in no table.
    #[must_use]
    pub fn t_band(&self) -> Option<&'static str> {
        let brand = self.evidence.brand.as_deref()?;
        Some(protocol::brand::t_band(brand).unwrap_or(protocol::brand::OTHER))
    }
}

impl Order {
    /// Approved payments less what was given back.
    #[must_use]
    pub fn paid(&self) -> Centavos {
        self.attempts.iter().map(Attempt::net).sum()
    }

    /// What is open or in doubt.
    #[must_use]
    pub fn reserved(&self) -> Centavos {
        self.attempts.iter().filter(|a| a.is_unsettled()).map(|a| a.amount).sum()
    }

    /// What is still to be paid.
    #[must_use]
    pub fn balance(&self) -> Centavos {
        self.total.saturating_sub(self.paid())
    }

    /// Whether any attempt is open or in doubt.
    #[must_use]
    pub fn has_unsettled(&self) -> bool {
        self.attempts.iter().any(Attempt::is_unsettled)
    }

    /// The attempt with this id.
    #[must_use]
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        self.attempts.iter().find(|a| a.id == id)
    }

    /// Whether the order is shown to this terminal of this account.
    #[must_use]
    pub fn is_for(&self, account: &AccountId, serial: &Serial) -> bool {
        self.account == *account && (self.terminals.is_empty() || self.terminals.contains(serial))
    }
}
