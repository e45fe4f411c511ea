//! What comes of comparing the acquirer's file of one day with what the service holds.

use protocol::attempt::{Evidence, Outcome};
use protocol::{AttemptId, Centavos, OrderId, ReversalId, Serial, UnixMillis};
use serde::{Deserialize, Serialize};

/// An imported file with what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conciliation {
    /// `cc_…`, made by the service.
    pub id: String,
    /// The file's own id.
    pub file_id: String,
    /// The store's code at the acquirer.
    pub store: Option<String>,
    /// The day that it tells of, `yyyy-MM-dd`.
    pub date: String,
    /// Who imported it.
    pub by: String,
    /// When.
    pub imported_at: UnixMillis,
    /// How much of what.
    pub counts: Counts,
}

/// How many lines of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Both say the same.
    pub matches: usize,
    /// Decided by the file.
    pub settled: usize,
    /// Not the same.
    pub differs: usize,
    /// Not in the file.
    pub misses: usize,
    /// Not ours.
    pub surplus: usize,
    /// Never in such a file.
    pub not_covered: usize,
    /// Still in doubt.
    pub undecided: usize,
}

impl Comparison {
    /// How many lines of each kind.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        Counts {
            matches: self.matches.len(),
            settled: self.settled.len(),
            differs: self.differs.len(),
            misses: self.misses.len(),
            surplus: self.surplus.len(),
            not_covered: self.not_covered.len(),
            undecided: self.undecided.len(),
        }
    }
}

/// What a file and the service say of each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Both say the same.
    pub matches: Vec<Line>,
    /// In doubt with us until the file decided it.
    pub settled: Vec<Line>,
    /// The same transaction, but not the same of it; or it cannot be told which one it is.
    pub differs: Vec<Line>,
    /// Approved card payments of that day that the file does not have.
    pub misses: Vec<Line>,
    /// In the file, and nothing of ours.
    pub surplus: Vec<Line>,
    /// Approved that day with Pix, which is never in the file.
    pub not_covered: Vec<Line>,
    /// In doubt with us, and not in the file: still undecided.
    pub undecided: Vec<Line>,
}

/// A transaction or a cancellation of the file, a payment or a reversal of ours, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Theirs>,
    /// What the service holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<Ours>,
    /// What differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Why>,
}

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theirs {
    /// The acquirer's key.
    pub atk: Option<String>,
    /// The initiator's key.
    pub itk: Option<String>,
    /// The issuer's authorization code.
    pub authorization_code: Option<String>,
    /// The terminal.
    pub serial: Option<String>,
    /// When it was captured, local.
    pub captured_at: Option<String>,
    /// What was captured or given back.
    pub amount: Option<Centavos>,
    /// The operation that gave it back; `None`: a capture.
    pub cancellation: Option<String>,
}

/// What the service holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ours {
    /// The order.
    pub order_id: OrderId,
    /// What people call it.
    pub order_number: String,
    /// The payment.
    pub attempt_id: AttemptId,
    /// The reversal, when it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal_id: Option<ReversalId>,
    /// The terminal.
    pub terminal: Serial,
    /// How much.
    pub amount: Centavos,
    /// The outcome before the file was read; `None`: started, not ended.
    pub outcome: Option<Outcome>,
}

/// Why a line is no match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Another amount.
    Amount,
    /// Another kind of account than the method asks for.
    Method,
    /// Other instalments.
    Installments,
    /// Another terminal.
    Serial,
    /// Another day.
    Date,
    /// More than one of ours fits, or fewer cancellations than reversals in doubt.
    Ambiguous,
    /// The same transaction twice in the file.
    Twice,
    /// Captured, and not approved with us.
    NotApproved,
    /// Captured and given back on the same day: a person has to look.
    GivenBack,
    /// A money rule forbids to book it.
    Refused,
}

/// A doubt that the file decides, if the money rules allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The line.
    pub line: Line,
    /// The payment.
    pub attempt_id: AttemptId,
    /// The reversal of it; `None`: the payment itself.
    pub reversal_id: Option<ReversalId>,
    /// The file's keys, for a payment that has none.
    pub codes: Evidence,
}
