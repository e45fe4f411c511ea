//! `/posconnect/v1/attempts`: what is in doubt, what the terminals said of it, and the manager's decision.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::AttemptId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::body::JsonBody;
use super::input::fields::{Fields, Problems};
use super::input::path::Segment;
use super::input::query::Query;
use super::instant::to_iso;
use super::page::{Page, Paging, PagingBody};
use super::shapes::attempt::AttemptBody;
use super::shapes::order::{OrderBody, OrderSummary};
use super::shapes::words::word;
use crate::ledger::order::Attempt;
use crate::ledger::resolving::TEXT_BYTES_MAX;
use crate::state::AppState;
use crate::store::command::Resolve;
use crate::store::query::{OrderFilter, Orphan, Report};

/// An attempt with its order.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptOfOrder {
    /// Its order.
    pub order: OrderSummary,
    /// The attempt.
    pub attempt: AttemptBody,
}

/// Attempts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptsPage {
    /// The attempts, those of the newest order first.
    pub data: Vec<AttemptOfOrder>,
    /// Where the page stands; it counts orders.
    pub paging: PagingBody,
}

/// An attempt with every report of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptDetail {
    /// Its order.
    pub order: OrderSummary,
    /// The attempt.
    pub attempt: AttemptBody,
    /// Every distinct report of its terminal, oldest first.
    pub reports: Vec<ReportBody>,
}

/// What a terminal reported of an attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportBody {
    /// The terminal.
    pub terminal_serial_number: String,
    /// The outcome as the terminal understood it.
    pub outcome: String,
    /// Why it is not approved, or not clear.
    pub reason: Option<String>,
    /// Result code of the acquirer's app.
    pub result_code: Option<String>,
    /// Centavos said to be charged.
    pub amount_said: Option<u64>,
    /// Rules that the report breaks.
    pub flags: Vec<String>,
    /// When the service got it.
    pub received_at: String,
}

/// Messages that fit no order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrphansBody {
    /// Newest first, at most 500.
    pub data: Vec<OrphanBody>,
}

/// A message that fits no order, kept as it came.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrphanBody {
    /// Its number.
    pub id: u64,
    /// The terminal.
    pub terminal_serial_number: String,
    /// `attempt`, `reversal` or `statement`.
    pub kind: String,
    /// As it came.
    #[schema(value_type = Object)]
    pub message: Value,
    /// When it came.
    pub received_at: String,
}

/// A manager's decision about an attempt in doubt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResolutionInput {
    /// Whether the customer was charged, as the acquirer's statement or the card slip says.
    pub charged: bool,
    /// What the decision rests on ("extrato Stone, NSU 37820073187607").
    pub evidence: String,
    /// Why.
    pub reason: String,
    /// Who decides.
    pub by: String,
}

/// Attempts in doubt: nobody knows yet whether the customer was charged.
#[utoipa::path(get, path = "/posconnect/v1/attempts", tag = "attempts",
    params(
        ("outcome" = Option<String>, Query, description = "`in_doubt`, the default"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("size" = Option<u32>, Query, description = "Orders in a page, 1 to 100"),
    ),
    responses((status = 200, description = "Attempts in doubt", body = AttemptsPage), Refusals))]
pub async fn list(
    caller: Caller,
    State(state): State<AppState>,
    mut query: Query,
) -> Result<Json<AttemptsPage>, ApiError> {
    let page = Page::read(&mut query);
    query.word("outcome", &[("in_doubt", ())]);
    let paging = Paging::of("/posconnect/v1/attempts", &query, &page);
    query.finish(())?;
    let filter = OrderFilter { in_doubt: true, ..OrderFilter::default() };
    let found = state.store.orders(caller.account(), filter, page.number, page.size).await?;
    let in_doubt = |a: &&Attempt| a.outcome == Some(protocol::attempt::Outcome::InDoubt);
    let data = found.orders.iter().flat_map(|order| {
        order.attempts.iter().filter(in_doubt).map(|attempt| AttemptOfOrder {
            order: OrderSummary::new(order),
            attempt: AttemptBody::new(attempt),
        })
    });
    Ok(Json(AttemptsPage { data: data.collect(), paging: paging.with_total(found.total) }))
}

