//! The life of an agent that does not run: the safe screen, until a person wants it to go on.
//!
//! Neither the journal nor the network is touched: whatever kills the agent is in there somewhere. What the acquirer's
//! app answers meanwhile is kept for the agent that will run, and so is what the shell tells of the device: it tells it
//! once.

use std::sync::Arc;

use super::handle::NetworkStatus;
use super::mailbox::{Incoming, Mailbox, Taken};
use super::outputs::{Output, OutputQueue};
use super::returns::WaitingReturns;
use crate::acquirer::Acquirer;
use crate::flow::{Alert, DeviceStatus, Event, Input, Tap};
use crate::view::{Safe, safe};

/// How the safe screen was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SafeEnd {
    /// A person wants the agent to run.
    StartAgain {
        /// As the shell told it last.
        network: NetworkStatus,
        /// As the shell told it last.
        device: DeviceStatus,
    },
    /// Switched off.
    Off,
}

/// What it needs.
pub(super) struct SafeLife<'a> {
    pub(super) mailbox: &'a Mailbox,
    pub(super) outputs: &'a OutputQueue,
    pub(super) acquirer: &'a dyn Acquirer,
    pub(super) returns: WaitingReturns,
    /// At the start.
    pub(super) network: NetworkStatus,
}

impl SafeLife<'_> {
    pub(super) fn live(mut self, deaths: u32, defect: Option<String>, version: String) -> SafeEnd {
        log::error!("{deaths} lives in a row ended badly: waiting for a person");
        let returns_kept = self.returns.all().map_or(0, |returns| returns.len());
        let mut told = Safe { deaths, defect, version, returns_kept, returns_lost: 0 };
        let mut device = DeviceStatus::default();
        self.show(&told, vec![Output::KeepAwake(false)]);
        loop {
            let input = match self.mailbox.take(None) {
                Taken::Off => return SafeEnd::Off,
                Taken::Incoming(Incoming::Event(Event::Input(input))) => Some(input),
                Taken::Incoming(Incoming::Key(key, seen)) => seen.and_then(|screen| screen.input_for(key)),
                Taken::Incoming(Incoming::Event(Event::Returned(uri))) => {
                    match self.returns.keep(&self.acquirer.redact(&uri)) {
                        Ok(()) => told.returns_kept += 1,
                        Err(error) => {
                            log::error!("a return could not be kept: {error}");
                            told.returns_lost += 1;
                        }
                    }
                    self.show(&told, vec![Output::Alert(Alert::Attention)]);
                    None
                }
                Taken::Incoming(Incoming::Probe(number)) => {
                    self.outputs.publish(vec![Output::Alive(number)], None);
                    None
                }
                Taken::Incoming(Incoming::Network(status)) => {
                    self.network = status;
                    None
                }
                Taken::Incoming(Incoming::Event(Event::Network { connected })) => {
                    self.network.connected = connected;
                    None
                }
                Taken::Incoming(Incoming::Event(Event::Device(status))) => {
                    device = status;
                    None
                }
                Taken::Nothing | Taken::Incoming(Incoming::Event(_)) => None,
            };
            if input == Some(Input::Tap(Tap::StartAgain.id())) {
                return SafeEnd::StartAgain { network: self.network, device };
            }
        }
    }

    fn show(&self, told: &Safe, outputs: Vec<Output>) {
        self.outputs.publish(outputs, Some(Arc::new(safe(told))));
    }
}
