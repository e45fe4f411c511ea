//! The network switches of one terminal.

use serde::{Deserialize, Serialize};

use crate::relay::{Answers, Line, MAX_LATENCY_MS};

/// The network as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkView {
    /// The device has a network; the agent is told.
    pub connected: bool,
    /// mobilepayment can be reached over it; the agent is not told.
    pub reachable: bool,
    /// Added to every round trip.
    pub latency_ms: u64,
    /// What happens to mobilepayment's answers.
    pub answers: Answers,
}

/// Changes to the network; what is absent stays.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkChange {
    /// The device has a network; the agent is told.
    pub connected: Option<bool>,
    /// mobilepayment can be reached over it; the agent is not told.
    pub reachable: Option<bool>,
    /// Added to every round trip.
    pub latency_ms: Option<u64>,
    /// What happens to mobilepayment's answers.
    pub answers: Option<Answers>,
}

impl Default for NetworkView {
    fn default() -> Self {
        Self { connected: true, reachable: true, latency_ms: 0, answers: Answers::Pass }
    }
}

impl NetworkView {
    /// The network after a change; `None` when the latency is out of range.
    pub(super) fn changed(self, change: NetworkChange) -> Option<Self> {
        let latency_ms = change.latency_ms.unwrap_or(self.latency_ms);
        (latency_ms <= MAX_LATENCY_MS).then_some(Self {
            connected: change.connected.unwrap_or(self.connected),
            reachable: change.reachable.unwrap_or(self.reachable),
            latency_ms,
            answers: change.answers.unwrap_or(self.answers),
        })
    }

    /// What the relay has to do.
    pub(super) const fn line(self) -> Line {
        Line { open: self.connected && self.reachable, latency_ms: self.latency_ms, answers: self.answers }
    }
}

impl core::fmt::Display for NetworkView {
    /// For the log: `off`, or what is wrong with it.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let reach = match (self.connected, self.reachable) {
            (false, _) => "off",
            (true, false) => "unreachable",
            (true, true) => "on",
        };
        let answers = match self.answers {
            Answers::Pass => "pass",
            Answers::Cut => "cut",
            Answers::Swallow => "swallow",
        };
        write!(f, "{reach} latency_ms={} answers={answers}", self.latency_ms)
    }
}
