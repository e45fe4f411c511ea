//! A receipt to be printed, as the PDV reads its state.

use protocol::receipt::ReceiptState;
use serde::Serialize;
use utoipa::ToSchema;

use super::words::word;
use crate::ledger::order::Print;
use crate::pdv::instant::to_iso;

/// A receipt (comprovante) that was sent to be printed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrintBody {
    /// `pr_…`
    pub id: String,
    /// Its order.
    pub order_id: String,
    /// `NFE`, `CUPOM` or `RECEIPT`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `pending`, `printed`, `skipped` or `failed`.
    pub status: &'static str,
    /// Why it failed (`no_paper`, `bad_image`, …).
    pub problem: Option<String>,
    /// The terminal it is for; null: any of the order's.
    pub terminal_serial_number: Option<String>,
    /// When the PDV sent it.
    pub created_at: String,
}

impl PrintBody {
    /// Any receipt.
    #[must_use]
    pub fn new(print: &Print) -> Self {
        Self {
            id: print.id.to_string(),
            order_id: print.order_id.to_string(),
            kind: word(&print.kind),
            status: match print.state {
                None => "pending",
                Some(ReceiptState::Printed) => "printed",
                Some(ReceiptState::Skipped) => "skipped",
                Some(ReceiptState::Failed) => "failed",
            },
            problem: print.problem.clone(),
            terminal_serial_number: print.terminal.as_ref().map(ToString::to_string),
            created_at: to_iso(print.created_at),
        }
    }
}
