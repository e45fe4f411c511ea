//! The one envelope of all errors.

use axum::Json;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::fleet::AddError;
use crate::stone_app::AnswerError;
use crate::terminal::{ControlError, StateView};

/// An error as it leaves.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// For waits that ran out: how it is instead.
    state: Option<Box<StateView>>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Inside<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a StateView>,
}

#[derive(Serialize)]
struct Inside<'a> {
    code: &'a str,
    message: &'a str,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), state: None }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", message)
    }

    pub(super) fn no_such_terminal(serial: &str) -> Self {
        let serial: String = serial.chars().take(40).collect();
        Self::new(StatusCode::NOT_FOUND, "unknown_terminal", format!("não há terminal {serial}"))
    }

    pub(super) fn no_such_address(uri: &Uri) -> Self {
        let path: String = uri.path().chars().take(100).collect();
        Self::new(StatusCode::NOT_FOUND, "unknown_address", format!("não há nada em {path}"))
    }

    pub(super) fn wrong_method(method: &Method, uri: &Uri) -> Self {
        let path: String = uri.path().chars().take(100).collect();
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", format!("{path} não aceita {method}"))
    }

    pub(super) fn timed_out(state: StateView) -> Self {
        Self {
            state: Some(Box::new(state)),
            ..Self::new(StatusCode::REQUEST_TIMEOUT, "timed_out", "a condição não se cumpriu a tempo")
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let envelope = Envelope {
            error: Inside { code: self.code, message: &self.message },
            state: self.state.as_deref(),
        };
        (self.status, Json(envelope)).into_response()
    }
}

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        let (status, code) = match &error {
            ControlError::PowerOff => (StatusCode::CONFLICT, "power_off"),
            ControlError::NotOnScreen(_) => (StatusCode::CONFLICT, "not_on_screen"),
            ControlError::NoKeypad => (StatusCode::CONFLICT, "no_keypad"),
            ControlError::OutOfRange(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_request"),
            ControlError::Dispatch(_) => (StatusCode::SERVICE_UNAVAILABLE, "agent_busy"),
            ControlError::Start(_) => (StatusCode::INTERNAL_SERVER_ERROR, "start_failed"),
            ControlError::Answer(answer) => match answer {
                AnswerError::UnknownAnswer(_) => (StatusCode::NOT_FOUND, "unknown_answer"),
                AnswerError::UnknownRequest(_) => (StatusCode::NOT_FOUND, "unknown_acquirer_request"),
                AnswerError::NothingOpen => (StatusCode::CONFLICT, "acquirer_not_open"),
                AnswerError::NotForThisApp => (StatusCode::CONFLICT, "not_for_this_app"),
                AnswerError::Unserviceable => (StatusCode::CONFLICT, "unserviceable_request"),
                AnswerError::AlreadyDecided => (StatusCode::CONFLICT, "already_decided"),
                AnswerError::NotDecided => (StatusCode::CONFLICT, "not_decided"),
                AnswerError::AmountNeeded | AnswerError::MethodNeeded | AnswerError::TooLate => {
                    (StatusCode::UNPROCESSABLE_ENTITY, "invalid_request")
                }
                AnswerError::Memory(_) => (StatusCode::INTERNAL_SERVER_ERROR, "acquirer_memory"),
            },
        };
        if status.is_server_error() {
            log::error!("{error}");
        }
        Self::new(status, code, error.to_string())
    }
}

impl From<AddError> for ApiError {
    fn from(error: AddError) -> Self {
        let (status, code) = match &error {
            AddError::Exists(_) => (StatusCode::CONFLICT, "terminal_exists"),
            AddError::Full => (StatusCode::CONFLICT, "too_many_terminals"),
            AddError::Io(_) | AddError::SetUp(_) | AddError::Start(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "start_failed")
            }
        };
        if status.is_server_error() {
            log::error!("{error}");
        }
        Self::new(status, code, error.to_string())
    }
}
