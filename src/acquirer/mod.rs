//! What an acquirer's app on the terminal can do, in words that fit every acquirer.
//!
//! May import `protocol` only. Everything here is pure: requests become the URI that opens the acquirer's app, and a
//! return URI becomes a [`Return`]. The one implementation is [`stone`]; another acquirer is one more folder.
//!
//! An adapter says what an answer *claims*. Whether the claim is believed (does it answer an open attempt, with the
//! amount and method asked for?) is decided in `flow`.

use protocol::attempt::{Evidence, OutcomeReason};
use protocol::{AttemptId, Centavos, PaymentChoice, Serial};
use serde::{Deserialize, Serialize};

pub mod stone;

/// An acquirer's app as the agent uses it.
pub trait Acquirer: Send + Sync {
    /// What this acquirer can do.
    fn capabilities(&self) -> &Capabilities;
    /// Opens the payment with amount and method fixed.
    fn pay_uri(&self, request: &PayRequest) -> String;
    /// Opens the reversal of a payment.
    fn reversal_uri(&self, request: &ReversalRequest) -> String;
    /// Prints images one below the other; each is a PNG.
    fn print_uri(&self, pngs: &[Vec<u8>]) -> Result<String, PrintTooLarge>;
    /// Opens the acquirer's own reprint of a card slip.
    fn reprint_uri(&self, request: &ReprintRequest) -> String;
    /// Reads a return URI. Never fails: what cannot be read is [`Return::Unreadable`].
    fn parse_return(&self, uri: &str) -> Return;
    /// A return URI that may be kept for support: bounded, no card number beyond its last four digits, no name.
    fn redact(&self, uri: &str) -> String;
    /// The serial number of this very terminal, when what the app said of a payment tells it.
    fn serial_in(&self, evidence: &Evidence) -> Option<Serial>;
}

/// What an acquirer can do; screens offer nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The acquirer's name, as people know it.
    pub name: &'static str,
    /// The method can be fixed by the caller.
    pub can_fix_method: bool,
    /// The amount can be fixed by the caller.
    pub can_fix_amount: bool,
    /// The result of an attempt can be asked for again (Stone's deep link: no).
    pub can_query_by_reference: bool,
    /// A payment can be reversed by its key, without the operator searching for it.
    pub can_reverse_by_key: bool,
    /// A part of a payment can be reversed.
    pub can_reverse_part: bool,
    /// The acquirer's card slip can be printed again.
    pub can_reprint_slip: bool,
    /// Images can be printed within these limits.
    pub print: Option<PrintLimits>,
}

/// What one print request may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrintLimits {
    /// Width in dots.
    pub width_dots: u32,
    /// Tallest single image in dots.
    pub slice_height_dots: u32,
    /// Longest request URI in bytes: it travels through Android's binder, about 1 MB for a whole process.
    pub request_bytes: usize,
}

/// A payment to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRequest {
    /// Echoed by the acquirer's app.
    pub attempt_id: AttemptId,
    /// How much.
    pub amount: Centavos,
    /// Method and instalments.
    pub choice: PaymentChoice,
}

/// A reversal to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReversalRequest {
    /// The acquirer's key of the payment.
    pub atk: String,
    /// How much goes back.
    pub amount: Centavos,
}

/// A card slip to print again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReprintRequest {
    /// The acquirer's key of the payment.
    pub atk: String,
    /// Whose copy.
    pub copy: SlipCopy,
}

/// Whose copy of a card slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlipCopy {
    /// Via do cliente.
    Customer,
    /// Via do estabelecimento.
    Merchant,
}

/// The images do not fit into one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("print request of {bytes} bytes is above the limit of {limit}")]
pub struct PrintTooLarge {
    /// Length of the request URI.
    pub bytes: usize,
    /// Longest allowed.
    pub limit: usize,
}

/// A return URI, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Return {
    /// Answer to a payment.
    Payment(PaymentReturn),
    /// Answer to a reversal.
    Reversal(ReversalReturn),
    /// Answer to a print.
    Print(PrintAnswer),
    /// Answer to a slip's reprint.
    Reprint(PrintAnswer),
    /// Not an answer of this acquirer, or broken beyond reading.
    Unreadable,
}

/// Answer to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReturn {
    /// The attempt that the answer names; `None` when it names none or something that is no attempt id.
    pub attempt_id: Option<AttemptId>,
    /// What it claims.
    pub claim: Claimed,
    /// What it says about the payment. Never a card number beyond the last four digits, never a name.
    pub evidence: Evidence,
}

/// Answer to a reversal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalReturn {
    /// The payment's key that the answer names.
    pub atk: Option<String>,
    /// What it claims.
    pub claim: Claimed,
    /// Amount said to be given back.
    pub amount: Option<Centavos>,
    /// The acquirer's response code.
    pub response_code: Option<String>,
}

/// What an answer claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claimed {
    /// Done.
    Approved,
    /// Refused; nothing was done.
    Declined,
    /// Given up; nothing was done.
    Cancelled,
    /// It cannot be told.
    Unclear(OutcomeReason),
}

/// Answer to a print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintAnswer {
    /// Printed.
    Printed,
    /// No paper.
    NoPaper,
    /// Battery too low to print.
    LowBattery,
    /// Busy with another print.
    Busy,
    /// Too hot.
    Overheated,
    /// Paper is stuck.
    PaperJam,
    /// The printer refuses the data or its format.
    BadData,
    /// Anything else.
    Failed,
}
