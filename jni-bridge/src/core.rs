//! One running agent: its runtime, its handle and its outputs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;

use pos_connect::acquirer::stone::{ReturnScheme, Stone};
use pos_connect::driver::{self, CrashGuard, DriverConfig, Handle, NetworkStatus, Outputs, Polled};
use pos_connect::flow::{AgentConfig, Event, Input, Serials};
use pos_connect::hub::Address;
use protocol::Serial;
use tokio::runtime::{Builder, Runtime};

use crate::fault::{Fault, of_dispatch};
use crate::wire::{self, Config, Message, NetworkText, SerialTexts};

/// Threads that run calls: all of them wait for one service on one radio.
const RUNTIME_THREADS: usize = 1;
/// Threads for what blocks: a name being looked up by the system, and a receipt being prepared meanwhile.
const BLOCKING_THREADS_MAX: usize = 4;
/// Longest wait of `next`, in milliseconds: Kotlin's reader looks around at least once a minute.
const WAIT_MS_MAX: u64 = 60_000;

/// A running agent.
pub(crate) struct Core {
    /// Taken when it is closed: a runtime that is dropped waits for what blocks, a closed one does not.
    runtime: Mutex<Option<Runtime>>,
    handle: Handle,
    outputs: Mutex<Outputs>,
}

impl Core {
    /// Starts an agent on `data_dir`.
    pub(crate) fn start(config: Config, data_dir: PathBuf) -> Result<Self, Fault> {
        let scheme = ReturnScheme::parse(&config.return_scheme)
            .map_err(|e| Fault::BadConfig(format!("return_scheme: {e}")))?;
        let seed = getrandom::u64().map_err(|e| Fault::NotStarted(format!("no random numbers: {e}")))?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(RUNTIME_THREADS)
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .thread_name("pos-connect-io")
            .enable_all()
            .build()
            .map_err(|e| Fault::NotStarted(format!("no runtime: {e}")))?;
        let previous_end = match config.previous_end {
            Some(wire::PreviousEnd::Unresponsive) => driver::PreviousEnd::Unresponsive,
            None => driver::PreviousEnd::Unknown,
        };
        let network = match config.network {
            Some(text) => network_at_start(text),
            None => NetworkStatus { connected: true, proxy: None },
        };
        let service_url = config.service_url.and_then(usable);
        let agent = AgentConfig {
            serials: serials(config.serial),
            version: config.app_version,
            service: service_url.clone().unwrap_or_default(),
        };
        let driver_config = DriverConfig {
            data_dir,
            service_url,
            agent,
            network,
            crash_guard: CrashGuard::On { previous_end },
        };
        let started = driver::start(driver_config, Arc::new(Stone::new(scheme)), seed, runtime.handle());
        let (handle, outputs) = started?;
        Ok(Self { runtime: Mutex::new(Some(runtime)), handle, outputs: Mutex::new(outputs) })
    }

    /// Hands one message over; never waits.
    pub(crate) fn dispatch(&self, message: Message, id: i64) -> Result<(), Fault> {
        let handle = &self.handle;
        let done = match message {
            Message::Tap { id } => handle.dispatch(Event::Input(Input::Tap(id))),
            Message::Text { id, value } => handle.dispatch(Event::Input(Input::Text { id, value })),
            Message::Key { key, seen } => handle.key(key, seen),
            Message::Returned { uri } => handle.dispatch(Event::Returned(uri)),
            Message::OpenFailed {} => handle.dispatch(Event::OpenFailed),
            Message::Network(text) => handle.network(wire::network(text).map_err(Fault::BadBytes)?),
            Message::Device { battery_percent, charging, storage_free_bytes, system } => {
                let status = wire::device(battery_percent, charging, storage_free_bytes, system);
                handle.dispatch(Event::Device(status))
            }
            Message::Probe { id } => handle.probe(id),
        };
        done.map_err(|error| of_dispatch(error, id))
    }

    /// Waits for the next output, as bytes; `None`: nothing within `wait_ms`.
    pub(crate) fn next(&self, wait_ms: u64) -> Result<Option<Vec<u8>>, Fault> {
        let mut outputs = match self.outputs.try_lock() {
            Ok(outputs) => outputs,
            Err(TryLockError::WouldBlock) => return Err(Fault::TwoReaders),
            // A reader panicked, and a panic aborts: nobody is left to see this.
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        };
        match outputs.next_timeout(Duration::from_millis(wait_ms.min(WAIT_MS_MAX))) {
            Polled::Output(output) => Ok(Some(wire::output(&output)?)),
            Polled::Ended => Ok(Some(wire::ended()?)),
            Polled::Nothing => Ok(None),
        }
    }

    /// Switches the agent off and waits until its data directory is free: one write to the disk at most.
    pub(crate) fn close(&self) {
        self.handle.power_off();
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }
}

/// An address that cannot be used is as good as none: the screen then says what the technician has to do.
fn usable(service_url: String) -> Option<String> {
    match Address::parse(&service_url) {
        Ok(_) => Some(service_url),
        Err(error) => {
            log::warn!("no service: {error}");
            None
        }
    }
}

/// A proxy that cannot be one is as good as none: a terminal that does not start shows nobody what is wrong, and what it
/// knows can be charged without the network.
fn network_at_start(text: NetworkText) -> NetworkStatus {
    let connected = text.connected;
    wire::network(text).unwrap_or_else(|error| {
        log::warn!("no proxy: {error}");
        NetworkStatus { connected, proxy: None }
    })
}

/// A serial that cannot be one is as good as none: the screen then says that it is missing.
fn serials(texts: SerialTexts) -> Serials {
    let parse = |whence: &str, text: Option<String>| {
        let text = text?;
        let serial = Serial::parse(&text).ok();
        if serial.is_none() {
            log::warn!("the {whence} serial number cannot be one");
        }
        serial
    };
    Serials { provisioned: parse("provisioned", texts.provisioned), system: parse("system's", texts.system) }
}

/// The directory as the system names it, made if it is not there: two paths to one directory are one.
pub(crate) fn data_dir(path: &str) -> Result<PathBuf, Fault> {
    let path = Path::new(path);
    if !path.is_absolute() {
        return Err(Fault::BadConfig("data_dir is not an absolute path".to_owned()));
    }
    std::fs::create_dir_all(path)
        .and_then(|()| path.canonicalize())
        .map_err(|error| Fault::NotStarted(format!("data_dir: {error}")))
}
