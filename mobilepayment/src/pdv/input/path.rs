//! The variable part of an address.

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::pdv::answer::ApiError;

/// The one variable part of a route's address, as text; what it names is the route's to find out.
pub struct Segment(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| {
            ApiError::new(
                StatusCode::BAD_REQUEST,
                "malformed_address",
                "O endereço tem caracteres que não são UTF-8. Confira o identificador.",
            )
        })?;
        Ok(Self(text))
    }
}
