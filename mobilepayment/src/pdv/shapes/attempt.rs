//! An attempt as the PDV reads it, with everything that the fiscal document needs.

use protocol::Centavos;
use protocol::statement::Said;
use serde::Serialize;
use utoipa::ToSchema;

use super::words::{InstallmentWord, MethodWord, word};
use crate::ledger::order::{Attempt, Reversal, Statement};
use crate::pdv::instant::to_iso;

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
    /// What the operator of its terminal last read off the card slip. It decides nothing until somebody confirms it.
    pub statement: Option<StatementBody>,
    /// What a manager decided about it.
    pub resolution: Option<ResolutionBody>,
    /// Reversals reported by the terminal.
    pub reversals: Vec<ReversalBody>,
    /// Centavos of a reversal that waits for the operator.
    pub reversal_wanted_amount: Option<u64>,
}

/// What an operator read off the card slip of an attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementBody {
    /// The statement.
    pub statement_id: String,
    /// Whether the slip says that the customer was charged.
    pub charged: bool,
    /// Authorization code on the slip.
    pub authorization_code: Option<String>,
    /// NSU (ATK) on the slip.
    pub nsu: Option<String>,
    /// When, by the terminal's clock.
    pub stated_at: String,
    /// When the service got it.
    pub received_at: String,
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
    /// What the store decided about it while it was in doubt.
    pub resolution: Option<ReversalResolutionBody>,
}

/// The store's decision about a reversal in doubt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReversalResolutionBody {
    /// Whether the money went back.
    pub went_back: bool,
    /// What the decision rests on.
    pub evidence: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: String,
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
            reported_outcome: attempt.reported.filter(|r| Some(*r) != attempt.outcome).as_ref().map(word),
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
            statement: attempt.statement.as_ref().map(StatementBody::new),
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

impl StatementBody {
    fn new(statement: &Statement) -> Self {
        let (charged, authorization_code, nsu) = match &statement.said {
            Said::Charged { authorization_code, atk } => {
                (true, Some(authorization_code.clone()), Some(atk.clone()))
            }
            Said::NotCharged => (false, None, None),
        };
        Self {
            statement_id: statement.id.to_string(),
            charged,
            authorization_code,
            nsu,
            stated_at: to_iso(statement.stated_at),
            received_at: to_iso(statement.received_at),
        }
    }
}

impl ReversalBody {
    /// Any reversal.
    #[must_use]
    pub fn new(reversal: &Reversal) -> Self {
        Self {
            reversal_id: reversal.id.to_string(),
            amount: reversal.amount.get(),
            booked_amount: reversal.booked.get(),
            outcome: word(&reversal.outcome),
            reason: reversal.reason.as_ref().map(word),
            response_code: reversal.response_code.clone(),
            ended_at: to_iso(reversal.ended_at),
            resolution: reversal.resolution.as_ref().map(|r| ReversalResolutionBody {
                went_back: r.approved,
                evidence: r.evidence.clone(),
                reason: r.reason.clone(),
                by: r.by.clone(),
                at: to_iso(r.at),
            }),
        }
    }
}
