//! Tells open pages that something changed. A page that misses something reads everything anew, so nothing is kept here.

use tokio::sync::broadcast;

/// Changes that a slow page may be behind before it is told to read everything anew.
const BEHIND_MAX: usize = 256;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of which company.
    pub company_id: i64,
    /// The sale.
    pub sale_id: i64,
}

/// Where changes are announced. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live {
    sender: broadcast::Sender<Change>,
}

impl Default for Live {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(BEHIND_MAX) }
    }
}

impl Live {
    /// Tells every open page.
    pub fn tell(&self, change: Change) {
        // Nobody may be listening.
        let _ = self.sender.send(change);
    }

    /// Hears from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}
