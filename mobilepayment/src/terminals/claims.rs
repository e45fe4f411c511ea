//! `POST /terminal/v1/claims` and `/claims/release`.

use axum::Json;
use axum::extract::State;
use protocol::claim::{ClaimGrant, ClaimRelease, ClaimReleased, ClaimRequest};

use super::answer::Answer;
use super::body::Body;
use super::caller::Caller;
use crate::state::AppState;

pub(super) async fn claim(
    State(state): State<AppState>,
    Caller(terminal): Caller,
    Body(request): Body<ClaimRequest>,
) -> Answer<ClaimGrant> {
    Ok(Json(state.store.claim(terminal, request).await?))
}

pub(super) async fn release(
    State(state): State<AppState>,
    Caller(terminal): Caller,
    Body(release): Body<ClaimRelease>,
) -> Answer<ClaimReleased> {
    Ok(Json(state.store.release(terminal, release).await?))
}
