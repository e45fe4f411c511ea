//! `/posconnect/v1/conciliations`: Stone's file of a day, compared with what this service holds.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::body::RawBody;
use super::input::path::Segment;
use super::input::query::Query;
use super::shapes::conciliation::{ConciliationBody, ConciliationDetail};
use crate::conciliation::{self, FILE_BYTES_MAX, FileError};
use crate::state::AppState;
use crate::store::conciliations::NewConciliation;
use crate::store::devices::sha256;

/// Imported files.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConciliationsBody {
    /// Newest first, at most 500.
    pub data: Vec<ConciliationBody>,
}

/// Imports Stone's conciliation file of a day (XML). It decides what is in doubt where exactly one payment or reversal
/// fits by key, amount and kind of card; what is missing in it decides nothing. The same file again changes nothing.
#[utoipa::path(post, path = "/posconnect/v1/conciliations", tag = "conciliations",
    request_body(content = String, content_type = "application/xml"),
    params(("by" = String, Query, description = "Who imports it")),
    responses((status = 200, description = "What came of it", body = ConciliationDetail), Refusals))]
pub async fn import(
    caller: Caller,
    State(state): State<AppState>,
    mut query: Query,
    RawBody(bytes): RawBody<FILE_BYTES_MAX>,
) -> Result<Json<ConciliationDetail>, ApiError> {
    let by = query.text("by");
    if query.get("by").is_none() {
        query.refuse("by", "é obrigatório: quem importa o arquivo");
    }
    query.finish(())?;
    let digest = sha256(&bytes);
    let file = tokio::task::spawn_blocking(move || conciliation::read(&bytes)).await;
    let file = file.unwrap_or(Err(FileError::Malformed { at: 0 })).map_err(|error| unreadable(&error))?;
    let account = caller.account().clone();
    let new = NewConciliation { account, file: Arc::new(file), digest, by: by.unwrap_or_default() };
    let done = state.store.import_conciliation(new).await?;
    detail(&caller, &state, &done.id).await
}

/// The imported files.
#[utoipa::path(get, path = "/posconnect/v1/conciliations", tag = "conciliations",
    responses((status = 200, description = "The files", body = ConciliationsBody), Refusals))]
pub async fn list(
    caller: Caller,
    State(state): State<AppState>,
) -> Result<Json<ConciliationsBody>, ApiError> {
    let found = state.store.conciliations(caller.account()).await?;
    Ok(Json(ConciliationsBody { data: found.into_iter().map(ConciliationBody::new).collect() }))
}

/// One imported file with every line.
#[utoipa::path(get, path = "/posconnect/v1/conciliations/{id}", tag = "conciliations",
    params(("id" = String, Path, description = "`cc_…`")),
    responses((status = 200, description = "The file", body = ConciliationDetail), Refusals))]
pub async fn read(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Json<ConciliationDetail>, ApiError> {
    detail(&caller, &state, &id).await
}

async fn detail(caller: &Caller, state: &AppState, id: &str) -> Result<Json<ConciliationDetail>, ApiError> {
    let found = state.store.conciliation(caller.account(), id).await?;
    let (conciliation, comparison) = found.ok_or_else(|| ApiError::not_found("Esta conciliação"))?;
    Ok(Json(ConciliationDetail::new(conciliation, comparison)))
}

fn unreadable(error: &FileError) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "conciliation_unreadable",
        format!(
            "Arquivo de conciliação recusado: {error}. Baixe o arquivo da Stone outra vez e envie de novo."
        ),
    )
}
