//! What a terminal knows of an order.

use serde::{Deserialize, Serialize};

use crate::attempt::Outcome;
use crate::claim::ClaimView;
use crate::reversal::SettledReversal;
use crate::{AttemptId, Centavos, OrderId, PaymentChoice, Serial, UnixMillis};

/// How an order reaches terminals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// To exactly one terminal, which opens the payment by itself; charged once for its whole total.
    Direct,
    /// In a list on one, some or all terminals; may be charged in parts.
    Listed,
}

/// Where an order is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// May be charged.
    Open,
    /// The PDV closed it while a charge was (or may have been) in flight: nothing new may start, the result is awaited.
    Closing,
    /// Fully paid.
    Paid,
    /// Closed by the PDV, or expired.
    Closed,
}

impl OrderStatus {
    /// Whether nothing more can happen but a late result.
    #[must_use]
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Paid | Self::Closed)
    }
}

/// An order as the feed carries it. The same bytes go to every terminal that sees the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// The order.
    pub id: OrderId,
    /// What people call it: the PDV's own code, else the end of the id.
    pub number: String,
    /// What the PDV wants shown ("Mesa 4"); empty when it gave nothing. Never a customer's name by our doing.
    pub display_name: String,
    /// Direct or listed.
    pub kind: OrderKind,
    /// Where it is in its life.
    pub status: OrderStatus,
    /// What is to be paid in all.
    pub total: Centavos,
    /// Sum of approved payments, less what was reversed.
    pub paid: Centavos,
    /// Sum of attempts that are open or in doubt: it cannot be charged a second time until they end.
    pub reserved: Centavos,
    /// Method and instalments that the PDV fixed; `None`: free choice within the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<PaymentChoice>,
    /// Who holds the right to charge it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimView>,
    /// Attempts that the service knows, newest last, at most [`OrderView::ATTEMPTS_MAX`]: what was paid where, and
    /// what a manager decided about an attempt in doubt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<AttemptView>,
    /// The PDV will send a fiscal receipt: the terminal waits for it a while after the payment.
    #[serde(default)]
    pub receipt_expected: bool,
    /// When the PDV created it.
    pub created_at: UnixMillis,
    /// When it ends by itself; `None`: when it is paid or closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixMillis>,
    /// Grows with every change of this order; an older view never replaces a newer one.
    pub revision: u64,
}

impl OrderView {
    /// Most attempts shown of one order; the service keeps all of them.
    pub const ATTEMPTS_MAX: usize = 40;

    /// What is still to be paid.
    #[must_use]
    pub fn balance(&self) -> Centavos {
        self.total.saturating_sub(self.paid)
    }

    /// What may be charged now: the balance less what is open or in doubt.
    #[must_use]
    pub fn chargeable(&self) -> Centavos {
        self.balance().saturating_sub(self.reserved)
    }
}

/// One attempt of an order as every terminal may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    /// The attempt.
    pub id: AttemptId,
    /// The terminal that made it.
    pub terminal: Serial,
    /// What was asked for.
    pub amount: Centavos,
    /// The method asked for.
    pub choice: PaymentChoice,
    /// What the service holds to be true; `None`: started, not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The outcome was decided by a manager at the PDV, with evidence, after being in doubt.
    #[serde(default)]
    pub resolved_by_store: bool,
    /// What was given back of it.
    #[serde(default, skip_serializing_if = "Centavos::is_zero_ref")]
    pub reversed: Centavos,
    /// Reversals that were in doubt and that the store has decided about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled_reversals: Vec<SettledReversal>,
}

impl Centavos {
    fn is_zero_ref(&self) -> bool {
        self.is_zero()
    }
}
