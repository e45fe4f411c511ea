//! `/posconnect/v1/events`: everything that happened, to be read again from any point.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::query::Query;
use super::shapes::event::{EventEnvelope, envelope};
use crate::state::AppState;

/// Most events in one answer.
const LIMIT_MAX: u64 = 1_000;
/// Events in one answer unless asked otherwise.
const LIMIT_DEFAULT: u64 = 100;
/// Longest wait for the next event, in seconds: below what proxies allow an idle answer.
const WAIT_S_MAX: u64 = 55;

/// Events read from the database at once.
const EVENTS_AT_ONCE: u32 = 20;
/// Attempts after which a page ends before its limit: they are what makes an event large, about 2 KB each.
const ATTEMPTS_MAX: usize = 2_000;

/// `since` before the first event.
const BEGINNING: &str = "0";

/// Events after a point.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventsBody {
    /// Oldest first. An `id` seen before is the same event again.
    pub data: Vec<EventEnvelope>,
    /// `since` of the next call.
    #[schema(example = "hook_3f0c9d8e7b6a5f41_1042")]
    pub next_since: String,
    /// There may be more: ask again without waiting.
    pub has_more: bool,
}

/// Events after `since`, oldest first; with `wait_s`, the answer comes when there is one, or after so many seconds.
#[utoipa::path(get, path = "/posconnect/v1/events", tag = "events",
    params(
        ("since" = Option<String>, Query, description = "Id of the last event seen (`next_since`); 0: from the beginning"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, 100 by default"),
        ("wait_s" = Option<u32>, Query, description = "0 to 55, 0 by default"),
    ),
    responses((status = 200, description = "Events", body = EventsBody), Refusals))]
pub async fn list(
    caller: Caller,
    State(state): State<AppState>,
    mut query: Query,
) -> Result<Json<EventsBody>, ApiError> {
    let after = query.text("since").unwrap_or_else(|| BEGINNING.to_owned());
    let limit = query.integer("limit", (1, LIMIT_MAX), LIMIT_DEFAULT);
    let wait_s = query.integer("wait_s", (0, WAIT_S_MAX), 0);
    query.finish(())?;
    let limit = u32::try_from(limit).expect("within the limits just checked");

    let mut news = state.store.watch_events();
    news.borrow_and_update();
    let since = if after == BEGINNING {
        0
    } else {
        let event = state.store.event(caller.account(), &after).await?;
        event.map(|event| event.sequence).ok_or_else(unknown_since)?
    };
    let deadline = Instant::now() + Duration::from_secs(wait_s);
    loop {
        let (data, last) = page(&caller, &state, since, limit).await?;
        let may_wait = data.is_empty() && !state.store.is_stopping();
        let waited = may_wait && matches!(timeout_at(deadline, news.changed()).await, Ok(Ok(())));
        if !waited {
            let more = state.store.events_after(caller.account(), last, 1).await?;
            return Ok(Json(EventsBody {
                next_since: data.last().map_or(after, |event| event.id.clone()),
                has_more: !more.is_empty(),
                data,
            }));
        }
    }
}

/// At most `limit` events, fewer when they are large, and the sequence of the last.
async fn page(
    caller: &Caller,
    state: &AppState,
    since: u64,
    limit: u32,
) -> Result<(Vec<EventEnvelope>, u64), ApiError> {
    let (mut data, mut last, mut attempts) = (Vec::new(), since, 0);
    loop {
        let left = limit.saturating_sub(u32::try_from(data.len()).unwrap_or(u32::MAX));
        let events = state.store.events_after(caller.account(), last, left.min(EVENTS_AT_ONCE)).await?;
        for event in &events {
            last = event.sequence;
            attempts += event.body.order.as_ref().map_or(0, |order| order.attempts.len());
            data.push(envelope(&caller.0, event));
        }
        let exhausted = events.len() < EVENTS_AT_ONCE as usize;
        if exhausted || data.len() >= limit as usize || attempts >= ATTEMPTS_MAX {
            return Ok((data, last));
        }
    }
}

/// An event that this account does not have: after a restore the service knows less than the PDV, and to go on by number
/// would be to skip what happened since.
fn unknown_since() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        "since_unknown",
        "O evento de \"since\" não existe: o banco de dados foi restaurado ou o identificador está errado. \
         Leia de novo desde o início, com since=0, e ignore os eventos repetidos pelo id.",
    )
}
