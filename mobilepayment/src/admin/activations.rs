//! `/admin/v1/activations`: a PDV shows its activation key and learns its modules and its access to the web service. The
//! same answer at the activation and at each later consultation.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::licences::{ModuleBody, modules};
use crate::pdv::answer::{ApiError, Refusals};
use crate::pdv::input::body::JsonBody;
use crate::pdv::input::fields::{Fields, Problems};
use crate::state::AppState;

/// Longest key as it is typed, in characters: with any dashes and spaces.
const KEY_CHARS_MAX: usize = 64;

/// An activation key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyInput {
    /// Case, dashes and spaces do not matter.
    #[schema(example = "7k3px-9wq2m-4tb8c-zj5rn")]
    pub key: String,
}

/// Access to the web service: basic auth.
#[derive(Serialize, ToSchema)]
pub struct WebServiceBody {
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
    /// Its address.
    #[schema(example = "https://pagamentos.exemplo.com.br")]
    pub address: String,
}

/// What a licence gives.
#[derive(Serialize, ToSchema)]
pub struct LicenceActivationBody {
    /// `lic_…`
    pub licence_id: String,
    /// Its modules.
    pub modules: Vec<ModuleBody>,
    /// Access to the web service.
    pub web_service: WebServiceBody,
}

/// Activates a licence, or consults it again.
#[utoipa::path(post, path = "/admin/v1/activations", tag = "administration", request_body = KeyInput, security(()),
    responses(
        (status = 200, description = "Modules and access", body = LicenceActivationBody),
        (status = 429, description = "Too many wrong keys"),
        Refusals,
    ))]
pub async fn consult(
    State(state): State<AppState>,
    body: JsonBody,
) -> Result<Json<LicenceActivationBody>, ApiError> {
    let mut problems = Problems::default();
    let key = Fields::new("activation", &body.object).required_text("key", KEY_CHARS_MAX, &mut problems);
    let key = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, key)?;
    let activation = state.store.consult_licence(key).await?;
    Ok(Json(LicenceActivationBody {
        licence_id: activation.licence.id.to_string(),
        modules: modules(&activation.licence),
        web_service: WebServiceBody {
            user: activation.licence.id.to_string(),
            password: activation.password,
            address: state.administration.address.clone(),
        },
    }))
}
