//! Who calls: the administrator with the key of the configuration file, or a PDV with its web service credentials.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::ledger::audit::Author;
use crate::pdv::answer::ApiError;
use crate::pdv::caller::credentials;
use crate::pdv::input::author::author;
use crate::pdv::input::fields::{Fields, Problems};
use crate::registers::KeyHash;
use crate::registers::licence::LicenceId;
use crate::state::AppState;

/// The administrator.
pub struct Administrator;

impl FromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Some(admin_key) = state.administration.admin_key else {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "administration_closed",
                "Este serviço não tem admin_key. Escreva uma no arquivo de configuração e reinicie o serviço.",
            ));
        };
        // The hashes are compared: where they differ says nothing of the key.
        let given = credentials(&parts.headers).filter(|(_, password)| password.is_empty());
        match given.map(|(user, _)| KeyHash::of(&user)) {
            Some(given) if given == admin_key => Ok(Self),
            Some(_) | None => Err(unauthorized(
                "Chave ausente ou desconhecida. Envie a admin_key como usuário do Basic auth, com senha vazia.",
            )),
        }
    }
}

/// Who asks and why, for the audit trail; an administrator who gives no name is still no PDV.
pub fn administrator(fields: &Fields<'_>, problems: &mut Problems) -> Author {
    let author = author(fields, problems);
    Author { by: author.by.or_else(|| Some("administração".to_owned())), ..author }
}

/// The licence whose credentials came with the request.
pub struct Licensed(pub LicenceId);

impl FromRequestParts<AppState> for Licensed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let registers = state.registers();
        let found = credentials(&parts.headers).and_then(|(user, password)| {
            let licence = registers.licence_of_password(KeyHash::of(&password))?;
            (licence.id.as_str() == user).then(|| licence.id.clone())
        });
        found.map(Self).ok_or_else(|| {
            unauthorized(
                "Usuário ou senha do serviço web desconhecidos. Use os que a ativação da licença respondeu.",
            )
        })
    }
}

fn unauthorized(message: &str) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
}
