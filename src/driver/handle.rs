//! The shell's grip on a running agent.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::mailbox::{DispatchError, Incoming, Mailbox};
use super::outputs::OutputQueue;
use crate::flow::Event;
use crate::view::Screen;
use crate::view::screen::Key;

/// A running agent. When the last handle and the [`super::Outputs`] are gone, the agent ends as if by a power cut.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Grip>);

#[derive(Debug)]
struct Grip {
    mailbox: Arc<Mailbox>,
    outputs: Arc<OutputQueue>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Handle {
    pub(super) fn new(mailbox: Arc<Mailbox>, outputs: Arc<OutputQueue>, thread: JoinHandle<()>) -> Self {
        Self(Arc::new(Grip { mailbox, outputs, thread: Mutex::new(Some(thread)) }))
    }

    /// Tells the agent something: the operator's inputs, returns, failed openings, the network, the device. Never waits.
    pub fn dispatch(&self, event: Event) -> Result<(), DispatchError> {
        self.0.mailbox.post(Incoming::Event(event))
    }

    /// A physical key. It counts only when it means the same on the screen that is shown now and on the one that the
    /// agent has when it gets there: a key never confirms what nobody has seen.
    pub fn key(&self, key: Key) -> Result<(), DispatchError> {
        self.0.mailbox.post(Incoming::Key(key, self.screen()))
    }

    /// The latest screen, for a renderer that begins anew.
    #[must_use]
    pub fn screen(&self) -> Option<Arc<Screen>> {
        self.0.outputs.current()
    }

    /// Switches the agent off and does not wait for it.
    pub fn stop(&self) {
        self.0.mailbox.switch_off();
    }

    /// Switches the agent off and waits until its thread has ended and its data directory is free: as long as one write
    /// to the disk at most. Blocks; from async code call it on a thread that may block.
    pub fn power_off(&self) {
        self.stop();
        let mut thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // The loop catches its own panics, so there is nothing to learn from the result.
            let _ = thread.join();
        }
    }
}

impl Drop for Grip {
    fn drop(&mut self) {
        self.mailbox.switch_off();
    }
}
