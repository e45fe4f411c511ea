//! One call to the acquirer's app and what came of it.

use serde::{Deserialize, Serialize};

use crate::order::OrderView;
use crate::{AttemptId, Centavos, ClaimId, Fence, Method, OrderId, PaymentChoice, UnixMillis};

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The customer was charged.
    Approved,
    /// The acquirer refused; nothing was charged.
    Declined,
    /// The operator or the customer gave up before the charge, or the request never left; nothing was charged.
    Cancelled,
    /// Nobody knows yet. Blocks a second charge of that part.
    InDoubt,
}

/// `POST /terminal/v1/attempts`: an attempt is about to leave for the acquirer's app.
///
/// From the service's acceptance until the attempt ends, nobody else gets a claim and a close waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptStarted {
    /// Made by the terminal; the same id with the same content is the same attempt.
    pub attempt_id: AttemptId,
    /// The order charged.
    pub order_id: OrderId,
    /// The claim under which it is charged.
    pub claim_id: ClaimId,
    /// The fence of that claim.
    pub fence: Fence,
    /// How much.
    pub amount: Centavos,
    /// Method and instalments.
    pub choice: PaymentChoice,
    /// The terminal's clock.
    pub started_at: UnixMillis,
}

/// `POST /terminal/v1/attempts/outcome`: what came of an attempt. It carries the start too, because a courier
/// without network reports both at once. A result is always recorded and acknowledged, even of an unknown order or
/// under a lost claim; what breaks a rule is flagged and kept in doubt, never thrown away.
///
/// A later report of the same attempt may turn `in_doubt` into a definite outcome; a definite outcome never changes:
/// a contradicting report is kept, flagged and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptEnded {
    /// The attempt as it was started.
    pub attempt: AttemptStarted,
    /// What came of it, as the terminal understood it.
    pub outcome: Outcome,
    /// Why, for `declined`, `cancelled` and `in_doubt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<OutcomeReason>,
    /// What the acquirer's app said.
    #[serde(default)]
    pub evidence: Evidence,
    /// The terminal's clock.
    pub ended_at: UnixMillis,
}

/// Why an attempt was not approved, or is not clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeReason {
    /// The acquirer or the issuer refused.
    Refused,
    /// The operator or the customer gave up in the acquirer's app.
    GivenUp,
    /// The acquirer's app could not be opened: nothing was launched.
    NotLaunched,
    /// The claim was lost, or the service refused the start: nothing was launched.
    StartRefused,
    /// No answer within the time allowed.
    NoAnswer,
    /// The terminal restarted between launch and answer.
    Restarted,
    /// The answer has no result code, or one that is in no list.
    UnknownCode,
    /// The answer cannot be read.
    Unreadable,
    /// The answer claims an approval but does not name the attempt; any app could have sent it.
    NoReference,
    /// The answer says another amount than was asked for.
    AmountDiffers,
    /// The answer says another method than was asked for.
    MethodDiffers,
    /// Two answers to this attempt contradict each other.
    Contradicted,
}

/// What the acquirer's app said about an attempt. Never a card number beyond the last four digits, never a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Result code as received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Amount said to be charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Centavos>,
    /// Method said to be charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Instalments said to be charged; 0 and 1 are à vista.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installments: Option<u8>,
    /// Card brand as the acquirer writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Last four digits of the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
    /// Authorization code of the issuer (`cAut`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_code: Option<String>,
    /// Stone's ATK, the NSU: the acquirer's key of the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atk: Option<String>,
    /// Stone's ITK: the terminal's key of the transaction; begins with the serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub itk: Option<String>,
    /// How the card was read (ICC, CTLS, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_mode: Option<String>,
    /// Local date and time of the authorization, `yyyy-MM-ddTHH:mm:ss`, no zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_at_local: Option<String>,
}

/// Answer to a start or an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptAck {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// What the service holds to be true after this message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// The order after this message; `None` when the service does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderView>,
}

/// A rule that a reported outcome breaks. A flagged approval is kept in doubt until a manager decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The service does not know the order.
    UnknownOrder,
    /// The order is not for this terminal.
    WrongTerminal,
    /// The terminal held no claim, or had lost it.
    StaleClaim,
    /// The approved payments would exceed the order's total.
    ExceedsBalance,
    /// A direct order is charged once, for its whole total.
    NotWholeTotal,
    /// Another method than the PDV fixed, or one outside the contract.
    MethodNotAllowed,
    /// Other instalments than the PDV fixed, or more than the contract allows.
    InstallmentsNotAllowed,
    /// The acquirer's answer says another amount.
    AmountDiffers,
    /// The acquirer's answer says another method.
    MethodDiffers,
    /// The order was already closed.
    AfterClose,
    /// A definite outcome was reported before, and this one differs.
    Contradiction,
    /// The same id was used for another attempt.
    IdReused,
    /// An approval without the acquirer's transaction key or authorization code.
    NoEvidence,
}

impl Flag {
    /// Whether an approval with this flag waits for a manager's decision. A late or stale approval is money taken
    /// within the order's balance: it is booked and told.
    #[must_use]
    pub const fn holds_approval(self) -> bool {
        match self {
            Self::UnknownOrder
            | Self::WrongTerminal
            | Self::ExceedsBalance
            | Self::NotWholeTotal
            | Self::MethodNotAllowed
            | Self::InstallmentsNotAllowed
            | Self::AmountDiffers
            | Self::MethodDiffers
            | Self::Contradiction
            | Self::IdReused
            | Self::NoEvidence => true,
            Self::StaleClaim | Self::AfterClose => false,
        }
    }
}
