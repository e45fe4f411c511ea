//! The agent's machine: events in, records and effects out. No clock, no random source, no file, no socket.

use std::sync::Arc;

use protocol::Serial;
use serde::{Deserialize, Serialize};

use crate::acquirer::Acquirer;

pub mod effect;
pub mod event;
pub mod record;

pub use effect::{Alert, CallId, DeviceToken, Effect, HubCall, Purpose};
pub use event::{
    CallFailure, DeviceStatus, Event, Input, Moment, PreparedReceipt, ReceiptFailure, Reply, Unreachable,
};
pub use record::Record;

/// What the agent is told about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentConfig {
    /// This terminal's serial number.
    pub serial: Serial,
    /// Version of the app, for people.
    pub version: String,
    /// Address of mobilepayment, for people.
    pub service: String,
}

/// What one event leads to. Records first: they are synced before any effect leaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Facts to append to the journal, in this order.
    pub records: Vec<Record>,
    /// What to do then, in this order.
    pub effects: Vec<Effect>,
}

/// State that follows from the records alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Durable {}

/// The terminal agent.
pub struct Agent {
    config: AgentConfig,
    durable: Durable,
    acquirer: Arc<dyn Acquirer>,
}

impl Agent {
    /// An agent with an empty memory. `seed` feeds its ids and its jitter: it must be random at every start.
    #[must_use]
    pub fn new(config: AgentConfig, acquirer: Arc<dyn Acquirer>, seed: u64) -> Self {
        let _ = seed;
        Self {
            config,
            durable: Durable::default(),
            acquirer,
        }
    }

    /// Takes back what was compacted. Before any [`Agent::replay`].
    pub fn restore(&mut self, durable: Durable) {
        self.durable = durable;
    }

    /// Takes back one record of the journal.
    pub fn replay(&mut self, record: &Record) {
        let _ = record;
    }

    /// State that follows from the records alone, to compact the journal.
    #[must_use]
    pub fn durable(&self) -> &Durable {
        &self.durable
    }

    /// From now on only shows that the journal cannot be used and why; takes no payment.
    pub fn block(&mut self, problem: &str) {
        let _ = problem;
    }

    /// Takes one event.
    pub fn handle(&mut self, event: Event, now: Moment) -> Step {
        let _ = (event, now, &self.acquirer, &self.config);
        Step::default()
    }

    /// When [`Event::Deadline`] is due, on the monotonic clock; may be in the past.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        None
    }
}
