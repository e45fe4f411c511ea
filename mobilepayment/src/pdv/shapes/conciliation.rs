//! An imported conciliation file as the PDV reads it.

use protocol::Centavos;
use serde::Serialize;
use utoipa::ToSchema;

use super::words::word;
use crate::ledger::comparison::{Comparison, Conciliation, Line, Ours, Theirs};
use crate::pdv::instant::to_iso;

/// An imported file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConciliationBody {
    /// `cc_…`
    pub id: String,
    /// The file's own id.
    pub file_id: String,
    /// The store's code at Stone.
    pub stone_code: Option<String>,
    /// The day that it tells of.
    #[schema(example = "2026-11-25")]
    pub date: String,
    /// Who imported it.
    pub by: String,
    /// When.
    pub imported_at: String,
    /// How many lines of each kind.
    pub counts: CountsBody,
}

/// How many lines of each kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountsBody {
    /// Both say the same.
    pub matches: usize,
    /// Decided by the file.
    pub settled: usize,
    /// Not the same.
    pub differs: usize,
    /// Not in the file.
    pub misses: usize,
    /// Not ours.
    pub surplus: usize,
    /// Pix, which is never in it.
    pub not_covered: usize,
    /// Still in doubt.
    pub undecided: usize,
}

/// An imported file with every line.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConciliationDetail {
    /// The import.
    #[serde(flatten)]
    pub conciliation: ConciliationBody,
    /// Both say the same.
    pub matches: Vec<LineBody>,
    /// In doubt until this file decided it.
    pub settled: Vec<LineBody>,
    /// The same transaction, but not the same of it: `why` says what. Nothing was decided.
    pub differs: Vec<LineBody>,
    /// Approved card payments of that day that the file does not have. A day's file may be completed later.
    pub misses: Vec<LineBody>,
    /// In the file, and nothing of this service's.
    pub surplus: Vec<LineBody>,
    /// Approved that day with Pix, which is never in the file.
    pub not_covered: Vec<LineBody>,
    /// In doubt, and not in the file: still undecided, because absence decides nothing.
    pub undecided: Vec<LineBody>,
}

/// What the file says beside what the service holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineBody {
    /// What the file says.
    pub file: Option<FileSide>,
    /// What the service holds.
    pub ours: Option<OwnSide>,
    /// `amount`, `method`, `installments`, `serial`, `date`, `ambiguous`, `twice`, `not_approved`, `given_back`,
    /// `refused`.
    pub why: Vec<String>,
}

/// A transaction of the file, or money given back of one.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileSide {
    /// AcquirerTransactionKey: the NSU.
    pub atk: Option<String>,
    /// InitiatorTransactionKey.
    pub itk: Option<String>,
    /// IssuerAuthorizationCode.
    pub authorization_code: Option<String>,
    /// Poi/SerialNumber.
    pub terminal_serial_number: Option<String>,
    /// CaptureLocalDateTime, as it is written.
    pub captured_at_local: Option<String>,
    /// Centavos captured, or given back.
    pub amount: Option<u64>,
    /// OperationKey of the cancellation; null: a capture.
    pub cancellation: Option<String>,
}

/// A payment, or a reversal of one.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSide {
    /// The order.
    pub order_id: String,
    /// What people call it.
    pub order_number: String,
    /// The attempt.
    pub attempt_id: String,
    /// The reversal, when it is about one.
    pub reversal_id: Option<String>,
    /// The terminal.
    pub terminal_serial_number: String,
    /// Centavos.
    pub amount: u64,
    /// What the service held before the file was read.
    pub outcome: Option<String>,
}

impl ConciliationBody {
    /// Any import.
    #[must_use]
    pub fn new(it: Conciliation) -> Self {
        let counts = it.counts;
        Self {
            id: it.id,
            file_id: it.file_id,
            stone_code: it.store,
            date: it.date,
            by: it.by,
            imported_at: to_iso(it.imported_at),
            counts: CountsBody {
                matches: counts.matches,
                settled: counts.settled,
                differs: counts.differs,
                misses: counts.misses,
                surplus: counts.surplus,
                not_covered: counts.not_covered,
                undecided: counts.undecided,
            },
        }
    }
}

impl ConciliationDetail {
    /// Any import with its lines.
    #[must_use]
    pub fn new(it: Conciliation, comparison: Comparison) -> Self {
        let lines = |lines: Vec<Line>| lines.into_iter().map(LineBody::new).collect();
        Self {
            conciliation: ConciliationBody::new(it),
            matches: lines(comparison.matches),
            settled: lines(comparison.settled),
            differs: lines(comparison.differs),
            misses: lines(comparison.misses),
            surplus: lines(comparison.surplus),
            not_covered: lines(comparison.not_covered),
            undecided: lines(comparison.undecided),
        }
    }
}

impl LineBody {
    fn new(line: Line) -> Self {
        Self {
            file: line.file.map(FileSide::new),
            ours: line.ours.map(OwnSide::new),
            why: line.why.iter().map(word).collect(),
        }
    }
}

impl FileSide {
    fn new(it: Theirs) -> Self {
        Self {
            atk: it.atk,
            itk: it.itk,
            authorization_code: it.authorization_code,
            terminal_serial_number: it.serial,
            captured_at_local: it.captured_at,
            amount: it.amount.map(Centavos::get),
            cancellation: it.cancellation,
        }
    }
}

impl OwnSide {
    fn new(it: Ours) -> Self {
        Self {
            order_id: it.order_id.to_string(),
            order_number: it.order_number,
            attempt_id: it.attempt_id.to_string(),
            reversal_id: it.reversal_id.map(|id| id.to_string()),
            terminal_serial_number: it.terminal.to_string(),
            amount: it.amount.get(),
            outcome: it.outcome.as_ref().map(word),
        }
    }
}
