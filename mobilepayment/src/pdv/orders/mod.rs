//! `/core/v5/orders`: create, read, list, close; and `/posconnect/v1/orders/{id}/claim/release`.

pub mod create;
mod reading;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use protocol::OrderId;
use protocol::order::OrderStatus;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::author::author;
use super::input::body::JsonBody;
use super::input::fields::{Fields, Problems};
use super::input::path::Segment;
use super::input::query::Query;
use super::page::{OrdersPage, Page, Paging};
use super::shapes::order::OrderBody;
use super::shapes::words::StatusWord;
use crate::ledger::order::CloseReason;
use crate::ledger::resolving::TEXT_BYTES_MAX;
use crate::state::AppState;
use crate::store::command::{CloseOrder, Idempotency};
use crate::store::query::OrderFilter;
use create::CreateOrder;

/// Longest idempotency key, in bytes.
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// An order to be closed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CloseInput {
    /// As what: `paid` (which is meant when it is absent), `canceled` or `failed`.
    pub status: Option<StatusWord>,
    /// Who asks, for the audit trail.
    pub by: Option<String>,
    /// Why, for the audit trail.
    pub reason: Option<String>,
}

/// A claim to be ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseInput {
    /// Why, for the record: "motoboy perdeu o terminal".
    pub reason: String,
    /// Who asks, for the audit trail.
    pub by: Option<String>,
}

/// Creates an order. With the same `Idempotency-Key` and the same body, the order created before is answered.
#[utoipa::path(post, path = "/core/v5/orders", tag = "orders", request_body = CreateOrder,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters")),
    responses((status = 200, description = "The order", body = OrderBody), Refusals))]
pub async fn create(
    caller: Caller,
    State(state): State<AppState>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Json<OrderBody>, ApiError> {
    let idempotency = idempotency(&headers, &body.raw)?;
    let input = CreateOrder::read(&body.object)?;
    let now = state.environment.now();
    let new = input.check(caller.account(), &state.registers(), idempotency, now)?;
    let created = state.store.create_order(new).await?;
    Ok(Json(OrderBody::new(&created.order)))
}

/// One order.
#[utoipa::path(get, path = "/core/v5/orders/{id}", tag = "orders",
    params(("id" = String, Path, description = "`or_…`")),
    responses((status = 200, description = "The order", body = OrderBody), Refusals))]
pub async fn read(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Json<OrderBody>, ApiError> {
    let order = state.store.order(caller.account(), &order_id(&id)?).await?;
    let order = order.ok_or_else(|| ApiError::not_found("Este pedido"))?;
    Ok(Json(OrderBody::new(&order)))
}

/// Orders, newest first.
#[utoipa::path(get, path = "/core/v5/orders", tag = "orders",
    params(
        ("status" = Option<StatusWord>, Query),
        ("code" = Option<String>, Query, description = "Exactly this code"),
        ("created_since" = Option<String>, Query, description = "ISO 8601"),
        ("created_until" = Option<String>, Query, description = "ISO 8601"),
        ("terminal" = Option<String>, Query, description = "Serial number: orders for this terminal"),
        ("search" = Option<String>, Query, description = "Part of the number, code or display name"),
        ("in_doubt" = Option<bool>, Query, description = "`true`: only those with an attempt in doubt"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("size" = Option<u32>, Query, description = "1 to 100, 30 by default"),
    ),
    responses((status = 200, description = "A page of orders", body = OrdersPage), Refusals))]
pub async fn list(
    caller: Caller,
    State(state): State<AppState>,
    mut query: Query,
) -> Result<Json<OrdersPage>, ApiError> {
    let page = Page::read(&mut query);
    let mut filter = OrderFilter {
        code: query.text("code"),
        text: query.text("search"),
        created_since: query.instant("created_since"),
        created_until: query.instant("created_until"),
        in_doubt: query.word("in_doubt", &[("true", true), ("false", false)]).unwrap_or(false),
        terminal: terminal(&mut query),
        ..OrderFilter::default()
    };
    if let Some(word) = query.word("status", &StatusWord::ALL) {
        by_status(word, &mut filter);
    }
    let paging = Paging::of("/core/v5/orders", &query, &page);
    query.finish(())?;
    let found = state.store.orders(caller.account(), filter, page.number, page.size).await?;
    let data = found.orders.iter().map(OrderBody::new).collect();
    Ok(Json(OrdersPage { data, paging: paging.with_total(found.total) }))
}

