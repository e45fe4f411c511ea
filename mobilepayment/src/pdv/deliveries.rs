//! `/posconnect/v1/webhooks/deliveries`: for the engineer on call, what the PDV's webhook has not accepted.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::path::Segment;
use super::input::query::Query;
use super::instant::to_iso;
use crate::state::AppState;
use crate::store::query::{Delivery, DeliveryStatus};

/// Most deliveries in one answer.
const LIMIT_MAX: u64 = 500;
/// Deliveries in one answer unless asked otherwise.
const LIMIT_DEFAULT: u64 = 100;

/// Whether a delivery is still tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryWord {
    /// Waits for its turn or for its next try.
    Pending,
    /// Given up after three days.
    Failed,
}

impl From<DeliveryStatus> for DeliveryWord {
    fn from(status: DeliveryStatus) -> Self {
        match status {
            DeliveryStatus::Pending => Self::Pending,
            DeliveryStatus::Failed => Self::Failed,
        }
    }
}

/// Deliveries that wait or were given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveriesBody {
    /// Oldest event first.
    pub data: Vec<DeliveryBody>,
}

/// A delivery that waits or was given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryBody {
    /// The event, `hook_…`.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its place among the events.
    pub sequence: u64,
    /// What it queues behind: its order, or itself when it has none.
    pub queue: String,
    /// `pending`, or `failed` when it was given up after three days.
    pub status: DeliveryWord,
    /// Failed tries.
    pub tries: u32,
    /// When it was queued.
    pub queued_at: String,
    /// When tries began.
    pub tried_since: Option<String>,
    /// When it is tried next; null when it was given up.
    pub next_try_at: Option<String>,
    /// HTTP status of the last answer.
    pub last_status: Option<u16>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// Deliveries that wait or were given up. What was accepted is not here: the events feed has everything.
#[utoipa::path(get, path = "/posconnect/v1/webhooks/deliveries", tag = "webhooks",
    params(
        ("state" = Option<DeliveryWord>, Query, description = "Both, unless said"),
        ("limit" = Option<u32>, Query, description = "1 to 500, 100 by default"),
    ),
    responses((status = 200, description = "Deliveries", body = DeliveriesBody), Refusals))]
pub async fn list(
    caller: Caller,
    State(state): State<AppState>,
    mut query: Query,
) -> Result<Json<DeliveriesBody>, ApiError> {
    let words = [("pending", DeliveryStatus::Pending), ("failed", DeliveryStatus::Failed)];
    let status = query.word("state", &words);
    let limit = query.integer("limit", (1, LIMIT_MAX), LIMIT_DEFAULT);
    query.finish(())?;
    let limit = u32::try_from(limit).expect("within the limits just checked");
    let mut found = Vec::new();
    for webhook in &caller.0.webhooks {
        found.extend(state.store.deliveries(&webhook.name, status, limit).await?);
    }
    found.sort_by_key(|delivery| delivery.event_sequence);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(Json(DeliveriesBody { data: found.into_iter().map(DeliveryBody::new).collect() }))
}

/// Has an event and everything that queues with it tried again now, with three new days.
#[utoipa::path(post, path = "/posconnect/v1/webhooks/deliveries/{id}/retry", tag = "webhooks",
    params(("id" = String, Path, description = "The event, `hook_…`")),
    responses((status = 200, description = "The delivery", body = DeliveryBody), Refusals))]
pub async fn retry(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Json<DeliveryBody>, ApiError> {
    for webhook in &caller.0.webhooks {
        if let Some(delivery) = state.store.retry_delivery(&webhook.name, &id).await? {
            return Ok(Json(DeliveryBody::new(delivery)));
        }
    }
    Err(ApiError::not_found("Esta entrega"))
}

impl DeliveryBody {
    fn new(delivery: Delivery) -> Self {
        let waits = delivery.status == DeliveryStatus::Pending;
        Self {
            id: delivery.event_id,
            kind: delivery.event_type,
            sequence: delivery.event_sequence,
            queue: delivery.lane,
            status: delivery.status.into(),
            tries: delivery.tries,
            queued_at: to_iso(delivery.queued_at),
            tried_since: delivery.tried_since.map(to_iso),
            next_try_at: waits.then(|| to_iso(delivery.next_try_at)),
            last_status: delivery.last_status,
            last_error: delivery.last_error,
        }
    }
}
