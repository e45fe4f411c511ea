//! Who calls: basic auth with the company's secret key as user and an empty password, as at Pagar.me.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::ApiError;
use crate::registers::{AccountId, Company, KeyHash, Registers};
use crate::state::AppState;

/// The company whose key came with the request.
#[derive(Clone, Debug)]
pub struct Caller(pub Arc<Company>);

impl Caller {
    /// Its account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.0.account_id
    }
}

/// The company whose key came along. A key is looked up by its hash: how long that takes says nothing about any secret key,
/// and it costs the same for one company or a thousand.
fn company(registers: &Registers, headers: &HeaderMap) -> Option<Arc<Company>> {
    let (user, password) = credentials(headers)?;
    if !password.is_empty() {
        return None;
    }
    registers.company_of_key(KeyHash::of(&user)).cloned()
}

/// User and password of basic auth.
pub(crate) fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Lets a request pass only with a known key, before anything else of it is looked at.
pub async fn require(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    match company(&state.registers(), request.headers()) {
        Some(company) => {
            request.extensions_mut().insert(Caller(company));
            next.run(request).await
        }
        None => ApiError::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Chave ausente ou desconhecida. Envie a secret_key da empresa como usuário do Basic auth, com senha vazia.",
        )
        .into_response(),
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        Ok(caller.expect("the route stands behind `require`"))
    }
}
