//! `/core/v5/charges`: read, list, and ask for a reversal.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::author::author;
use super::input::body::JsonBody;
use super::input::fields::{Fields, Problems};
use super::input::path::Segment;
use super::input::query::Query;
use super::orders::order_id;
use super::page::{ChargesPage, Page, Paging};
use super::shapes::charge::{ChargeBody, attempt_of_charge};
use crate::state::AppState;
use crate::store::query::ChargeFilter;

/// How much of a charge to give back.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancelInput {
    /// Centavos; absent: all that is left.
    pub amount: Option<u64>,
    /// Who asks, for the audit trail.
    pub by: Option<String>,
    /// Why, for the audit trail.
    pub reason: Option<String>,
}

/// One charge.
#[utoipa::path(get, path = "/core/v5/charges/{id}", tag = "charges",
    params(("id" = String, Path, description = "`ch_…`")),
    responses((status = 200, description = "The charge", body = ChargeBody), Refusals))]
pub async fn read(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Json<ChargeBody>, ApiError> {
    let unknown = || ApiError::not_found("Esta cobrança");
    let attempt_id = attempt_of_charge(&id).ok_or_else(unknown)?;
    let found = state.store.charge(caller.account(), attempt_id).await?;
    let (order, attempt) = found.filter(|(_, attempt)| attempt.is_approved()).ok_or_else(unknown)?;
    Ok(Json(ChargeBody::new(&order, &attempt)))
}

/// Charges, newest first.
#[utoipa::path(get, path = "/core/v5/charges", tag = "charges",
    params(
        ("order_id" = Option<String>, Query, description = "Of this order"),
        ("code" = Option<String>, Query, description = "With this NSU/ATK"),
        ("created_since" = Option<String>, Query, description = "ISO 8601"),
        ("created_until" = Option<String>, Query, description = "ISO 8601"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("size" = Option<u32>, Query, description = "1 to 100, 30 by default"),
    ),
    responses((status = 200, description = "A page of charges", body = ChargesPage), Refusals))]
pub async fn list(
    caller: Caller,
    State(state): State<AppState>,
    mut query: Query,
) -> Result<Json<ChargesPage>, ApiError> {
    let page = Page::read(&mut query);
    let order = query.get("order_id").map(order_id).transpose()?;
    let filter = ChargeFilter {
        order,
        code: query.text("code"),
        created_since: query.instant("created_since"),
        created_until: query.instant("created_until"),
    };
    let paging = Paging::of("/core/v5/charges", &query, &page);
    query.finish(())?;
    let found = state.store.charges(caller.account(), filter, page.number, page.size).await?;
    let data = found.charges.iter().map(|(order, attempt)| ChargeBody::new(order, attempt)).collect();
    Ok(Json(ChargesPage { data, paging: paging.with_total(found.total) }))
}

/// Asks for a reversal, whole or in part. An operator does it on the terminal that took the payment;
/// `charge.refunded` or `charge.partial_canceled` tells when it is done.
#[utoipa::path(delete, path = "/core/v5/charges/{id}", tag = "charges", request_body = CancelInput,
    params(("id" = String, Path, description = "`ch_…`")),
    responses((status = 200, description = "The charge, with `pending_cancellation`", body = ChargeBody), Refusals))]
pub async fn cancel(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
    body: JsonBody,
) -> Result<Json<ChargeBody>, ApiError> {
    let unknown = || ApiError::not_found("Esta cobrança");
    let attempt_id = attempt_of_charge(&id).ok_or_else(unknown)?;
    let mut problems = Problems::default();
    let fields = Fields::new("charge", &body.object);
    let amount = fields.centavos("amount", 1, &mut problems);
    let author = author(&fields, &mut problems);
    problems.finish(StatusCode::UNPROCESSABLE_ENTITY, Some(()))?;
    let order = state.store.asked_by(author).want_reversal(caller.account(), attempt_id, amount).await?;
    let attempt = order.attempt(attempt_id).ok_or_else(unknown)?;
    Ok(Json(ChargeBody::new(&order, attempt)))
}
