//! One `[[company.terminal]]`: a POS known by its serial number.

use protocol::Serial;

use super::cnpj;
use super::company::{Seen, once};
use super::problem::Problems;
use super::table::{Found, Table};
use crate::registers::{AccountId, Model, Terminal};

/// Longest description: what fits one line of the PDV's list.
pub(crate) const DESCRIPTION_CHARS_MAX: usize = 64;
const KEYS: [&str; 6] = ["serial", "model", "acquirer_cnpj", "description", "delivery", "counter"];

pub(super) fn read(
    table: &Table<'_>,
    account_id: Option<&AccountId>,
    seen: &mut Seen,
    problems: &mut Problems<'_>,
) -> Option<Terminal> {
    table.refuse_unknown(&KEYS, problems);
    let serial = serial(table, seen, problems);
    let model = model(table, problems);
    let acquirer_cnpj = acquirer_cnpj(table, problems);
    let description = description(table, problems);
    // A P2 is for delivery only; the others do both unless the file says otherwise.
    let delivery = table.flag("delivery", true, problems);
    let counter = table.flag("counter", model != Some(Model::P2), problems);
    if model == Some(Model::P2) && counter {
        problems.add(
            table.at("counter"),
            "um P2 serve só para delivery: escreva counter = false ou apague a linha".to_owned(),
        );
    }
    if !delivery && !counter {
        problems.add(
            table.at("delivery"),
            "o terminal não tem uso: escreva delivery = true ou counter = true".to_owned(),
        );
    }
    Some(Terminal {
        serial: serial?,
        account_id: account_id?.clone(),
        model: model?,
        acquirer_cnpj: acquirer_cnpj?,
        delivery,
        counter,
        description: description?,
    })
}

fn serial(table: &Table<'_>, seen: &mut Seen, problems: &mut Problems<'_>) -> Option<Serial> {
    let found = table.required_text("serial", "PB0419AL60480", problems)?;
    let Ok(serial) = Serial::parse(found.value) else {
        let message =
            "\"serial\" deve ter de 3 a 32 letras, números, _ ou -, como na etiqueta do terminal (S/N)";
        problems.add(found.at, message.to_owned());
        return None;
    };
    let upper = found.value.to_ascii_uppercase();
    let by_case = Found { value: upper.as_str(), at: found.at };
    once(&mut seen.serials, by_case, "este número de série", problems).then_some(serial)
}

fn model(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Model> {
    let found = table.required_text("model", "L3", problems)?;
    match found.value {
        "L3" => Some(Model::L3),
        "A8" => Some(Model::A8),
        "P2" => Some(Model::P2),
        _ => {
            problems.add(found.at, "\"model\" deve ser \"L3\", \"A8\" ou \"P2\"".to_owned());
            None
        }
    }
}

fn acquirer_cnpj(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<String> {
    let found = table.required_text("acquirer_cnpj", "00.000.000/0000-00", problems)?;
    let cnpj = cnpj::normalize(found.value);
    if cnpj.is_none() {
        problems.add(
            found.at,
            "\"acquirer_cnpj\" não é um CNPJ válido: confira os 14 caracteres e os dígitos verificadores"
                .to_owned(),
        );
    }
    cnpj
}

fn description(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<String> {
    let Some(found) = table.text("description", problems) else {
        return Some(String::new());
    };
    let text = found.value.trim();
    if text.chars().count() > DESCRIPTION_CHARS_MAX || text.chars().any(char::is_control) {
        problems.add(
            found.at,
            format!("\"description\" deve ter até {DESCRIPTION_CHARS_MAX} caracteres em uma linha"),
        );
        return None;
    }
    Some(text.to_owned())
}
