//! What a terminal says: JSON, bounded in size and time.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use protocol::refusal::RefusalCode;
use serde::de::DeserializeOwned;

use super::answer::No;

/// Largest body, in bytes: the largest honest message is below 4 KB.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest time for a body to arrive: a few KB over the worst mobile network.
const BODY_TIME_MAX: Duration = Duration::from_secs(20);

/// A parsed body.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = No;

    async fn from_request(request: Request, _: &S) -> Result<Self, No> {
        let body = Limited::new(request.into_body(), BODY_BYTES_MAX).collect();
        let bytes = match tokio::time::timeout(BODY_TIME_MAX, body).await {
            Ok(Ok(collected)) => collected.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let detail = format!("the body is larger than {BODY_BYTES_MAX} bytes");
                return Err(
                    No::new(RefusalCode::BadRequest, &detail).with_status(StatusCode::PAYLOAD_TOO_LARGE)
                );
            }
            Ok(Err(_)) => return Err(No::new(RefusalCode::BadRequest, "the body broke off")),
            Err(_) => {
                return Err(No::new(RefusalCode::BadRequest, "the body took too long")
                    .with_status(StatusCode::REQUEST_TIMEOUT));
            }
        };
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| No::new(RefusalCode::BadRequest, &error.to_string()))
    }
}
