//! A charge: an approved attempt as the PDV reads it.

use protocol::attempt::Outcome;
use protocol::{InstallmentType, Method, ReversalId};
use serde::Serialize;
use utoipa::ToSchema;

use super::attempt::AttemptBody;
use super::order::OrderSummary;
use crate::ledger::order::{Attempt, Order, Reversal};
use crate::pdv::instant::to_iso;

/// A charge (cobrança): one approved payment on a terminal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChargeBody {
    /// `ch_…`
    #[schema(example = "ch_4611686018427387904")]
    pub id: String,
    /// NSU/ATK: the acquirer's key of the transaction.
    pub code: Option<String>,
    /// Centavos.
    pub amount: u64,
    /// Centavos that were paid.
    pub paid_amount: u64,
    /// Centavos given back so far.
    pub canceled_amount: u64,
    /// `paid`, or `canceled` when all of it was given back.
    pub status: &'static str,
    /// `BRL`
    pub currency: &'static str,
    /// `cash`, as the original says of every POS charge; the method is in `posconnect`.
    pub payment_method: &'static str,
    /// When it was booked.
    pub paid_at: Option<String>,
    /// When it was last given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<String>,
    /// When the service first heard of it.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// A reversal was asked for and waits for the operator on the terminal.
    pub pending_cancellation: bool,
    /// Its order.
    pub order: OrderSummary,
    /// The last thing that happened to it: the payment, or a reversal.
    pub last_transaction: TransactionBody,
    /// Data of the transaction in the original's words.
    pub metadata: ChargeMetadata,
    /// What the original does not have.
    pub posconnect: AttemptBody,
}

/// A transaction of a charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransactionBody {
    /// `tran_…`; differs for the payment and for every reversal, so it serves to drop duplicates.
    pub id: String,
    /// `cash`, as the original says.
    pub transaction_type: &'static str,
    /// Centavos paid, or given back.
    pub amount: u64,
    /// `paid` or `canceled`.
    pub status: &'static str,
    /// Always true: what did not succeed is no transaction here.
    pub success: bool,
    /// When.
    pub created_at: String,
}

/// Data of a POS transaction, named as the original names it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChargeMetadata {
    /// Brand, in the original's spelling where it has one.
    pub scheme_name: Option<String>,
    /// Always null: no customer's name is stored.
    pub account_holder_name: Option<String>,
    /// `Credit`, `Debit` or `Voucher`; null for Pix.
    pub account_funding_source: Option<&'static str>,
    /// Authorization code (`cAut`).
    pub authorization_code: Option<String>,
    /// ITK: the terminal's key of the transaction.
    pub initiator_transaction_key: Option<String>,
    /// Instalments, as text; null when paid at once.
    pub installment_quantity: Option<String>,
    /// `MerchantFinanced` or `IssuerFinanced`; null when paid at once.
    pub installment_type: Option<&'static str>,
    /// When the terminal had the answer.
    pub transaction_timestamp: Option<String>,
    /// The terminal.
    pub terminal_serial_number: String,
}

/// The id of a charge.
#[must_use]
pub fn charge_id(attempt: &Attempt) -> String {
    format!("ch_{}", attempt.id)
}

/// The attempt that a charge's id names.
#[must_use]
pub fn attempt_of_charge(id: &str) -> Option<protocol::AttemptId> {
    protocol::AttemptId::parse(id.strip_prefix("ch_")?).ok()
}

impl ChargeBody {
    /// The charge of an approved attempt.
    #[must_use]
    pub fn new(order: &Order, attempt: &Attempt) -> Self {
        let given_back = attempt.reversals.iter().filter(|r| gave_back(r)).max_by_key(|r| r.recorded_at);
        Self::after(order, attempt, given_back)
    }

    /// The charge as an event about one reversal tells it.
    #[must_use]
    pub fn after_reversal(order: &Order, attempt: &Attempt, reversal: ReversalId) -> Self {
        Self::after(order, attempt, attempt.reversals.iter().find(|r| r.id == reversal))
    }

