//! The shell's grip on a running agent.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::mailbox::{DispatchError, Incoming, Mailbox};
use super::outputs::OutputQueue;
use crate::flow::Event;
use crate::hub::Proxy;
use crate::view::screen::Key;

/// The device's network, as the shell sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkStatus {
    /// Whether the device has a network at all.
    pub connected: bool,
    /// The system's HTTP proxy, which calls must go through.
    pub proxy: Option<Proxy>,
}

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

    /// A physical key, and the number of the screen that was drawn when it was pressed. It counts only when it means the
    /// same on that screen and on the one that the agent has when it gets there: a key never confirms what nobody has
    /// seen.
    pub fn key(&self, key: Key, seen: u64) -> Result<(), DispatchError> {
        self.0.mailbox.post(Incoming::Key(key, self.0.outputs.screen(seen)))
    }

    /// The device's network changed.
    pub fn network(&self, status: NetworkStatus) -> Result<(), DispatchError> {
        self.0.mailbox.post(Incoming::Network(status))
    }

    /// Asks the loop for a sign of life: [`super::Output::Alive`] with the same number, as soon as it has done what waits
    /// before.
    pub fn probe(&self, number: u64) -> Result<(), DispatchError> {
        self.0.mailbox.post(Incoming::Probe(number))
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
