//! `GET /terminal/v1/feed?since=CURSOR&wait_s=N`.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use protocol::feed::{Cursor, FeedPage};
use protocol::refusal::RefusalCode;
use serde::Deserialize;

use super::answer::No;
use super::caller::Caller;
use crate::state::AppState;

/// What a poll asks.
#[derive(Deserialize)]
pub(super) struct Poll {
    /// The last cursor; empty or absent: everything.
    #[serde(default)]
    since: String,
    /// How long to wait for something, in seconds.
    #[serde(default = "default_wait_s")]
    wait_s: u32,
}

const fn default_wait_s() -> u32 {
    FeedPage::WAIT_S_DEFAULT
}

pub(super) async fn feed(
    State(state): State<AppState>,
    Caller(terminal): Caller,
    poll: Result<Query<Poll>, QueryRejection>,
) -> Result<impl IntoResponse, No> {
    let Query(poll) = poll.map_err(|error| No::new(RefusalCode::BadRequest, &error.body_text()))?;
    let since: Option<Cursor> = match poll.since.as_str() {
        "" => None,
        text => {
            Some(text.parse().map_err(|error| No::new(RefusalCode::BadRequest, &format!("since: {error}")))?)
        }
    };
    let wait = Duration::from_secs(poll.wait_s.min(FeedPage::WAIT_S_MAX).into());
    let page =
        state.store.hub().poll(&terminal.serial, since, wait).await.ok_or(RefusalCode::SerialUnknown)?;
    // As they are now, not as they were before the wait: a page that brings changed settings brings the new ones.
    let registers = state.registers();
    let same = registers.terminal(&terminal.serial).filter(|now| now.account_id == terminal.account_id);
    let terminal = same.ok_or(RefusalCode::SerialUnknown)?;
    let settings = || registers.settings(terminal);
    let body = state.store.hub().render(&page, settings, state.environment.now());
    Ok(([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body))
}
