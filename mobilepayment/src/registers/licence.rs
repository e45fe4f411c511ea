//! A licence: what a PDV is activated with, and what its module allows.

use std::fmt;
use std::sync::Arc;

use protocol::UnixMillis;

use super::{AccountId, KeyHash};

/// What a licence id begins with.
pub const PREFIX: &str = "lic_";

/// A licence's id, `lic_…`: also the user of the web service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LicenceId(Arc<str>);

impl LicenceId {
    /// Parses an id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = AccountId::parse(text).ok()?;
        id.as_str().starts_with(PREFIX).then(|| Self(text.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LicenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A licence with its one module, `pos_connect`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Which.
    pub id: LicenceId,
    /// What people call it.
    pub description: String,
    /// Of its activation key.
    pub key: KeyHash,
    /// Of its web service password.
    pub password: KeyHash,
    /// Whether the module is active.
    pub active: bool,
    /// What the PDV is told of the module.
    pub message: Option<String>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When its key was used first.
    pub activated_at: Option<UnixMillis>,
    /// When its key was used last.
    pub last_consulted_at: Option<UnixMillis>,
}
