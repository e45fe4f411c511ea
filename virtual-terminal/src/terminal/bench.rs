//! Everything around the agent that the terminal's lock protects: its screen, the acquirer's apps, printer, log.

use std::collections::VecDeque;
use std::sync::Arc;

use pos_connect::driver::Output;
use pos_connect::flow::{Alert, DeviceStatus, Event};
use pos_connect::view::Screen;

use super::agent::RunningAgent;
use super::log::{Kind, Log};
use super::network::NetworkView;
use super::view::AlertsView;
use super::{Model, wall_ms};
use crate::printer::Printer;
use crate::stone_app::{Answer, AnswerError, App, Details, StoneApps};

/// Most return URIs that wait for power; Android keeps one intent for an app that starts, tests want a few.
const MAX_PENDING: usize = 16;
/// Longest intent in bytes that gets through Android's binder while nothing else does. About 1 MB is shared by all
/// that a process has under way; crashes were seen from 500 KB on.
const MAX_INTENT_BYTES: usize = 500_000;
/// Before Android 11 a URI is written into the binder with two bytes for each character.
const INTENT_BYTES_PER_CHAR: usize = 2;

/// What became of return URIs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Delivered {
    /// Given to the running agent.
    pub returned: usize,
    /// Waiting for power.
    pub queued: usize,
    /// No room: lost.
    pub lost: usize,
    /// To be sent by a timer.
    pub later: bool,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) model: Model,
    pub(super) agent: Option<RunningAgent>,
    pub(super) starts: u64,
    pub(super) screen: Option<Arc<Screen>>,
    pub(super) screen_number: u64,
    pub(super) keep_awake: bool,
    pub(super) apps: StoneApps,
    pub(super) printer: Printer,
    pub(super) log: Log,
    pub(super) alerts: AlertsView,
    pub(super) pending: VecDeque<String>,
    pub(super) network: NetworkView,
    pub(super) device: DeviceStatus,
    pub(super) problem: Option<String>,
}

impl Bench {
    /// A bench without power.
    pub(super) fn new(model: Model, apps: StoneApps) -> Self {
        Self {
            model,
            agent: None,
            starts: 0,
            screen: None,
            screen_number: 0,
            keep_awake: false,
            apps,
            printer: Printer::default(),
            log: Log::default(),
            alerts: AlertsView::default(),
            pending: VecDeque::new(),
            network: NetworkView::default(),
            device: DeviceStatus {
                battery_percent: Some(87),
                charging: Some(false),
                system: Some(format!("{} (terminal virtual)", model.system())),
                ..DeviceStatus::default()
            },
            problem: None,
        }
    }

    /// The agent runs from now on. What waited for power reaches the fresh process.
    pub(super) fn switched_on(&mut self, agent: RunningAgent) {
        self.agent = Some(agent);
        self.starts += 1;
        self.problem = None;
        self.note(Kind::Power, "on");
        self.dispatch(Event::Device(self.device.clone()));
        if !self.network.connected {
            self.dispatch(Event::Network { connected: false });
        }
        for uri in std::mem::take(&mut self.pending) {
            self.deliver(uri);
        }
    }

    /// The agent is gone.
    pub(super) fn switched_off(&mut self) -> Option<RunningAgent> {
        let agent = self.agent.take()?;
        self.screen = None;
        self.keep_awake = false;
        self.note(Kind::Power, "off");
        Some(agent)
    }

    /// Gives an event to the agent, if it runs.
    pub(super) fn dispatch(&mut self, event: Event) {
        let Some(agent) = &self.agent else { return };
        if let Err(error) = agent.dispatch(event) {
            self.note(Kind::Problem, &format!("the agent took no event: {error}"));
        }
    }

    /// The agent wants something.
    pub(super) fn take(&mut self, output: Output) {
        match output {
            Output::Screen { number, screen } => {
                if self.screen.as_ref().is_none_or(|before| before.page != screen.page) {
                    self.note(Kind::Page, &screen.page);
                }
                self.screen = Some(screen);
                self.screen_number = number;
            }
            Output::Open { uri, .. } => self.open(uri),
            Output::Alert(alert) => {
                self.alerts.count += 1;
                self.alerts.last = Some(alert);
                self.note(Kind::Alert, alert_name(alert));
            }
            Output::KeepAwake(on) => self.keep_awake = on,
            // Nobody asks here.
            Output::Alive(_) => {}
        }
    }

    /// Somebody makes an app of the acquirer answer. Gives back the timer to set: request number and milliseconds.
    pub(super) fn answer(
        &mut self,
        answer: &Answer,
        details: &Details,
    ) -> Result<(Delivered, Option<(u64, u64)>), AnswerError> {
        let returns = self.apps.answer(answer, details, &mut self.printer, wall_s())?;
        let mut delivered = self.deliver_all(returns.now);
        delivered.later = returns.later.is_some();
        Ok((delivered, returns.later))
    }

    /// Gives return URIs to the agent, or keeps them until it runs.
    pub(super) fn deliver_all(&mut self, uris: Vec<String>) -> Delivered {
        let mut sum = Delivered::default();
        for uri in uris {
            let one = self.deliver(uri);
            sum.returned += one.returned;
            sum.queued += one.queued;
            sum.lost += one.lost;
        }
        sum
    }

    fn deliver(&mut self, uri: String) -> Delivered {
        let mut delivered = Delivered::default();
        if self.agent.is_some() {
            self.note(Kind::Returned, &uri);
            self.dispatch(Event::Returned(uri));
            delivered.returned = 1;
        } else if self.pending.len() < MAX_PENDING {
            self.note(Kind::ReturnQueued, &uri);
            self.pending.push_back(uri);
            delivered.queued = 1;
        } else {
            self.note(Kind::ReturnLost, &uri);
            delivered.lost = 1;
        }
        delivered
    }

    /// Forgets what waits for power.
    pub(super) fn lose_pending(&mut self) {
        for uri in std::mem::take(&mut self.pending) {
            self.note(Kind::ReturnLost, &uri);
        }
    }

    /// Writes into the log.
    pub(super) fn note(&mut self, kind: Kind, text: &str) {
        self.log.add(kind, text, wall_ms());
    }

    /// The agent opens a deep link: Android finds the app, or does not.
    fn open(&mut self, uri: String) {
        self.note(Kind::Open, &uri);
        if uri.len() * INTENT_BYTES_PER_CHAR > MAX_INTENT_BYTES {
            if self.model.says_when_an_intent_is_too_large() {
                self.fail_to_open(&uri);
            } else {
                self.note(Kind::OpenLost, &uri);
            }
            return;
        }
        if !App::of(&uri).is_some_and(|app| self.apps.is_installed(app)) {
            self.fail_to_open(&uri);
            return;
        }
        match self.apps.open(uri, &mut self.printer, wall_s()) {
            Ok(returns) => {
                self.deliver_all(returns.now);
            }
            Err(error) => self.note(Kind::Problem, &error.to_string()),
        }
    }

    fn fail_to_open(&mut self, uri: &str) {
        self.note(Kind::OpenFailed, uri);
        self.dispatch(Event::OpenFailed);
    }
}

/// The name that the state uses.
const fn alert_name(alert: Alert) -> &'static str {
    match alert {
        Alert::DirectOrder => "direct_order",
        Alert::Approved => "approved",
        Alert::Refused => "refused",
        Alert::Attention => "attention",
    }
}

fn wall_s() -> i64 {
    i64::try_from(wall_ms() / 1000).unwrap_or(i64::MAX)
}
