//! The activated terminals, in memory: every request of a terminal asks here.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use protocol::Serial;
use sha2::{Digest, Sha256};

use crate::db::devices::Device;

/// What a device token says of its bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// An activated terminal.
    Active(Arc<Device>),
    /// A terminal that the store has blocked.
    Revoked,
    /// Nobody.
    Unknown,
}

/// See the module's page.
#[derive(Debug)]
pub struct Devices {
    table: RwLock<Table>,
}

#[derive(Debug, Default)]
struct Table {
    by_serial: HashMap<Serial, Arc<Device>>,
    by_token: HashMap<[u8; 32], Serial>,
}

impl Devices {
    pub(super) fn new(devices: Vec<Device>) -> Self {
        let new = Self { table: RwLock::default() };
        new.put(devices);
        new
    }

    pub(super) fn put(&self, devices: Vec<Device>) {
        if devices.is_empty() {
            return;
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        for device in devices {
            if let Some(hash) = device.token_hash {
                table.by_token.insert(hash, device.serial.clone());
            }
            let hash = device.token_hash;
            let before = table.by_serial.insert(device.serial.clone(), Arc::new(device));
            let old_hash = before.and_then(|before| before.token_hash);
            if let Some(old) = old_hash.filter(|old| Some(*old) != hash) {
                table.by_token.remove(&old);
            }
        }
    }

    /// Whose token this is. Only its SHA-256 is ever kept, so a look-up tells an observer of time nothing.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Bearer {
        let hash = sha256(token.as_bytes());
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let device = table.by_token.get(&hash).and_then(|serial| table.by_serial.get(serial));
        match device {
            Some(device) if device.revoked => Bearer::Revoked,
            Some(device) => Bearer::Active(Arc::clone(device)),
            None => Bearer::Unknown,
        }
    }

    /// What is kept of a terminal.
    #[must_use]
    pub fn get(&self, serial: &Serial) -> Option<Arc<Device>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.by_serial.get(serial).cloned()
    }
}

/// SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
