//! The terminal-facing routes, `/terminal/v1/…`: they parse, ask the store, and put the answer into words. Which
//! message goes where is documented beside the messages, in `protocol`.
//!
//! One file per route, named like its URL; `caller` says who asks, `body` reads what they say, `answer` is
//! every "no".

mod activate;
mod answer;
mod attempts;
mod body;
mod caller;
mod claims;
mod feed;
mod prints;
mod reversals;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use protocol::refusal::RefusalCode;

use crate::state::AppState;
use answer::No;

/// The routes.
pub fn router() -> Router<AppState> {
    let routes = Router::new()
        .route("/activate", post(activate::activate))
        .route("/feed", get(feed::feed))
        .route("/claims", post(claims::claim))
        .route("/claims/release", post(claims::release))
        .route("/attempts", post(attempts::start))
        .route("/attempts/outcome", post(attempts::outcome))
        .route("/attempts/statement", post(attempts::statement))
        .route("/reversals", post(reversals::report))
        .route("/prints/{print_id}", get(prints::image))
        .route("/prints/{print_id}/result", post(prints::result))
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method);
    Router::new().nest("/terminal/v1", routes)
}

async fn no_such_route() -> No {
    No::new(RefusalCode::BadRequest, "no such route").with_status(StatusCode::NOT_FOUND)
}

async fn wrong_method() -> No {
    No::new(RefusalCode::BadRequest, "this route takes another method")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}
