//! `GET /terminal/v1/prints/{print_id}` and `POST /terminal/v1/prints/{print_id}/result`.

use axum::Json;
use axum::extract::{Path, State};
use protocol::PrintId;
use protocol::receipt::{ReceiptImage, ReceiptResult};
use protocol::refusal::RefusalCode;
use serde::Serialize;

use super::answer::{Answer, No};
use super::body::Body;
use super::caller::Caller;
use crate::state::AppState;

/// An empty object: a result needs no answer but its status.
#[derive(Serialize)]
pub(super) struct Noted {}

pub(super) async fn image(
    State(state): State<AppState>,
    Caller(terminal): Caller,
    Path(print_id): Path<String>,
) -> Answer<ReceiptImage> {
    let id = PrintId::parse(&print_id).map_err(|_| RefusalCode::ReceiptUnknown)?;
    Ok(Json(state.store.receipt(terminal, id).await?))
}

pub(super) async fn result(
    State(state): State<AppState>,
    Caller(terminal): Caller,
    Path(print_id): Path<String>,
    Body(result): Body<ReceiptResult>,
) -> Answer<Noted> {
    if result.print_id.as_str() != print_id {
        return Err(No::new(RefusalCode::BadRequest, "print_id differs from the one in the path"));
    }
    state.store.report_print(terminal, result).await?;
    Ok(Json(Noted {}))
}
