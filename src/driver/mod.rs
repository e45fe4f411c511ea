//! The one loop: event in, records synced, effects out, screen out.
//!
//! May import everything of the agent. It decides nothing about payments: `flow` does. It owns what `flow` may not have:
//! the clocks, the journal, the network, the queues and the thread. Where to start: [`start`], then [`Engine`], which is
//! the part without clock, thread and network, and which a simulation calls by itself.
//!
//! # Threads
//! The loop has a thread of its own, because it waits for the disk. Calls and receipts run on the tokio runtime that the
//! caller gives (current-thread or multi-thread, as long as somebody drives it). [`Handle`] may be used from any
//! thread; [`Outputs`] has one reader.
//!
//! # Power
//! Nothing is flushed at the end, because nothing needs to be: what had to be on disk is on disk before its effect
//! leaves. (Only a return that was dispatched and not looked at yet is kept in a file: nobody gives it again.) So
//! dropping every [`Handle`] and the [`Outputs`], [`Handle::power_off`], and pulling the battery out come to the same. A
//! defect that panics ends the loop too: where panics unwind, the last screen says that the app stopped; on Android a
//! panic aborts the process and the system shows that. Either way nothing stands there looking alive.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::acquirer::Acquirer;
use crate::flow::{AgentConfig, DeviceStatus};
use crate::hub::{Hub, HubError};

mod clock;
mod engine;
mod guard;
mod handle;
mod mailbox;
mod outputs;
mod receipts;
mod returns;
mod run;
mod safe;
#[cfg(test)]
mod tests;
mod worker;

pub use engine::Engine;
pub use guard::{CrashGuard, PreviousEnd, record_panic};
pub use handle::{Handle, NetworkStatus};
pub use mailbox::DispatchError;
pub use outputs::{Output, Outputs, Polled};

/// Stack of the loop's thread, in bytes: replaying and drawing a thousand orders takes a fraction of it.
const STACK_BYTES: usize = 1024 * 1024;

/// What an agent needs to run.
#[derive(Clone, Debug)]
pub struct DriverConfig {
    /// Directory of its own, private to the app.
    pub data_dir: PathBuf,
    /// Base address of mobilepayment: `https`, or `http` on this very machine. `None`: not set yet, nothing is called.
    pub service_url: Option<String>,
    /// What the agent is told about itself.
    pub agent: AgentConfig,
    /// The device's network at the start.
    pub network: NetworkStatus,
    /// Whether lives that end badly are counted.
    pub crash_guard: CrashGuard,
}

/// Why no agent runs. A journal that cannot be used is not among it: then the agent runs and shows why it is blocked.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no way to the service.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The system gives no thread.
    #[error("no thread for the agent")]
    Thread(#[source] io::Error),
}

/// Starts an agent. `seed` must be random at every start; `runtime` carries its calls.
pub fn start(
    config: DriverConfig,
    acquirer: Arc<dyn Acquirer>,
    seed: u64,
    runtime: &tokio::runtime::Handle,
) -> Result<(Handle, Outputs), StartError> {
    let hub = config.service_url.as_deref().map(Hub::new).transpose()?;
    begin(config, acquirer, seed, runtime, hub)
}

/// Starts an agent with a client of its own making, for a service whose certificate a private authority has signed.
pub fn start_with_hub(
    config: DriverConfig,
    acquirer: Arc<dyn Acquirer>,
    seed: u64,
    runtime: &tokio::runtime::Handle,
    hub: Hub,
) -> Result<(Handle, Outputs), StartError> {
    begin(config, acquirer, seed, runtime, Some(hub))
}

fn begin(
    config: DriverConfig,
    acquirer: Arc<dyn Acquirer>,
    seed: u64,
    runtime: &tokio::runtime::Handle,
    hub: Option<Hub>,
) -> Result<(Handle, Outputs), StartError> {
    let life = run::Life {
        data_dir: config.data_dir,
        agent: config.agent,
        network: config.network,
        device: DeviceStatus::default(),
        crash_guard: config.crash_guard,
        acquirer,
        seed,
        hub: hub.map(Arc::new),
        runtime: runtime.clone(),
        mailbox: Arc::default(),
        outputs: Arc::default(),
    };
    let (mailbox, outputs) = (Arc::clone(&life.mailbox), Arc::clone(&life.outputs));
    let thread = std::thread::Builder::new()
        .name("pos-connect".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || life.live())
        .map_err(StartError::Thread)?;
    let handle = Handle::new(mailbox, Arc::clone(&outputs), thread);
    let outputs = Outputs::new(outputs, handle.clone());
    Ok((handle, outputs))
}
