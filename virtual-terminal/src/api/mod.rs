//! Every page and every control over HTTP.
//!
//! Handlers translate only. Bodies are JSON and small, errors share one envelope: `{"error":{"code","message"}}`.
//! Only loopback names are answered, and only pages that came from here may call: see [`guard`].

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::middleware::from_fn;
use axum::routing::{get, post};

mod body;
mod controls;
mod error;
mod guard;
mod pages;
mod watching;

use crate::fleet::Fleet;
use error::ApiError;

/// Longest body, in bytes: a return URI of the longest kind as JSON.
const MAX_BODY_BYTES: usize = 128 * 1024;

/// All routes.
pub fn router(fleet: Arc<Fleet>) -> Router {
    let terminal = Router::new()
        .route("/state", get(watching::state))
        .route("/events", get(watching::events))
        .route("/wait", get(watching::wait))
        .route("/paper.png", get(watching::paper))
        .route("/tap", post(controls::tap))
        .route("/text", post(controls::text))
        .route("/key", post(controls::key))
        .route("/acquirer", post(controls::apps))
        .route("/acquirer/transactions", get(watching::transactions))
        .route("/acquirer/{answer}", post(controls::answer))
        .route("/returned", post(controls::returned))
        .route("/printer", post(controls::printer))
        .route("/printer/tear-off", post(controls::tear_off))
        .route("/network", post(controls::network))
        .route("/device", post(controls::device))
        .route("/power", post(controls::power))
        .route("/restart", post(controls::restart));
    Router::new()
        .route("/", get(pages::index))
        .route("/t/{serial}", get(pages::terminal))
        .route("/assets/{name}", get(pages::asset))
        .route("/api/terminals", get(watching::terminals).post(controls::add))
        .nest("/api/terminals/{serial}", terminal)
        .fallback(async |uri: Uri| ApiError::no_such_address(&uri))
        .method_not_allowed_fallback(async |method: Method, uri: Uri| ApiError::wrong_method(&method, &uri))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(guard::loopback_only))
        .with_state(fleet)
}
