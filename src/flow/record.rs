//! What the agent remembers: the journal's records, and the state that follows from them.
//!
//! A record is a fact. State that must outlive the process changes only by applying a record, so that replaying the
//! journal gives the same state as living through it.

use protocol::attempt::{AttemptEnded, AttemptStarted, Flag, Outcome};
use protocol::claim::{ClaimGrant, ClaimKind};
use protocol::feed::{FeedPage, Settings};
use protocol::order::OrderView;
use protocol::receipt::ReceiptResult;
use protocol::reversal::ReversalEnded;
use protocol::statement::AttemptStatement;
use protocol::{AttemptId, Centavos, ClaimId, OrderId, PrintId, ReversalId, Serial, StatementId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::effect::DeviceToken;
use super::event::PreparedReceipt;

/// One fact in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// The terminal belongs to a store.
    Activated {
        /// The secret.
        token: DeviceToken,
        /// Settings to start with.
        settings: Settings,
        /// The serial number that it was activated with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        serial: Option<Serial>,
    },
    /// The service does not accept this terminal any more, or again.
    Blocked(bool),
    /// A page of the feed.
    Feed {
        /// What it said.
        page: Box<FeedPage>,
        /// When it came.
        at: UnixMillis,
    },
    /// An order as an answer to one of our own calls showed it.
    OrderSeen(Box<OrderView>),
    /// An order is ours to charge.
    ClaimGranted {
        /// The grant.
        grant: Box<ClaimGrant>,
        /// What for.
        kind: ClaimKind,
        /// When it came.
        at: UnixMillis,
    },
    /// An order is not ours any more.
    ClaimEnded {
        /// The order.
        order_id: OrderId,
        /// The claim that ended.
        claim_id: ClaimId,
        /// The service must still be told.
        tell: bool,
    },
    /// The service knows that a claim ended.
    ReleaseReported {
        /// The claim.
        claim_id: ClaimId,
    },
    /// An attempt exists; nothing was launched yet.
    AttemptStarted(Box<StartedAttempt>),
    /// The deep link leaves right after this.
    AttemptLaunched {
        /// The attempt.
        attempt_id: AttemptId,
        /// When.
        at: UnixMillis,
    },
    /// What came of an attempt. A second one for the same attempt replaces an outcome in doubt.
    AttemptEnded {
        /// As it will be reported.
        ended: Box<AttemptEnded>,
        /// The return URI that said so, made safe to keep.
        answer: Option<String>,
    },
    /// The service has taken down the outcome.
    AttemptReported {
        /// The attempt.
        attempt_id: AttemptId,
        /// Which of the attempt's ends it has taken down, counted from 1.
        end: u32,
        /// What it holds to be true.
        held: Option<Outcome>,
        /// What it found wrong.
        flags: Vec<Flag>,
    },
    /// A manager decided about an attempt in doubt.
    AttemptSettledByStore {
        /// The attempt.
        attempt_id: AttemptId,
        /// The decision.
        outcome: Outcome,
    },
    /// The operator said what the card slip of an attempt in doubt says. The last one counts.
    AttemptStated(AttemptStatement),
    /// The service has taken that down.
    StatementReported {
        /// The attempt.
        attempt_id: AttemptId,
        /// Which of its statements.
        statement_id: StatementId,
    },
    /// A return that answers nothing open: unknown, repeated, late, forged or unreadable.
    Stray(Stray),
    /// The operator has seen the stray returns up to now.
    StraysSeen,
    /// A reversal exists and its deep link leaves right after this.
    ReversalStarted(ReversalStart),
    /// What came of a reversal. A second one for the same reversal replaces an outcome in doubt.
    ReversalEnded(ReversalEnded),
    /// A reversal in doubt is tried once more; its deep link leaves right after this.
    ReversalRetried {
        /// The reversal.
        reversal_id: ReversalId,
        /// When.
        at: UnixMillis,
    },
    /// The store decided about a reversal in doubt.
    ReversalSettledByStore {
        /// The reversal.
        reversal_id: ReversalId,
        /// `approved`: the money went back. `declined`: it did not.
        outcome: Outcome,
    },
    /// The service has taken down the reversal.
    ReversalReported {
        /// The reversal.
        reversal_id: ReversalId,
        /// Which of the reversal's ends it has taken down, counted from 1.
        end: u32,
    },
    /// A receipt is on this device, ready to print.
    ReceiptReady {
        /// The receipt.
        print_id: PrintId,
        /// How large.
        prepared: PreparedReceipt,
    },
    /// A receipt cannot be printed, by its image.
    ReceiptBad {
        /// The receipt.
        print_id: PrintId,
        /// Stable code.
        code: String,
        /// pt-BR sentence.
        sentence: String,
    },
    /// What became of a receipt.
    ReceiptDone(ReceiptResult),
    /// The service has taken it down.
    ReceiptReported {
        /// The receipt.
        print_id: PrintId,
    },
}

impl Record {
    /// Whether this record must be on disk before anything leaves. What the service can tell again need not be.
    #[must_use]
    pub const fn needs_sync(&self) -> bool {
        match self {
            Self::Feed { .. } | Self::OrderSeen(_) | Self::StraysSeen => false,
            Self::Activated { .. }
            | Self::Blocked(_)
            | Self::ClaimGranted { .. }
            | Self::ClaimEnded { .. }
            | Self::ReleaseReported { .. }
            | Self::AttemptStarted(_)
            | Self::AttemptLaunched { .. }
            | Self::AttemptEnded { .. }
            | Self::AttemptReported { .. }
            | Self::AttemptSettledByStore { .. }
            | Self::AttemptStated(_)
            | Self::StatementReported { .. }
            | Self::Stray(_)
            | Self::ReversalStarted(_)
            | Self::ReversalEnded(_)
            | Self::ReversalRetried { .. }
            | Self::ReversalSettledByStore { .. }
            | Self::ReversalReported { .. }
            | Self::ReceiptReady { .. }
            | Self::ReceiptBad { .. }
            | Self::ReceiptDone(_)
            | Self::ReceiptReported { .. } => true,
        }
    }
}

/// An attempt with what screens need of its order when the order itself is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedAttempt {
    /// As it is reported.
    pub attempt: AttemptStarted,
    /// What people call the order.
    pub order_number: String,
    /// What the PDV wanted shown.
    pub order_name: String,
    /// The order's total.
    pub order_total: Centavos,
    /// The PDV will send a fiscal receipt.
    pub receipt_expected: bool,
    /// The claim was for delivery: launched without asking the service.
    pub delivery: bool,
}

/// A reversal as it is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalStart {
    /// The reversal.
    pub reversal_id: ReversalId,
    /// The payment given back.
    pub attempt_id: AttemptId,
    /// Its order.
    pub order_id: OrderId,
    /// The acquirer's key of the payment.
    pub atk: String,
    /// How much goes back.
    pub amount: Centavos,
    /// When.
    pub started_at: UnixMillis,
}

/// A return that answers nothing open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stray {
    /// The return URI, made safe to keep.
    pub answer: String,
    /// The attempt that it names, when it names one.
    pub attempt_id: Option<AttemptId>,
    /// Why it was not taken.
    pub why: StrayReason,
    /// When it came.
    pub at: UnixMillis,
}

/// Why a return was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrayReason {
    /// Nobody here knows the attempt it names, or it names none and none is open.
    Unknown,
    /// The attempt had ended with the same outcome.
    Repeated,
    /// The attempt had ended otherwise.
    Contradicts,
    /// It cannot be read.
    Unreadable,
    /// A print or reprint answer while nothing prints.
    NothingOpen,
}
