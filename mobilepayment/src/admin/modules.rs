//! `/admin/v1/licences/{id}/modules/pos_connect`: the administrator turns a licence's module on or off.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Administrator, administrator};
use super::licences::LicenceBody;
use crate::pdv::answer::{ApiError, Refusals};
use crate::pdv::input::body::JsonBody;
use crate::pdv::input::fields::{Fields, Problems};
use crate::pdv::input::path::Segment;
use crate::registers::licence::LicenceId;
use crate::state::AppState;
use crate::store::administration::AdminRefusal;

/// Longest message to the shop's people, in characters.
const MESSAGE_CHARS_MAX: usize = 200;

/// How the module is to be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModuleInput {
    /// Whether new orders are taken. What was begun goes on in any case.
    pub active: bool,
    /// To be shown to people.
    #[schema(example = "Contrato suspenso. Fale com o suporte.")]
    pub message: Option<String>,
    /// Who asks, for the audit trail.
    pub by: Option<String>,
    /// Why, for the audit trail.
    pub reason: Option<String>,
}

/// Turns the module on or off.
#[utoipa::path(put, path = "/admin/v1/licences/{id}/modules/pos_connect", tag = "administration",
    request_body = ModuleInput, params(("id" = String, Path, description = "`lic_…`")),
    security(("admin_key" = [])),
    responses((status = 200, description = "The licence", body = LicenceBody), Refusals))]
pub async fn set(
    _: Administrator,
    State(state): State<AppState>,
    Segment(id): Segment,
    body: JsonBody,
) -> Result<Json<LicenceBody>, ApiError> {
    let mut problems = Problems::default();
    let fields = Fields::new("module", &body.object);
    fields.require("active", &mut problems);
    let active = fields.boolean("active", &mut problems);
    let message = fields.text("message", MESSAGE_CHARS_MAX, &mut problems);
    let author = administrator(&fields, &mut problems);
    let active = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, active)?;
    let id = LicenceId::parse(&id).ok_or(AdminRefusal::LicenceUnknown)?;
    let licence = state.store.asked_by(author).set_module(id, active, message).await?;
    Ok(Json(LicenceBody::new(&licence, None)))
}
