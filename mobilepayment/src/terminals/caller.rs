//! Who asks: the device token of an activated, registered terminal.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use protocol::refusal::RefusalCode;

use super::answer::No;
use crate::registers::Terminal;
use crate::state::AppState;
use crate::store::devices::Bearer;

/// The terminal that asks.
pub(super) struct Caller(pub(super) Arc<Terminal>);

impl FromRequestParts<AppState> for Caller {
    type Rejection = No;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, No> {
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(RefusalCode::NotActivated)?;
        let device = match state.store.devices().bearer(token) {
            Bearer::Active(device) => device,
            Bearer::Revoked => return Err(RefusalCode::Revoked.into()),
            Bearer::Unknown => return Err(RefusalCode::NotActivated.into()),
        };
        let registers = state.registers();
        let terminal = registers.terminal(&device.serial).ok_or(RefusalCode::SerialUnknown)?;
        // Moved to another company since: it must be activated there.
        if terminal.account_id != device.account {
            return Err(RefusalCode::NotActivated.into());
        }
        state.store.hub().seen(&device.serial, state.environment.now());
        Ok(Self(Arc::clone(terminal)))
    }
}