/// Closes an order: at once, or as soon as what is in flight has ended (`posconnect.stage` is then `closing`).
#[utoipa::path(patch, path = "/core/v5/orders/{id}/closed", tag = "orders", request_body = CloseInput,
    params(("id" = String, Path, description = "`or_…`")),
    responses((status = 200, description = "The order", body = OrderBody), Refusals))]
pub async fn close(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
    body: JsonBody,
) -> Result<Json<OrderBody>, ApiError> {
    let order_id = order_id(&id)?;
    let mut problems = Problems::default();
    let fields = Fields::new("order", &body.object);
    let words =
        [("paid", CloseReason::Paid), ("canceled", CloseReason::Canceled), ("failed", CloseReason::Failed)];
    let reason = if fields.get("status").is_some() {
        fields.word("status", &words, &mut problems)
    } else {
        Some(CloseReason::Paid)
    };
    let author = author(&fields, &mut problems);
    let reason = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, reason)?;
    let close = CloseOrder { account: caller.account().clone(), order_id, reason };
    Ok(Json(OrderBody::new(&state.store.asked_by(author).close_order(close).await?)))
}

/// Ends the claim of a terminal that is lost or broken, so that another can charge the order. Refused while a charge has
/// no answer.
#[utoipa::path(post, path = "/posconnect/v1/orders/{id}/claim/release", tag = "orders", request_body = ReleaseInput,
    params(("id" = String, Path, description = "`or_…`")),
    responses((status = 200, description = "The order", body = OrderBody), Refusals))]
pub async fn release_claim(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
    body: JsonBody,
) -> Result<Json<OrderBody>, ApiError> {
    let order_id = order_id(&id)?;
    let mut problems = Problems::default();
    let fields = Fields::new("release", &body.object);
    let reason = fields.required_text("reason", TEXT_BYTES_MAX / 4, &mut problems);
    let author = author(&fields, &mut problems);
    let reason = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, reason)?;
    let order = state.store.asked_by(author).withdraw_claim(caller.account(), &order_id, reason).await?;
    Ok(Json(OrderBody::new(&order)))
}

/// The order that an address names. Text that is no id is an order that does not exist.
pub fn order_id(text: &str) -> Result<OrderId, ApiError> {
    OrderId::parse(text).map_err(|_| ApiError::not_found("Este pedido"))
}

fn terminal(query: &mut Query) -> Option<protocol::Serial> {
    let text = query.text("terminal")?;
    let serial = protocol::Serial::parse(&text).ok();
    if serial.is_none() {
        query.refuse("terminal", "não é um número de série");
    }
    serial
}

fn by_status(word: StatusWord, filter: &mut OrderFilter) {
    match word {
        StatusWord::Pending => filter.statuses = vec![OrderStatus::Open, OrderStatus::Closing],
        // An order closed as paid stays paid, so its status is one of these two.
        StatusWord::Paid => {
            filter.statuses = vec![OrderStatus::Paid, OrderStatus::Closed];
            filter.close_reasons = vec![CloseReason::Paid];
        }
        StatusWord::Canceled => {
            filter.statuses = vec![OrderStatus::Closed];
            filter.close_reasons = vec![CloseReason::Canceled, CloseReason::Expired];
        }
        StatusWord::Failed => {
            filter.statuses = vec![OrderStatus::Closed];
            filter.close_reasons = vec![CloseReason::Failed];
        }
    }
}

fn idempotency(headers: &HeaderMap, raw: &[u8]) -> Result<Option<Idempotency>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().ok().map(str::trim).filter(|key| {
        (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
    });
    let Some(key) = key else {
        return Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "idempotency_key_invalid",
            format!(
                "Idempotency-Key deve ter de 1 a {IDEMPOTENCY_KEY_BYTES_MAX} caracteres ASCII, sem espaços."
            ),
        ));
    };
    Ok(Some(Idempotency { key: key.to_owned(), request_hash: Sha256::digest(raw).into() }))
}
