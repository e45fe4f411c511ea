//! The open agents, by id. An id is given once and never again, so that a dead handle stays dead.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::core::{Core, data_dir};
use crate::fault::Fault;
use crate::wire::Config;

/// Agents open at a time: the app has one, and opens the next before the last is gone at most.
const OPEN_MAX: usize = 16;

/// The open agents of this process.
pub(crate) static TABLE: Table = Table::new();

/// Open agents.
pub(crate) struct Table(Mutex<Rows>);

struct Rows {
    next_id: i64,
    open: BTreeMap<i64, Row>,
}

struct Row {
    data_dir: PathBuf,
    /// `None`: being started or being closed; its directory is taken.
    core: Option<Arc<Core>>,
}

impl Table {
    const fn new() -> Self {
        Self(Mutex::new(Rows { next_id: 1, open: BTreeMap::new() }))
    }

    /// Starts an agent; its id.
    pub(crate) fn open(&self, config: Config) -> Result<i64, Fault> {
        let data_dir = data_dir(&config.data_dir)?;
        let id = self.reserve(data_dir.clone())?;
        // Outside the lock: it touches the disk.
        match Core::start(config, data_dir) {
            Ok(core) => {
                if let Some(row) = self.rows().open.get_mut(&id) {
                    row.core = Some(Arc::new(core));
                }
                Ok(id)
            }
            Err(fault) => {
                self.rows().open.remove(&id);
                Err(fault)
            }
        }
    }

    /// The agent with this id.
    pub(crate) fn get(&self, id: i64) -> Result<Arc<Core>, Fault> {
        self.rows().open.get(&id).and_then(|row| row.core.clone()).ok_or(Fault::Closed(id))
    }

    /// Ends an agent. The second time, or for an id never given, it does nothing.
    pub(crate) fn close(&self, id: i64) {
        let core = self.rows().open.get_mut(&id).and_then(|row| row.core.take());
        if let Some(core) = core {
            core.close();
            self.rows().open.remove(&id);
        }
    }

    /// Data directories in use, for the last words of a process; empty while somebody else looks into the table.
    pub(crate) fn data_dirs(&self) -> Vec<PathBuf> {
        let rows = match self.0.try_lock() {
            Ok(rows) => rows,
            Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Perhaps by the very thread that panics.
            Err(std::sync::TryLockError::WouldBlock) => return vec![],
        };
        rows.open.values().map(|row| row.data_dir.clone()).collect()
    }

    fn reserve(&self, data_dir: PathBuf) -> Result<i64, Fault> {
        let mut rows = self.rows();
        if let Some((id, _)) = rows.open.iter().find(|(_, row)| row.data_dir == data_dir) {
            return Err(Fault::AlreadyOpen(*id));
        }
        if rows.open.len() >= OPEN_MAX {
            return Err(Fault::NotStarted(format!("{OPEN_MAX} agents are open")));
        }
        let id = rows.next_id;
        rows.next_id += 1;
        rows.open.insert(id, Row { data_dir, core: None });
        Ok(id)
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // Nothing that can panic happens under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