    fn after(order: &Order, attempt: &Attempt, reversal: Option<&Reversal>) -> Self {
        let paid_at = attempt.decided_at.filter(|_| attempt.is_approved());
        let canceled = attempt.is_approved() && attempt.net().is_zero();
        let last_change = reversal.map(|r| r.recorded_at).max(attempt.decided_at);
        Self {
            id: charge_id(attempt),
            code: attempt.evidence.atk.clone(),
            amount: attempt.amount.get(),
            paid_amount: if attempt.is_approved() { attempt.amount.get() } else { 0 },
            canceled_amount: attempt.reversed.get(),
            status: if canceled {
                "canceled"
            } else if attempt.is_approved() {
                "paid"
            } else {
                "pending"
            },
            currency: "BRL",
            payment_method: "cash",
            paid_at: paid_at.map(to_iso),
            canceled_at: reversal.map(|r| to_iso(r.recorded_at)),
            created_at: to_iso(attempt.recorded_at),
            updated_at: to_iso(last_change.unwrap_or(attempt.recorded_at)),
            pending_cancellation: attempt.reversal_wanted.is_some(),
            order: OrderSummary::new(order),
            last_transaction: TransactionBody::new(attempt, reversal),
            metadata: ChargeMetadata::new(attempt),
            posconnect: AttemptBody::new(attempt),
        }
    }
}

fn gave_back(reversal: &Reversal) -> bool {
    reversal.outcome == Outcome::Approved
}

impl TransactionBody {
    fn new(attempt: &Attempt, reversal: Option<&Reversal>) -> Self {
        let (id, amount, status, at) = match reversal {
            Some(r) => (format!("tran_{}", r.id), r.booked, "canceled", r.recorded_at),
            None => {
                let at = attempt.decided_at.unwrap_or(attempt.recorded_at);
                (format!("tran_{}", attempt.id), attempt.amount, "paid", at)
            }
        };
        Self {
            id,
            transaction_type: "cash",
            amount: amount.get(),
            status,
            success: true,
            created_at: to_iso(at),
        }
    }
}

impl ChargeMetadata {
    fn new(attempt: &Attempt) -> Self {
        let evidence = &attempt.evidence;
        let installments = attempt.choice.installments;
        Self {
            scheme_name: evidence.brand.as_deref().map(scheme_name),
            account_holder_name: None,
            account_funding_source: match attempt.choice.method {
                Method::Credit => Some("Credit"),
                Method::Debit => Some("Debit"),
                Method::Voucher => Some("Voucher"),
                Method::Pix => None,
            },
            authorization_code: evidence.authorization_code.clone(),
            initiator_transaction_key: evidence.itk.clone(),
            installment_quantity: installments.map(|i| i.count.to_string()),
            installment_type: installments.map(|i| match i.kind {
                InstallmentType::Merchant => "MerchantFinanced",
                InstallmentType::Issuer => "IssuerFinanced",
            }),
            transaction_timestamp: attempt.ended_at.map(to_iso),
            terminal_serial_number: attempt.terminal.to_string(),
        }
    }
}

/// Brands as Pagar.me spells them; the terminal writes "MASTERCARD".
const SCHEMES: [&str; 29] = [
    "Alelo",
    "AmericanExpress",
    "AvanCard",
    "BanesCard",
    "Ben",
    "Biq",
    "Cabal",
    "CooperCard",
    "DinersClub",
    "Discover",
    "Elo",
    "FortBrasil",
    "GreenCard",
    "Hipercard",
    "JCB",
    "MasterCard",
    "NutriCard",
    "Senff",
    "Sodexo",
    "SoroCred",
    "Ticket",
    "UnionPay",
    "UpBrasil",
    "ValeCard",
    "VerdeCard",
    "VeroCard",
    "Visa",
    "VR",
    "Maestro",
];

fn scheme_name(brand: &str) -> String {
    let letters: String = brand.chars().filter(char::is_ascii_alphanumeric).collect();
    let known = SCHEMES.iter().find(|s| s.eq_ignore_ascii_case(&letters));
    known.map_or_else(|| brand.to_owned(), |s| (*s).to_owned())
}

#[cfg(test)]
mod tests {
    use super::scheme_name;

    #[test]
    fn a_brand_is_spelled_as_the_original_does_and_an_unknown_one_is_left() {
        assert_eq!(scheme_name("MASTERCARD"), "MasterCard");
        assert_eq!(scheme_name("American Express"), "AmericanExpress");
        assert_eq!(scheme_name("vr"), "VR");
        assert_eq!(scheme_name("Banco Novo"), "Banco Novo");
    }
}
