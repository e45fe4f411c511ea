//! What comes into the agent.

use protocol::activation::Activated;
use protocol::attempt::AttemptAck;
use protocol::claim::{ClaimGrant, ClaimReleased};
use protocol::feed::FeedPage;
use protocol::refusal::Refusal;
use protocol::{PrintId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::effect::CallId;

/// The two clocks at the moment of an event; the core reads none by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What the wall clock says: for people and for records. May jump.
    pub wall: UnixMillis,
    /// Milliseconds since the process started: for deadlines. Never goes back.
    pub mono_ms: u64,
}

/// What comes into the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The journal is replayed and the process begins. Always the first event, exactly once.
    Booted,
    /// A deadline of [`super::Agent::next_deadline`] has come.
    Deadline,
    /// The operator did something.
    Input(Input),
    /// A return URI of the acquirer's app (or of a forger), unparsed; perhaps into a new process.
    Returned(String),
    /// The deep link could not be opened: there is no app for it. Nothing was launched.
    OpenFailed,
    /// mobilepayment answered, or did not.
    Answered {
        /// Which call.
        call: CallId,
        /// With what.
        result: Result<Reply, CallFailure>,
    },
    /// The device's own view of its network changed.
    Network {
        /// Whether the device has a network at all.
        connected: bool,
    },
    /// A receipt was fetched and prepared, or not.
    Receipt {
        /// Which.
        print_id: PrintId,
        /// How.
        result: Result<PreparedReceipt, ReceiptFailure>,
    },
    /// The device's own condition.
    Device(DeviceStatus),
}

/// What the operator did. Ids come from the [`crate::view::Screen`] that was shown; one that the present page does not
/// offer is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A button, a row or a choice.
    Tap(String),
    /// The text of a field changed; the whole new text.
    Text {
        /// The field.
        id: String,
        /// Its text.
        value: String,
    },
}

/// A good answer of mobilepayment, one variant for each [`super::effect::HubCall`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To `activate`.
    Activated(Box<Activated>),
    /// To `feed`.
    Feed(Box<FeedPage>),
    /// To `claim`.
    Claimed(Box<ClaimGrant>),
    /// To `release`.
    Released(Box<ClaimReleased>),
    /// To the start or the outcome of an attempt, to a statement, to a reversal.
    Attempt(Box<AttemptAck>),
    /// To a receipt's result: taken down.
    Noted,
}

/// Why a call brought no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallFailure {
    /// The service said no.
    Refused(Refusal),
    /// No answer: the request may or may not have arrived.
    Unreachable(Unreachable),
}

/// What kept an answer from coming, as far as can be told; each has its own sentence on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// The device has no network, or the address does not answer.
    NoConnection,
    /// Nothing came within the time allowed.
    Timeout,
    /// The certificate is not the store's.
    Certificate,
    /// The certificate is not valid at this device's time: its clock is probably wrong.
    Clock,
    /// Something answered that is not mobilepayment: a captive portal, a proxy.
    NotOurs,
}

/// A receipt that is ready to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedReceipt {
    /// How many print requests it takes.
    pub parts: u32,
    /// Its height on paper.
    pub height_dots: u32,
}

/// Why a receipt is not ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptFailure {
    /// It could not be fetched; it can be tried again.
    Fetch(CallFailure),
    /// The image cannot be printed: stable code and pt-BR sentence.
    Image {
        /// Stable code.
        code: String,
        /// pt-BR sentence that says what to do.
        sentence: String,
    },
    /// The device could not keep it (storage full).
    Storage,
}

/// The device's own condition, for the diagnostics screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStatus {
    /// Battery charge in percent.
    pub battery_percent: Option<u8>,
    /// Whether it is being charged.
    pub charging: Option<bool>,
    /// Free storage in bytes.
    pub storage_free_bytes: Option<u64>,
    /// Operating system and version, as people say it ("Android 7.1").
    pub system: Option<String>,
    /// Size of the journal in bytes.
    pub journal_bytes: Option<u64>,
}
