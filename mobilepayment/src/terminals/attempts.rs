//! `POST /terminal/v1/attempts`, `/attempts/outcome` and `/attempts/statement`.

use axum::Json;
use axum::extract::State;
use protocol::attempt::{AttemptAck, AttemptEnded, AttemptStarted};
use protocol::statement::AttemptStatement;

use super::answer::Answer;
use super::body::Body;
use super::caller::Caller;
use crate::state::AppState;

pub(super) async fn start(
    State(state): State<AppState>,
    Caller(terminal): Caller,
    Body(started): Body<AttemptStarted>,
) -> Answer<AttemptAck> {
    Ok(Json(state.store.start_attempt(terminal, started).await?))
}

pub(super) async fn outcome(
    State(state): State<AppState>,
    Caller(terminal): Caller,
    Body(message): Body<AttemptEnded>,
) -> Answer<AttemptAck> {
    Ok(Json(state.store.report_attempt(terminal, message).await?))
}

pub(super) async fn statement(
    State(state): State<AppState>,
    Caller(terminal): Caller,
    Body(message): Body<AttemptStatement>,
) -> Answer<AttemptAck> {
    Ok(Json(state.store.state_attempt(terminal, message).await?))
}
