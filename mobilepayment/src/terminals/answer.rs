//! Every "no" to a terminal: a status and a [`Refusal`].

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::refusal::{Refusal, RefusalCode};

/// A refusal on its way out.
#[derive(Debug)]
pub(super) struct No {
    status: StatusCode,
    refusal: Refusal,
}

/// What a route answers.
pub(super) type Answer<T> = Result<Json<T>, No>;

impl No {
    /// A refusal whose sentence ends with a detail for who reads logs.
    pub(super) fn new(code: RefusalCode, detail: &str) -> Self {
        let mut no = Self::from(code);
        no.refusal.message = format!("{} ({detail})", no.refusal.message);
        no
    }

    pub(super) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.code.http_status())
            .expect("`http_status` gives statuses of HTTP only");
        Self { status, refusal }
    }
}

impl From<RefusalCode> for No {
    fn from(code: RefusalCode) -> Self {
        Refusal::from(code).into()
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        (self.status, Json(self.refusal)).into_response()
    }
}
