//! `/health`: whether the service can answer, for a supervisor or a load balancer. No key needed.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use crate::state::AppState;

/// The service is well.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthBody {
    /// `ok`
    pub status: &'static str,
    /// Version of the service.
    pub version: &'static str,
}

/// Whether the service and its database can answer.
#[utoipa::path(get, path = "/health", tag = "service", security(()),
    responses((status = 200, description = "Well", body = HealthBody), Refusals))]
pub async fn health(State(state): State<AppState>) -> Result<Json<HealthBody>, ApiError> {
    // Any query will do: it shows that the database can be read.
    state.store.undispatched_events(0, 1).await?;
    Ok(Json(HealthBody { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}
