//! Binding a terminal to a store.

use serde::{Deserialize, Serialize};

use crate::Serial;
use crate::feed::Settings;

/// `POST /terminal/v1/activate`: the only call without a device token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivateRequest {
    /// One-use code from the store; letters and digits, case and dashes do not matter.
    pub code: String,
    /// The terminal's serial number; must be registered.
    pub serial: Serial,
}

/// The terminal belongs to the store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activated {
    /// To be sent as `Authorization: Bearer …` with every call. Keep it secret.
    pub device_token: String,
    /// Settings to start with.
    pub settings: Settings,
}

impl core::fmt::Debug for ActivateRequest {
    /// Without the code, which is a secret until it is used.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ActivateRequest").field("serial", &self.serial).finish_non_exhaustive()
    }
}

impl core::fmt::Debug for Activated {
    /// Without the token.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Activated").field("settings", &self.settings).finish_non_exhaustive()
    }
}
