//! One virtual terminal: the real agent, and around it everything that a device has.
//!
//! A [`Terminal`] is one lock around its `Bench` and one number that grows with every change, so that whoever
//! looks can wait for the next change instead of asking again and again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pos_connect::driver::DispatchError;
use pos_connect::flow::{Event, Input};
use pos_connect::view::screen::Key;
use protocol::Serial;
use serde::Deserialize;
use tokio::sync::watch;

mod agent;
mod bench;
mod criteria;
mod log;
mod model;
mod network;
mod view;

pub use agent::{RETURN_SCHEME, StartError};
pub use bench::Delivered;
pub use criteria::Criteria;
pub use log::{Entry, Kind};
pub use model::Model;
pub use network::{NetworkChange, NetworkView};
pub use view::StateView;

use crate::printer::PrinterChange;
use crate::relay::Relay;
use crate::stone_app::{
    Answer, AnswerError, App, Auto, Details, Memory, MemoryError, StoneApps, Transaction,
};
use agent::{RunningAgent, StartWith};
use bench::Bench;

/// Longest return URI that is taken, in bytes; the acquirer's are below 1 KB, a forger's may be anything.
pub const MAX_RETURN_BYTES: usize = 64 * 1024;

/// A virtual terminal.
#[derive(Debug)]
pub struct Terminal {
    serial: Serial,
    model: Model,
    journal: PathBuf,
    service: String,
    relay: Relay,
    bench: Mutex<Bench>,
    changed: watch::Sender<u64>,
    fleet_changed: watch::Sender<u64>,
    /// One power switch at a time.
    switching: tokio::sync::Mutex<()>,
}

/// Why a terminal cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// Its directory or its relay.
    #[error("o terminal não pôde ser montado: {0}")]
    Io(#[from] io::Error),
    /// The acquirer's memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// Why something cannot be done at a terminal.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is no power.
    #[error("o terminal está desligado")]
    PowerOff,
    /// Nothing with this id is on the screen.
    #[error("“{0}” não está na tela agora")]
    NotOnScreen(String),
    /// The model has no physical keys.
    #[error("este modelo não tem teclado físico")]
    NoKeypad,
    /// A value is out of range.
    #[error("{0}")]
    OutOfRange(&'static str),
    /// The simulated app cannot answer so.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The agent does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The agent takes nothing now.
    #[error("o agente não aceita nada agora: {0}")]
    Dispatch(#[from] DispatchError),
}

/// Changes to what the acquirer's apps do by themselves; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppsChange {
    /// Whether apps are installed.
    pub installed: Option<bool>,
    /// Which one; absent: all of them.
    pub app: Option<App>,
    /// What they do by themselves; `ask`: wait for a person.
    pub auto: Option<AutoChoice>,
}

/// What the apps do by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoChoice {
    /// Wait for a person.
    Ask,
    /// Approve.
    Approve,
    /// Decline.
    Decline,
    /// As if the operator gave up.
    Cancel,
}

/// Changes to the device's condition; what is absent stays.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceChange {
    /// Battery charge in percent.
    pub battery_percent: Option<u8>,
    /// Whether it is being charged.
    pub charging: Option<bool>,
    /// Free storage in bytes.
    pub storage_free_bytes: Option<u64>,
}

impl Terminal {
    /// Sets a terminal up in its own directory, without power. `upstream` is mobilepayment's `host:port`, `service` its
    /// address for people.
    pub async fn set_up(
        dir: &Path,
        serial: Serial,
        model: Model,
        service: &str,
        upstream: &str,
        fleet_changed: watch::Sender<u64>,
    ) -> Result<Arc<Self>, SetUpError> {
        let journal = dir.join("journal");
        std::fs::create_dir_all(&journal)?;
        let memory = Memory::open(&dir.join("acquirer.jsonl"))?;
        let apps = StoneApps::new(serial.as_str(), RETURN_SCHEME, memory);
        Ok(Arc::new(Self {
            serial,
            model,
            journal,
            service: service.to_owned(),
            relay: Relay::start(upstream.to_owned()).await?,
            bench: Mutex::new(Bench::new(model, apps)),
            changed: watch::Sender::new(1),
            fleet_changed,
            switching: tokio::sync::Mutex::new(()),
        }))
    }

