//! What every route shares.

use std::sync::Arc;

use crate::environment::Environment;
use crate::registers::Registers;
use crate::store::Store;

/// The service, as a route sees it. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The database behind its one writer.
    pub store: Store,
    /// Clock and randomness.
    pub environment: Environment,
}

impl AppState {
    /// Companies and terminals as they are now.
    #[must_use]
    pub fn registers(&self) -> Arc<Registers> {
        self.store.registers().get()
    }
}
