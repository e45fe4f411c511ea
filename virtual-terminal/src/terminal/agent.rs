//! The real agent inside a virtual terminal: started on its own journal, dropped by a power cut.

use std::path::Path;
use std::sync::{Arc, Weak};

use pos_connect::acquirer::stone::{ReturnScheme, Stone};
use pos_connect::driver::{self, CrashGuard, DispatchError, DriverConfig, Handle, NetworkStatus, Outputs};
use pos_connect::flow::{AgentConfig, Event, Serials};
use pos_connect::view::screen::Key;
use protocol::Serial;
use tokio::task::JoinHandle;

use super::Terminal;
use super::log::Kind;

/// The scheme to which the acquirer's apps answer, as the Android manifest registers it.
pub const RETURN_SCHEME: &str = "posconnect";

/// A running agent. Dropping it is pulling the battery.
#[derive(Debug)]
pub(super) struct RunningAgent {
    handle: Handle,
    pump: JoinHandle<()>,
}

/// Why the agent does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The driver does not start.
    #[error("o agente não pôde ser iniciado: {0}")]
    Driver(#[from] driver::StartError),
    /// The operating system has no random numbers.
    #[error("o sistema não fornece números aleatórios: {0}")]
    Random(getrandom::Error),
}

/// What an agent is started with.
pub(super) struct StartWith<'a> {
    pub(super) serial: &'a Serial,
    pub(super) journal: &'a Path,
    /// What it talks to.
    pub(super) service_url: String,
    /// What it tells people.
    pub(super) service: &'a str,
}

impl RunningAgent {
    /// Starts the agent. Its outputs are not looked at before [`RunningAgent::pump`].
    pub(super) fn start(with: StartWith<'_>) -> Result<(Handle, Outputs), StartError> {
        let scheme = ReturnScheme::parse(RETURN_SCHEME).expect("the constant is a valid scheme");
        let config = DriverConfig {
            data_dir: with.journal.to_owned(),
            service_url: Some(with.service_url),
            agent: AgentConfig {
                serials: Serials::provisioned(with.serial.clone()),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                service: with.service.to_owned(),
            },
            network: NetworkStatus { connected: true, proxy: None },
            // Its process is a server's; nobody restarts a terminal in it but a person.
            crash_guard: CrashGuard::Off,
        };
        let seed = getrandom::u64().map_err(StartError::Random)?;
        let runtime = tokio::runtime::Handle::current();
        Ok(driver::start(config, Arc::new(Stone::new(scheme)), seed, &runtime)?)
    }

    /// Carries the agent's outputs to the terminal.
    pub(super) fn pump(handle: Handle, outputs: Outputs, terminal: Weak<Terminal>, start: u64) -> Self {
        let pump = tokio::spawn(pump(outputs, terminal, start));
        Self { handle, pump }
    }

    /// Gives it an event.
    pub(super) fn dispatch(&self, event: Event) -> Result<(), DispatchError> {
        self.handle.dispatch(event)
    }

    /// Presses a physical key while this screen is shown.
    pub(super) fn key(&self, key: Key, seen: u64) -> Result<(), DispatchError> {
        self.handle.key(key, seen)
    }

    /// Pulls the battery: nothing is finished, what it wanted to say is lost. Returns when its files are closed.
    pub(super) async fn power_off(self) {
        self.pump.abort();
        let handle = self.handle;
        // It joins the agent's thread. A panic over there has been dealt with over there.
        let _ = tokio::task::spawn_blocking(move || handle.power_off()).await;
    }
}

async fn pump(mut outputs: Outputs, terminal: Weak<Terminal>, start: u64) {
    while let Some(output) = outputs.next().await {
        let Some(terminal) = terminal.upgrade() else {
            return;
        };
        let current = terminal.change(|bench| {
            let current = bench.starts == start && bench.agent.is_some();
            if current {
                bench.take(output);
            }
            current
        });
        if !current {
            return;
        }
    }
    if let Some(terminal) = terminal.upgrade() {
        terminal.change(|bench| {
            if bench.starts == start && bench.agent.is_some() {
                bench.problem = Some("O agente parou sozinho.".to_owned());
                bench.note(Kind::Problem, "the agent stopped by itself");
            }
        });
    }
}