    /// Its serial number.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Its model.
    #[must_use]
    pub fn model(&self) -> Model {
        self.model
    }

    /// Everything about it, as it is now.
    #[must_use]
    pub fn state(&self) -> StateView {
        let bench = self.lock();
        let version = *self.changed.borrow();
        StateView::of(&bench, version, self.serial.as_str(), self.model, bench.network)
    }

    /// Wakes with every change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What happened after entry `n`.
    #[must_use]
    pub fn log_after(&self, n: u64) -> Vec<Entry> {
        self.lock().log.after(n).cloned().collect()
    }

    /// Everything that the acquirer approved here.
    #[must_use]
    pub fn transactions(&self) -> Vec<Transaction> {
        self.lock().apps.transactions().to_vec()
    }

    /// The paper as a picture.
    #[must_use]
    pub fn paper_png(&self) -> Vec<u8> {
        self.lock().printer.paper().to_png()
    }

    /// The operator taps something that is on the screen.
    pub fn tap(&self, id: &str) -> Result<(), ControlError> {
        self.input(id, Input::Tap(id.to_owned()), |screen| criteria::taps(screen).any(|tap| tap == id))
    }

    /// The operator types into a field that is on the screen; the whole new text.
    pub fn text(&self, id: &str, value: String) -> Result<(), ControlError> {
        let input = Input::Text { id: id.to_owned(), value };
        self.input(id, input, |screen| criteria::fields(screen).any(|field| field == id))
    }

    /// The operator presses a physical key.
    pub fn key(&self, key: Key) -> Result<(), ControlError> {
        if !self.model.has_keypad() {
            return Err(ControlError::NoKeypad);
        }
        let bench = self.lock();
        let agent = bench.agent.as_ref().ok_or(ControlError::PowerOff)?;
        Ok(agent.key(key, bench.screen_number)?)
    }

