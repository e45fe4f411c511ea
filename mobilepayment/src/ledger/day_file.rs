//! The acquirer's file of one day, in the ledger's words. How it is read is not the ledger's business.

use protocol::{Centavos, Method};

use super::calendar::LocalDate;

/// Stone's conciliation file of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayFile {
    /// Its own id.
    pub id: String,
    /// The store's code at the acquirer.
    pub store: Option<String>,
    /// The day that it tells of.
    pub date: LocalDate,
    /// What happened to transactions on that day.
    pub transactions: Vec<Transaction>,
}

/// A transaction to which something happened. One that was captured on an earlier day carries little but its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// The acquirer's key (AcquirerTransactionKey).
    pub atk: Option<String>,
    /// The initiator's key (InitiatorTransactionKey).
    pub itk: Option<String>,
    /// The issuer's authorization code.
    pub authorization_code: Option<String>,
    /// The terminal.
    pub serial: Option<String>,
    /// When it was captured, local, as it is written: `yyyyMMddHHmmss`.
    pub captured_at: Option<String>,
    /// The account that was charged.
    pub account: AccountKind,
    /// Instalments; 1 is à vista.
    pub installments: Option<u8>,
    /// What was captured; `None` also when it is no whole number of centavos.
    pub amount: Option<Centavos>,
    /// It was captured on this day.
    pub captured: bool,
    /// What was given back of it on this day.
    pub cancellations: Vec<Cancellation>,
}

/// Money given back in one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// The operation (OperationKey).
    pub key: String,
    /// On which day.
    pub date: Option<LocalDate>,
    /// How much, over all instalments; `None` when it is no whole number of centavos.
    pub amount: Option<Centavos>,
}

/// The account that a card was charged to (AccountType).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountKind {
    /// Debit.
    Debit,
    /// Credit.
    Credit,
    /// Prepaid: the terminal asks for credit or debit.
    Prepaid,
    /// Absent, or a number that is in no list.
    #[default]
    Unknown,
}

impl AccountKind {
    /// Whether a payment of this method may be charged to this account. How vouchers are marked is not published.
    #[must_use]
    pub const fn fits(self, method: Method) -> bool {
        match (method, self) {
            (Method::Pix, _) => false,
            (Method::Voucher, _) | (Method::Credit | Method::Debit, Self::Prepaid | Self::Unknown) => true,
            (Method::Credit, kind) => matches!(kind, Self::Credit),
            (Method::Debit, kind) => matches!(kind, Self::Debit),
        }
    }
}
