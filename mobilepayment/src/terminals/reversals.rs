//! `POST /terminal/v1/reversals`.

use axum::Json;
use axum::extract::State;
use protocol::attempt::AttemptAck;
use protocol::reversal::ReversalEnded;

use super::answer::Answer;
use super::body::Body;
use super::caller::Caller;
use crate::state::AppState;

/// The acknowledgement is that of the payment given back: its id, its outcome, its order as it is now.
pub(super) async fn report(
    State(state): State<AppState>,
    Caller(terminal): Caller,
    Body(message): Body<ReversalEnded>,
) -> Answer<AttemptAck> {
    Ok(Json(state.store.report_reversal(terminal, message).await?))
}