    /// Somebody makes an app of the acquirer answer.
    pub fn answer(self: &Arc<Self>, name: &str, details: &Details) -> Result<Delivered, ControlError> {
        let answer = Answer::named(name, details)?;
        let (delivered, later) = self.change(|bench| bench.answer(&answer, details))?;
        if let Some((number, after_ms)) = later {
            let terminal = Arc::downgrade(self);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(after_ms)).await;
                if let Some(terminal) = terminal.upgrade() {
                    terminal.change(|bench| {
                        let uri = bench.apps.send_held(number);
                        bench.deliver_all(uri.into_iter().collect())
                    });
                }
            });
        }
        Ok(delivered)
    }

    /// Somebody takes the newest payment's slip from the acquirer's own menu.
    pub fn reprint_last(&self) -> Result<(), ControlError> {
        let printed = self.change(|bench| bench.apps.reprint_last(&mut bench.printer));
        if printed {
            Ok(())
        } else {
            Err(ControlError::OutOfRange("nenhum pagamento aprovado neste terminal"))
        }
    }

    /// Somebody fires the return scheme with any URI.
    pub fn returned(&self, uri: String) -> Result<Delivered, ControlError> {
        if uri.is_empty() || uri.len() > MAX_RETURN_BYTES {
            return Err(ControlError::OutOfRange("uri deve ter de 1 a 65536 bytes"));
        }
        Ok(self.change(|bench| bench.deliver_all(vec![uri])))
    }

    /// Changes what the acquirer's apps do by themselves.
    pub fn change_apps(&self, change: &AppsChange) {
        self.change(|bench| {
            if let Some(installed) = change.installed {
                for app in App::ALL {
                    if change.app.is_none_or(|only| only == app) {
                        bench.apps.install(app, installed);
                    }
                }
            }
            match change.auto {
                None => {}
                Some(AutoChoice::Ask) => bench.apps.set_auto(None),
                Some(AutoChoice::Approve) => bench.apps.set_auto(Some(Auto::Approve)),
                Some(AutoChoice::Decline) => bench.apps.set_auto(Some(Auto::Decline)),
                Some(AutoChoice::Cancel) => bench.apps.set_auto(Some(Auto::Cancel)),
            }
        });
    }

    /// Changes the printer.
    pub fn change_printer(&self, change: &PrinterChange) {
        self.change(|bench| bench.printer.change(change));
    }

    /// Tears the paper off.
    pub fn tear_off(&self) {
        self.change(|bench| bench.printer.tear_off());
    }

    /// Changes the network.
    pub fn change_network(&self, change: NetworkChange) -> Result<(), ControlError> {
        self.change(|bench| {
            let before = bench.network;
            let network =
                before.changed(change).ok_or(ControlError::OutOfRange("latency_ms vai até 60000"))?;
            bench.network = network;
            self.relay.set_line(network.line());
            if network != before {
                bench.note(Kind::Network, &network.to_string());
            }
            if network.connected != before.connected {
                bench.dispatch(Event::Network { connected: network.connected });
            }
            Ok(())
        })
    }

    /// Changes the device's condition.
    pub fn change_device(&self, change: DeviceChange) -> Result<(), ControlError> {
        if change.battery_percent.is_some_and(|percent| percent > 100) {
            return Err(ControlError::OutOfRange("battery_percent vai até 100"));
        }
        self.change(|bench| {
            let device = &mut bench.device;
            device.battery_percent = change.battery_percent.or(device.battery_percent);
            device.charging = change.charging.or(device.charging);
            device.storage_free_bytes = change.storage_free_bytes.or(device.storage_free_bytes);
            bench.dispatch(Event::Device(bench.device.clone()));
        });
        Ok(())
    }

    /// Switches power on: the agent starts on its journal, and what waited for power reaches it, unless it is lost.
    pub async fn power_on(self: &Arc<Self>, lose_returns: bool) -> Result<(), ControlError> {
        let _one = self.switching.lock().await;
        if self.lock().agent.is_some() {
            return Ok(());
        }
        let started = RunningAgent::start(StartWith {
            serial: &self.serial,
            journal: &self.journal,
            service_url: format!("http://127.0.0.1:{}", self.relay.port()),
            service: &self.service,
        });
        self.change(|bench| match started {
            Ok((handle, outputs)) => {
                let start = bench.starts + 1;
                if lose_returns {
                    bench.lose_pending();
                }
                bench.switched_on(RunningAgent::pump(handle, outputs, Arc::downgrade(self), start));
                Ok(())
            }
            Err(error) => {
                bench.note(Kind::Problem, &error.to_string());
                bench.problem = Some(error.to_string());
                Err(error.into())
            }
        })
    }

    /// Pulls the battery: the agent is dropped in the middle of whatever it does. The acquirer's app stays as it is.
    pub async fn power_off(&self) {
        let _one = self.switching.lock().await;
        if let Some(agent) = self.change(Bench::switched_off) {
            agent.power_off().await;
        }
    }

    fn input(
        &self,
        id: &str,
        input: Input,
        on_screen: impl FnOnce(&pos_connect::view::Screen) -> bool,
    ) -> Result<(), ControlError> {
        let bench = self.lock();
        let agent = bench.agent.as_ref().ok_or(ControlError::PowerOff)?;
        if !bench.screen.as_deref().is_some_and(on_screen) {
            return Err(ControlError::NotOnScreen(id.to_owned()));
        }
        Ok(agent.dispatch(Event::Input(input))?)
    }

    /// Changes something and tells whoever waits. The version grows inside the lock, so that a state and its version
    /// belong together.
    fn change<R>(&self, change: impl FnOnce(&mut Bench) -> R) -> R {
        let mut bench = self.lock();
        let result = change(&mut bench);
        self.changed.send_modify(|version| *version += 1);
        self.fleet_changed.send_modify(|version| *version += 1);
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Bench> {
        // A panic elsewhere leaves plain data behind, never a half-made change that could cost money.
        self.bench.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds since 1970.
fn wall_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
