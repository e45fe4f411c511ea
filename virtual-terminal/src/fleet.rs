//! All virtual terminals of one process.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::Serial;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::activation::Activator;
use crate::service::ServiceAddress;
use crate::terminal::{ControlError, Model, SetUpError, Terminal};

/// Most terminals of one process: each has an agent, a relay and a page.
pub const MAX_TERMINALS: usize = 64;
/// Remembers a terminal's model in its directory.
const MODEL_FILE: &str = "terminal.json";

/// All terminals; see the module.
#[derive(Debug)]
pub struct Fleet {
    dir: PathBuf,
    service: ServiceAddress,
    activator: Option<Activator>,
    terminals: Mutex<Vec<Arc<Terminal>>>,
    changed: watch::Sender<u64>,
    closing: watch::Sender<bool>,
    /// One new terminal at a time.
    adding: tokio::sync::Mutex<()>,
}

/// Why a terminal cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// It is there already.
    #[error("o terminal {0} já existe")]
    Exists(Serial),
    /// There are enough.
    #[error("já há 64 terminais neste processo")]
    Full,
    /// Its model file.
    #[error("o terminal não pôde ser guardado: {0}")]
    Io(#[from] io::Error),
    /// It cannot be set up.
    #[error(transparent)]
    SetUp(#[from] SetUpError),
    /// It cannot be switched on.
    #[error(transparent)]
    Start(#[from] ControlError),
}

/// What a terminal's directory says about it.
#[derive(Serialize, Deserialize)]
struct ModelFile {
    model: Model,
}

impl Fleet {
    /// An empty fleet on this data directory.
    #[must_use]
    pub fn new(dir: PathBuf, service: ServiceAddress, activator: Option<Activator>) -> Self {
        Self {
            dir,
            service,
            activator,
            terminals: Mutex::new(Vec::new()),
            changed: watch::Sender::new(1),
            closing: watch::Sender::new(false),
            adding: tokio::sync::Mutex::new(()),
        }
    }

    /// The terminals that earlier runs left in the data directory, in the order of their serial numbers.
    pub fn remembered(&self) -> io::Result<Vec<(Serial, Model)>> {
        let mut found = Vec::new();
        if !self.dir.exists() {
            return Ok(found);
        }
        for entry in std::fs::read_dir(&self.dir)?.take(4 * MAX_TERMINALS) {
            let entry = entry?;
            let serial = entry.file_name().to_str().and_then(|name| Serial::parse(name).ok());
            let Some(serial) = serial else { continue };
            match std::fs::read(entry.path().join(MODEL_FILE)) {
                Ok(bytes) => {
                    let file: ModelFile = serde_json::from_slice(&bytes)?;
                    found.push((serial, file.model));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Sets a terminal up and switches it on.
    pub async fn add(&self, serial: Serial, model: Model) -> Result<Arc<Terminal>, AddError> {
        let _one = self.adding.lock().await;
        if self.find(serial.as_str()).is_some() {
            return Err(AddError::Exists(serial));
        }
        if self.all().len() >= MAX_TERMINALS {
            return Err(AddError::Full);
        }
        let dir = self.dir.join(serial.as_str());
        let terminal = Terminal::set_up(
            &dir,
            serial,
            model,
            self.service.url(),
            self.service.host_and_port(),
            self.changed.clone(),
        )
        .await?;
        let file = serde_json::to_vec(&ModelFile { model }).map_err(io::Error::other)?;
        std::fs::write(dir.join(MODEL_FILE), file)?;
        terminal.power_on(false).await?;
        if let Some(activator) = &self.activator {
            activator.look_after(&terminal);
        }
        self.lock().push(Arc::clone(&terminal));
        self.changed.send_modify(|version| *version += 1);
        Ok(terminal)
    }

    /// The terminal with this serial number.
    #[must_use]
    pub fn find(&self, serial: &str) -> Option<Arc<Terminal>> {
        self.lock().iter().find(|terminal| terminal.serial().as_str() == serial).cloned()
    }

    /// Every terminal.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Terminal>> {
        self.lock().clone()
    }

    /// Address of mobilepayment, for people.
    #[must_use]
    pub fn service(&self) -> &ServiceAddress {
        &self.service
    }

    /// Wakes with every change of any terminal.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Becomes true when the process ends.
    #[must_use]
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Ends every long poll, then switches every terminal off.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        for terminal in self.all() {
            terminal.power_off().await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Terminal>>> {
        self.terminals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
