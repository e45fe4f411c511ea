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
    /// Companies and terminals.
    pub registers: Arc<Registers>,
    /// Clock and randomness.
    pub environment: Environment,
}
