//! What the agent wants done. Effects leave only after the records of the same step are synced.

use protocol::PrintId;
use protocol::activation::ActivateRequest;
use protocol::attempt::{AttemptEnded, AttemptStarted};
use protocol::claim::{ClaimRelease, ClaimRequest};
use protocol::feed::Cursor;
use protocol::receipt::ReceiptResult;
use protocol::reversal::ReversalEnded;
use protocol::statement::AttemptStatement;
use serde::{Deserialize, Serialize};

/// Names a call to mobilepayment while it runs. Not kept over a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId(pub u64);

/// What the agent wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Call mobilepayment; the answer, or its absence, comes back as [`super::Event::Answered`] within `timeout_ms`.
    Call {
        /// To name it in the answer.
        call: CallId,
        /// What to say.
        request: HubCall,
        /// Give up after this many milliseconds.
        timeout_ms: u64,
    },
    /// Drop a call: its answer will be ignored.
    Drop(CallId),
    /// Use this device token from now on.
    Authenticate(DeviceToken),
    /// Open a deep link of the acquirer's app. If it cannot be opened: [`super::Event::OpenFailed`].
    Open {
        /// The request URI.
        uri: String,
        /// What it is for.
        purpose: Purpose,
    },
    /// Fetch a receipt, prepare it for the printer and keep it: [`super::Event::Receipt`].
    FetchReceipt(PrintId),
    /// Open the print request of one part of a prepared receipt. If it cannot be opened: [`super::Event::OpenFailed`].
    Print {
        /// Which receipt.
        print_id: PrintId,
        /// Which of its parts, from 0.
        part: u32,
    },
    /// A receipt is not needed any more.
    ForgetReceipt(PrintId),
    /// Make the operator look.
    Alert(Alert),
    /// Keep the screen on, or stop doing so.
    KeepAwake(bool),
}

/// A call to mobilepayment.
#[derive(Clone, Debug, PartialEq)]
pub enum HubCall {
    /// `POST /terminal/v1/activate`
    Activate(ActivateRequest),
    /// `GET /terminal/v1/feed`
    Feed {
        /// From where; `None`: everything.
        since: Option<Cursor>,
        /// Seconds to wait for a change.
        wait_s: u32,
    },
    /// `POST /terminal/v1/claims`
    Claim(ClaimRequest),
    /// `POST /terminal/v1/claims/release`
    Release(ClaimRelease),
    /// `POST /terminal/v1/attempts`
    Start(AttemptStarted),
    /// `POST /terminal/v1/attempts/outcome`
    Outcome(Box<AttemptEnded>),
    /// `POST /terminal/v1/attempts/statement`
    Statement(AttemptStatement),
    /// `POST /terminal/v1/reversals`
    Reversal(ReversalEnded),
    /// `POST /terminal/v1/prints/{id}/result`
    ReceiptResult(ReceiptResult),
}

/// What a deep link is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A payment.
    Pay,
    /// A reversal.
    Reverse,
    /// A receipt.
    Print,
    /// The acquirer's card slip.
    Reprint,
}

/// Why the operator should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    /// A direct order opens.
    DirectOrder,
    /// Approved.
    Approved,
    /// Declined, cancelled or refused.
    Refused,
    /// In doubt, or a stray answer.
    Attention,
}

/// The secret that identifies this terminal to mobilepayment. Never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceToken(String);

impl DeviceToken {
    /// Takes the token as the service gave it.
    #[must_use]
    pub const fn new(token: String) -> Self {
        Self(token)
    }

    /// The token itself, for the `Authorization` header only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("DeviceToken(…)")
    }
}
