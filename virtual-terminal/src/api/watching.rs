//! Everything that only looks, at once or when something has changed.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use super::body::{At, Params};
use super::error::ApiError;
use crate::fleet::Fleet;
use crate::stone_app::Transaction;
use crate::terminal::{Criteria, Entry, StateView};

/// Longest long poll, in seconds.
const MAX_WAIT_S: u64 = 120;
/// How long `wait` waits when nothing is said, in seconds.
const DEFAULT_WAIT_S: u64 = 10;

/// Which change to wait for.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Since {
    /// Version or entry that is known already; absent: answer at once.
    after: Option<u64>,
    /// Seconds to wait for another.
    wait_s: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Terminals {
    version: u64,
    service: String,
    terminals: Vec<StateView>,
}

#[derive(Serialize)]
pub(super) struct Events {
    last: u64,
    events: Vec<Entry>,
}

#[derive(Serialize)]
pub(super) struct Transactions {
    transactions: Vec<Transaction>,
}

/// `GET /api/terminals`
pub(super) async fn terminals(
    State(fleet): State<Arc<Fleet>>,
    Params(since): Params<Since>,
) -> Result<Json<Terminals>, ApiError> {
    let deadline = deadline(since.wait_s, 0)?;
    let mut changes = fleet.changes();
    let look = || {
        let version = *fleet.changes().borrow();
        (since.after != Some(version)).then_some(version)
    };
    let version = until(&mut changes, fleet.closing(), deadline, look).await;
    Ok(Json(Terminals {
        version: version.unwrap_or_else(|| *fleet.changes().borrow()),
        service: fleet.service().url().to_owned(),
        terminals: fleet.all().iter().map(|terminal| terminal.state()).collect(),
    }))
}

/// `GET …/state`
pub(super) async fn state(
    State(fleet): State<Arc<Fleet>>,
    At(terminal): At,
    Params(since): Params<Since>,
) -> Result<Json<StateView>, ApiError> {
    let deadline = deadline(since.wait_s, 0)?;
    let look = || {
        let state = terminal.state();
        (since.after != Some(state.version)).then_some(state)
    };
    let state = until(&mut terminal.changes(), fleet.closing(), deadline, look).await;
    Ok(Json(state.unwrap_or_else(|| terminal.state())))
}

/// `GET …/events`
pub(super) async fn events(
    State(fleet): State<Arc<Fleet>>,
    At(terminal): At,
    Params(since): Params<Since>,
) -> Result<Json<Events>, ApiError> {
    let deadline = deadline(since.wait_s, 0)?;
    let after = since.after.unwrap_or(0);
    let look = || Some(terminal.log_after(after)).filter(|events| !events.is_empty());
    let events = until(&mut terminal.changes(), fleet.closing(), deadline, look).await.unwrap_or_default();
    Ok(Json(Events { last: events.last().map_or(after, |entry| entry.n), events }))
}

/// `GET …/wait`: answers as soon as all conditions hold, or with 408 and the state as it is instead.
pub(super) async fn wait(
    State(fleet): State<Arc<Fleet>>,
    At(terminal): At,
    Params(criteria): Params<Criteria>,
) -> Result<Json<StateView>, ApiError> {
    let deadline = deadline(criteria.timeout_s, DEFAULT_WAIT_S)?;
    let look = || Some(terminal.state()).filter(|state| criteria.hold_for(state));
    match until(&mut terminal.changes(), fleet.closing(), deadline, look).await {
        Some(state) => Ok(Json(state)),
        None => Err(ApiError::timed_out(terminal.state())),
    }
}

/// `GET …/paper.png`
pub(super) async fn paper(At(terminal): At) -> Response {
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")];
    (headers, terminal.paper_png()).into_response()
}

/// `GET …/acquirer/transactions`
pub(super) async fn transactions(At(terminal): At) -> Json<Transactions> {
    Json(Transactions { transactions: terminal.transactions() })
}

/// Looks now and after every change, until there is something to see, the time is over, or the process ends.
async fn until<T>(
    changes: &mut watch::Receiver<u64>,
    mut closing: watch::Receiver<bool>,
    deadline: Instant,
    look: impl Fn() -> Option<T>,
) -> Option<T> {
    loop {
        changes.borrow_and_update();
        if let Some(seen) = look() {
            return Some(seen);
        }
        tokio::select! {
            changed = changes.changed() => changed.ok()?,
            _ = closing.wait_for(|closing| *closing) => return look(),
            () = tokio::time::sleep_until(deadline) => return look(),
        }
    }
}

fn deadline(wait_s: Option<u64>, default_s: u64) -> Result<Instant, ApiError> {
    match wait_s.unwrap_or(default_s) {
        seconds @ 0..=MAX_WAIT_S => Ok(Instant::now() + Duration::from_secs(seconds)),
        _ => Err(ApiError::invalid("a espera vai até 120 segundos")),
    }
}
