//! What the terminal asks of the acquirer's apps.

use serde::{Deserialize, Serialize};

use crate::printer::PrintItem;

/// A request to one of the acquirer's apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `payment-app://pay`
    Pay(Pay),
    /// `cancel-app://cancel`
    Cancel(Cancel),
    /// `printer-app://print`
    Print(Print),
    /// `reprinter-app://reprint`
    Reprint(Reprint),
}

/// Which of the acquirer's apps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum App {
    /// Takes payments.
    Payment,
    /// Gives payments back.
    Cancel,
    /// Prints what it is given.
    Printer,
    /// Prints a card slip again.
    Reprinter,
}

/// How the money is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Crédito.
    Credit,
    /// Débito.
    Debit,
    /// Voucher.
    Voucher,
    /// Pix.
    Pix,
}

/// Who bears the cost of instalments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallmentKind {
    /// Sem juros.
    Merchant,
    /// Com juros.
    Issuer,
    /// À vista.
    None,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pay {
    /// Where the answer goes.
    pub return_scheme: String,
    /// Centavos; absent: the app asks.
    pub amount: Option<u64>,
    /// Whether the operator may change the amount.
    pub editable_amount: bool,
    /// Absent: the app asks.
    pub method: Option<Method>,
    /// Absent: à vista.
    pub installment_kind: Option<InstallmentKind>,
    /// 1: à vista.
    pub installments: u32,
    /// Echoed.
    pub order_id: Option<String>,
}

/// A reversal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// Where the answer goes.
    pub return_scheme: String,
    /// The payment's key.
    pub atk: String,
    /// Centavos.
    pub amount: u64,
    /// Whether the operator may change the amount.
    pub editable_amount: bool,
}

/// Something to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// Where the answer goes.
    pub return_scheme: String,
    /// From top to bottom.
    pub items: Vec<PrintItem>,
}

/// A card slip to print again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reprint {
    /// Where the answer goes.
    pub return_scheme: String,
    /// The payment's key.
    pub atk: String,
    /// The merchant's copy instead of the customer's.
    pub merchant_copy: bool,
}

impl App {
    /// Every app.
    pub const ALL: [Self; 4] = [Self::Payment, Self::Cancel, Self::Printer, Self::Reprinter];

    /// The app that an intent resolves to, by scheme and host alone.
    #[must_use]
    pub fn of(uri: &str) -> Option<Self> {
        let target = uri.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        match target {
            "payment-app://pay" => Some(Self::Payment),
            "cancel-app://cancel" => Some(Self::Cancel),
            "printer-app://print" => Some(Self::Printer),
            "reprinter-app://reprint" => Some(Self::Reprinter),
            _ => None,
        }
    }
}

impl Method {
    /// The display text that the acquirer puts into its answer.
    #[must_use]
    pub const fn display(self) -> &'static str {
        match self {
            Self::Credit => "Crédito",
            Self::Debit => "Débito",
            Self::Voucher => "Voucher",
            Self::Pix => "Pix",
        }
    }

    /// A method that is not this one.
    #[must_use]
    pub const fn another(self) -> Self {
        match self {
            Self::Credit => Self::Debit,
            Self::Debit | Self::Voucher | Self::Pix => Self::Credit,
        }
    }
}
