//! `/admin/v1/companies/{account_id}/terminals/{serial}`: a PDV registers the terminals of its companies.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::Serial;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Licensed;
use crate::config::cnpj;
use crate::config::terminal::DESCRIPTION_CHARS_MAX;
use crate::pdv::answer::{ApiError, Refusals};
use crate::pdv::input::author::author;
use crate::pdv::input::body::JsonBody;
use crate::pdv::input::fields::{Fields, Problems};
use crate::pdv::shapes::terminal::TerminalBody;
use crate::registers::{AccountId, Model, Terminal};
use crate::state::AppState;
use crate::store::administration::AdminRefusal;

/// Longest CNPJ as it is written, in characters: with its dots and dashes and some spaces.
const CNPJ_CHARS_MAX: usize = 32;

/// A terminal, as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct TerminalInput {
    /// `L3`, `A8` or `P2`.
    pub model: String,
    /// CNPJ of the acquirer.
    #[schema(example = "16.501.555/0001-57")]
    pub acquirer_cnpj: String,
    /// What people call it.
    pub description: Option<String>,
    /// May take orders out for delivery; true unless said.
    pub delivery: Option<bool>,
    /// May take payments at the counter; true unless said, never with a P2.
    pub counter: Option<bool>,
    /// Who asks, for the audit trail.
    pub by: Option<String>,
}

/// A terminal that is no longer registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedBody {
    /// Its serial number.
    pub serial_number: String,
    /// `false`
    pub registered: bool,
}

/// Registers a terminal or changes it; the same again changes nothing.
#[utoipa::path(put, path = "/admin/v1/companies/{account_id}/terminals/{serial}", tag = "administration",
    request_body = TerminalInput, params(("account_id" = String, Path), ("serial" = String, Path)),
    security(("web_service" = [])),
    responses((status = 200, description = "The terminal", body = TerminalBody), Refusals))]
pub async fn put(
    Licensed(licence): Licensed,
    State(state): State<AppState>,
    Path((account, serial)): Path<(String, String)>,
    body: JsonBody,
) -> Result<Json<TerminalBody>, ApiError> {
    let account = AccountId::parse(&account).map_err(|_| AdminRefusal::CompanyUnknown)?;
    let mut problems = Problems::default();
    let fields = Fields::new("terminal", &body.object);
    let author = author(&fields, &mut problems);
    let terminal = read(account, &serial, &fields, &mut problems);
    let terminal = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, terminal)?;
    let terminal = state.store.asked_by(author).put_terminal(licence, terminal).await?;
    let states = state.store.terminals(&terminal.account_id);
    Ok(Json(TerminalBody::new(&terminal, states.iter().find(|s| s.serial == terminal.serial))))
}

/// Takes a terminal out of the register. Its device token ends with it.
#[utoipa::path(delete, path = "/admin/v1/companies/{account_id}/terminals/{serial}", tag = "administration",
    params(("account_id" = String, Path), ("serial" = String, Path)), security(("web_service" = [])),
    responses((status = 200, description = "It is gone", body = RemovedBody), Refusals))]
pub async fn remove(
    Licensed(licence): Licensed,
    State(state): State<AppState>,
    Path((account, serial)): Path<(String, String)>,
) -> Result<Json<RemovedBody>, ApiError> {
    let account = AccountId::parse(&account).map_err(|_| AdminRefusal::CompanyUnknown)?;
    let serial = Serial::parse(&serial).map_err(|_| AdminRefusal::TerminalUnknown)?;
    state.store.remove_terminal(licence, account, serial.clone()).await?;
    Ok(Json(RemovedBody { serial_number: serial.to_string(), registered: false }))
}

fn read(
    account_id: AccountId,
    serial: &str,
    fields: &Fields<'_>,
    problems: &mut Problems,
) -> Option<Terminal> {
    let serial = Serial::parse(serial).ok();
    if serial.is_none() {
        problems.add(
            "terminal.serial",
            "deve ter de 3 a 32 letras, números, _ ou -, como na etiqueta do terminal (S/N)",
        );
    }
    fields.require("model", problems);
    let model = fields.word("model", &[("L3", Model::L3), ("A8", Model::A8), ("P2", Model::P2)], problems);
    let written = fields.required_text("acquirer_cnpj", CNPJ_CHARS_MAX, problems);
    let acquirer_cnpj = written.as_deref().and_then(cnpj::normalize);
    if written.is_some() && acquirer_cnpj.is_none() {
        problems.add(
            &fields.path("acquirer_cnpj"),
            "não é um CNPJ válido: confira os 14 caracteres e os dígitos verificadores",
        );
    }
    let description = fields.text("description", DESCRIPTION_CHARS_MAX, problems).unwrap_or_default();
    let delivery = fields.boolean("delivery", problems).unwrap_or(true);
    let counter = fields.boolean("counter", problems).unwrap_or(model != Some(Model::P2));
    if model == Some(Model::P2) && counter {
        problems.add(&fields.path("counter"), "um P2 serve só para delivery: envie false ou nada");
    }
    if !delivery && !counter {
        problems.add(&fields.path("delivery"), "o terminal não tem uso: envie delivery ou counter true");
    }
    Some(Terminal {
        serial: serial?,
        account_id,
        model: model?,
        acquirer_cnpj: acquirer_cnpj?,
        delivery,
        counter,
        description,
    })
}