/// One attempt with every report of it.
#[utoipa::path(get, path = "/posconnect/v1/attempts/{id}", tag = "attempts",
    params(("id" = String, Path, description = "Number, as text")),
    responses((status = 200, description = "The attempt", body = AttemptDetail), Refusals))]
pub async fn read(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Json<AttemptDetail>, ApiError> {
    let id = attempt_id(&id)?;
    let found = state.store.charge(caller.account(), id).await?;
    let (order, attempt) = found.ok_or_else(unknown)?;
    let reports = state.store.reports(caller.account(), id).await?;
    Ok(Json(AttemptDetail {
        order: OrderSummary::new(&order),
        attempt: AttemptBody::new(&attempt),
        reports: reports.iter().map(ReportBody::new).collect(),
    }))
}

/// Decides about an attempt in doubt: charged or not.
#[utoipa::path(post, path = "/posconnect/v1/attempts/{id}/resolution", tag = "attempts", request_body = ResolutionInput,
    params(("id" = String, Path, description = "Number, as text")),
    responses((status = 200, description = "The order", body = OrderBody), Refusals))]
pub async fn resolve(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
    body: JsonBody,
) -> Result<Json<OrderBody>, ApiError> {
    let attempt_id = attempt_id(&id)?;
    let mut problems = Problems::default();
    let p = &mut problems;
    let fields = Fields::new("resolution", &body.object);
    fields.require("charged", p);
    let charged = fields.boolean("charged", p);
    // Characters of Portuguese take up to two bytes.
    let max = TEXT_BYTES_MAX / 2;
    let evidence = fields.required_text("evidence", max, p);
    let reason = fields.required_text("reason", max, p);
    let by = fields.required_text("by", max, p);
    let resolve = charged.zip(evidence).zip(reason).zip(by).map(|(((approved, evidence), reason), by)| {
        Resolve { account: caller.account().clone(), attempt_id, approved, evidence, reason, by }
    });
    let resolve = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, resolve)?;
    Ok(Json(OrderBody::new(&state.store.resolve(resolve).await?)))
}

/// Results that fit no order of this service: kept, shown, never guessed into "paid".
#[utoipa::path(get, path = "/posconnect/v1/orphans", tag = "attempts",
    responses((status = 200, description = "Messages that fit no order", body = OrphansBody), Refusals))]
pub async fn orphans(caller: Caller, State(state): State<AppState>) -> Result<Json<OrphansBody>, ApiError> {
    let orphans = state.store.orphans(caller.account()).await?;
    Ok(Json(OrphansBody { data: orphans.iter().map(OrphanBody::new).collect() }))
}

fn unknown() -> ApiError {
    ApiError::not_found("Esta cobrança")
}

fn attempt_id(text: &str) -> Result<AttemptId, ApiError> {
    AttemptId::parse(text).map_err(|_| unknown())
}

impl ReportBody {
    fn new(report: &Report) -> Self {
        let evidence = &report.message.evidence;
        Self {
            terminal_serial_number: report.terminal.to_string(),
            outcome: word(&report.message.outcome),
            reason: report.message.reason.as_ref().map(word),
            result_code: evidence.code.clone(),
            amount_said: evidence.amount.map(protocol::Centavos::get),
            flags: report.flags.iter().map(word).collect(),
            received_at: to_iso(report.received_at),
        }
    }
}

impl OrphanBody {
    fn new(orphan: &Orphan) -> Self {
        Self {
            id: orphan.id,
            terminal_serial_number: orphan.terminal.to_string(),
            kind: orphan.kind.clone(),
            message: serde_json::from_str(&orphan.message).unwrap_or(Value::Null),
            received_at: to_iso(orphan.received_at),
        }
    }
}
