//! The one handle to the registers as they are now: they are replaced as a whole while the service runs.

use std::sync::Arc;

use tokio::sync::watch;

use super::Registers;

/// The registers as they are now. Cheap to clone; every clone sees the same.
#[derive(Clone, Debug)]
pub struct Current {
    now: Arc<watch::Sender<Arc<Registers>>>,
}

impl Current {
    /// Begins with these.
    #[must_use]
    pub fn new(registers: Arc<Registers>) -> Self {
        Self { now: Arc::new(watch::Sender::new(registers)) }
    }

    /// The registers now. Who decides by them asks once and decides by one and the same state.
    #[must_use]
    pub fn get(&self) -> Arc<Registers> {
        Arc::clone(&self.now.borrow())
    }

    /// Puts others in their place. Only the desk does it, after the commit of the change.
    pub fn replace(&self, registers: Arc<Registers>) {
        self.now.send_replace(registers);
    }

    /// Tells of every change from now on.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Registers>> {
        self.now.subscribe()
    }
}
