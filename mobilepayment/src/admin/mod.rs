//! The administration, `/admin/v1/…`: licences for the administrator, activation and registration for the PDV.
//!
//! Routes only translate; the rules are in `store::administration`. Start reading in [`activations`]. May import what
//! `pdv` may, and `pdv` for its envelope, its inputs and its shape of a terminal.

pub mod activations;
pub mod answer;
pub mod caller;
pub mod companies;
pub mod company_input;
pub mod licences;
pub mod modules;
pub mod openapi;
pub mod terminals;

use axum::Router;
use axum::routing::{get, post, put};

use crate::pdv::method_not_allowed;
use crate::state::AppState;

/// The routes, and the document of all routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/admin/v1/licences", get(licences::list).post(licences::create))
        .route("/admin/v1/licences/{id}/modules/pos_connect", put(modules::set))
        .route("/admin/v1/activations", post(activations::consult))
        .route("/admin/v1/companies", get(companies::list))
        .route("/admin/v1/companies/{account_id}", put(companies::put))
        .route(
            "/admin/v1/companies/{account_id}/terminals/{serial}",
            put(terminals::put).delete(terminals::remove),
        )
        .route("/openapi.json", get(openapi::document))
        .method_not_allowed_fallback(method_not_allowed)
}
