//! A registered terminal as the PDV reads it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::pdv::instant::to_iso;
use crate::registers::{Model, Terminal};
use crate::store::query::TerminalState;

/// A terminal (equipamento POS).
#[derive(Debug, Serialize, ToSchema)]
pub struct TerminalBody {
    /// Its serial number.
    pub serial_number: String,
    /// `L3`, `A8` or `P2`.
    pub model: &'static str,
    /// What people call it.
    pub description: String,
    /// CNPJ of the acquirer.
    pub acquirer_cnpj: String,
    /// May take orders out for delivery.
    pub delivery: bool,
    /// May take payments at the counter, so also direct orders.
    pub counter: bool,
    /// Bound to this store now.
    pub activated: bool,
    /// Since when.
    pub activated_at: Option<String>,
    /// When it last spoke to the service since the service started.
    pub last_seen_at: Option<String>,
    /// Blocked by the store.
    pub revoked: bool,
}

impl TerminalBody {
    /// A registered terminal and what is known of it besides.
    #[must_use]
    pub fn new(terminal: &Terminal, state: Option<&TerminalState>) -> Self {
        let activated_at = state.and_then(|s| s.activated_at);
        Self {
            serial_number: terminal.serial.to_string(),
            model: match terminal.model {
                Model::L3 => "L3",
                Model::A8 => "A8",
                Model::P2 => "P2",
            },
            description: terminal.description.clone(),
            acquirer_cnpj: terminal.acquirer_cnpj.clone(),
            delivery: terminal.delivery,
            counter: terminal.counter,
            activated: activated_at.is_some(),
            activated_at: activated_at.map(to_iso),
            last_seen_at: state.and_then(|s| s.last_seen_at).map(to_iso),
            revoked: state.is_some_and(|s| s.revoked),
        }
    }
}
