//! Reading a JSON body within its limit, with errors that say where it breaks.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::Value;
use tokio::time::timeout;

use crate::pdv::answer::ApiError;

/// Largest body of any request but a receipt, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Largest body of a receipt, in bytes: 384 × 12,000 dots as a poorly compressed image, in base64.
pub const PRINT_BODY_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Longest time for a body to arrive, in seconds: 3 MB over a slow line.
const BODY_TIME_S_MAX: u64 = 30;

/// A JSON object of at most `MAX` bytes, with its raw bytes. An empty body is an empty object: whether fields are missing
/// is the route's to say.
pub struct JsonBody<const MAX: usize = BODY_BYTES_MAX> {
    /// The object.
    pub object: serde_json::Map<String, Value>,
    /// As it came.
    pub raw: Bytes,
}

impl<S: Send + Sync, const MAX: usize> FromRequest<S> for JsonBody<MAX> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let raw = read(&parts.headers, body, MAX).await?;
        if raw.is_empty() {
            return Ok(Self { object: serde_json::Map::new(), raw });
        }
        require_json(&parts.headers)?;
        match serde_json::from_slice(&raw) {
            Ok(Value::Object(object)) => Ok(Self { object, raw }),
            Ok(_) => Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "malformed_json",
                "O corpo deve ser um objeto JSON: {…}.",
            )),
            Err(error) => Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "malformed_json",
                format!(
                    "O corpo não é JSON válido (linha {}, coluna {}). Corrija o texto e envie de novo.",
                    error.line(),
                    error.column()
                ),
            )),
        }
    }
}

/// A body of at most `MAX` bytes of any kind.
pub struct RawBody<const MAX: usize>(pub Bytes);

impl<S: Send + Sync, const MAX: usize> FromRequest<S> for RawBody<MAX> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        read(&parts.headers, body, MAX).await.map(Self)
    }
}

async fn read(headers: &HeaderMap, body: Body, max: usize) -> Result<Bytes, ApiError> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    let too_large = || {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("O corpo passa de {max} bytes. Envie menos dados de uma vez."),
        )
    };
    if declared.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > max)) {
        return Err(too_large());
    }
    let broken = |error: axum::Error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(|s| s.is::<http_body_util::LengthLimitError>()) {
            return too_large();
        }
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "body_incomplete",
            "A conexão caiu antes do fim do corpo. Envie de novo.",
        )
    };
    match timeout(Duration::from_secs(BODY_TIME_S_MAX), to_bytes(body, max)).await {
        Ok(read) => read.map_err(broken),
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            format!("O corpo não chegou inteiro em {BODY_TIME_S_MAX} segundos. Envie de novo."),
        )),
    }
}

fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not_json",
        "O corpo deve ser JSON. Envie o cabeçalho Content-Type: application/json.",
    ))
}
