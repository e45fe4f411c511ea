//! Fiscal receipts: an image that the PDV sends after the payment.

use serde::{Deserialize, Serialize};

use crate::{OrderId, PrintId, UnixMillis};

/// What the image is, in Stone Connect's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ReceiptKind {
    /// NFC-e.
    Nfe,
    /// CF-e (SAT), a legacy image type.
    Cupom,
    /// Any other receipt.
    Receipt,
}

/// A receipt is waiting; the image is fetched apart because it is large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptNotice {
    /// The receipt.
    pub print_id: PrintId,
    /// Its order.
    pub order_id: OrderId,
    /// What people call the order.
    pub order_number: String,
    /// What it is.
    pub kind: ReceiptKind,
    /// Bytes of base64 text to fetch.
    pub size_bytes: u32,
    /// When the PDV sent it.
    pub created_at: UnixMillis,
}

/// `GET /terminal/v1/prints/{print_id}`: the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptImage {
    /// The receipt.
    pub print_id: PrintId,
    /// Base64 as the PDV sent it.
    pub content: String,
}

/// `POST /terminal/v1/prints/{print_id}/result`: what became of it. The last report counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptResult {
    /// The receipt.
    pub print_id: PrintId,
    /// What became of it.
    pub state: ReceiptState,
    /// A stable code when it failed (`no_paper`, `bad_image`, …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The terminal's clock.
    pub at: UnixMillis,
}

/// What became of a receipt on the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// Printed to the end.
    Printed,
    /// The operator did not want it.
    Skipped,
    /// It could not be printed; it can be tried again.
    Failed,
}
