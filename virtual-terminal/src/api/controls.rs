//! Everything that changes something.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use pos_connect::view::screen::Key;
use protocol::Serial;
use serde::{Deserialize, Serialize};

use super::body::{At, Body};
use super::error::ApiError;
use crate::fleet::Fleet;
use crate::printer::PrinterChange;
use crate::stone_app::Details;
use crate::terminal::{AppsChange, Delivered, DeviceChange, Model, NetworkChange, StateView, Terminal};

/// Longest text of a field, in bytes.
const MAX_TEXT_BYTES: usize = 1_000;

/// What was done, with the version of the state right after it.
#[derive(Serialize)]
pub(super) struct Done {
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered: Option<Delivered>,
}

type Answered = Result<Json<Done>, ApiError>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTerminal {
    serial: String,
    model: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tapped {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    id: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pressed {
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnedUri {
    uri: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Power {
    on: bool,
    #[serde(default)]
    lose_returns: bool,
}

#[derive(Deserialize)]
pub(super) struct InPath {
    answer: String,
}

/// `POST /api/terminals`
pub(super) async fn add(
    State(fleet): State<Arc<Fleet>>,
    Body(new): Body<NewTerminal>,
) -> Result<(StatusCode, Json<StateView>), ApiError> {
    let serial = Serial::parse(&new.serial)
        .map_err(|_| ApiError::invalid("serial: de 3 a 32 letras, números, - ou _"))?;
    let model = Model::parse(&new.model).ok_or_else(|| ApiError::invalid("model: L3, A8 ou P2"))?;
    let terminal = fleet.add(serial, model).await?;
    Ok((StatusCode::CREATED, Json(terminal.state())))
}

/// `POST …/tap`
pub(super) async fn tap(At(terminal): At, Body(tapped): Body<Tapped>) -> Answered {
    terminal.tap(&tapped.id)?;
    Ok(done(&terminal))
}

/// `POST …/text`
pub(super) async fn text(At(terminal): At, Body(typed): Body<Typed>) -> Answered {
    if typed.value.len() > MAX_TEXT_BYTES {
        return Err(ApiError::invalid("value passa de 1000 bytes"));
    }
    terminal.text(&typed.id, typed.value)?;
    Ok(done(&terminal))
}

/// `POST …/key`
pub(super) async fn key(At(terminal): At, Body(pressed): Body<Pressed>) -> Answered {
    let key = match pressed.key.as_bytes() {
        b"enter" => Key::Enter,
        b"back" => Key::Back,
        b"clear" => Key::Clear,
        [digit @ b'0'..=b'9'] => Key::Digit(digit - b'0'),
        _ => return Err(ApiError::invalid("key: 0 a 9, enter, back ou clear")),
    };
    terminal.key(key)?;
    Ok(done(&terminal))
}

/// `POST …/acquirer/{answer}`
pub(super) async fn answer(
    At(terminal): At,
    Path(InPath { answer }): Path<InPath>,
    Body(details): Body<Details>,
) -> Answered {
    let delivered = terminal.answer(&answer, &details)?;
    Ok(delivered_at(&terminal, delivered))
}

/// `POST …/acquirer/reprint-last`
pub(super) async fn reprint_last(At(terminal): At) -> Answered {
    terminal.reprint_last()?;
    Ok(done(&terminal))
}

/// `POST …/acquirer`
pub(super) async fn apps(At(terminal): At, Body(change): Body<AppsChange>) -> Answered {
    terminal.change_apps(&change);
    Ok(done(&terminal))
}

/// `POST …/returned`
pub(super) async fn returned(At(terminal): At, Body(returned): Body<ReturnedUri>) -> Answered {
    let delivered = terminal.returned(returned.uri)?;
    Ok(delivered_at(&terminal, delivered))
}

/// `POST …/printer`
pub(super) async fn printer(At(terminal): At, Body(change): Body<PrinterChange>) -> Answered {
    terminal.change_printer(&change);
    Ok(done(&terminal))
}

/// `POST …/printer/tear-off`
pub(super) async fn tear_off(At(terminal): At) -> Answered {
    terminal.tear_off();
    Ok(done(&terminal))
}

/// `POST …/network`
pub(super) async fn network(At(terminal): At, Body(change): Body<NetworkChange>) -> Answered {
    terminal.change_network(change)?;
    Ok(done(&terminal))
}

/// `POST …/device`
pub(super) async fn device(At(terminal): At, Body(change): Body<DeviceChange>) -> Answered {
    terminal.change_device(change)?;
    Ok(done(&terminal))
}

/// `POST …/power`
pub(super) async fn power(At(terminal): At, Body(power): Body<Power>) -> Answered {
    if power.on {
        terminal.power_on(power.lose_returns).await?;
    } else {
        terminal.power_off().await;
    }
    Ok(done(&terminal))
}

/// `POST …/restart`: the process dies and starts again, as Android does it.
pub(super) async fn restart(At(terminal): At) -> Answered {
    terminal.power_off().await;
    terminal.power_on(false).await?;
    Ok(done(&terminal))
}

fn done(terminal: &Terminal) -> Json<Done> {
    Json(Done { version: terminal.state().version, delivered: None })
}

fn delivered_at(terminal: &Terminal, delivered: Delivered) -> Json<Done> {
    Json(Done { version: terminal.state().version, delivered: Some(delivered) })
}
