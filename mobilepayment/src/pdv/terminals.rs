//! `/posconnect/v1/terminals`: the register, activation codes, and blocking a terminal that is lost.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::Serial;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::author::author;
use super::input::body::JsonBody;
use super::input::fields::{Fields, Problems};
use super::input::path::Segment;
use super::instant::to_iso;
use super::shapes::terminal::TerminalBody;
use crate::state::AppState;

/// Terminals of a store.
#[derive(Debug, Serialize, ToSchema)]
pub struct TerminalsBody {
    /// By serial number.
    pub data: Vec<TerminalBody>,
}

/// For which case a code is wanted.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivationInput {
    /// `true`: also when the terminal is active; its old activation ends when the code is used.
    pub replace: Option<bool>,
    /// Who asks, for the audit trail.
    pub by: Option<String>,
    /// Why, for the audit trail.
    pub reason: Option<String>,
}

/// Who blocks a terminal or lets it in again, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockInput {
    /// Who asks, for the audit trail.
    pub by: Option<String>,
    /// Why, for the audit trail.
    pub reason: Option<String>,
}

/// A one-use code that binds a terminal to its store.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivationBody {
    /// To be typed on the terminal. Shown only here.
    #[schema(example = "7K3PX-9WQ2M")]
    pub code: String,
    /// Until when it can be used.
    pub expires_at: String,
}

/// The registered terminals.
#[utoipa::path(get, path = "/posconnect/v1/terminals", tag = "terminals",
    responses((status = 200, description = "The terminals", body = TerminalsBody), Refusals))]
pub async fn list(caller: Caller, State(state): State<AppState>) -> Json<TerminalsBody> {
    let data = all(&caller, &state);
    std::future::ready(Json(TerminalsBody { data })).await
}

/// Makes a one-use activation code.
#[utoipa::path(post, path = "/posconnect/v1/terminals/{serial}/activation-codes", tag = "terminals",
    request_body = ActivationInput, params(("serial" = String, Path)),
    responses((status = 200, description = "The code", body = ActivationBody), Refusals))]
pub async fn activation_code(
    caller: Caller,
    State(state): State<AppState>,
    Segment(serial): Segment,
    body: JsonBody,
) -> Result<Json<ActivationBody>, ApiError> {
    let serial = registered(&caller, &state, &serial)?;
    let mut problems = Problems::default();
    let fields = Fields::new("activation", &body.object);
    let replace = fields.boolean("replace", &mut problems);
    let author = author(&fields, &mut problems);
    problems.finish(StatusCode::UNPROCESSABLE_ENTITY, Some(()))?;
    let store = state.store.asked_by(author);
    let made = store.create_activation_code(caller.account(), &serial, replace.unwrap_or(false)).await?;
    Ok(Json(ActivationBody { code: made.code, expires_at: to_iso(made.expires_at) }))
}

/// Blocks a terminal at once: its device token is worth nothing any more.
#[utoipa::path(post, path = "/posconnect/v1/terminals/{serial}/revoke", tag = "terminals",
    request_body = BlockInput, params(("serial" = String, Path)),
    responses((status = 200, description = "The terminal", body = TerminalBody), Refusals))]
pub async fn revoke(
    caller: Caller,
    State(state): State<AppState>,
    Segment(serial): Segment,
    body: JsonBody,
) -> Result<Json<TerminalBody>, ApiError> {
    set_revoked(&caller, &state, &serial, &body, true).await
}

/// Lets a blocked terminal be activated again, with a new code.
#[utoipa::path(post, path = "/posconnect/v1/terminals/{serial}/unrevoke", tag = "terminals",
    request_body = BlockInput, params(("serial" = String, Path)),
    responses((status = 200, description = "The terminal", body = TerminalBody), Refusals))]
pub async fn unrevoke(
    caller: Caller,
    State(state): State<AppState>,
    Segment(serial): Segment,
    body: JsonBody,
) -> Result<Json<TerminalBody>, ApiError> {
    set_revoked(&caller, &state, &serial, &body, false).await
}

async fn set_revoked(
    caller: &Caller,
    state: &AppState,
    serial: &str,
    body: &JsonBody,
    revoked: bool,
) -> Result<Json<TerminalBody>, ApiError> {
    let serial = registered(caller, state, serial)?;
    let mut problems = Problems::default();
    let author = author(&Fields::new("terminal", &body.object), &mut problems);
    problems.finish(StatusCode::UNPROCESSABLE_ENTITY, Some(()))?;
    state.store.asked_by(author).set_revoked(caller.account(), &serial, revoked).await?;
    let terminals = all(caller, state);
    let terminal = terminals.into_iter().find(|t| t.serial_number == serial.as_str());
    Ok(Json(terminal.expect("a registered terminal is in the list of all")))
}

fn all(caller: &Caller, state: &AppState) -> Vec<TerminalBody> {
    let states = state.store.terminals(caller.account());
    let mut terminals: Vec<TerminalBody> = state
        .registers()
        .terminals()
        .filter(|t| t.account_id == *caller.account())
        .map(|t| TerminalBody::new(t, states.iter().find(|s| s.serial == t.serial)))
        .collect();
    terminals.sort_by(|a, b| a.serial_number.cmp(&b.serial_number));
    terminals
}

fn registered(caller: &Caller, state: &AppState, text: &str) -> Result<Serial, ApiError> {
    let serial = Serial::parse(text).ok();
    let known = serial.filter(|s| state.registers().terminal_of(caller.account(), s).is_some());
    known.ok_or_else(|| ApiError::not_found("Este terminal"))
}
