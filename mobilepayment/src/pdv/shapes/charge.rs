//! A charge: an approved attempt (and, apart, any attempt) as the PDV reads it.

use protocol::attempt::Outcome;
use protocol::{Centavos, InstallmentType, Method, ReversalId};
use serde::Serialize;
use utoipa::ToSchema;

use super::order::OrderSummary;
use super::words::{InstallmentWord, MethodWord, word};
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

/// An attempt: one call to the acquirer's app, with everything the fiscal document needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptBody {
    /// The attempt.
    pub attempt_id: String,
    /// `approved`, `declined`, `cancelled`, `in_doubt`; null while it is open on the terminal.
    pub outcome: Option<String>,
    /// What its terminal reported, when that is not what holds.
    pub reported_outcome: Option<String>,
    /// Why it is not approved, or not clear.
    pub reason: Option<String>,
    /// Rules that a report of it breaks; an approval with some of them is held in doubt.
    pub flags: Vec<String>,
    /// Centavos asked for.
    pub amount: u64,
    /// Centavos given back.
    pub reversed_amount: u64,
    /// The method asked for.
    pub method: MethodWord,
    /// Instalments; 1 is paid at once.
    pub installments: u8,
    /// Who finances them.
    pub installment_type: Option<InstallmentWord>,
    /// Brand as the acquirer writes it.
    pub brand: Option<String>,
    /// Whether the brand is in the table of fiscal codes; when not, `t_band` is 99 and the PDV should ask.
    pub brand_mapped: Option<bool>,
    /// `tBand` of the fiscal document.
    pub t_band: Option<String>,
    /// `tPag` of the fiscal document; null for a voucher, where the PDV chooses 10 or 11.
    pub t_pag: Option<&'static str>,
    /// `cAut` of the fiscal document.
    pub authorization_code: Option<String>,
    /// NSU; the same as `atk` with Stone.
    pub nsu: Option<String>,
    /// The acquirer's key of the transaction.
    pub atk: Option<String>,
    /// The terminal's key of the transaction.
    pub itk: Option<String>,
    /// Last four digits of the card.
    pub card_last_four: Option<String>,
    /// How the card was read.
    pub entry_mode: Option<String>,
    /// Local date and time of the authorization, without zone.
    pub authorized_at_local: Option<String>,
    /// CNPJ of the acquirer (`card.CNPJ`).
    pub acquirer_cnpj: String,
    /// The terminal (`idTermPag`).
    pub terminal_serial_number: String,
    /// When it was started, by the terminal's clock.
    pub started_at: String,
    /// When it ended, by the terminal's clock.
    pub ended_at: Option<String>,
    /// When the service first heard of it.
    pub recorded_at: String,
    /// What a manager decided about it.
    pub resolution: Option<ResolutionBody>,
    /// Reversals reported by the terminal.
    pub reversals: Vec<ReversalBody>,
    /// Centavos of a reversal that waits for the operator.
    pub reversal_wanted_amount: Option<u64>,
}

/// A manager's decision about an attempt in doubt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResolutionBody {
    /// Whether the customer was charged.
    pub charged: bool,
    /// What the decision rests on.
    pub evidence: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: String,
}

/// A reversal as its terminal reported it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReversalBody {
    /// The reversal.
    pub reversal_id: String,
    /// Centavos asked back.
    pub amount: u64,
    /// Centavos booked.
    pub booked_amount: u64,
    /// `approved`, `declined`, `cancelled` or `in_doubt`.
    pub outcome: String,
    /// Why not, or why not clear.
    pub reason: Option<String>,
    /// The acquirer's response code.
    pub response_code: Option<String>,
    /// When it ended, by the terminal's clock.
    pub ended_at: String,
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
        let given_back = attempt
            .reversals
            .iter()
            .filter(|r| gave_back(r))
            .max_by_key(|r| r.recorded_at);
        Self::after(order, attempt, given_back)
    }

    /// The charge as an event about one reversal tells it.
    #[must_use]
    pub fn after_reversal(order: &Order, attempt: &Attempt, reversal: ReversalId) -> Self {
        Self::after(
            order,
            attempt,
            attempt.reversals.iter().find(|r| r.id == reversal),
        )
    }

    fn after(order: &Order, attempt: &Attempt, reversal: Option<&Reversal>) -> Self {
        let paid_at = attempt.decided_at.filter(|_| attempt.is_approved());
        let canceled = attempt.is_approved() && attempt.net().is_zero();
        let last_change = reversal.map(|r| r.recorded_at).max(attempt.decided_at);
        Self {
            id: charge_id(attempt),
            code: attempt.evidence.atk.clone(),
            amount: attempt.amount.get(),
            paid_amount: if attempt.is_approved() {
                attempt.amount.get()
            } else {
                0
            },
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

impl AttemptBody {
    /// Any attempt.
    #[must_use]
    pub fn new(attempt: &Attempt) -> Self {
        let evidence = &attempt.evidence;
        let brand = evidence.brand.as_deref();
        let installments = attempt.choice.installments;
        Self {
            attempt_id: attempt.id.to_string(),
            outcome: attempt.outcome.as_ref().map(word),
            reported_outcome: attempt
                .reported
                .filter(|r| Some(*r) != attempt.outcome)
                .as_ref()
                .map(word),
            reason: attempt.reason.as_ref().map(word),
            flags: attempt.flags.iter().map(word).collect(),
            amount: attempt.amount.get(),
            reversed_amount: attempt.reversed.get(),
            method: attempt.choice.method.into(),
            installments: installments.map_or(1, |i| i.count),
            installment_type: installments.map(|i| i.kind.into()),
            brand: evidence.brand.clone(),
            brand_mapped: brand.map(|b| protocol::brand::t_band(b).is_some()),
            t_band: attempt.t_band().map(ToOwned::to_owned),
            t_pag: attempt.choice.method.t_pag(),
            authorization_code: evidence.authorization_code.clone(),
            nsu: evidence.atk.clone(),
            atk: evidence.atk.clone(),
            itk: evidence.itk.clone(),
            card_last_four: evidence.last4.clone(),
            entry_mode: evidence.entry_mode.clone(),
            authorized_at_local: evidence.authorized_at_local.clone(),
            acquirer_cnpj: attempt.acquirer_cnpj.clone(),
            terminal_serial_number: attempt.terminal.to_string(),
            started_at: to_iso(attempt.started_at),
            ended_at: attempt.ended_at.map(to_iso),
            recorded_at: to_iso(attempt.recorded_at),
            resolution: attempt.resolution.as_ref().map(|r| ResolutionBody {
                charged: r.approved,
                evidence: r.evidence.clone(),
                reason: r.reason.clone(),
                by: r.by.clone(),
                at: to_iso(r.at),
            }),
            reversals: attempt.reversals.iter().map(ReversalBody::new).collect(),
            reversal_wanted_amount: attempt.reversal_wanted.map(|w| w.amount).map(Centavos::get),
        }
    }
}

impl ReversalBody {
    fn new(reversal: &Reversal) -> Self {
        Self {
            reversal_id: reversal.id.to_string(),
            amount: reversal.amount.get(),
            booked_amount: reversal.booked.get(),
            outcome: word(&reversal.outcome),
            reason: reversal.reason.as_ref().map(word),
            response_code: reversal.response_code.clone(),
            ended_at: to_iso(reversal.ended_at),
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
