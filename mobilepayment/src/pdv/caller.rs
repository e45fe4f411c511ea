//! Who calls: basic auth with the company's secret key as user and an empty password, as at Pagar.me.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::answer::ApiError;
use crate::environment::Environment;
use crate::registers::{AccountId, Company, Registers};

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

/// Companies by their keys. A key is looked up by its HMAC under a key of this process: how long a lookup takes says
/// nothing about any secret key, and costs the same for one company or a thousand.
pub struct Keys {
    process_key: [u8; 32],
    companies: HashMap<[u8; 32], Arc<Company>>,
}

impl Keys {
    /// The index of all companies.
    #[must_use]
    pub fn new(registers: &Registers, environment: &Environment) -> Self {
        let mut keys = Self { process_key: environment.bytes(), companies: HashMap::new() };
        for company in registers.companies() {
            let tag = keys.tag(company.secret_key.expose());
            keys.companies.insert(tag, Arc::new(company.clone()));
        }
        keys
    }

    fn tag(&self, secret_key: &str) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.process_key).expect("HMAC takes a key of any length");
        mac.update(secret_key.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn company(&self, headers: &HeaderMap) -> Option<Arc<Company>> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, credentials) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        if !password.is_empty() {
            return None;
        }
        self.companies.get(&self.tag(user)).cloned()
    }
}

/// Lets a request pass only with a known key, before anything else of it is looked at.
pub async fn require(State(keys): State<Arc<Keys>>, mut request: Request, next: Next) -> Response {
    match keys.company(request.headers()) {
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
