//! `/posconnect/v1/audit`: who decided what, when, why, and how things stood before and after. No route changes it.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::query::Query;
use super::instant::to_iso;
use crate::ledger::audit::Entry;
use crate::state::AppState;

/// Most rows in one answer.
const LIMIT_MAX: u64 = 200;
/// Rows in one answer unless asked otherwise.
const LIMIT_DEFAULT: u64 = 100;
/// Largest number of a row.
const SEQUENCE_MAX: u64 = i64::MAX.unsigned_abs();

/// A part of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    /// Oldest first.
    pub data: Vec<AuditBody>,
    /// `after` of the next call.
    pub next_after: u64,
    /// There is more: ask again.
    pub has_more: bool,
}

/// One act.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditBody {
    /// Its number; only grows.
    pub sequence: u64,
    /// When, by the service's clock.
    pub at: String,
    /// What it was: a stable code; new ones may be added.
    #[schema(example = "attempt.resolved")]
    pub what: &'static str,
    /// Who did it: the name that was given, "PDV" when none was, or the terminal.
    pub who: String,
    /// Why, in that person's words.
    pub why: Option<String>,
    /// What it rests on.
    pub evidence: Option<String>,
    /// The terminal that it is about.
    pub terminal_serial_number: Option<String>,
    /// The order that it is about.
    pub order_id: Option<String>,
    /// The attempt that it is about.
    pub attempt_id: Option<String>,
    /// The reversal that it is about.
    pub reversal_id: Option<String>,
    /// How things stood before; its fields are only ever added to.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// How things stood after.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

/// The audit trail: every decision with its author, oldest first.
#[utoipa::path(get, path = "/posconnect/v1/audit", tag = "audit",
    params(
        ("after" = Option<u64>, Query, description = "Number of the last row seen (`next_after`); 0: from the beginning"),
        ("limit" = Option<u32>, Query, description = "1 to 200, 100 by default"),
    ),
    responses((status = 200, description = "Rows", body = AuditPage), Refusals))]
pub async fn list(
    caller: Caller,
    State(state): State<AppState>,
    mut query: Query,
) -> Result<Json<AuditPage>, ApiError> {
    let after = query.integer("after", (0, SEQUENCE_MAX), 0);
    let limit = query.integer("limit", (1, LIMIT_MAX), LIMIT_DEFAULT);
    query.finish(())?;
    let limit = u32::try_from(limit).expect("within the limits just checked");
    let entries = state.store.audit_after(caller.account(), after, limit).await?;
    let next_after = entries.last().map_or(after, |entry| entry.sequence);
    let more = state.store.audit_after(caller.account(), next_after, 1).await?;
    Ok(Json(AuditPage {
        data: entries.into_iter().map(AuditBody::new).collect(),
        next_after,
        has_more: !more.is_empty(),
    }))
}

impl AuditBody {
    fn new(entry: Entry) -> Self {
        Self {
            sequence: entry.sequence,
            at: to_iso(entry.at),
            what: entry.act.what.as_str(),
            who: entry.act.who,
            why: entry.act.why,
            evidence: entry.act.evidence,
            terminal_serial_number: entry.act.terminal.map(|serial| serial.to_string()),
            order_id: entry.order.map(|id| id.to_string()),
            attempt_id: entry.act.attempt.map(|id| id.to_string()),
            reversal_id: entry.act.reversal.map(|id| id.to_string()),
            before: entry.before,
            after: entry.after,
        }
    }
}
