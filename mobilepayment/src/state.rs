//! What every route shares.

use std::sync::Arc;

use crate::environment::Environment;
use crate::registers::{KeyHash, Registers};
use crate::store::Store;

/// The service, as a route sees it. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The database behind its one writer.
    pub store: Store,
    /// What the administration goes by.
    pub administration: Arc<Administration>,
    /// Clock and randomness.
    pub environment: Environment,
}

/// What the administration goes by.
#[derive(Clone, Debug, Default)]
pub struct Administration {
    /// Of the administrator's key; `None`: nobody may make licences.
    pub admin_key: Option<KeyHash>,
    /// The address of this service that activations are told.
    pub address: String,
}

impl AppState {
    /// Companies and terminals as they are now.
    #[must_use]
    pub fn registers(&self) -> Arc<Registers> {
        self.store.registers().get()
    }
}
