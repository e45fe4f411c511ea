//! What comes with a request, parsed at the edge.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::fleet::Fleet;
use crate::terminal::Terminal;

/// A JSON body; an empty one counts as `{}`.
pub(super) struct Body<T>(pub(super) T);

/// The query string.
pub(super) struct Params<T>(pub(super) T);

/// The terminal that the path names.
pub(super) struct At(pub(super) Arc<Terminal>);

impl<T: DeserializeOwned> FromRequest<Arc<Fleet>> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &Arc<Fleet>) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let message = match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => "o corpo passa de 131072 bytes",
                _ => "o corpo não pôde ser lido",
            };
            ApiError::new(rejection.status(), "unreadable_body", message)
        })?;
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Self(value)),
            Err(error) if error.is_data() => Err(ApiError::invalid(error.to_string())),
            Err(error) => Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "malformed_json",
                format!("o corpo não é JSON: {error}"),
            )),
        }
    }
}

impl<T: DeserializeOwned> FromRequestParts<Arc<Fleet>> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Fleet>) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::invalid(rejection.body_text())),
        }
    }
}

impl FromRequestParts<Arc<Fleet>> for At {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, fleet: &Arc<Fleet>) -> Result<Self, ApiError> {
        /// The serial number, whatever else the path has.
        #[derive(serde::Deserialize)]
        struct InPath {
            serial: String,
        }
        let Ok(Path(InPath { serial })) = Path::from_request_parts(parts, fleet).await else {
            return Err(ApiError::no_such_terminal(""));
        };
        fleet.find(&serial).map(Self).ok_or_else(|| ApiError::no_such_terminal(&serial))
    }
}
