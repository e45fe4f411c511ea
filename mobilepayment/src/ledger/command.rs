//! What the PDV's side asks of the store: plain data, parsed and checked for shape before it comes here.

use protocol::order::OrderKind;
use protocol::receipt::ReceiptKind;
use protocol::{Centavos, OrderId, PaymentChoice, ReversalId, Serial, UnixMillis};

use super::order::{CloseReason, Order};
use crate::registers::AccountId;

/// An order to be created.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Whose.
    pub account: AccountId,
    /// Makes a repeated request the same request.
    pub idempotency: Option<Idempotency>,
    /// The PDV's own reference.
    pub code: Option<String>,
    /// What the PDV wants shown; never a customer's name.
    pub display_name: String,
    /// Direct or listed.
    pub kind: OrderKind,
    /// What is to be paid in all.
    pub total: Centavos,
    /// Method and instalments that bind the terminal.
    pub fixed: Option<PaymentChoice>,
    /// The terminals it is for; empty: all of the company.
    pub terminals: Vec<Serial>,
    /// The PDV will send a fiscal receipt.
    pub receipt_expected: bool,
    /// When it ends by itself.
    pub expires_at: Option<UnixMillis>,
    /// What only the PDV reads back (items, metadata): JSON text, without any customer's name.
    pub pdv: String,
}

/// A request that may come twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// The PDV's key, at most 255 bytes.
    pub key: String,
    /// SHA-256 of the request's body: the same key with another body is refused.
    pub request_hash: [u8; 32],
}

/// An order was created, now or by the same request before.
#[derive(Clone, Debug)]
pub struct Created {
    /// The order as it is now.
    pub order: Order,
    /// The same request was answered before.
    pub repeated: bool,
}

/// An order to be closed by the PDV.
#[derive(Clone, Debug)]
pub struct CloseOrder {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub order_id: OrderId,
    /// As what: `Paid`, `Canceled` or `Failed`.
    pub reason: CloseReason,
}

/// A manager's decision about an attempt in doubt.
#[derive(Clone, Debug)]
pub struct Resolve {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub attempt_id: protocol::AttemptId,
    /// Whether the customer was charged.
    pub approved: bool,
    /// What the decision rests on.
    pub evidence: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
}

/// A manager's decision about a reversal in doubt.
#[derive(Clone, Debug)]
pub struct ResolveReversal {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub reversal_id: ReversalId,
    /// Whether the money went back.
    pub went_back: bool,
    /// What the decision rests on.
    pub evidence: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
}

/// A receipt image to be printed.
#[derive(Clone, Debug)]
pub struct NewPrint {
    /// Whose.
    pub account: AccountId,
    /// Its order.
    pub order_id: OrderId,
    /// What it is.
    pub kind: ReceiptKind,
    /// Base64 as the PDV sent it.
    pub content: String,
}

/// A one-use code that binds a terminal to its store.
#[derive(Clone, PartialEq, Eq)]
pub struct ActivationCode {
    /// 10 letters and digits, shown as `XXXXX-XXXXX`. Shown once, stored hashed.
    pub code: String,
    /// Until when it can be used.
    pub expires_at: UnixMillis,
}
