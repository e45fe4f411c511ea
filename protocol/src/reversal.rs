//! Giving an approved payment back, whole or in part, on the terminal that took it.

use serde::{Deserialize, Serialize};

use crate::attempt::{Outcome, OutcomeReason};
use crate::{AttemptId, Centavos, OrderId, ReversalId, UnixMillis};

/// `POST /terminal/v1/reversals`: what came of a reversal. Always recorded and acknowledged.
///
/// `approved`: the money went back. `declined` and `cancelled`: it did not. `in_doubt`: nobody knows yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalEnded {
    /// Made by the terminal.
    pub reversal_id: ReversalId,
    /// The payment given back.
    pub attempt_id: AttemptId,
    /// Its order.
    pub order_id: OrderId,
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
    /// The terminal's clock when it was started.
    pub started_at: UnixMillis,
    /// The terminal's clock when it ended.
    pub ended_at: UnixMillis,
}

/// What the store decided about a reversal in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledReversal {
    /// The reversal.
    pub reversal_id: ReversalId,
    /// `approved`: the money went back. `declined`: it did not.
    pub outcome: Outcome,
}

/// A reversal that the PDV asked for and that an operator must do on the terminal that took the payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalWanted {
    /// The payment to give back.
    pub attempt_id: AttemptId,
    /// Its order.
    pub order_id: OrderId,
    /// How much.
    pub amount: Centavos,
    /// When the PDV asked.
    pub wanted_at: UnixMillis,
}
