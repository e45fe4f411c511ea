//! The state of a terminal as the page and the tests see it.

use std::sync::Arc;

use pos_connect::flow::Alert;
use pos_connect::view::Screen;
use serde::Serialize;

use super::{Bench, Model, NetworkView};
use crate::printer::Condition;
use crate::stone_app::{App, Auto, ShownRequest};

/// The whole state of a terminal.
#[derive(Clone, Debug, Serialize)]
pub struct StateView {
    /// Changes with every change of anything below.
    pub version: u64,
    /// Serial number.
    pub serial: String,
    /// Model.
    pub model: Model,
    /// Name on the device.
    pub model_name: &'static str,
    /// Whether it has physical keys.
    pub keypad: bool,
    /// Whether the agent runs.
    pub power: bool,
    /// How many times the agent was started.
    pub starts: u64,
    /// The agent wants the display to stay on.
    pub keep_awake: bool,
    /// What the operator sees; nothing without power.
    pub screen: Option<Arc<Screen>>,
    /// The network.
    pub network: NetworkView,
    /// The acquirer's apps.
    pub acquirer: AcquirerView,
    /// The printer.
    pub printer: PrinterView,
    /// The paper.
    pub paper: PaperView,
    /// Alerts.
    pub alerts: AlertsView,
    /// Return URIs that wait for power.
    pub pending_returns: Vec<String>,
    /// Number of the newest entry in the log.
    pub log: u64,
    /// Why the agent does not run although it should.
    pub problem: Option<String>,
}

/// The acquirer's apps.
#[derive(Clone, Debug, Serialize)]
pub struct AcquirerView {
    /// Apps that are not installed.
    pub missing: Vec<App>,
    /// What they do by themselves.
    pub auto: Option<Auto>,
    /// The request on the screen.
    pub request: Option<ShownRequest>,
    /// Requests that left the screen without an answer.
    pub held: Vec<ShownRequest>,
    /// How many requests there were since the process began.
    pub opened: u64,
    /// How many payments were ever approved.
    pub transactions: u64,
}

/// The printer.
#[derive(Clone, Debug, Serialize)]
pub struct PrinterView {
    /// What is wrong with it.
    pub condition: Condition,
    /// It waits for a person before it prints.
    pub hold: bool,
    /// The paper ends after so many dots.
    pub paper_left_dots: Option<u64>,
}

/// The paper.
#[derive(Clone, Debug, Serialize)]
pub struct PaperView {
    /// Height of what hangs out.
    pub height_dots: usize,
    /// Height of everything printed since the process began.
    pub printed_dots: u64,
    /// How many prints there were.
    pub prints: u64,
}

/// Alerts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AlertsView {
    /// How many there were since the process began.
    pub count: u64,
    /// The newest.
    pub last: Option<Alert>,
}

impl StateView {
    pub(super) fn of(bench: &Bench, version: u64, serial: &str, model: Model, network: NetworkView) -> Self {
        let apps = &bench.apps;
        let paper = bench.printer.paper();
        Self {
            version,
            serial: serial.to_owned(),
            model,
            model_name: model.full_name(),
            keypad: model.has_keypad(),
            power: bench.agent.is_some(),
            starts: bench.starts,
            keep_awake: bench.keep_awake,
            screen: bench.screen.clone(),
            network,
            acquirer: AcquirerView {
                missing: App::ALL.into_iter().filter(|app| !apps.is_installed(*app)).collect(),
                auto: apps.auto(),
                request: apps.shown().map(ShownRequest::from),
                held: apps.held().iter().map(ShownRequest::from).collect(),
                opened: apps.opened(),
                transactions: apps.transactions().len() as u64,
            },
            printer: PrinterView {
                condition: bench.printer.condition(),
                hold: bench.printer.waits(),
                paper_left_dots: bench.printer.left_dots(),
            },
            paper: PaperView {
                height_dots: paper.height_dots(),
                printed_dots: paper.printed_dots(),
                prints: paper.prints(),
            },
            alerts: bench.alerts.clone(),
            pending_returns: bench.pending.iter().cloned().collect(),
            log: bench.log.last(),
            problem: bench.problem.clone(),
        }
    }
}
