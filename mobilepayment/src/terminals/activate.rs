//! `POST /terminal/v1/activate`.

use axum::Json;
use axum::extract::State;
use protocol::activation::{ActivateRequest, Activated};

use super::answer::Answer;
use super::body::Body;
use crate::state::AppState;

pub(super) async fn activate(
    State(state): State<AppState>,
    Body(request): Body<ActivateRequest>,
) -> Answer<Activated> {
    Ok(Json(state.store.activate(request).await?))
}
