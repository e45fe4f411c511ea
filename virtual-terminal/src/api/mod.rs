//! Every page and every control over HTTP.
//!
//! Handlers translate only. Bodies are JSON and small, errors share one envelope: `{"error":{"code","message"}}`.
//! Only loopback names are answered, and only pages that came from here may call: see `guard.rs`.
//!
//! | call, below `/api/terminals` | what it does |
//! |---|---|
//! | `GET ?after=V&wait_s=N` | every terminal; with `after` as soon as anything differs from version `V` |
//! | `POST {serial, model}` | one more terminal, switched on |
//! | `GET /{serial}/state?after=V&wait_s=N` | everything about one terminal |
//! | `GET /{serial}/wait?page&text&no_text&tap&acquirer&acquirer_number&alerts&prints&transactions&not_version&timeout_s` | the state as soon as all conditions hold, or 408 |
//! | `GET /{serial}/events?after=N&wait_s=N` | what happened after entry `N` |
//! | `POST /{serial}/tap {id}`, `/text {id, value}`, `/key {key}` | the operator; reaches the agent even behind the acquirer's app |
//! | `POST /{serial}/acquirer/{answer} {request, amount, method, brand, answer, after_ms, damage, forgery, without_order_id}` | the acquirer's app answers: `approve`, `decline`, `cancel`, `silent`, `late`, `now`, `forget`, `twice`, `other-amount`, `other-method`, `unknown-atk`, `malformed`, `forge` |
//! | `POST /{serial}/acquirer {installed, app, auto}` | which apps are installed, and what they do by themselves |
//! | `GET /{serial}/acquirer/transactions` | what the acquirer remembers |
//! | `POST /{serial}/acquirer/reprint-last` | the newest payment's slip, from the acquirer's own menu |
//! | `POST /{serial}/returned {uri}` | somebody fires the return scheme |
//! | `POST /{serial}/printer {condition, hold, paper_left_dots}`, `/printer/tear-off` | the printer |
//! | `GET /{serial}/paper.png` | the paper, dot by dot |
//! | `POST /{serial}/network {connected, reachable, latency_ms, answers}` | the network |
//! | `POST /{serial}/device {battery_percent, charging, storage_free_bytes}` | the device's condition |
//! | `POST /{serial}/power {on, lose_returns}`, `/restart` | the power |

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
        .route("/acquirer/reprint-last", post(controls::reprint_last))
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
