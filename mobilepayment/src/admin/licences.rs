//! `/admin/v1/licences`: the administrator makes licences and sees them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Administrator, administrator};
use crate::pdv::answer::{ApiError, Refusals};
use crate::pdv::input::body::JsonBody;
use crate::pdv::input::fields::{Fields, Problems};
use crate::pdv::instant::to_iso;
use crate::registers::licence::Licence;
use crate::state::AppState;

/// The one module that there is.
pub const MODULE: &str = "pos_connect";
/// Longest description, in characters.
const DESCRIPTION_CHARS_MAX: usize = 64;

/// A new licence.
#[derive(Debug, Serialize, ToSchema)]
pub struct LicenceInput {
    /// What people call it.
    #[schema(example = "Loja Centro")]
    pub description: String,
    /// `["pos_connect"]`
    pub modules: Vec<String>,
    /// Who asks, for the audit trail.
    pub by: Option<String>,
    /// Why, for the audit trail.
    pub reason: Option<String>,
}

/// A module of a licence.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModuleBody {
    /// `pos_connect`
    pub name: &'static str,
    /// Whether new orders are taken.
    pub active: bool,
    /// To be shown to people.
    pub message: Option<String>,
}

/// A licence.
#[derive(Debug, Serialize, ToSchema)]
pub struct LicenceBody {
    /// `lic_…`
    pub id: String,
    /// Its activation key. Shown only when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "7K3PX-9WQ2M-4TB8C-ZJ5RN")]
    pub key: Option<String>,
    /// What people call it.
    pub description: String,
    /// Its modules.
    pub modules: Vec<ModuleBody>,
    /// When it was made.
    pub created_at: String,
    /// When its key was used first.
    pub activated_at: Option<String>,
    /// When its key was used last.
    pub last_consulted_at: Option<String>,
}

/// All licences.
#[derive(Debug, Serialize, ToSchema)]
pub struct LicencesBody {
    /// Oldest first.
    pub data: Vec<LicenceBody>,
}

impl LicenceBody {
    /// A licence; with its key only when it has just been made.
    #[must_use]
    pub fn new(licence: &Licence, key: Option<String>) -> Self {
        Self {
            id: licence.id.to_string(),
            key,
            description: licence.description.clone(),
            modules: modules(licence),
            created_at: to_iso(licence.created_at),
            activated_at: licence.activated_at.map(to_iso),
            last_consulted_at: licence.last_consulted_at.map(to_iso),
        }
    }
}

/// The modules of a licence.
#[must_use]
pub fn modules(licence: &Licence) -> Vec<ModuleBody> {
    vec![ModuleBody { name: MODULE, active: licence.active, message: licence.message.clone() }]
}

/// Makes a licence. Its activation key is answered only here.
#[utoipa::path(post, path = "/admin/v1/licences", tag = "administration", request_body = LicenceInput,
    security(("admin_key" = [])),
    responses((status = 200, description = "The licence with its key", body = LicenceBody), Refusals))]
pub async fn create(
    _: Administrator,
    State(state): State<AppState>,
    body: JsonBody,
) -> Result<Json<LicenceBody>, ApiError> {
    let mut problems = Problems::default();
    let fields = Fields::new("licence", &body.object);
    let description = fields.required_text("description", DESCRIPTION_CHARS_MAX, &mut problems);
    if fields.require("modules", &mut problems) {
        let listed = fields.list("modules", 1, &mut problems);
        if listed.len() != 1 || listed.iter().any(|(_, name)| name.as_str() != Some(MODULE)) {
            problems.add(&fields.path("modules"), format!("deve ser [\"{MODULE}\"], o único módulo que há"));
        }
    }
    let author = administrator(&fields, &mut problems);
    let description = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, description)?;
    let (licence, key) = state.store.asked_by(author).create_licence(description).await?;
    Ok(Json(LicenceBody::new(&licence, Some(key))))
}

/// All licences, without their keys.
#[utoipa::path(get, path = "/admin/v1/licences", tag = "administration", security(("admin_key" = [])),
    responses((status = 200, description = "The licences", body = LicencesBody), Refusals))]
pub async fn list(_: Administrator, State(state): State<AppState>) -> Result<Json<LicencesBody>, ApiError> {
    let licences = state.store.licences().await?;
    Ok(Json(LicencesBody { data: licences.iter().map(|licence| LicenceBody::new(licence, None)).collect() }))
}
