//! The words of the wire for the enums of the ledger.

use protocol::order::{OrderKind, OrderStatus};
use protocol::{InstallmentType, Method};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ledger::order::{CloseReason, Order};

/// A payment method. Any case is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MethodWord {
    /// Cartão de crédito.
    Credit,
    /// Cartão de débito.
    Debit,
    /// Vale alimentação ou refeição.
    Voucher,
    /// Pix.
    Pix,
}

impl MethodWord {
    /// Every word.
    pub const ALL: [(&str, Self); 4] =
        [("credit", Self::Credit), ("debit", Self::Debit), ("voucher", Self::Voucher), ("pix", Self::Pix)];
}

impl From<Method> for MethodWord {
    fn from(method: Method) -> Self {
        match method {
            Method::Credit => Self::Credit,
            Method::Debit => Self::Debit,
            Method::Voucher => Self::Voucher,
            Method::Pix => Self::Pix,
        }
    }
}

impl From<MethodWord> for Method {
    fn from(word: MethodWord) -> Self {
        match word {
            MethodWord::Credit => Self::Credit,
            MethodWord::Debit => Self::Debit,
            MethodWord::Voucher => Self::Voucher,
            MethodWord::Pix => Self::Pix,
        }
    }
}

/// Who finances the instalments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InstallmentWord {
    /// The shop, "sem juros".
    Merchant,
    /// The card's issuer, "com juros".
    Issuer,
}

impl InstallmentWord {
    /// Every word.
    pub const ALL: [(&str, Self); 2] = [("merchant", Self::Merchant), ("issuer", Self::Issuer)];
}

impl From<InstallmentType> for InstallmentWord {
    fn from(kind: InstallmentType) -> Self {
        match kind {
            InstallmentType::Merchant => Self::Merchant,
            InstallmentType::Issuer => Self::Issuer,
        }
    }
}

impl From<InstallmentWord> for InstallmentType {
    fn from(word: InstallmentWord) -> Self {
        match word {
            InstallmentWord::Merchant => Self::Merchant,
            InstallmentWord::Issuer => Self::Issuer,
        }
    }
}

/// How an order reaches terminals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModeWord {
    /// To one terminal, which opens the payment by itself; charged once, whole.
    Direct,
    /// In a list on one, some or all terminals; may be charged in parts.
    Listed,
}

impl ModeWord {
    /// Every word.
    pub const ALL: [(&str, Self); 2] = [("direct", Self::Direct), ("listed", Self::Listed)];
}

impl From<OrderKind> for ModeWord {
    fn from(kind: OrderKind) -> Self {
        match kind {
            OrderKind::Direct => Self::Direct,
            OrderKind::Listed => Self::Listed,
        }
    }
}

impl From<ModeWord> for OrderKind {
    fn from(word: ModeWord) -> Self {
        match word {
            ModeWord::Direct => Self::Direct,
            ModeWord::Listed => Self::Listed,
        }
    }
}

/// Status of an order, in the original's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StatusWord {
    /// Waits for payment, or for what is in flight while it is being closed.
    Pending,
    /// Fully paid, or closed as paid.
    Paid,
    /// Closed as cancelled, or expired.
    Canceled,
    /// Closed as failed.
    Failed,
}

impl StatusWord {
    /// Every word.
    pub const ALL: [(&str, Self); 4] = [
        ("pending", Self::Pending),
        ("paid", Self::Paid),
        ("canceled", Self::Canceled),
        ("failed", Self::Failed),
    ];

    /// The status of an order.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        match (order.status, order.close.map(|c| c.reason)) {
            (OrderStatus::Open | OrderStatus::Closing, _) => Self::Pending,
            (OrderStatus::Paid, _) | (OrderStatus::Closed, Some(CloseReason::Paid)) => Self::Paid,
            (OrderStatus::Closed, Some(CloseReason::Failed)) => Self::Failed,
            (OrderStatus::Closed, Some(CloseReason::Canceled | CloseReason::Expired) | None) => {
                Self::Canceled
            }
        }
    }
}

/// Where an order is in its life, in our own words.
#[must_use]
pub const fn stage(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Open => "open",
        OrderStatus::Closing => "closing",
        OrderStatus::Paid => "paid",
        OrderStatus::Closed => "closed",
    }
}

/// As what an order was closed.
#[must_use]
pub const fn close_reason(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Paid => "paid",
        CloseReason::Canceled => "canceled",
        CloseReason::Failed => "failed",
        CloseReason::Expired => "expired",
    }
}

/// The name that an enum of the ledger has in JSON: its own `Serialize` decides, so that there is one spelling.
#[must_use]
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        other => unreachable!("a fieldless enum is text in JSON, not {other:?}"),
    }
}
