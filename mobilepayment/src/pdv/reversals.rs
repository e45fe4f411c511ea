//! `/posconnect/v1/reversals`: those in doubt, and the manager's decision about one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::ReversalId;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::body::JsonBody;
use super::input::fields::{Fields, Problems};
use super::input::path::Segment;
use super::input::query::Query;
use super::page::{Page, Paging, PagingBody};
use super::shapes::attempt::{AttemptBody, ReversalBody};
use super::shapes::order::{OrderBody, OrderSummary};
use crate::ledger::resolving::TEXT_BYTES_MAX;
use crate::state::AppState;
use crate::store::command::ResolveReversal;
use crate::store::query::ReversalOfOrder;

/// A reversal with its payment and its order.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReversalEntry {
    /// The order.
    pub order: OrderSummary,
    /// The payment.
    pub attempt: AttemptBody,
    /// The reversal.
    pub reversal: ReversalBody,
}

/// Reversals.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReversalsPage {
    /// The reversals, those of the newest order first.
    pub data: Vec<ReversalEntry>,
    /// Where the page stands.
    pub paging: PagingBody,
}

/// A manager's decision about a reversal in doubt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReversalResolutionInput {
    /// Whether the money went back, as the acquirer's statement says.
    pub went_back: bool,
    /// What the decision rests on ("extrato Stone, cancelamento do NSU 37820073187607").
    pub evidence: String,
    /// Why.
    pub reason: String,
    /// Who decides.
    pub by: String,
}

/// Reversals in doubt: nobody knows yet whether the money went back.
#[utoipa::path(get, path = "/posconnect/v1/reversals", tag = "reversals",
    params(
        ("outcome" = Option<String>, Query, description = "`in_doubt`, the default"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("size" = Option<u32>, Query, description = "1 to 100, 30 by default"),
    ),
    responses((status = 200, description = "Reversals in doubt", body = ReversalsPage), Refusals))]
pub async fn list(
    caller: Caller,
    State(state): State<AppState>,
    mut query: Query,
) -> Result<Json<ReversalsPage>, ApiError> {
    let page = Page::read(&mut query);
    query.word("outcome", &[("in_doubt", ())]);
    let paging = Paging::of("/posconnect/v1/reversals", &query, &page);
    query.finish(())?;
    let found = state.store.reversals_in_doubt(caller.account(), page.number, page.size).await?;
    let data = found.reversals.iter().filter_map(ReversalEntry::new).collect();
    Ok(Json(ReversalsPage { data, paging: paging.with_total(found.total) }))
}

/// Decides about a reversal in doubt: whether the money went back.
#[utoipa::path(post, path = "/posconnect/v1/reversals/{id}/resolution", tag = "reversals",
    request_body = ReversalResolutionInput, params(("id" = String, Path, description = "Number, as text")),
    responses((status = 200, description = "The order", body = OrderBody), Refusals))]
pub async fn resolve(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
    body: JsonBody,
) -> Result<Json<OrderBody>, ApiError> {
    let reversal_id = ReversalId::parse(&id).map_err(|_| ApiError::not_found("Este estorno"))?;
    let mut problems = Problems::default();
    let p = &mut problems;
    let fields = Fields::new("resolution", &body.object);
    fields.require("went_back", p);
    let went_back = fields.boolean("went_back", p);
    // Characters of Portuguese take up to two bytes.
    let max = TEXT_BYTES_MAX / 2;
    let evidence = fields.required_text("evidence", max, p);
    let reason = fields.required_text("reason", max, p);
    let by = fields.required_text("by", max, p);
    let resolve = went_back.zip(evidence).zip(reason).zip(by).map(|(((went_back, evidence), reason), by)| {
        ResolveReversal { account: caller.account().clone(), reversal_id, went_back, evidence, reason, by }
    });
    let resolve = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, resolve)?;
    Ok(Json(OrderBody::new(&state.store.resolve_reversal(resolve).await?)))
}

impl ReversalEntry {
    fn new(found: &ReversalOfOrder) -> Option<Self> {
        let attempt = found.order.attempt(found.attempt_id)?;
        let reversal = attempt.reversals.iter().find(|reversal| reversal.id == found.reversal_id)?;
        Some(Self {
            order: OrderSummary::new(&found.order),
            attempt: AttemptBody::new(attempt),
            reversal: ReversalBody::new(reversal),
        })
    }
}
