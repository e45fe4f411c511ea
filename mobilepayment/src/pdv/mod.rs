//! The PDV-facing API, in Stone Connect 2.0's shapes: an integrator's client works by changing only the base address.
//!
//! Routes only translate: a body becomes a command of the store, a refusal becomes a status and a sentence. Start reading
//! in [`orders`]. May import `store`, `ledger`, `registers` and the rows of `webhooks`; knows no SQL and no rule of money.
//!
//! What this API adds to the original, and why:
//! - a customer's name is required and checked, as in the original, but never stored, logged or sent back;
//! - amounts are checked as whole numbers: a text or a fraction is refused, never rounded;
//! - `poi_payment_settings.mode` says "listed" for one terminal with a fixed method, which the original cannot say.

pub mod answer;
pub mod attempts;
pub mod audit;
pub mod caller;
pub mod charges;
pub mod conciliations;
pub mod deliveries;
pub mod events;
pub mod health;
pub mod input;
pub mod instant;
pub mod openapi;
pub mod orders;
pub mod page;
pub mod prints;
pub mod reversals;
pub mod shapes;
pub mod terminals;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, patch, post};

use crate::state::AppState;
use answer::ApiError;

/// The routes, with their own answers to unknown addresses and methods: merge no other router that sets these.
pub fn router(state: &AppState) -> Router<AppState> {
    let mut behind_key = Router::new();
    for (path, methods) in routes() {
        // A client of the original may write a slash at the end.
        behind_key = behind_key.route(path, methods.clone()).route(&format!("{path}/"), methods);
    }
    behind_key
        .route_layer(from_fn_with_state(state.clone(), caller::require))
        .route("/health", get(health::health))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(unknown_route)
}

fn routes() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/core/v5/orders", get(orders::list).post(orders::create)),
        ("/core/v5/orders/{id}", get(orders::read)),
        ("/core/v5/orders/{id}/closed", patch(orders::close)),
        ("/core/v5/charges", get(charges::list)),
        ("/core/v5/charges/{id}", get(charges::read).delete(charges::cancel)),
        ("/posconnect/v1/orders/{id}/prints", post(prints::create)),
        ("/posconnect/v1/orders/{id}/claim/release", post(orders::release_claim)),
        ("/posconnect/v1/prints/{id}", get(prints::read)),
        ("/posconnect/v1/events", get(events::list)),
        ("/posconnect/v1/attempts", get(attempts::list)),
        ("/posconnect/v1/attempts/{id}", get(attempts::read)),
        ("/posconnect/v1/attempts/{id}/resolution", post(attempts::resolve)),
        ("/posconnect/v1/reversals", get(reversals::list)),
        ("/posconnect/v1/reversals/{id}/resolution", post(reversals::resolve)),
        ("/posconnect/v1/conciliations", get(conciliations::list).post(conciliations::import)),
        ("/posconnect/v1/conciliations/{id}", get(conciliations::read)),
        ("/posconnect/v1/orphans", get(attempts::orphans)),
        ("/posconnect/v1/audit", get(audit::list)),
        ("/posconnect/v1/terminals", get(terminals::list)),
        ("/posconnect/v1/terminals/{serial}/activation-codes", post(terminals::activation_code)),
        ("/posconnect/v1/terminals/{serial}/revoke", post(terminals::revoke)),
        ("/posconnect/v1/terminals/{serial}/unrevoke", post(terminals::unrevoke)),
        ("/posconnect/v1/webhooks/deliveries", get(deliveries::list)),
        ("/posconnect/v1/webhooks/deliveries/{id}/retry", post(deliveries::retry)),
    ]
}

async fn unknown_route() -> ApiError {
    std::future::ready(ApiError::new(
        StatusCode::NOT_FOUND,
        "unknown_route",
        "Este endereço não existe. Confira o caminho; a lista está em /openapi.json.",
    ))
    .await
}

pub(crate) async fn method_not_allowed() -> ApiError {
    std::future::ready(ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "Este endereço não aceita este método HTTP. Confira em /openapi.json.",
    ))
    .await
}
